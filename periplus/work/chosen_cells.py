"""Which cells of a sweep are to be made: all, or those that the user names by their places.

Places are counted from 1, as in the readable names of pictures, and items separated by commas or
new lines:

============  =====================================================
``x3 y2``     the cell in column 3 and row 2, on every page
``y2 z1``     row 2 of page 1
``x2-4``      columns 2, 3 and 4
============  =====================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..axes.axis import NO_AXIS, Axis
from ..axes.values import Item, split_values
from ..errors import PeriplusError, ValuesError
from ..sweep import Place, Sweep

_HINT = "name cells like x3 y2, x2-4 or y2 z1"
_WORDS = {"x": "column", "y": "row", "z": "page"}

# The count of digits is limited so that no typed number is costly to compute with.
_PART = re.compile(r"([xyz])\s*([0-9]{1,40})(?:\s*-\s*([0-9]{1,40}))?\s*", re.IGNORECASE)


class _Range(NamedTuple):
    """What an item says of one axis, both ends included, counted from 1."""

    first: int
    last: int


class _Box(NamedTuple):
    """What one item names: of an axis that it leaves out, all."""

    item: Item
    ranges: dict[str, _Range]
    """By the letter of the axis."""


def check_choice(text: str) -> None:
    """Check a choice of cells as far as it can be without knowing the sweep.

    Raises:
        PeriplusError: an item cannot be read.
    """
    for _ in _boxes(text):
        pass


def choose(text: str, sweep: Sweep[Any]) -> frozenset[Place]:
    """Give the places that a text names; all for one without items.

    Raises:
        PeriplusError: an item cannot be read, or names a place that the sweep does not have.
    """
    chosen = np.zeros([len(axis.points) for axis in sweep.axes.values()], dtype=bool)
    boxes = list(_boxes(text))
    for box in boxes:
        chosen[tuple(_slice(box, letter, axis) for letter, axis in sweep.axes.items())] = True
    if not boxes:
        chosen[:] = True
    return frozenset((x, y, z) for x, y, z in np.argwhere(chosen).tolist())


def _boxes(text: str) -> Iterator[_Box]:
    try:
        for item in split_values(text):
            yield _Box(item, _read(item))
    except ValuesError as error:
        raise _named(error) from error


def _read(item: Item) -> dict[str, _Range]:
    text, end = item.text.strip(), 0
    ranges: dict[str, _Range] = {}
    while end < len(text) or not ranges:
        part = _PART.match(text, end)
        if part is None:
            raise item.refusal("does not name cells", hint=_HINT)
        letter, first, last = part[1].lower(), int(part[2]), int(part[3] or part[2])
        if letter in ranges:
            raise item.refusal(
                f"names {letter} twice", hint=f"separate the cells with a comma, or {_HINT}"
            )
        if 0 in (first, last):
            raise item.refusal(f"names {letter}0, but {_WORDS[letter]}s are counted from 1")
        ranges[letter] = _Range(min(first, last), max(first, last))
        end = part.end()
    return ranges


def _slice(box: _Box, letter: str, axis: Axis) -> slice:
    """The part of an axis that an item names."""
    count = len(axis.points)
    first, last = box.ranges.get(letter, _Range(1, count))
    if last <= count:
        return slice(first - 1, last)
    reason = f"names {_WORDS[letter]} {last}, but {letter}_axis "
    if axis is NO_AXIS:
        error = box.item.refusal(f"{reason}is not linked", hint=f"leave {letter} out")
    else:
        has, right = f"{count} values", f"{letter}1 to {letter}{count}"
        if count == 1:
            has, right = "1 value", f"{letter}1"
        error = box.item.refusal(f"{reason}({axis.name}) has {has}", hint=f"write {right}")
    raise _named(error)


def _named(error: ValuesError) -> PeriplusError:
    return PeriplusError(f"only: {error}")
