"""The plan: the distinct stages of all cells, each once, in segments of one loaded model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from .families import by_families
from .load_order import Place, Work, visits
from .lora_order import by_loras
from .parts import WHOLE, Parts, parts_for
from .stages import (
    LINKED,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    Sample,
    Stage,
    stages_before,
)

LOAD_WEIGHT = 4
"""A load on the progress bar, in sampler steps."""


@dataclass(frozen=True)
class Segment:
    """Stages in the order they run, all on one loaded file (or on the linked models)."""

    place: Place
    """The models to work with."""
    stages: tuple[Stage, ...]
    loads: bool
    """Whether the file is needed here; False where the VAE that an earlier segment kept will do."""
    keeps_vae: bool = False
    """Whether a later segment needs nothing but the VAE that is loaded here."""
    keeps_models: bool = False
    """Whether a later segment needs the file again, and need not load it if there is room."""
    parts: Parts = WHOLE
    """What of a checkpoint is needed, here and in later segments."""

    @property
    def source(self) -> str:
        """The checkpoint or VAE file to work with; LINKED where none is loaded by the sweep."""
        return self.place.source

    @property
    def vae_file(self) -> bool:
        """Whether the source is a VAE file."""
        return self.place.vae_file

    @property
    def weight(self) -> int:
        """Length on the progress bar, in sampler steps."""
        return sum(s.weight for s in self.stages) + (LOAD_WEIGHT if self.loads else 0)


@dataclass(frozen=True)
class Plan:
    """What to do, in order."""

    segments: tuple[Segment, ...]

    @property
    def weight(self) -> int:
        """Length of the whole progress bar, in sampler steps."""
        return sum(segment.weight for segment in self.segments)

    def loads_after(self, index: int) -> list[Place]:
        """What is loaded after a segment, soonest first, each once."""
        later = self.segments[index + 1 :]
        return list(dict.fromkeys(segment.place for segment in later if segment.loads))

    @property
    def runs(self) -> tuple[Sample, ...]:
        """All sampler runs."""
        stages = (stage for segment in self.segments for stage in segment.stages)
        return tuple(stage for stage in stages if isinstance(stage, Sample))


def make_plan(decodes: Iterable[Decode]) -> Plan:
    """Order the distinct stages so that models are loaded as seldom as possible.

    Stage-major and model-major: pictures are encoded first where a VAE does it that is of no
    checkpoint; then come all runs of the first pass, one checkpoint after the other in order of
    appearance, then all that go on from them on another model, and so on; last the decodes with
    VAE files. What can be done with the model at hand is done at once, so that
    pictures appear early. For base and refiner that is two loads for any number of cells, for
    checkpoints and VAE files one load for each.
    """
    stages = list(_in_order(decodes))
    works: dict[Work, int] = {}
    numbers: dict[Stage, int] = {}
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for position, stage in enumerate(stages):
        needs = frozenset(numbers[needed] for needed in stages_before(stage))
        work = Work(_place(stage), _rank(stage), _must_load(stage), needs)
        numbers[stage] = works.setdefault(work, len(works))
        positions[numbers[stage]].append(position)
    segments: list[Segment] = []
    for visit in visits(list(works)):
        here = [stages[at] for at in sorted(chain(*(positions[number] for number in visit)))]
        segments.append(_segment(_place(here[0]), by_loras(by_families(here)), segments))
    return Plan(tuple(_keeping(segments)))


_PICTURE, _BASE, _REFINER, _ENLARGE, _SECOND_PASS, _REST = range(6)


def _place(stage: Stage) -> Place:
    if isinstance(stage, (Encode, Sample)):
        return Place(stage.source, role="" if stage.source else stage.role)
    if isinstance(stage, EncodePixels) or stage.source:
        return Place(stage.source, stage.vae_file)
    # A linked VAE is always at hand, and what needs no VAE is done where the latent was made.
    return _place(stage.latent)


def _must_load(stage: Stage) -> bool:
    """Whether a stage needs more of its file than a VAE, which can be kept."""
    return stage.source != LINKED and isinstance(stage, (Encode, Sample))


def _rank(stage: Stage) -> int:
    """Which stages choose the next segment's models: the earliest in the making of a picture."""
    if isinstance(stage, EncodePixels):
        return _PICTURE if stage.vae_file or stage.source == LINKED else _BASE
    if isinstance(stage, Enlarge):
        return _ENLARGE
    if not isinstance(stage, Sample):
        return _REST
    if isinstance(stage.start, Enlarge):
        return _SECOND_PASS
    return _REFINER if stage.role == "refiner" else _BASE


def _in_order(decodes: Iterable[Decode]) -> dict[Stage, None]:
    """All distinct stages, cell by cell, each after those that it needs."""
    found: dict[Stage, None] = {}

    def add(stage: Stage) -> None:
        if stage not in found:
            for needed in stages_before(stage):
                add(needed)
            found[stage] = None

    for decode in decodes:
        add(decode)
    return found


def _segment(place: Place, stages: tuple[Stage, ...], before: list[Segment]) -> Segment:
    has_vae = any(segment.place == place and segment.loads for segment in before)
    loads = place.source != LINKED and (any(map(_must_load, stages)) or not has_vae)
    return Segment(place, stages, loads)


def _keeping(segments: list[Segment]) -> Iterator[Segment]:
    """Let each file be loaded and kept as far as this and later segments need it."""
    for index, segment in enumerate(segments):
        later = [other for other in segments[index + 1 :] if other.place == segment.place]
        stages = chain(segment.stages, *(other.stages for other in later))
        yield replace(
            segment,
            keeps_vae=segment.loads and bool(later) and not later[0].loads,
            keeps_models=segment.loads and any(other.loads for other in later),
            parts=parts_for(stages),
        )
