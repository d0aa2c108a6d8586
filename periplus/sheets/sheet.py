"""What a sheet shows: axes, cells and style. Nothing here knows about pixels yet."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise, permutations
from pathlib import Path
from types import MappingProxyType

from PIL import ImageColor

from ..axes.axis import SEPARATOR, Group
from ..errors import PeriplusError

ORDERS = tuple("".join(order) for order in permutations("xyz"))
Z_LAYOUTS = ("pages", "row", "column")
DRAWN = ("done", "reused")


@dataclass(frozen=True)
class AxisLabels:
    """The name of an axis and one label for each of its points; the defaults mean *no axis*.

    Attributes:
        name: what the labels are of.
        labels: everything that a point says, with the label of its group.
        groups: of a crossed axis, which together hold all points; empty for others.

    Raises:
        ValueError: the groups do not hold as many points as there are labels, or one holds none.
    """

    name: str = ""
    labels: tuple[str, ...] = ("",)
    groups: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        counts = [group.count for group in self.groups]
        if counts and (min(counts) < 1 or sum(counts) != len(self.labels)):
            raise ValueError(f"groups of {counts} for {len(self.labels)} labels")

    @property
    def spans(self) -> tuple[range, ...]:
        """The numbers of the points of each group, counted from 0."""
        ends = accumulate((group.count for group in self.groups), initial=0)
        return tuple(range(start, end) for start, end in pairwise(ends))

    def part(self, points: range) -> AxisLabels:
        """Some neighbouring points, with the groups that they belong to."""
        groups = (
            Group(group.label, len(range(max(own.start, points.start), min(own.stop, points.stop))))
            for group, own in zip(self.groups, self.spans, strict=True)
        )
        labels = self.labels[points.start : points.stop]
        return AxisLabels(self.name, labels, tuple(group for group in groups if group.count))

    @property
    def inner(self) -> tuple[str, ...]:
        """The labels without what their group says already."""
        if not self.groups:
            return self.labels
        return tuple(
            self.labels[i].removeprefix(group.label + SEPARATOR)
            for group, members in zip(self.groups, self.spans, strict=True)
            for i in members
        )


@dataclass(frozen=True)
class SheetCell:
    """One cell: its picture files (several for a batch) or the reason why there are none.

    Attributes:
        files: the pictures, in the order of the batch.
        sizes: width and height in px of each file.
        status: "done", "reused", "failed" or "missing".
        reason: why the cell failed or is missing; shown in its place.
        key: the cell's in the store; empty where it is in none.
        crc32s: of the bytes that each file should have; empty where they are not known.

    Raises:
        ValueError: there are not as many sizes or CRCs as files, or a side is below 1.
    """

    files: tuple[Path, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    status: str = "missing"
    reason: str = ""
    key: str = ""
    crc32s: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.files) != len(self.sizes):
            raise ValueError(f"{len(self.files)} files but {len(self.sizes)} sizes")
        if self.crc32s and len(self.files) != len(self.crc32s):
            raise ValueError(f"{len(self.files)} files but {len(self.crc32s)} CRCs")
        if min((side for size in self.sizes for side in size), default=1) < 1:
            raise ValueError(f"a picture without extent: {self.sizes}")

    @property
    def checks(self) -> tuple[int | None, ...]:
        """The CRC-32 that each file should have; None where it is not known."""
        return self.crc32s or (None,) * len(self.files)

    @property
    def is_drawn(self) -> bool:
        """Whether the cell has pictures to show."""
        return bool(self.files) and self.status in DRAWN


MISSING = SheetCell()


@dataclass(frozen=True)
class Sheet:
    """Three axes and the cells by their (x, y, z) place; a place without a cell is missing."""

    x: AxisLabels = AxisLabels()
    y: AxisLabels = AxisLabels()
    z: AxisLabels = AxisLabels()
    cells: Mapping[tuple[int, int, int], SheetCell] = field(
        default_factory=lambda: MappingProxyType({})
    )
    title: str = ""
    notes: tuple[str, ...] = ()
    """Lines below the cells: what the reader should know of single labels."""

    def cell(self, x: int, y: int, z: int) -> SheetCell:
        """Return the cell at a place, or a missing one."""
        return self.cells.get((x, y, z), MISSING)

    def part(self, columns: range, rows: range) -> Sheet:
        """Some neighbouring columns and rows, of every z."""
        cells = {
            (i, j, z): self.cells[x, y, z]
            for z in range(len(self.z.labels))
            for j, y in enumerate(rows)
            for i, x in enumerate(columns)
            if (x, y, z) in self.cells
        }
        return replace(self, x=self.x.part(columns), y=self.y.part(rows), cells=cells)


MAX_MARGIN, MAX_FONT_SIZE = 500, 400
"""In pixels."""


@dataclass(frozen=True)
class Style:
    """How a sheet looks.

    Attributes:
        legend: draw title, axis names and labels; without them only pictures and margins remain.
        margin: px between neighbouring cells.
        font_size: px of every label; 0 fits it to the cells.
        max_cell: longest side in px of a picture, which is scaled down to it, never up; 0 keeps
            the full size.
        background: colour of the sheet, in any spelling that Pillow knows.
        foreground: colour of the text; failed and missing cells take shades between the two.
        z_layout: "pages" (one picture for each z), or all of them in one "row" or "column".

    Raises:
        PeriplusError: a colour or z_layout is unknown, or a number is out of bounds.
    """

    legend: bool = True
    margin: int = 4
    font_size: int = 0
    max_cell: int = 0
    background: str = "#ffffff"
    foreground: str = "#1d1d1f"
    z_layout: str = "pages"

    def __post_init__(self) -> None:
        for name, most in (
            ("margin", MAX_MARGIN),
            ("font_size", MAX_FONT_SIZE),
            ("max_cell", math.inf),
        ):
            if not 0 <= getattr(self, name) <= most:
                told = f"between 0 and {most}" if most < math.inf else "0 or more"
                raise PeriplusError(f"{name} is {getattr(self, name)}; it must be {told}")
        if self.z_layout not in Z_LAYOUTS:
            raise PeriplusError(
                f"z_layout '{self.z_layout}' is unknown; use one of {', '.join(Z_LAYOUTS)}"
            )
        colour("background", self.background)
        colour("foreground", self.foreground)


def colour(name: str, text: str) -> tuple[int, int, int]:
    """Return the red, green and blue (0 to 255) of a colour as Pillow spells it.

    Raises:
        PeriplusError: the text is no colour; ``name`` says which setting it came from.
    """
    try:
        red, green, blue = ImageColor.getrgb(text.strip())[:3]
        bytes((red, green, blue))  # Pillow reads rgb(999, 0, 0) as it stands
    except ValueError:
        raise PeriplusError(
            f"{name} '{text}' is not a colour; write for example #ffffff or white"
        ) from None
    return red, green, blue


def transpose(sheet: Sheet, order: str) -> Sheet:
    """Return the sheet with its axes exchanged.

    Args:
        sheet: the sheet to turn.
        order: the axes that become x, y and z: "xyz" changes nothing, "yxz" swaps x and y.

    Raises:
        PeriplusError: ``order`` does not name each axis once.
    """
    if order not in ORDERS:
        raise PeriplusError(f"transpose '{order}' is unknown; use one of {', '.join(ORDERS)}")
    axes = (sheet.x, sheet.y, sheet.z)
    a, b, c = ("xyz".index(letter) for letter in order)
    cells = {(at[a], at[b], at[c]): cell for at, cell in sheet.cells.items()}
    return Sheet(axes[a], axes[b], axes[c], cells, sheet.title, sheet.notes)
