"""The memo of denoiser evaluations: what several sampler runs ask of a model is computed once.

It knows no sampler. Runs that differ in nothing but where they end mostly ask the same, and runs
with an equal start do so once. Where the guess is wrong, the memo finds nothing and a run costs
what it would have cost anyway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import torch

from .families import family_of, start_of
from .stages import Sample, Stage

LIMIT = 256 * 2**20
"""The most that a memo keeps, in bytes."""

Prediction = list[torch.Tensor]
"""What the denoiser answers: a tensor for each of the conditionings that it was asked for."""


@dataclass
class Room:
    """How much there is room for, in bytes."""

    free: int


class Shelf:
    """Predictions that several runs ask for, on the CPU, by all that determines them.

    When the room is full, no more is kept: what is there is the beginning of every further run.

    Args:
        room: shared with all other shelves.
        runs: how many runs there will be that ask here.
    """

    def __init__(self, room: Room, runs: int) -> None:
        self._room = room
        self._runs = runs
        self._predictions: dict[bytes, Prediction] = {}

    def find(self, key: bytes) -> Prediction | None:
        """Give a copy of what is kept under a key; None for nothing."""
        found = self._predictions.get(key)
        return None if found is None else [tensor.clone() for tensor in found]

    def keep(self, key: bytes, prediction: Prediction) -> None:
        """Keep a copy, if a run is left that can ask for it and there is room."""
        size = _size(prediction)
        if self._runs > 1 and size <= self._room.free and key not in self._predictions:
            self._predictions[key] = [tensor.to("cpu", copy=True) for tensor in prediction]
            self._room.free -= size

    def release(self) -> None:
        """Count a run as done; after the last one everything is forgotten."""
        self._runs -= 1
        if not self._runs:
            self._room.free += sum(map(_size, self._predictions.values()))
            self._predictions.clear()


class Memo:
    """The shelves of all runs of a plan.

    Args:
        runs: all runs that there will be.
        limit: how many bytes to keep at most.
    """

    def __init__(self, runs: Iterable[Sample], limit: int = LIMIT) -> None:
        self.room = Room(limit)
        uses = Counter(name for run in runs for name in _names(run))
        self._shelves = {name: Shelf(self.room, n) for name, n in uses.items() if n > 1}

    def shelves(self, run: Sample) -> Iterator[Shelf | None]:
        """Give, for each call of the denoiser that a run makes, where to ask and to keep.

        None stands for a call that no other run makes. The iterator has no end.
        """
        start, family = map(self._shelves.get, _names(run))
        return chain([start], repeat(family))

    def release(self, stage: Stage) -> None:
        """Forget what no run after this stage will ask for."""
        for name in _names(stage) if isinstance(stage, Sample) else ():
            if name in self._shelves:
                self._shelves[name].release()


def _names(run: Sample) -> tuple[Sample, Sample]:
    return start_of(run), family_of(run)


def _size(prediction: Prediction) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in prediction)
