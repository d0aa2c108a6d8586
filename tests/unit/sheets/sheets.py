"""Sheets of empty cells, and what holds on every page that is laid out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image

from periplus.axes.axis import Group
from periplus.sheets.compose import draw
from periplus.sheets.layout import Page, lay_out
from periplus.sheets.legend import SMALLEST
from periplus.sheets.sheet import AxisLabels, Sheet, SheetCell, Style
from periplus.sheets.tiles import Box

LONG_NAMES = (
    "ponyDiffusionV6XL_v6StartWithThisOneBakedVAE-pruned.fp16.saf",
    "averyveryverylongcheckpointnamewithoutanyseparatorsinitatall",
    "sd_xl_base_1.0.safetensors",
)
RUSSIAN = ("портрет девушки в осеннем парке, мягкий свет", "кот", "Достопримечательность")
NONE = AxisLabels()


def cell_of(*sizes: tuple[int, int]) -> SheetCell:
    """A cell with pictures of these sizes."""
    return SheetCell(tuple(Path(f"{i}.png") for i in range(len(sizes))), sizes, "done")


def axis(name: str, *labels: str) -> AxisLabels:
    """The name and labels of an axis."""
    return AxisLabels(name, labels)


def sheet_of(
    x: AxisLabels = NONE,
    y: AxisLabels = NONE,
    z: AxisLabels = NONE,
    side: int = 64,
    title: str = "",
) -> Sheet:
    """A sheet of square pictures."""
    places = [
        (a, b, c)
        for a in range(len(x.labels))
        for b in range(len(y.labels))
        for c in range(len(z.labels))
    ]
    return Sheet(x, y, z, {place: cell_of((side, side)) for place in places}, title)


def compose(
    sheet: Sheet, style: Style, on_cell: Callable[[], None] = lambda: None
) -> list[Image.Image]:
    """The drawn pages of a sheet."""
    return [
        Image.fromarray(np.concatenate(list(draw(page, style, on_cell))))
        for page in lay_out(sheet, style)
    ]


def lies_in(inner: Box, outer: Box) -> bool:
    """Whether a box lies in another, or fills it."""
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes have a place in common."""
    return a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom


def check_geometry(page: Page, margin: int) -> None:
    """What holds on every page: nothing clipped, nothing overlapping, all labels one size."""
    whole = Box(0, 0, page.width, page.height)
    slots = [text.slot for text in page.texts] + [cell.slot for cell in page.cells]
    assert all(lies_in(slot, whole) for slot in slots)
    assert not any(overlap(a, b) for a, b in combinations(slots, 2))
    assert all(lies_in(text.box, text.slot) for text in page.texts)
    assert all(lies_in(rule, whole) for rule in page.rules)
    assert not any(overlap(a, b) for a, b in combinations([*slots, *page.rules], 2))
    for role in ("x", "y", "z", "x group", "y group"):
        looks = {(text.size, text.turned) for text in page.texts if text.role == role}
        assert len(looks) <= 1
    assert all(text.size >= SMALLEST for text in page.texts)
    for cell in page.cells:
        assert lies_in(cell.frame, cell.slot)
        assert all(lies_in(picture, cell.frame) for picture in cell.pictures)
    check_slots(page, margin)


def check_slots(page: Page, margin: int) -> None:
    """Slots are equal within a row and a column, and a margin apart."""
    slots = {cell.place: cell.slot for cell in page.cells}
    for (x, y, z), slot in slots.items():
        assert (slot.left, slot.width) == (slots[x, 0, z].left, slots[x, 0, z].width)
        assert (slot.top, slot.height) == (slots[0, y, z].top, slots[0, y, z].height)
        if x:
            assert slot.left == slots[x - 1, y, z].right + margin
        if y:
            assert slot.top == slots[x, y - 1, z].bottom + margin


def roles(page: Page) -> list[str]:
    """The roles of all texts, in order."""
    return [text.role for text in page.texts]


def grouped(name: str, groups: list[Group], inner: list[str]) -> AxisLabels:
    """The labels of a crossed axis."""
    outer = [group.label for group in groups for _ in range(group.count)]
    labels = (f"{a} / {b}" for a, b in zip(outer, inner, strict=False))
    return AxisLabels(name, tuple(labels), tuple(groups))
