"""Loaded models that a later segment needs again, kept as long as there is room."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from .load_order import Place

T = TypeVar("T")


class Kept(Generic[T]):
    """What was loaded, by its place."""

    def __init__(self) -> None:
        self._kept: dict[Place, T] = {}

    def put(self, place: Place, loaded: T) -> None:
        """Keep what was loaded."""
        self._kept[place] = loaded

    def take(self, place: Place) -> T | None:
        """Give back what was kept, if it still is; it is kept no longer."""
        return self._kept.pop(place, None)

    def make_room(self, next_loads: Sequence[Place], has_room: Callable[[], bool]) -> None:
        """Forget what is kept until there is room; what is needed last goes first.

        Args:
            next_loads: what will be needed, soonest first.
            has_room: asks whether there is, again after each that is forgotten.
        """
        for place in reversed(next_loads):
            if place in self._kept and not has_room():
                del self._kept[place]
                gc.collect()  # a model and its patcher refer to each other

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()

    def __contains__(self, place: Place) -> bool:
        return place in self._kept
