"""How the cells of a sweep stand before a run, and which of them the run is to make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic

from ..sweep import Cell, Place, R
from .store import StoredCell


@dataclass(frozen=True)
class Standing(Generic[R]):
    """How the cells stand. Those that are neither found, failed nor to be made stay missing."""

    keys: Mapping[Cell[R], str]
    """Of all cells. Cells of one key are one work, so keys say what is chosen and what is made."""
    found: Mapping[Cell[R], StoredCell]
    """The cells that the store has."""
    failed: Mapping[Cell[R], str]
    """Why cells failed before that the run does not try again."""
    chosen: frozenset[str]
    """Keys of the cells that the user wants."""
    making: frozenset[str]
    """Keys of the chosen cells that are to be made, be they missing or made anew."""

    def count(self, keys: Collection[str]) -> int:
        """Number of cells that have one of these keys."""
        return sum(key in keys for key in self.keys.values())

    @property
    def stored(self) -> int:
        """Number of chosen cells that the store has."""
        return sum(self.keys[cell] in self.chosen for cell in self.found)

    @property
    def pictured(self) -> int:
        """Number of cells that will have a picture, if all goes well."""
        return sum(cell in self.found or key in self.making for cell, key in self.keys.items())

    @property
    def makes_anew(self) -> bool:
        """Whether cells are made that the store has."""
        return any(self.keys[cell] in self.making for cell in self.found)


def standing(
    keys: Mapping[Cell[R], str],
    places: Collection[Place],
    find: Callable[[str], StoredCell | None],
    failures: Mapping[str, str],
    *,
    remake: bool,
    retry_failed: bool,
) -> Standing[R]:
    """Say how cells stand.

    Args:
        keys: of all cells.
        places: of the cells that the user wants.
        find: gives the finished cell of a key.
        failures: why cells failed in earlier runs, by key.
        remake: whether chosen cells are made though they are stored.
        retry_failed: whether chosen cells are made that failed in an earlier run.
    """
    chosen = frozenset(key for cell, key in keys.items() if cell.place in places)
    stored = {key: cell for key in keys.values() if (cell := find(key))}
    failed = {
        key: reason
        for key, reason in failures.items()
        if key not in stored and not (retry_failed and key in chosen)
    }
    return Standing(
        keys,
        {cell: stored[key] for cell, key in keys.items() if key in stored},
        {cell: failed[key] for cell, key in keys.items() if key in failed},
        chosen,
        frozenset(k for k in chosen if k not in failed and (remake or k not in stored)),
    )
