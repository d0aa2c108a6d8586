"""The plan: the distinct stages of all cells, each once, in segments of one loaded model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .stages import LINKED, Decode, Encode, Sample, Stage, stage_inputs, texts_of

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
    """Whether a later segment decodes with this checkpoint's VAE."""

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
    def inputs(self) -> frozenset[str]:
        """What the stages work with, see :func:`stage_inputs`."""
        stages = (stage for segment in self.segments for stage in segment.stages)
        return frozenset(name for stage in stages for name in stage_inputs(stage))


def make_plan(decodes: Iterable[Decode]) -> Plan:
    """Order the distinct stages so that every checkpoint and VAE file is loaded once.

    First each base checkpoint in order of appearance: its texts, then its cells one by one, so
    that pictures appear as early as they can; where there are LoRAs, for one choice of them after
    the other. A cell that goes on to a refiner waits with its latent until all bases are done;
    then each refiner with its texts and runs; then the decodes that had to wait, with the VAEs
    that the first segments kept and with each VAE file. For base and refiner that is two loads for
    any number of cells; for checkpoints and VAE files, one load for each.
    """
    wanted = list(dict.fromkeys(decodes))
    first = dict.fromkeys(base.source for base in map(_base_run, wanted) if base)
    second = dict.fromkeys(run.source for run in map(_refiner_run, wanted) if run)
    late = [decode for decode in wanted if not _decodes_at_once(decode)]
    late_vaes = dict.fromkeys((decode.source, decode.vae_file) for decode in late)

    segments = [
        Segment(
            source,
            _base_stages(wanted, source),
            source != LINKED,
            keeps_vae=(source, False) in late_vaes,
        )
        for source in first
    ]
    segments += [
        Segment(source, _refiner_stages(wanted, source), source != LINKED) for source in second
    ]
    segments += [
        Segment(
            source,
            tuple(d for d in late if (d.source, d.vae_file) == (source, vae_file)),
            loads=vae_file or source not in {LINKED, *first},
            vae_file=vae_file,
        )
        for source, vae_file in late_vaes
    ]
    return Plan(tuple(segments))


def _base_run(decode: Decode) -> Sample | None:
    return decode.latent.start if decode.latent.role == "refiner" else decode.latent


def _refiner_run(decode: Decode) -> Sample | None:
    return decode.latent if decode.latent.role == "refiner" else None


def _decodes_at_once(decode: Decode) -> bool:
    """Whether the VAE is at hand as soon as the latent is: the base made it, with its own VAE."""
    own = not decode.vae_file and decode.source in (LINKED, decode.latent.source)
    return own and decode.latent.role == "base"


def _texts(samples: Iterable[Sample]) -> list[Encode]:
    pairs = ((sample.positive, sample.negative) for sample in samples)
    return [text for pair in pairs for conditioning in pair for text in texts_of(conditioning)]


def _base_stages(decodes: list[Decode], source: str) -> tuple[Stage, ...]:
    runs = [(base, d) for d in decodes if (base := _base_run(d)) and base.source == source]
    stages: list[Stage] = []
    for group in _by_loras(runs):
        stages += _texts(base for base, _ in group)
        for base, decode in group:
            stages += [base, decode] if _decodes_at_once(decode) else [base]
    return tuple(dict.fromkeys(stages))


def _by_loras(runs: list[tuple[Sample, Decode]]) -> list[list[tuple[Sample, Decode]]]:
    """The runs in groups with equal LoRAs; groups that differ in strengths only are neighbours."""
    groups: dict[Any, dict[Any, list[tuple[Sample, Decode]]]] = {}
    for base, decode in runs:
        loras = (base.loras, *(text.loras for text in _texts([base])))
        files = frozenset(lora.name for applied in loras for lora in applied)
        groups.setdefault(files, {}).setdefault(loras, []).append((base, decode))
    return [group for same_files in groups.values() for group in same_files.values()]


def _refiner_stages(decodes: list[Decode], source: str) -> tuple[Stage, ...]:
    runs = [run for d in decodes if (run := _refiner_run(d)) and run.source == source]
    return tuple(dict.fromkeys([*_texts(runs), *runs]))
