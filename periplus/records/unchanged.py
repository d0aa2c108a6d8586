"""Which axes of a sweep changed nothing: all pictures along them are equal, pixel for pixel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ..sheets.tiles import Place

T = TypeVar("T")


def unchanged_axes(finished: Mapping[Place, T], pixels: Callable[[T], object]) -> list[str]:
    """Name the axes along which all finished cells are equal, whatever the other axes say.

    Args:
        finished: the finished cells by (x, y, z).
        pixels: gives something that is equal for equal pictures. It may be slow: an axis is left
            at the first difference.

    Returns:
        Letters of "xyz". An axis along which no two cells are finished is not among them.
    """
    return [letter for i, letter in enumerate("xyz") if _is_unchanged(finished, i, pixels)]


def unchanged_note(letter: str, name: str) -> str:
    """Tell the user of an axis that changed nothing."""
    return f"{letter} ({name}) changed nothing"


def _is_unchanged(finished: Mapping[Place, T], axis: int, pixels: Callable[[T], object]) -> bool:
    firsts: dict[tuple[int, ...], object] = {}  # the first cell of each line along the axis
    for place, cell in finished.items():
        line, found = place[:axis] + place[axis + 1 :], pixels(cell)
        if firsts.setdefault(line, found) != found:
            return False
    return len(firsts) < len(finished)
