"""Sheets that are too large: what is decided about them before anything is drawn."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periplus.axes.axis import Group
from periplus.sheets.fit import LONGEST_SIDE, MEGAPIXEL, PAGES, SMALLER, TOO_LARGE, describe, fit
from periplus.sheets.formats import LONGEST_SIDES, WEBP
from periplus.sheets.sheet import Sheet, Style

from .sheets import axis, check_geometry, grouped, sheet_of


def numbers(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def square(count: int, side: int) -> Sheet:
    return sheet_of(axis("cfg", *numbers(count)), axis("steps", *numbers(count)), side=side)


@pytest.mark.parametrize("too_large", TOO_LARGE)
def test_a_sheet_that_fits_stays_as_it_is(too_large: str) -> None:
    fitted = fit(square(3, 64), Style(), 1, too_large)
    assert not fitted.is_changed
    assert [page.pixels for page in fitted.pages] == [fitted.pixels]
    (page,) = fitted.pages
    assert describe(square(3, 64), Style(), fitted) == f"sheet: {page.width} x {page.height} px"


def test_cells_are_as_large_as_fits_and_no_larger() -> None:
    sheet = square(10, 1024)
    fitted = fit(sheet, Style(), 16, SMALLER)
    (page,) = fitted.pages
    assert page.pixels <= 16 * MEGAPIXEL
    one_larger = Style(max_cell=fitted.style.max_cell + 1)
    assert fit(sheet, one_larger, 1000, SMALLER).pixels > 16 * MEGAPIXEL


def test_pages_keep_the_size_of_cells_and_show_each_cell_once() -> None:
    sheet = square(10, 1024)
    fitted = fit(sheet, Style(), 16, PAGES)
    assert fitted.style.max_cell == 0
    assert len(fitted.pages) == 10  # rows of ten cells
    drawn = [cell.cell for page in fitted.pages for cell in page.cells]
    assert len(drawn) == 100
    assert all(box.width == 1024 for p in fitted.pages for c in p.cells for box in c.pictures)
    columns = {text.block.lines for page in fitted.pages for text in page.texts if text.role == "x"}
    rows = {text.block.lines for page in fitted.pages for text in page.texts if text.role == "y"}
    assert columns == rows == {(n,) for n in numbers(10)}


def test_a_row_that_is_too_long_is_cut_into_nearly_equal_parts() -> None:
    fitted = fit(sheet_of(axis("seed", *numbers(70)), side=1024), Style(), 1000, PAGES)
    assert [len(page.cells) for page in fitted.pages] == [35, 35]


def test_pages_of_each_z_follow_one_another() -> None:
    sheet = sheet_of(axis("", *numbers(10)), axis("", *numbers(10)), axis("z", "a", "b"), 1024)
    pages = fit(sheet, Style(z_layout="row"), 60, PAGES).pages
    headings = [text.block.lines[0] for p in pages for text in p.texts if text.role == "z"]
    assert headings == ["z: a", "z: a", "z: b", "z: b"]


def test_a_row_of_z_that_is_too_large_becomes_pages_first() -> None:
    sheet = sheet_of(axis("", *numbers(3)), axis("", *numbers(3)), axis("z", "a", "b"), 1024)
    pages = fit(sheet, Style(z_layout="row"), 16, PAGES).pages
    assert [len(page.cells) for page in pages] == [9, 9]


def test_cells_that_would_be_too_small_to_see_are_put_on_pages_instead() -> None:
    sheet = sheet_of(axis("seed", *numbers(2000)), side=128)
    fitted = fit(sheet, Style(), 1000, SMALLER)
    assert fitted.style.max_cell == 64
    assert len(fitted.pages) == 3
    assert max(page.width for page in fitted.pages) <= LONGEST_SIDE


def test_a_cell_that_is_too_large_alone_becomes_smaller_on_pages_too() -> None:
    fitted = fit(square(2, 8000), Style(), 16, PAGES)
    assert len(fitted.pages) == 4
    assert all(page.pixels <= 16 * MEGAPIXEL for page in fitted.pages)


def test_groups_are_cut_with_their_points() -> None:
    crossed = grouped("a / b", [Group("1", 3), Group("2", 3)], list("xyzxyz"))
    fitted = fit(sheet_of(crossed, side=2000), Style(), 16, PAGES)
    for page, groups in zip(fitted.pages, (["1"], ["1", "2"], ["2"]), strict=False):
        check_geometry(page, 4)
        assert [t.block.lines[0] for t in page.texts if t.role == "x group"] == groups
    assert [part.x.inner for part in fitted.parts] == [("x", "y"), ("z", "x"), ("y", "z")]


def test_what_is_done_is_said_with_the_numbers() -> None:
    sheet = square(40, 1024)
    smaller = describe(sheet, Style(), fit(sheet, Style(), 100, SMALLER))
    assert smaller.startswith("sheet: 41")
    assert "px is too large; drawn as " in smaller
    assert "cells of at most 24" in smaller
    pages = describe(sheet, Style(), fit(sheet, Style(), 100, PAGES))
    assert "drawn as 20 pages of up to 41" in pages
    assert "cells of at most" not in pages


@pytest.mark.parametrize("too_large", TOO_LARGE)
def test_a_format_may_have_a_shorter_longest_side(too_large: str) -> None:
    sheet = sheet_of(axis("seed", *numbers(20)), side=1024)
    wide = fit(sheet, Style(), 178, too_large)
    narrow = fit(sheet, Style(), 178, too_large, LONGEST_SIDES[WEBP])
    assert not wide.is_changed
    assert narrow.is_changed
    assert max(page.width for page in wide.pages) > LONGEST_SIDES[WEBP]
    assert max(page.width for page in narrow.pages) <= LONGEST_SIDES[WEBP]
    assert len(narrow.pages) == (2 if too_large == PAGES else 1)


def test_sizes_are_said_with_separators() -> None:
    sheet = square(2, 1024)
    assert describe(sheet, Style(), fit(sheet, Style(), 178, SMALLER), "grid").startswith(
        "grid: 2,"
    )


@settings(max_examples=10)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3000), st.sampled_from(TOO_LARGE))
def test_whatever_the_sheet_each_page_fits(x: int, y: int, side: int, too_large: str) -> None:
    sheet = sheet_of(axis("cfg", *numbers(x)), axis("steps", *numbers(y)), side=side)
    fitted = fit(sheet, Style(), 16, too_large)
    assert all(page.pixels <= 16 * MEGAPIXEL for page in fitted.pages)
    assert sum(len(page.cells) for page in fitted.pages) == x * y
