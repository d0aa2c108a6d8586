"""The plan: the distinct stages of all cells, each once, in segments of one loaded model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .families import by_families
from .lora_order import by_loras
from .stages import (
    LINKED,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    Sample,
    Stage,
    stage_inputs,
    stages_before,
)

LOAD_WEIGHT = 4
"""A load on the progress bar, in sampler steps."""


@dataclass(frozen=True)
class Segment:
    """Stages in the order they run, all on one loaded file (or on the linked models)."""

    source: str
    """The checkpoint or VAE file to work with; LINKED where none is loaded by the sweep."""
    stages: tuple[Stage, ...]
    loads: bool
    """Whether the file is loaded here; False where an earlier segment kept its VAE."""
    vae_file: bool = False
    """Whether the source is a VAE file."""
    keeps_vae: bool = False
    """Whether a later segment works with the VAE that is loaded here."""

    @property
    def file(self) -> tuple[str, bool]:
        """The source, told from one of the other kind with the same name."""
        return self.source, self.vae_file

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

    @property
    def runs(self) -> tuple[Sample, ...]:
        """All sampler runs."""
        stages = (stage for segment in self.segments for stage in segment.stages)
        return tuple(stage for stage in stages if isinstance(stage, Sample))

    @property
    def inputs(self) -> frozenset[str]:
        """What the stages work with, see :func:`stage_inputs`."""
        stages = (stage for segment in self.segments for stage in segment.stages)
        return frozenset(name for stage in stages for name in stage_inputs(stage))


def make_plan(decodes: Iterable[Decode]) -> Plan:
    """Order the distinct stages so that models are loaded as seldom as possible.

    Stage-major and model-major: pictures are encoded first where a VAE does it that is of no
    checkpoint; then come all runs of the first pass, one checkpoint after the other in order of
    appearance, then all that go on from them on another model, and so on; last the decodes with
    VAE files. What can be done with the model at hand is done at once, so that
    pictures appear early. For base and refiner that is two loads for any number of cells, for
    checkpoints and VAE files one load for each.
    """
    # Plain numbers stand for stages, which are costly to compare: a stage contains all before it.
    stages = list(_in_order(decodes))
    numbers = {stage: number for number, stage in enumerate(stages)}
    needs = [[numbers[needed] for needed in stages_before(stage)] for stage in stages]
    waiting: dict[Place, list[int]] = {}
    for number, stage in enumerate(stages):
        waiting.setdefault(_place(stage), []).append(number)
    turns = {place: _turn(stages, found) for place, found in waiting.items()}
    done: set[int] = set()
    segments: list[Segment] = []
    while turns:
        place = min(turns, key=turns.__getitem__)
        here: list[Stage] = []
        for number in waiting[place]:
            if done.issuperset(needs[number]):
                here.append(stages[number])
                done.add(number)
        waiting[place] = [number for number in waiting[place] if number not in done]
        if waiting[place]:
            turns[place] = _turn(stages, waiting[place])
        else:
            del turns[place]
        segments.append(_segment(place, by_loras(by_families(here)), segments))
    return Plan(tuple(_keeping_vaes(segments)))


class Place(NamedTuple):
    """The models that a stage needs at hand."""

    source: str
    vae_file: bool = False
    """Whether the source is a VAE file."""
    role: str = ""
    """Of the linked models, where the source is LINKED."""


_PICTURE, _BASE, _REFINER, _ENLARGE, _SECOND_PASS, _REST = range(6)


def _place(stage: Stage) -> Place:
    if isinstance(stage, (Encode, Sample)):
        return Place(stage.source, role="" if stage.source else stage.role)
    if isinstance(stage, EncodePixels) or stage.source:
        return Place(stage.source, stage.vae_file)
    # A linked VAE is always at hand, and what needs no VAE is done where the latent was made.
    return _place(stage.latent)


def _turn(stages: Sequence[Stage], waiting: Sequence[int]) -> tuple[int, int]:
    """What decides whose turn it is: the least rank among waiting stages, then the first one."""
    return min((_rank(stages[number]), number) for number in waiting)


def _rank(stage: Stage) -> int:
    """Which stages choose the next segment's models: the earliest in the making of a picture.

    All that such a stage needs is done, or is at the same place.
    """
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
    file = place.source, place.vae_file
    has_vae = any(segment.file == file and segment.loads for segment in before)
    needs_model = any(isinstance(stage, (Encode, Sample)) for stage in stages)
    loads = place.source != LINKED and (needs_model or not has_vae)
    return Segment(place.source, stages, loads, place.vae_file)


def _keeping_vaes(segments: list[Segment]) -> Iterator[Segment]:
    """Let each file that is loaded keep its VAE if the next to need it does not load."""
    for index, segment in enumerate(segments):
        later = (other for other in segments[index + 1 :] if other.file == segment.file)
        following = next(later, None)
        keeps = segment.source != LINKED and following is not None and not following.loads
        yield replace(segment, keeps_vae=keeps)
