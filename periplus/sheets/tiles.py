"""The pictures' part of a layout: how large each cell is drawn, and its column and row with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from .sheet import Sheet, SheetCell, Style

UNKNOWN_SIDE = 256  # px of a cell on a sheet without any picture

Place = tuple[int, int, int]


@dataclass(frozen=True)
class Box:
    """A rectangle in px; ``left`` and ``top`` count from the top left of what it lies in."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first px to its right."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first px below it."""
        return self.top + self.height

    def centred(self, width: int, height: int) -> Box:
        """Return a box of the given size in the middle of this one."""
        left = self.left + (self.width - width) // 2
        return Box(left, self.top + (self.height - height) // 2, width, height)

    def moved(self, right: int, down: int) -> Box:
        """Return the box shifted by some px."""
        return Box(self.left + right, self.top + down, self.width, self.height)


@dataclass(frozen=True)
class Tile:
    """A drawn cell: its size in px and the boxes of its pictures, counted from its corner."""

    width: int
    height: int
    pictures: tuple[Box, ...]


@dataclass(frozen=True)
class Grid:
    """The widths of the columns and the heights of the rows of one z, in px."""

    widths: tuple[int, ...]
    heights: tuple[int, ...]


def span(extents: Sequence[int], margin: int) -> int:
    """Return the px from the first to the last of neighbours that are a margin apart."""
    return sum(extents) + margin * (len(extents) - 1)


def make_tile(cell: SheetCell, style: Style) -> Tile:
    """Arrange the pictures of a cell, a batch in order as a block that is nearly square."""
    return _arrange(cell.sizes, style.margin, style.max_cell)


# Most cells of a sheet are alike.
@lru_cache(maxsize=4096)
def _arrange(sizes: tuple[tuple[int, int], ...], margin: int, max_cell: int) -> Tile:
    columns = math.ceil(math.sqrt(len(sizes)))
    rows = math.ceil(len(sizes) / columns)
    gap = min(margin // 2, 1)  # so that a batch holds together closer than cells do
    width, height = _largest(sizes)
    scale = Fraction(1)  # exact, so that a side that is to become max_cell does
    if max_cell:
        across = Fraction(max_cell - gap * (columns - 1), columns * width)
        down = Fraction(max_cell - gap * (rows - 1), rows * height)
        scale = min(scale, across, down)
    scaled = [(max(1, int(w * scale)), max(1, int(h * scale))) for w, h in sizes]
    width, height = _largest(scaled)
    slots = (
        Box(i % columns * (width + gap), i // columns * (height + gap), width, height)
        for i in range(len(scaled))
    )
    return Tile(
        width=columns * (width + gap) - gap,
        height=rows * (height + gap) - gap,
        pictures=tuple(slot.centred(*size) for slot, size in zip(slots, scaled, strict=True)),
    )


def _largest(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def make_grids(sheet: Sheet, style: Style, tiles: Mapping[Place, Tile]) -> tuple[Grid, ...]:
    """Return the columns and rows of each z: as large as the largest tile in them.

    The z of a row share the heights of their rows, those of a column the widths of their columns.
    A column or row without a tile takes its measure from the other z, else from the largest tile.
    """
    every_z = range(len(sheet.z.labels))
    widths: dict[tuple[int, int], int] = {}
    heights: dict[tuple[int, int], int] = {}
    for (x, y, z), tile in tiles.items():
        widths[x, z] = max(tile.width, widths.get((x, z), 0))
        heights[y, z] = max(tile.height, heights.get((y, z), 0))
    columns, rows = range(len(sheet.x.labels)), range(len(sheet.y.labels))
    widest, highest = (_in_any_z(known, style) for known in (widths, heights))
    if style.z_layout == "column":
        widths = {}
    if style.z_layout == "row":
        heights = {}
    return tuple(
        Grid(
            tuple(widths.get((x, z), widest(x)) for x in columns),
            tuple(heights.get((y, z), highest(y)) for y in rows),
        )
        for z in every_z
    )


def _in_any_z(known: Mapping[tuple[int, int], int], style: Style) -> Callable[[int], int]:
    """What gives the extent of a column or row, by its number, where its own z does not tell.

    Args:
        known: extents by number and z.
        style: see :func:`make_grids`.
    """
    unknown = min(UNKNOWN_SIDE, style.max_cell or UNKNOWN_SIDE)
    largest: dict[int, int] = {}
    for (i, _), extent in known.items():
        largest[i] = max(extent, largest.get(i, 0))
    otherwise = max(largest.values(), default=unknown)
    return lambda i: largest.get(i, otherwise)
