"""Families: sampler runs that begin alike, so that their first evaluations may be the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .stages import Decode, Encode, EncodePixels, Enlarge, Sample, Stage


def start_of(run: Sample) -> Sample:
    """What a run shares with those whose first evaluation may be the same as its own.

    Before it, neither the sampler nor cfg has done anything, and noise of different schedules may
    begin at the same sigma.
    """
    return replace(family_of(run), steps=0, cfg=0.0, sampler_name="", scheduler="")


def family_of(run: Sample) -> Sample:
    """What a run shares with those that differ from it in where they end or are handed over, alone.

    Up to where the shortest ends, most samplers do the same in all of them.
    """
    return replace(run, start_step=run.start_step or 0, last_step=None, handoff=None)


def by_families(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    """Let the runs of a family follow one another, and families with equal starts.

    So what they share need not be kept for long. What is made of a run stays behind it.

    Args:
        stages: in an order in which each comes after those that it needs.
    """
    starts: dict[Sample, int] = {}
    families: dict[Sample, int] = {}
    places: dict[Stage, tuple[int, int]] = {}
    for stage in stages:
        before = _before(stage)
        if before in places and not isinstance(before, EncodePixels):
            places[stage] = places[before]
        elif isinstance(stage, Sample):
            start, family = start_of(stage), family_of(stage)
            places[stage] = (
                starts.setdefault(start, len(starts)),
                families.setdefault(family, len(families)),
            )
        else:
            places[stage] = (-1, -1)
    return tuple(sorted(stages, key=places.__getitem__))


def _before(stage: Stage) -> Stage | None:
    """The latent that a stage goes on with."""
    if isinstance(stage, (Encode, EncodePixels)):
        return None
    return stage.latent if isinstance(stage, (Decode, Enlarge)) else stage.start
