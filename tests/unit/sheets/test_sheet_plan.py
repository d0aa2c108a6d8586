"""What becomes of a sheet that is too large for its format or for memory, and what is said."""

from __future__ import annotations

import pytest

from periplus.sheets import legend
from periplus.sheets.fit import MEGAPIXEL, PAGES
from periplus.sheets.formats import BYTES_PER_PIXEL, JPEG, PNG, PYRAMID, WEBP
from periplus.sheets.looks import Looks
from periplus.sheets.sheet import Style
from periplus.sheets.sheet_plan import IMAGE_BYTES, SheetPlan, plan_sheet

from .sheets import axis, sheet_of

BARE = Style(legend=False, margin=0)
PLENTY = 10**12
"""Bytes of memory."""
PREFIX = {"style": BARE, "filename_prefix": "a"}


def plan(columns: int, rows: int, looks: Looks, memory: int = PLENTY) -> SheetPlan:
    """The plan of a sheet of cells of 1,000 x 1,000 px."""
    x, y = axis("", *map(str, range(columns))), axis("", *map(str, range(rows)))
    return plan_sheet(sheet_of(x, y, side=1000), looks, memory)


def sizes(plan: SheetPlan) -> list[tuple[int, int]]:
    return [(page.width, page.height) for page in plan.filed.pages]


@pytest.mark.parametrize("file_format", [PNG, WEBP, JPEG, PYRAMID])
def test_a_sheet_that_is_small_enough_is_drawn_once(file_format: str) -> None:
    small = plan(2, 3, Looks(file_format=file_format, **PREFIX))

    assert small.given is small.filed
    assert not small.is_changed
    assert sizes(small) == [(2000, 3000)]
    (line,) = small.report
    assert line.startswith("sheet: 2,000 x 3,000 px")


def test_a_webp_is_smaller_where_a_png_is_not() -> None:
    png, webp = (plan(20, 1, Looks(file_format=name, **PREFIX)) for name in (PNG, WEBP))

    assert sizes(png) == [(20_000, 1000)]
    assert sizes(webp) == [(20 * 819, 819)]
    assert webp.report == (
        "sheet: 20,000 x 1,000 px is too large; drawn as 16,380 x 819 px, cells of at most 819 px",
        "webp: at most 16,383 px a side and 178 megapixels",
    )


def test_or_it_becomes_pages() -> None:
    webp = plan(20, 1, Looks(file_format=WEBP, too_large=PAGES, **PREFIX))
    assert sizes(webp) == [(10_000, 1000)] * 2


@pytest.mark.parametrize("file_format", [WEBP, JPEG])
def test_a_file_that_is_made_in_memory_fits_there(file_format: str) -> None:
    memory = 25 * MEGAPIXEL * BYTES_PER_PIXEL[file_format]
    made = plan(10, 10, Looks(file_format=file_format, **PREFIX), memory)

    assert made.filed.pixels <= 25 * MEGAPIXEL
    assert "25 megapixels" in made.report[1]
    streamed = plan(10, 10, Looks(**PREFIX), memory)
    assert sizes(streamed) == [(10_000, 10_000)]


def test_images_have_smaller_cells_where_memory_does_not_allow_more() -> None:
    made = plan(10, 10, Looks(**PREFIX), memory=25 * MEGAPIXEL * IMAGE_BYTES)

    assert sizes(made) == [(10_000, 10_000)]
    assert made.given.pixels == 25 * MEGAPIXEL
    assert made.is_changed
    assert made.report[1] == "grid: cells of at most 500 px, since memory allows 25 megapixels"


def test_a_pyramid_stays_whole_whatever_its_size() -> None:
    made = plan(30, 30, Looks(file_format=PYRAMID, **PREFIX), memory=16 * MEGAPIXEL * IMAGE_BYTES)

    assert sizes(made) == [(30_000, 30_000)]
    assert made.given.pixels <= 16 * MEGAPIXEL
    first, second, third = made.report
    assert first == "sheet: 30,000 x 30,000 px, as a pyramid"
    assert second.startswith("grid: 30,000 x 30,000 px is too large; drawn as 13,")
    assert third.startswith("grid: cells of at most 133 px")


def test_letters_that_are_drawn_as_boxes_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legend, "SYSTEM_FONTS", ())
    sheet = sheet_of(axis("cfg", "高", "低"))
    size, boxes = plan_sheet(sheet, Looks(), PLENTY).report
    assert boxes.startswith("drawn as boxes, since no font here has them: 低高 (")
    assert len(plan_sheet(sheet, Looks(style=BARE), PLENTY).report) == 1, "no label is drawn"
    assert not plan_sheet(sheet, Looks(), PLENTY).is_changed
    assert size.startswith("sheet: ")


@pytest.mark.parametrize(
    ("style", "is_told"),
    [
        (Style(), False),
        (Style(background="black"), True),
        (Style(background="black", foreground="white"), False),
        (Style(foreground="#eee"), True),
        (Style(background="black", legend=False), False),
    ],
)
def test_labels_in_the_colour_of_the_background_are_told(style: Style, is_told: bool) -> None:
    report = plan_sheet(sheet_of(axis("cfg", "3")), Looks(style=style), PLENTY).report
    assert any(line.startswith("labels are hard to read: ") for line in report) == is_told
