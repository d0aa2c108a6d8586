"""Draws a laid-out sheet. One cell is opened at a time: memory holds the pages and one cell."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageDraw

from .errors import PeriplusError
from .layout import Page, PlacedCell, lay_out
from .legend import TextBlock, line_height, load_font
from .note import set_note
from .picture import Colour, read_picture
from .sheet import Sheet, Style, colour
from .tiles import Box

_RED = (200, 60, 50)
# How far a shade lies from the background towards the foreground, or towards red.
_FAINT, _PALE, _GREY, _STRONG = 0.05, 0.12, 0.6, 0.75


def compose(
    sheet: Sheet, style: Style, on_cell: Callable[[int, int], None] | None = None
) -> list[Image.Image]:
    """Draw a sheet and return its pages, RGB: one for each z, or one for a row or column of them.

    A cell whose file cannot be read is drawn as failed and says so.

    Args:
        sheet: what to show.
        style: how to show it.
        on_cell: called with the numbers of cells done and of all cells after each cell; what it
            raises ends the drawing.

    Raises:
        PeriplusError: the sheet would be too large to draw.
    """
    pages = lay_out(sheet, style)
    total = sum(len(page.cells) for page in pages)
    done = 0
    images = []
    for page in pages:
        canvas = _Canvas(page, style)
        for cell in page.cells:
            canvas.draw_cell(cell)
            done += 1
            if on_cell is not None:
                on_cell(done, total)
        images.append(canvas.image)
    return images


class _Canvas:
    """The picture of one page and the colours to draw it with."""

    def __init__(self, page: Page, style: Style) -> None:
        self._font = page.font
        self._background = colour("background", style.background)
        self._foreground = colour("foreground", style.foreground)
        self.image = Image.new("RGB", (page.width, page.height), self._background)
        self._draw = ImageDraw.Draw(self.image)
        grey = _blend(self._background, self._foreground, _GREY)
        for text in page.texts:
            shade = grey if text.role.endswith(("name", "note")) else self._foreground
            self._draw_text(text.block, text.size, text.box, text.align, shade, text.turned)
        for rule in page.rules:
            self._fill(rule, grey)

    def draw_cell(self, placed: PlacedCell) -> None:
        """Draw the pictures of a cell, or why there are none."""
        if not placed.pictures:
            self._draw_note(placed.cell.status, placed.cell.reason, placed.frame)
            return
        cell = placed.cell
        for path, size, box in zip(cell.files, cell.sizes, placed.pictures, strict=True):
            try:
                picture = read_picture(path, size, self._background)
            except PeriplusError as error:
                self._draw_note("failed", str(error), box)
                continue
            if picture.size != (box.width, box.height):
                picture = picture.resize((box.width, box.height), Image.Resampling.LANCZOS)
            self.image.paste(picture, (box.left, box.top))

    def _draw_note(self, status: str, reason: str, frame: Box) -> None:
        ink = _RED if status == "failed" else self._foreground
        strength = _PALE if status == "failed" else _FAINT
        fill = _blend(self._background, ink, strength)
        self._fill(frame, fill)
        shade = _blend(self._background, _blend(self._foreground, ink, 0.5), _STRONG)
        for block, size, box in set_note(status, reason, frame, self._font):
            self._draw_text(block, size, box, "center", shade)

    def _fill(self, box: Box, fill: Colour) -> None:
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
        self.image.paste(fill, (box.left - edge, box.top - edge), mask)


def _blend(start: Colour, end: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue
