"""Draws a laid-out page from top to bottom: memory holds a few rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ..errors import PeriplusError
from ..files.picture import Colour, read_picture
from .layout import Page, PlacedCell
from .legend import TextBlock, line_height, load_font
from .note import set_note
from .sheet import SheetCell, Style, colour
from .tiles import Box

_RED = (200, 60, 50)
# How far a shade lies from the background towards the foreground, or towards red.
_FAINT, _PALE, _GREY, _STRONG = 0.05, 0.12, 0.6, 0.75


BAND = 256
"""px: where rows of cells are lower, so many are drawn together that they are as high."""


OnUnreadable = Callable[[SheetCell, PeriplusError], None]
"""Takes a cell of which a picture cannot be read, and why."""


def draw(
    page: Page,
    style: Style,
    on_cell: Callable[[], None] = lambda: None,
    on_unreadable: OnUnreadable = lambda *_: None,
) -> Iterator[NDArray[np.uint8]]:
    """Draw a page from top to bottom, a few rows of cells at a time.

    A cell whose file cannot be read, or was damaged, is drawn as failed and says so.

    Args:
        page: what lies where.
        style: the one that it was laid out in.
        on_cell: called after each cell; what it raises ends the drawing.
        on_unreadable: called for each picture that cannot be read.

    Yields:
        The next lines: at most BAND x width x 3 bytes, RGB.
    """
    for top, bottom, cells in _bands(page):
        canvas = _Canvas(page, style, top, bottom, on_unreadable)
        for cell in cells:
            canvas.draw_cell(cell)
            on_cell()
        for line in range(0, bottom - top, BAND):
            box = (0, line, page.width, min(line + BAND, bottom - top))
            yield np.asarray(canvas.image.crop(box))


def _bands(page: Page) -> Iterator[tuple[int, int, list[PlacedCell]]]:
    """Cut a page between rows of cells: give the first px, the one after the last, the cells."""
    band: list[PlacedCell] = []
    top = 0
    for cell in sorted(page.cells, key=lambda cell: cell.slot.top):
        start = cell.slot.top
        if start - top >= BAND and (not band or start > band[-1].slot.top):
            yield top, start, band
            band, top = [], start
        band.append(cell)
    yield top, page.height, band


class _Canvas:
    """The picture of a band of a page and the colours to draw it with.

    Boxes count from the top of the page; what lies outside the band is not drawn.
    """

    def __init__(
        self, page: Page, style: Style, top: int, bottom: int, on_unreadable: OnUnreadable
    ) -> None:
        self._on_unreadable = on_unreadable
        self._font = page.font
        self._background = colour("background", style.background)
        self._foreground = colour("foreground", style.foreground)
        self._top = top
        self.image = Image.new("RGB", (page.width, bottom - top), self._background)
        self._draw = ImageDraw.Draw(self.image)
        grey = _blend(self._background, self._foreground, _GREY)
        for text in page.texts:
            # Strokes reach out of the box by less than the font's size.
            if text.box.top - text.size < bottom and text.box.bottom + text.size > top:
                shade = grey if text.role.endswith(("name", "note")) else self._foreground
                self._draw_text(text.block, text.size, text.box, text.align, shade, text.turned)
        for rule in page.rules:
            if rule.top < bottom and rule.bottom > top:
                self._fill(rule, grey)

    def draw_cell(self, placed: PlacedCell) -> None:
        """Draw the pictures of a cell, or why there are none."""
        if not placed.pictures:
            self._draw_note(placed.cell.status, placed.cell.reason, placed.frame)
            return
        cell = placed.cell
        files = zip(cell.files, cell.sizes, cell.checks, placed.pictures, strict=True)
        for path, size, crc32, box in files:
            try:
                picture = read_picture(path, size, crc32, self._background)
            except PeriplusError as error:
                self._on_unreadable(cell, error)
                self._draw_note("failed", str(error), box)
                continue
            if picture.size != (box.width, box.height):
                picture = picture.resize((box.width, box.height), Image.Resampling.LANCZOS)
            self.image.paste(picture, (box.left, box.top - self._top))

    def _draw_note(self, status: str, reason: str, frame: Box) -> None:
        ink = _RED if status == "failed" else self._foreground
        strength = _PALE if status == "failed" else _FAINT
        fill = _blend(self._background, ink, strength)
        self._fill(frame, fill)
        shade = _blend(self._background, _blend(self._foreground, ink, 0.5), _STRONG)
        for block, size, box in set_note(status, reason, frame, self._font):
            self._draw_text(block, size, box, "center", shade)

    def _fill(self, box: Box, fill: Colour) -> None:
        box = box.moved(0, -self._top)
        self._draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill=fill)

    def _draw_text(
        self, block: TextBlock, size: int, box: Box, align: str, fill: Colour, turned: bool = False
    ) -> None:
        font = load_font(self._font, size)
        share = {"left": 0.0, "center": 0.5, "right": 1.0}[align]
        # Drawn flat on a mask that leaves room for strokes that reach out of their line.
        edge = size // 4
        mask = Image.new("L", (block.width + 2 * edge, block.height + 2 * edge))
        flat = ImageDraw.Draw(mask)
        for row, line in enumerate(block.lines):
            indent = round((block.width - font.getlength(line)) * share)
            flat.text((edge + indent, edge + row * line_height(font)), line, 255, font)
        if turned:
            mask = mask.transpose(Image.Transpose.ROTATE_90)
        self.image.paste(fill, (box.left - edge, box.top - edge - self._top), mask)


def _blend(start: Colour, end: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue
