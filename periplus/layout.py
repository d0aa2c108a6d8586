"""Where everything on a sheet goes: rectangles in px from measured text, nothing drawn.

A page holds one or more blocks. A block is what one z shows: its heading, the labels of x above,
the labels of y beside, and the cells, each centred in the slot where its column and row cross.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from .errors import PeriplusError
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
from .sheet import AxisLabels, Sheet, SheetCell, Style
from .tiles import Box, Grid, Place, Tile, make_grids, make_tile

LONGEST_SIDE = 65_500  # px; JPEG ends at 65,535
MOST_PIXELS = 1_000_000_000


@dataclass(frozen=True)
class PlacedText:
    """Lines of text in their box, which lies in the slot that they may use.

    Attributes:
        role: "title", "x", "y" or "z" for labels, "x name" or "y name", "note".
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


@dataclass(frozen=True)
class PlacedCell:
    """One cell: its slot, the frame centred in it, and its pictures within the frame.

    The frame is as large as the largest cell of the column and row; a cell without pictures fills
    it with its reason.
    """

    place: Place
    cell: SheetCell
    slot: Box
    frame: Box
    pictures: tuple[Box, ...]


@dataclass(frozen=True)
class Page:
    """One picture to be drawn: its size in px, its font, and what lies where."""

    width: int
    height: int
    font: Path
    texts: tuple[PlacedText, ...]
    cells: tuple[PlacedCell, ...]


def lay_out(sheet: Sheet, style: Style) -> tuple[Page, ...]:
    """Return the pages of a sheet: one for each z, or a single one for a row or column of all z.

    Raises:
        PeriplusError: a page would be larger than LONGEST_SIDE or MOST_PIXELS; names a
            ``max_cell`` that fits.
    """
    pages = _lay_out(sheet, style)
    if all(map(_is_drawable, pages)):
        return pages
    largest = next(page for page in pages if not _is_drawable(page))
    raise PeriplusError(
        f"the sheet would be {largest.width} x {largest.height} px, more than can be drawn; "
        + _way_out(sheet, style)
    )


def _is_drawable(page: Page) -> bool:
    return max(page.width, page.height) <= LONGEST_SIDE and page.width * page.height <= MOST_PIXELS


def _way_out(sheet: Sheet, style: Style) -> str:
    """Return what would make an oversized sheet fit, found by laying it out again."""
    tiles = [make_tile(cell, style) for cell in sheet.cells.values() if cell.is_drawn]
    fits, too_large = 0, max((max(tile.width, tile.height) for tile in tiles), default=1)
    while too_large - fits > 1:
        middle = (fits + too_large) // 2
        if all(map(_is_drawable, _lay_out(sheet, replace(style, max_cell=middle)))):
            fits = middle
        else:
            too_large = middle
    return f"set max_cell to {fits} or less" if fits else "sweep fewer values"


def _lay_out(sheet: Sheet, style: Style) -> tuple[Page, ...]:
    if not style.legend:
        x, y, z = map(_without_text, (sheet.x, sheet.y, sheet.z))
        sheet = Sheet(x, y, z, sheet.cells)
    tiles = {at: make_tile(cell, style) for at, cell in sheet.cells.items() if cell.is_drawn}
    grids = make_grids(sheet, style, tiles)
    legend = _fit_legend(sheet, style, grids)
    slots = tuple(_grown(grid, legend) for grid in grids)
    zs = range(len(sheet.z.labels))
    groups = [(z,) for z in zs] if style.z_layout == "pages" else [tuple(zs)]
    return tuple(_page(_Job(sheet, style, tiles, grids, slots, legend), zs) for zs in groups)


def _without_text(axis: AxisLabels) -> AxisLabels:
    return AxisLabels("", ("",) * len(axis.labels))


# -- legend -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Legend:
    """The labels of x and y and the measures of all text, in px."""

    font: Path
    size: int
    name_size: int
    title_size: int
    widest_label: int
    space: int
    padding: int
    x: Labels
    y: Labels
    x_name: TextBlock
    y_name: TextBlock

    @property
    def gutter(self) -> int:
        """Width of what stands beside the cells, with the space between."""
        return self._spaced(max(self.y.width, self.y_name.width))

    @property
    def header(self) -> int:
        """Height of what stands above the cells, with the spaces between."""
        above_x = self._spaced(self.x_name.height) + self._spaced(self.x.height)
        return max(above_x, self._spaced(self.y_name.height))

    def _spaced(self, extent: int) -> int:
        return extent + self.space if extent else 0


def _fit_legend(sheet: Sheet, style: Style, grids: Sequence[Grid]) -> _Legend:
    axes = (sheet.x, sheet.y, sheet.z)
    words = [
        sheet.title,
        *sheet.notes,
        *(text for axis in axes for text in (axis.name, *axis.labels)),
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
    widest_label = max(16 * SMALLEST, round(0.6 * side))
    space = round(0.7 * size)
    between = max(0, space // 2 - style.margin)  # so that two full labels do not read as one
    return _Legend(
        font=font,
        size=size,
        name_size=name_size,
        title_size=style.font_size or round(1.3 * size),
        widest_label=widest_label,
        space=space,
        padding=round(1.3 * size) if any(words) else 0,
        x=fit_above(sheet.x.labels, [max(1, w - between) for w in widths], font, sizes),
        y=fit_beside(sheet.y.labels, heights, widest_label, font, sizes),
        x_name=set_text(sheet.x.name, name_font, widest_label),
        y_name=set_text(sheet.y.name, name_font, widest_label),
    )


def _grown(grid: Grid, legend: _Legend) -> Grid:
    """Return the columns and rows with room for the labels that are larger than the cells."""
    x_widths = (width for width, _ in legend.x.extents)
    y_heights = (height for _, height in legend.y.extents)
    return Grid(tuple(map(max, grid.widths, x_widths)), tuple(map(max, grid.heights, y_heights)))


# -- pages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Job:
    """What a page is made of; ``grids`` hold the cells, ``slots`` the cells and their labels."""

    sheet: Sheet
    style: Style
    tiles: Mapping[Place, Tile]
    grids: tuple[Grid, ...]
    slots: tuple[Grid, ...]
    legend: _Legend


def _page(job: _Job, zs: Sequence[int]) -> Page:
    """Place the title, below it the blocks of the given z beside or under each other, and notes."""
    legend, margin = job.legend, job.style.margin
    label_font = load_font(legend.font, legend.size)
    spans = [_span(job.slots[z].widths, margin) for z in zs]
    headings = [
        set_text(_heading(job.sheet.z, z), label_font, max(span, legend.widest_label))
        for z, span in zip(zs, spans, strict=True)
    ]
    widths = [
        max(span, heading.width, legend.x_name.width)
        for span, heading in zip(spans, headings, strict=True)
    ]
    sideways = job.style.z_layout == "row"
    between = max(3 * margin, 2 * legend.padding)
    inner = sum(widths) + between * (len(zs) - 1) if sideways else max(widths)
    title = set_text(
        job.sheet.title,
        load_font(legend.font, legend.title_size),
        max(legend.gutter + inner, legend.widest_label),
    )
    note_font = load_font(legend.font, legend.name_size)
    notes = [
        set_text(note, note_font, max(legend.gutter + inner, legend.widest_label))
        for note in job.sheet.notes
    ]
    inner = max(inner, *(block.width - legend.gutter for block in (title, *notes)))

    left = top = bottom = legend.padding
    texts: list[PlacedText] = []
    cells: list[PlacedCell] = []
    if title.lines:
        slot = Box(left, top, legend.gutter + inner, title.height)
        texts.append(_put("title", title, legend.title_size, slot))
        top = slot.bottom + legend.padding
    left += legend.gutter
    tallest = max(heading.height for heading in headings)
    for z, heading, width in zip(zs, headings, widths, strict=True):
        block_top = top
        if heading.lines:
            texts.append(_put("z", heading, legend.size, Box(left, top, width, tallest)))
        if tallest:
            block_top = top + tallest + legend.padding
        slots = _slots(job.slots[z], left, block_top + legend.header, margin)
        texts += _labels(legend, slots, width, with_rows=not sideways or z == zs[0])
        cells += _cells(job, z, slots)
        bottom = slots[-1][-1].bottom
        left, top = (left + width + between, top) if sideways else (left, bottom + between)
    right = legend.padding + legend.gutter + inner
    for note in notes:
        slot = Box(legend.padding, bottom + legend.space, right - legend.padding, note.height)
        texts.append(_put("note", note, legend.name_size, slot))
        bottom = slot.bottom
    return Page(
        right + legend.padding, bottom + legend.padding, legend.font, tuple(texts), tuple(cells)
    )


def _heading(axis: AxisLabels, i: int) -> str:
    return ": ".join(part for part in (axis.name, axis.labels[i]) if part)


def _span(extents: Sequence[int], margin: int) -> int:
    return sum(extents) + margin * (len(extents) - 1)


def _slots(grid: Grid, left: int, top: int, margin: int) -> list[list[Box]]:
    """Return the slots of a block, row by row."""
    lefts = [left + _span((*grid.widths[:i], 0), margin) for i in range(len(grid.widths))]
    tops = [top + _span((*grid.heights[:i], 0), margin) for i in range(len(grid.heights))]
    return [
        [Box(x, y, width, height) for x, width in zip(lefts, grid.widths, strict=True)]
        for y, height in zip(tops, grid.heights, strict=True)
    ]


def _labels(
    legend: _Legend, slots: list[list[Box]], width: int, *, with_rows: bool
) -> list[PlacedText]:
    """Place the names and labels of x above and of y beside the slots of a block."""
    left, bottom = slots[0][0].left, slots[0][0].top - legend.space
    texts: list[PlacedText] = []
    labels_top = bottom - legend.x.height
    name_bottom = labels_top - legend.space if legend.x.height else bottom
    if legend.x_name.lines:
        height = legend.x_name.height
        slot = Box(left, name_bottom - height, width, height)
        texts.append(_put("x name", legend.x_name, legend.name_size, slot))
    for block, cell in zip(legend.x.blocks, slots[0], strict=True):
        if block.lines:
            slot = Box(cell.left, labels_top, cell.width, legend.x.height)
            texts.append(_put("x", block, legend.x.size, slot, "center", "bottom", legend.x.turned))
    if not with_rows:
        return texts
    gutter = Box(legend.padding, 0, legend.gutter - legend.space, 0)
    if legend.y_name.lines:
        height = legend.y_name.height
        slot = Box(gutter.left, bottom - height, gutter.width, height)
        texts.append(_put("y name", legend.y_name, legend.name_size, slot, "right"))
    for block, (cell, *_) in zip(legend.y.blocks, slots, strict=True):
        if block.lines:
            slot = Box(gutter.left, cell.top, gutter.width, cell.height)
            texts.append(_put("y", block, legend.y.size, slot, "right", "middle"))
    return texts


def _put(
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


def _cells(job: _Job, z: int, slots: list[list[Box]]) -> list[PlacedCell]:
    """Centre the cells of one z in their slots."""
    grid = job.grids[z]
    placed = []
    for y, height in enumerate(grid.heights):
        for x, width in enumerate(grid.widths):
            slot = slots[y][x]
            tile = job.tiles.get((x, y, z), Tile(width, height, ()))
            corner = slot.centred(tile.width, tile.height)
            pictures = tuple(box.moved(corner.left, corner.top) for box in tile.pictures)
            frame = slot.centred(width, height)
            placed.append(PlacedCell((x, y, z), job.sheet.cell(x, y, z), slot, frame, pictures))
    return placed
