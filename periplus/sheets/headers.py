"""What stands above and beside the cells: names, labels and groups of x and y, in px.

Labels are as large as suits all z; where one is larger than its column or row, that one grows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .legend import (
    SMALLEST,
    Labels,
    TextBlock,
    choose_font,
    fit_above,
    fit_beside,
    load_font,
    set_text,
    sizes_between,
)
from .sheet import Sheet, Style
from .tiles import Box, Grid, span


@dataclass(frozen=True)
class PlacedText:
    """Lines of text in their box, which lies in the slot that they may use.

    Attributes:
        role: "title", "x", "y" or "z" for labels, "x group" or "y group" for the outer labels of a
            crossed axis, "x name" or "y name", "note".
        block: the lines.
        size: font size in px.
        slot: the room the text has.
        box: the text itself; a turned one swaps the block's width and height.
        align: "left", "center" or "right" for lines shorter than the box.
        turned: whether the text reads from bottom to top.
    """

    role: str
    block: TextBlock
    size: int
    slot: Box
    box: Box
    align: str
    turned: bool = False


def place_text(
    role: str,
    block: TextBlock,
    size: int,
    slot: Box,
    align: str = "left",
    upright: str = "top",
    turned: bool = False,
) -> PlacedText:
    """Place a block of text in a slot, against one of its sides or in the middle."""
    width, height = (block.height, block.width) if turned else (block.width, block.height)
    share = {"left": 0, "top": 0, "center": 1, "middle": 1, "right": 2, "bottom": 2}
    box = Box(
        slot.left + (slot.width - width) * share[align] // 2,
        slot.top + (slot.height - height) * share[upright] // 2,
        width,
        height,
    )
    # The first letters of turned lines stand on the cells, so those lines start together.
    return PlacedText(role, block, size, slot, box, "left" if turned else align, turned)


@dataclass(frozen=True)
class Headers:
    """The labels of x and y, those of their groups, and the measures of all text, in px."""

    font: Path
    size: int
    name_size: int
    title_size: int
    widest_label: int
    space: int
    padding: int
    x: Labels
    y: Labels
    x_groups: Labels
    y_groups: Labels
    x_spans: tuple[range, ...]
    y_spans: tuple[range, ...]
    x_name: TextBlock
    y_name: TextBlock

    @property
    def gutter(self) -> int:
        """Width of what stands beside the cells, with the space between."""
        labels = self._spaced(self.y_groups.width) + self.y.width
        return self._spaced(max(labels, self.y_name.width))

    @property
    def header(self) -> int:
        """Height of what stands above the cells, with the spaces between."""
        heights = (self.x_name.height, self.x_groups.height, self.x.height)
        return max(sum(map(self._spaced, heights)), self._spaced(self.y_name.height))

    def grown(self, grid: Grid, margin: int) -> Grid:
        """Return the columns and rows with room for the labels that are larger than the cells."""
        widths = tuple(map(max, grid.widths, self.x.widths))
        heights = tuple(map(max, grid.heights, self.y.heights))
        return Grid(
            _spread(widths, self.x_spans, self.x_groups.widths, margin),
            _spread(heights, self.y_spans, self.y_groups.heights, margin),
        )

    def place(
        self, slots: list[list[Box]], width: int, *, with_rows: bool
    ) -> tuple[list[PlacedText], list[Box]]:
        """Place what belongs to a block.

        Args:
            slots: of its cells, row by row.
            width: that the name of x may use.
            with_rows: whether names and labels of y stand beside it.

        Returns:
            The texts; and the lines between the labels of a group and the one that they share.
        """
        texts, rules = self._above(slots, width)
        if with_rows:
            more_texts, more_rules = self._beside(slots)
            return texts + more_texts, rules + more_rules
        return texts, rules

    def _above(self, slots: list[list[Box]], width: int) -> tuple[list[PlacedText], list[Box]]:
        columns, texts, rules = slots[0], [], []
        bottom = columns[0].top - self.space
        for block, cell in zip(self.x.blocks, columns, strict=True):
            if block.lines:
                slot = Box(cell.left, bottom - self.x.height, cell.width, self.x.height)
                texts.append(
                    place_text("x", block, self.x.size, slot, "center", "bottom", self.x.turned)
                )
        bottom -= self._spaced(self.x.height)
        groups = self.x_groups
        for block, members in zip(groups.blocks, self.x_spans, strict=True):
            if not block.lines:
                continue
            left, right = columns[members[0]].left, columns[members[-1]].right
            slot = Box(left, bottom - groups.height, right - left, groups.height)
            texts.append(
                place_text("x group", block, groups.size, slot, "center", "bottom", groups.turned)
            )
            gap = Box(left, bottom, right - left, self.space)
            rules.append(gap.centred(self._shortened(gap.width), self._thickness))
        bottom -= self._spaced(groups.height)
        if self.x_name.lines:
            height = self.x_name.height
            slot = Box(columns[0].left, bottom - height, width, height)
            texts.append(place_text("x name", self.x_name, self.name_size, slot))
        return texts, rules

    def _beside(self, slots: list[list[Box]]) -> tuple[list[PlacedText], list[Box]]:
        rows, texts, rules = [row[0] for row in slots], [], []
        left, right = self.padding, self.padding + self.gutter - self.space
        if self.y_name.lines:
            height = self.y_name.height
            slot = Box(left, rows[0].top - self.space - height, right - left, height)
            texts.append(place_text("y name", self.y_name, self.name_size, slot, "right"))
        inner = right - self.y.width if self.y_spans else left
        for block, cell in zip(self.y.blocks, rows, strict=True):
            if block.lines:
                slot = Box(inner, cell.top, right - inner, cell.height)
                texts.append(place_text("y", block, self.y.size, slot, "right", "middle"))
        outer = inner - self.space
        for block, members in zip(self.y_groups.blocks, self.y_spans, strict=True):
            if not block.lines:
                continue
            top, bottom = rows[members[0]].top, rows[members[-1]].bottom
            slot = Box(left, top, outer - left, bottom - top)
            texts.append(place_text("y group", block, self.y_groups.size, slot, "right", "middle"))
            gap = Box(outer, top, self.space, bottom - top)
            rules.append(gap.centred(self._thickness, self._shortened(gap.height)))
        return texts, rules

    @property
    def _thickness(self) -> int:
        """Of a rule."""
        return max(1, self.size // 16)

    def _shortened(self, length: int) -> int:
        """A rule's length that keeps it apart from the next group's."""
        return max(1, length - self.space // 2)

    def _spaced(self, extent: int) -> int:
        return extent + self.space if extent else 0


def fit_headers(sheet: Sheet, style: Style, grids: Sequence[Grid]) -> Headers:
    """Choose font and sizes and set all labels, for cells of the given grids, one for each z."""
    axes = (sheet.x, sheet.y, sheet.z)
    words = [
        sheet.title,
        *sheet.notes,
        *(text for axis in axes for text in (axis.name, *axis.labels)),
        *(group.label for axis in axes for group in axis.groups),
    ]
    font = choose_font([*words, *(cell.reason for cell in sheet.cells.values())])
    # A label is the same for all z, so it must suit its narrowest column or lowest row.
    widths = [min(column) for column in zip(*(grid.widths for grid in grids), strict=True)]
    heights = [min(row) for row in zip(*(grid.heights for grid in grids), strict=True)]
    side = round(math.sqrt(median(widths) * median(heights)))
    size = style.font_size or max(SMALLEST, 8 + side // 22)
    smallest = style.font_size or max(SMALLEST, round(0.7 * size))
    sizes = sizes_between(size, smallest)
    name_size = style.font_size or max(SMALLEST, round(0.8 * size))
    name_font = load_font(font, name_size)
    widest_label = max(16 * (style.font_size or SMALLEST), round(0.6 * side))
    space = round(0.7 * size)
    between = max(0, space // 2 - style.margin)  # so that two full labels do not read as one

    def above(labels: Sequence[str], widths: Sequence[int]) -> Labels:
        return fit_above(labels, [max(1, width - between) for width in widths], font, sizes)

    def beside(labels: Sequence[str], heights: Sequence[int]) -> Labels:
        return fit_beside(labels, heights, widest_label, font, sizes)

    def of_groups(extents: Sequence[int], members: Sequence[range]) -> list[int]:
        return [span([extents[i] for i in group], style.margin) for group in members]

    x_groups, y_groups = ([group.label for group in axis.groups] for axis in (sheet.x, sheet.y))
    return Headers(
        font=font,
        size=size,
        name_size=name_size,
        title_size=style.font_size or round(1.3 * size),
        widest_label=widest_label,
        space=space,
        padding=round(1.3 * size) if any(words) else 0,
        x=above(sheet.x.inner, widths),
        y=beside(sheet.y.inner, heights),
        x_groups=above(x_groups, of_groups(widths, sheet.x.spans)) if x_groups else Labels(size),
        y_groups=beside(y_groups, of_groups(heights, sheet.y.spans)) if y_groups else Labels(size),
        x_spans=sheet.x.spans,
        y_spans=sheet.y.spans,
        x_name=set_text(sheet.x.name, name_font, widest_label),
        y_name=set_text(sheet.y.name, name_font, widest_label),
    )


def _spread(
    extents: tuple[int, ...], groups: Sequence[range], needed: Sequence[int], margin: int
) -> tuple[int, ...]:
    """Return the extents, evenly grown in each group that needs more px than it has."""
    grown = list(extents)
    for members, need in zip(groups, needed, strict=True):
        lacking = need - span([extents[i] for i in members], margin)
        if lacking > 0:
            for i in members:
                grown[i] += math.ceil(lacking / len(members))
    return tuple(grown)
