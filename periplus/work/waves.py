"""Waves: the sampler runs of a segment that can go in step, and what is done with each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .stages import Encode, EncodePixels, Enlarge, Sample, Stage


@dataclass(frozen=True)
class Wave:
    """Runs of one size on one model with the same LoRAs, of which none needs another."""

    runs: tuple[Sample, ...]
    after: Mapping[Sample, tuple[Stage, ...]]
    """What is done with each run's latent as soon as there is one."""

    @property
    def pauses(self) -> bool:
        """Whether runs pause to be handed over."""
        return any(run.handoff for run in self.runs)

    @property
    def stages(self) -> Iterator[Stage]:
        """All of them, in the order of single runs."""
        for run in self.runs:
            yield run
            yield from self.after[run]


def in_waves(stages: Sequence[Stage], *, in_step: bool = True) -> list[Stage | Wave]:
    """Gather a segment's sampler runs into waves, in an order that keeps every need.

    Args:
        stages: of one segment, in order, see ``lora_order.by_loras``.
        in_step: False for no waves but of single runs, and of those only what is handed over.
    """
    if not in_step:
        return [
            Wave((stage,), {stage: ()}) if isinstance(stage, Sample) and stage.handoff else stage
            for stage in stages
        ]
    ordered: list[Stage | Wave] = []
    for texts, work in _groups(stages):
        ordered += texts
        ordered += _waves(work)
    return ordered


def _groups(stages: Iterable[Stage]) -> list[tuple[list[Stage], list[Stage]]]:
    """Texts, and the work that follows them until the next text."""
    groups: list[tuple[list[Stage], list[Stage]]] = []
    for stage in stages:
        is_text = isinstance(stage, Encode)
        if not groups or (is_text and groups[-1][1]):
            groups.append(([], []))
        groups[-1][0 if is_text else 1].append(stage)
    return groups


def _waves(work: Iterable[Stage]) -> Iterable[Stage | Wave]:
    depths: dict[Stage, int] = {}
    runs: dict[tuple[int, object, int, int], list[Sample]] = {}
    after: dict[Sample, list[Stage]] = {}
    early: list[Stage] = []
    for stage in work:
        run = _run_before(stage)
        depth = depths.get(run, 0) if run else 0
        if isinstance(stage, Sample):
            depths[stage] = depth + 1
            place = depth, stage.loras, stage.width, stage.height
            runs.setdefault(place, []).append(stage)
            after[stage] = []
        elif run in after:
            after[run].append(stage)
        else:
            early.append(stage)
    yield from early
    for place in sorted(runs, key=lambda place: place[0]):
        found = runs[place]
        yield Wave(tuple(found), {run: tuple(after[run]) for run in found})


def _run_before(stage: Stage) -> Sample | None:
    """The run whose latent a stage goes on with."""
    if isinstance(stage, (Encode, EncodePixels)):
        return None
    before = stage.start if isinstance(stage, Sample) else stage.latent
    if isinstance(before, Enlarge):
        return before.latent
    return before if isinstance(before, Sample) else None
