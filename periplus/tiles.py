"""The pictures' part of a layout: how large each cell is drawn, and its column and row with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

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
    columns = math.ceil(math.sqrt(len(cell.sizes)))
    rows = math.ceil(len(cell.sizes) / columns)
    gap = min(style.margin // 2, 1)  # so that a batch holds together closer than cells do
    width, height = _largest(cell.sizes)
    scale = Fraction(1)  # exact, so that a side that is to become max_cell does
    if style.max_cell:
        across = Fraction(style.max_cell - gap * (columns - 1), columns * width)
        down = Fraction(style.max_cell - gap * (rows - 1), rows * height)
        scale = min(scale, across, down)
    sizes = [(max(1, int(w * scale)), max(1, int(h * scale))) for w, h in cell.sizes]
    width, height = _largest(sizes)
    slots = (
        Box(i % columns * (width + gap), i // columns * (height + gap), width, height)
        for i in range(len(sizes))
    )
    return Tile(
        width=columns * (width + gap) - gap,
        height=rows * (height + gap) - gap,
        pictures=tuple(slot.centred(*size) for slot, size in zip(slots, sizes, strict=True)),
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
    unknown = min(UNKNOWN_SIDE, style.max_cell or UNKNOWN_SIDE)

    def extent(known: dict[tuple[int, int], int], i: int, zs: Sequence[int]) -> int:
        return (
            max(known.get((i, z), 0) for z in zs)
            or max(known.get((i, z), 0) for z in every_z)
            or max(known.values(), default=unknown)
        )

    grids = []
    for z in every_z:
        in_column = every_z if style.z_layout == "column" else (z,)
        in_row = every_z if style.z_layout == "row" else (z,)
        grids.append(
            Grid(
                tuple(extent(widths, x, in_column) for x in range(len(sheet.x.labels))),
                tuple(extent(heights, y, in_row) for y in range(len(sheet.y.labels))),
            )
        )
    return tuple(grids)
