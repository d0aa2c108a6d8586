"""Where everything on a sheet goes: rectangles in px from measured text, nothing drawn.

A page holds one or more blocks. A block is what one z shows: its heading, the labels of x above,
the labels of y beside, and the cells, each centred in the slot where its column and row cross.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from .headers import Headers, PlacedText, fit_headers, place_text
from .legend import load_font, set_text
from .sheet import AxisLabels, Sheet, SheetCell, Style
from .tiles import Box, Grid, Place, Tile, make_grids, make_tile, span


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
    """One picture to be drawn: its size in px, its font, and what lies where.

    ``rules`` are the lines between the labels of a group and the one that they share.
    """

    width: int
    height: int
    font: Path
    texts: tuple[PlacedText, ...]
    rules: tuple[Box, ...]
    blocks: tuple[Block, ...]

    @property
    def pixels(self) -> int:
        """How many it has."""
        return self.width * self.height

    @property
    def lines(self) -> Iterator[str]:
        """Those of all its texts."""
        return (line for text in self.texts for line in text.block.lines)

    @cached_property
    def cells(self) -> tuple[PlacedCell, ...]:
        """All of them; placed only when they are asked for, since most pages are only measured."""
        return tuple(cell for block in self.blocks for cell in block.cells())


@dataclass(frozen=True)
class Block:
    """The cells of one z, and the slots that they lie in, row by row."""

    sheet: Sheet
    tiles: Mapping[Place, Tile]
    z: int
    grid: Grid
    slots: Sequence[Sequence[Box]]

    def cells(self) -> Iterator[PlacedCell]:
        """Centre the cells in their slots."""
        for y, height in enumerate(self.grid.heights):
            for x, width in enumerate(self.grid.widths):
                slot = self.slots[y][x]
                tile = self.tiles.get((x, y, self.z), Tile(width, height, ()))
                corner = slot.centred(tile.width, tile.height)
                pictures = tuple(box.moved(corner.left, corner.top) for box in tile.pictures)
                frame = slot.centred(width, height)
                cell = self.sheet.cell(x, y, self.z)
                yield PlacedCell((x, y, self.z), cell, slot, frame, pictures)


def lay_out(sheet: Sheet, style: Style) -> tuple[Page, ...]:
    """Return the pages of a sheet: one for each z, or a single one for a row or column of all z.

    They are as large as the cells ask for; see :mod:`periplus.sheets.fit`.
    """
    if not style.legend:
        x, y, z = map(_without_text, (sheet.x, sheet.y, sheet.z))
        sheet = Sheet(x, y, z, sheet.cells)
    tiles = {at: make_tile(cell, style) for at, cell in sheet.cells.items() if cell.is_drawn}
    grids = make_grids(sheet, style, tiles)
    headers = fit_headers(sheet, style, grids)
    slots = tuple(headers.grown(grid, style.margin) for grid in grids)
    zs = range(len(sheet.z.labels))
    groups = [(z,) for z in zs] if style.z_layout == "pages" else [tuple(zs)]
    return tuple(_page(_Job(sheet, style, tiles, grids, slots, headers), zs) for zs in groups)


def _without_text(axis: AxisLabels) -> AxisLabels:
    return AxisLabels("", ("",) * len(axis.labels))


# -- pages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Job:
    """What a page is made of; ``grids`` hold the cells, ``slots`` the cells and their labels."""

    sheet: Sheet
    style: Style
    tiles: Mapping[Place, Tile]
    grids: tuple[Grid, ...]
    slots: tuple[Grid, ...]
    headers: Headers


def _page(job: _Job, zs: Sequence[int]) -> Page:
    """Place the title, below it the blocks of the given z beside or under each other, and notes."""
    headers, margin = job.headers, job.style.margin
    label_font = load_font(headers.font, headers.size)
    spans = [span(job.slots[z].widths, margin) for z in zs]
    headings = [
        set_text(_heading(job.sheet.z, z), label_font, max(extent, headers.widest_label))
        for z, extent in zip(zs, spans, strict=True)
    ]
    widths = [
        max(extent, heading.width, headers.x_name.width)
        for extent, heading in zip(spans, headings, strict=True)
    ]
    sideways = job.style.z_layout == "row"
    between = max(3 * margin, 2 * headers.padding)
    inner = sum(widths) + between * (len(zs) - 1) if sideways else max(widths)
    title = set_text(
        job.sheet.title,
        load_font(headers.font, headers.title_size),
        max(headers.gutter + inner, headers.widest_label),
    )
    note_font = load_font(headers.font, headers.name_size)
    notes = [
        set_text(note, note_font, max(headers.gutter + inner, headers.widest_label))
        for note in job.sheet.notes
    ]
    inner = max(inner, *(block.width - headers.gutter for block in (title, *notes)))

    left = top = bottom = headers.padding
    texts: list[PlacedText] = []
    rules: list[Box] = []
    blocks: list[Block] = []
    if title.lines:
        slot = Box(left, top, headers.gutter + inner, title.height)
        texts.append(place_text("title", title, headers.title_size, slot))
        top = slot.bottom + headers.padding
    left += headers.gutter
    tallest = max(heading.height for heading in headings)
    for z, heading, width in zip(zs, headings, widths, strict=True):
        block_top = top
        height = tallest if sideways else heading.height
        if heading.lines:
            texts.append(place_text("z", heading, headers.size, Box(left, top, width, height)))
        if height:
            block_top = top + height + headers.padding
        slots = _slots(job.slots[z], left, block_top + headers.header, margin)
        block_texts, block_rules = headers.place(slots, width, with_rows=not sideways or z == zs[0])
        texts += block_texts
        rules += block_rules
        blocks.append(Block(job.sheet, job.tiles, z, job.grids[z], slots))
        bottom = slots[-1][-1].bottom
        left, top = (left + width + between, top) if sideways else (left, bottom + between)
    right = headers.padding + headers.gutter + inner
    for note in notes:
        slot = Box(headers.padding, bottom + headers.space, right - headers.padding, note.height)
        texts.append(place_text("note", note, headers.name_size, slot))
        bottom = slot.bottom
    return Page(
        width=right + headers.padding,
        height=bottom + headers.padding,
        font=headers.font,
        texts=tuple(texts),
        rules=tuple(rules),
        blocks=tuple(blocks),
    )


def _heading(axis: AxisLabels, i: int) -> str:
    return ": ".join(part for part in (axis.name, axis.labels[i]) if part)


def _slots(grid: Grid, left: int, top: int, margin: int) -> list[list[Box]]:
    """Return the slots of a block, row by row."""
    lefts = accumulate((width + margin for width in grid.widths[:-1]), initial=left)
    tops = accumulate((height + margin for height in grid.heights[:-1]), initial=top)
    columns = list(zip(lefts, grid.widths, strict=True))
    return [
        [Box(x, y, width, height) for x, width in columns]
        for y, height in zip(tops, grid.heights, strict=True)
    ]
