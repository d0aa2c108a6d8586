"""What becomes of a sheet, decided before anything is drawn: in its files, and in IMAGEs."""

from __future__ import annotations

from dataclasses import dataclass

from .fit import MEGAPIXEL, Fitted, describe, fit
from .formats import BYTES_PER_PIXEL, LONGEST_SIDES, PNG, PYRAMID
from .legend import boxed
from .looks import Looks
from .sheet import Sheet, Style, colour

IMAGE_BYTES = 3 * 4
"""Of a px of an IMAGE."""

LEAST_CONTRAST = 150
"""Of the sums over red, green and blue."""

MANY_LETTERS = 12
"""More are not listed."""


@dataclass(frozen=True)
class SheetPlan:
    """A sheet as it is drawn, once where both are the same."""

    filed: Fitted
    """In its files."""
    given: Fitted
    """In IMAGEs, and in what the node shows of a pyramid."""
    report: tuple[str, ...]
    """How large it is, and what is done where it is too large."""

    @property
    def is_changed(self) -> bool:
        """Whether it was too large for anything."""
        return self.filed.is_changed or self.given.is_changed


def plan_sheet(sheet: Sheet, looks: Looks, memory: int) -> SheetPlan:
    """Decide how a sheet is drawn, by its format's limits and the memory for it.

    Args:
        sheet: what to show; only the sizes of its pictures matter.
        looks: how it is wanted.
        memory: bytes that all IMAGEs of a sheet may take, and a page's file while it is made.
    """
    if looks.file_format == PYRAMID:
        filed = Fitted((sheet,), looks.style)
        report = [f"{describe(sheet, looks.style, filed)}, as a pyramid"]
        given = fit(sheet, looks.style, looks.megapixels, looks.too_large)
        if given.is_changed:
            report.append(describe(sheet, looks.style, given, "grid"))
        else:
            given = filed
    else:
        filed, report = _fit_files(sheet, looks, memory)
        given = filed
    report += [*_boxed_letters(filed), *_pale_letters(looks.style)]
    room = memory // IMAGE_BYTES
    if given.pixels > room:
        given = given.within(room)
        report.append(
            f"grid: cells of at most {given.style.max_cell:,} px, since memory allows "
            f"{room // MEGAPIXEL:,} megapixels"
        )
    return SheetPlan(filed, given, tuple(report))


def _boxed_letters(fitted: Fitted) -> list[str]:
    """Say which letters of a sheet no font has; nothing where all are drawn."""
    boxes = {letter for page in fitted.pages for letter in boxed(page.lines, page.font)}
    if not boxes:
        return []
    letters = "".join(sorted(boxes)[:MANY_LETTERS])
    return [
        f"drawn as boxes, since no font here has them: {letters}"
        f"{'…' if len(boxes) > MANY_LETTERS else ''} (Noto Sans CJK has Chinese, Japanese, Korean)"
    ]


def _pale_letters(style: Style) -> list[str]:
    """Say that labels cannot be told from the background; nothing where they can, or are not drawn.

    Whoever wants a dark sheet easily forgets the foreground.
    """
    front, back = colour("foreground", style.foreground), colour("background", style.background)
    if (
        not style.legend
        or sum(abs(a - b) for a, b in zip(front, back, strict=True)) > LEAST_CONTRAST
    ):
        return []
    return [
        f"labels are hard to read: foreground {style.foreground} on background {style.background}"
    ]


def _fit_files(sheet: Sheet, looks: Looks, memory: int) -> tuple[Fitted, list[str]]:
    """The sheet as its files can hold it, and what there is to say of it."""
    name, megapixels = looks.file_format, looks.megapixels
    if name in BYTES_PER_PIXEL:
        megapixels = max(1, min(megapixels, memory // BYTES_PER_PIXEL[name] // MEGAPIXEL))
    side = LONGEST_SIDES[name]
    filed = fit(sheet, looks.style, megapixels, looks.too_large, side)
    report = [describe(sheet, looks.style, filed)]
    if filed.is_changed and name != PNG:
        report.append(f"{name}: at most {side:,} px a side and {megapixels:,} megapixels")
    return filed, report
