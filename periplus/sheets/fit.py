"""Sheets that are too large: smaller cells or more pages, decided before anything is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .formats import LONGEST_SIDES, PNG
from .layout import Page, lay_out
from .sheet import Sheet, Style
from .tiles import make_tile, span

MEGAPIXEL = 1_000_000
LONGEST_SIDE = LONGEST_SIDES[PNG]
"""Of a page, in px."""
DEFAULT_MEGAPIXELS = 178
"""Of a page: Pillow, with which ComfyUI opens pictures, refuses more than 178.9."""

SMALLER, PAGES = "smaller cells", "pages"
TOO_LARGE = (SMALLER, PAGES)
"""What becomes of a sheet that is too large."""

SMALLEST_CELL = 64
"""px; where cells would have to be smaller still, they are put on several pages."""
_CAUTION = 1.1
"""How much larger a part is taken to be where the labels of one took more room than expected."""

Fits = Callable[[Sequence[Page]], bool]
Allowed = Callable[[float, float], bool]
"""Whether a page of this width and height, in px, is small enough."""


@dataclass(frozen=True)
class Fitted:
    """A sheet, cut into parts that are laid out on their own, each with a page for each z."""

    parts: tuple[Sheet, ...]
    style: Style
    is_changed: bool = False
    """Whether it was too large."""

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """All pages: those of the first z, part by part, then those of the next."""
        by_part = [lay_out(part, self.style) for part in self.parts]
        return tuple(page for pages in zip(*by_part, strict=True) for page in pages)

    @property
    def pixels(self) -> int:
        """Of all pages together."""
        return sum(page.pixels for page in self.pages)

    @property
    def cells(self) -> int:
        """How many are drawn, on all pages together."""
        return sum(len(page.cells) for page in self.pages)

    def within(self, pixels: int) -> Fitted:
        """Return it with cells so small that all pages together have at most so many px."""
        if self.pixels <= pixels:
            return self
        return self.shrunk(lambda pages: sum(page.pixels for page in pages) <= pixels)

    def shrunk(self, fits: Fits, smallest: int = SMALLEST_CELL) -> Fitted:
        """Return it with the largest cells with which its pages fit.

        Cells that are larger than ``smallest`` px do not become smaller than that, fit or not.
        """
        tiles = [
            make_tile(cell, self.style)
            for part in self.parts
            for cell in part.cells.values()
            if cell.is_drawn
        ]
        too_large = max((max(tile.width, tile.height) for tile in tiles), default=smallest)
        best = self._with_cells(min(smallest, too_large))
        if not fits(best.pages):
            return best  # nor would larger ones
        low = best.style.max_cell
        while too_large - low > 1:
            middle = (low + too_large) // 2
            tried = self._with_cells(middle)
            if fits(tried.pages):
                best, low = tried, middle
            else:
                too_large = middle
        return best

    def _with_cells(self, max_cell: int) -> Fitted:
        return Fitted(self.parts, replace(self.style, max_cell=max_cell), is_changed=True)


def fit(
    sheet: Sheet, style: Style, megapixels: int, too_large: str, longest_side: int = LONGEST_SIDE
) -> Fitted:
    """Return the sheet as it is drawn, each page within ``longest_side`` and ``megapixels``.

    Args:
        sheet: what to show; only the sizes of its pictures matter.
        style: how to show it.
        megapixels: the most that a page may have.
        too_large: SMALLER cells, though none below SMALLEST_CELL, or more PAGES. Where one is not
            enough, the other helps.
        longest_side: the most px that a side of a page may have.
    """

    def is_allowed(width: float, height: float) -> bool:
        return max(width, height) <= longest_side and width * height <= megapixels * MEGAPIXEL

    def fits(pages: Sequence[Page]) -> bool:
        return all(is_allowed(page.width, page.height) for page in pages)

    whole = Fitted((sheet,), style)
    if fits(whole.pages):
        return whole
    if too_large == SMALLER:
        whole = whole.shrunk(fits)
        if fits(whole.pages):
            return whole
    cut = _cut(sheet, replace(whole.style, z_layout="pages"), is_allowed, fits)
    return cut if fits(cut.pages) else cut.shrunk(fits, smallest=1)


def _cut(sheet: Sheet, style: Style, is_allowed: Allowed, fits: Fits) -> Fitted:
    """Cut a sheet into as few parts as fit: between rows, and between columns where one row is
    too much."""
    whole = Fitted((sheet,), style, is_changed=True)
    if fits(whole.pages):
        return whole  # a page for each z is enough
    growth = 1.0
    while True:
        cut = _cut_once(whole, is_allowed, growth)
        if fits(cut.pages) or len(cut.parts) == len(sheet.x.labels) * len(sheet.y.labels):
            return cut
        growth *= _CAUTION


def _cut_once(whole: Fitted, is_allowed: Allowed, growth: float) -> Fitted:
    """Cut a sheet so that parts fit that are larger, by ``growth``, than they seem in the whole."""
    (sheet,), margin = whole.parts, whole.style.margin
    page = max(whole.pages, key=lambda page: page.pixels)
    slots = {cell.place[:2]: cell.slot for cell in page.cells}
    widths = [slots[x, 0].width for x in range(len(sheet.x.labels))]
    heights = [slots[0, y].height for y in range(len(sheet.y.labels))]
    beside, above = page.width - span(widths, margin), page.height - span(heights, margin)

    def fit_together(width: int, height: int) -> bool:
        return is_allowed((beside + width) * growth, (above + height) * growth)

    columns = _parts(widths, margin, lambda width: fit_together(width, max(heights)))
    widest = max(span([widths[x] for x in part], margin) for part in columns)
    rows = _parts(heights, margin, lambda height: fit_together(widest, height))
    parts = (sheet.part(xs, ys) for ys in rows for xs in columns)
    return Fitted(tuple(parts), whole.style, is_changed=True)


def _parts(extents: Sequence[int], margin: int, fits: Callable[[int], bool]) -> list[range]:
    """Cut neighbours into as few parts as fit, nearly equal in number; at least one in each."""
    low, high = 1, len(extents) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if all(fits(span([extents[i] for i in part], margin)) for part in _even(extents, middle)):
            low = middle
        else:
            high = middle
    return _even(extents, low)


def _even(extents: Sequence[int], most: int) -> list[range]:
    """Cut neighbours into as few parts as hold at most so many each, nearly equal in number."""
    count = len(extents)
    parts = math.ceil(count / most)
    return [range(count * i // parts, count * (i + 1) // parts) for i in range(parts)]


def describe(sheet: Sheet, style: Style, fitted: Fitted, what: str = "sheet") -> str:
    """Say how large a sheet is, and where it was too large, what is done.

    Args:
        what: what the text is about, in its first word.
    """
    pages = fitted.pages
    size = _size(max(page.width for page in pages), max(page.height for page in pages))
    drawn = f"{len(pages)} pages of up to {size}" if len(pages) > 1 else size
    if not fitted.is_changed:
        return f"{what}: {drawn}"
    wanted = max(lay_out(sheet, style), key=lambda page: page.pixels)
    is_smaller = fitted.style.max_cell != style.max_cell
    how = f", cells of at most {fitted.style.max_cell:,} px" if is_smaller else ""
    return f"{what}: {_size(wanted.width, wanted.height)} is too large; drawn as {drawn}{how}"


def _size(width: int, height: int) -> str:
    return f"{width:,} x {height:,} px"
