"""Where everything on a sheet goes: cells, pages, title and notes."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periplus.axes.axis import Group
from periplus.sheets.layout import lay_out
from periplus.sheets.sheet import AxisLabels, Sheet, SheetCell, Style
from periplus.sheets.tiles import Box, make_tile

from .sheets import NONE, axis, cell_of, check_geometry, grouped, roles, sheet_of

label = st.text(st.characters(codec="utf-8"), max_size=70) | st.text("abC1_-. Жй", max_size=70)
name = st.sampled_from(["", "cfg", "sampler/scheduler", "контрольная точка"])
groups = st.lists(st.builds(Group, label, st.integers(1, 2)), min_size=1, max_size=2)
axes = st.one_of(
    st.builds(AxisLabels, name, st.lists(label, min_size=1, max_size=3).map(tuple)),
    st.builds(grouped, name, groups, st.lists(label, min_size=4, max_size=4)),
)
side = st.integers(1, 400)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    x, y, z = draw(axes), draw(axes), draw(axes)
    cells = {
        (a, b, c): draw(
            st.lists(st.tuples(side, side), min_size=1, max_size=3).map(lambda s: cell_of(*s))
            | st.just(SheetCell(status="failed", reason="CUDA out of memory"))
        )
        for a in range(len(x.labels))
        for b in range(len(y.labels))
        for c in range(len(z.labels))
    }
    return Sheet(x, y, z, cells, draw(label), tuple(draw(st.lists(label, max_size=2))))


styles = st.builds(
    Style,
    legend=st.booleans(),
    margin=st.integers(0, 30),
    font_size=st.sampled_from([0, 0, 0, 11, 24]),
    max_cell=st.sampled_from([0, 0, 50]),
    z_layout=st.sampled_from(["pages", "row", "column"]),
)


@settings(max_examples=150)
@given(sheets(), styles)
def test_nothing_is_clipped_or_overlaps_on_any_sheet(sheet: Sheet, style: Style) -> None:
    pages = lay_out(sheet, style)
    assert len(pages) == (len(sheet.z.labels) if style.z_layout == "pages" else 1)
    for page in pages:
        check_geometry(page, style.margin)
    assert sorted(cell.place for page in pages for cell in page.cells) == sorted(sheet.cells)


def test_a_missing_axis_takes_no_space() -> None:
    (bare,) = lay_out(sheet_of(side=100), Style())
    assert (bare.width, bare.height, bare.texts) == (100, 100, ())
    (row,) = lay_out(sheet_of(axis("cfg", "2", "4"), side=100), Style())
    assert {text.role for text in row.texts} == {"x", "x name"}
    assert row.cells[0].slot.left == row.width - row.cells[-1].slot.right


def test_without_legend_only_pictures_and_margins_remain() -> None:
    sheet = sheet_of(axis("cfg", "2", "4"), axis("steps", "1", "2", "3"), title="title", side=50)
    (page,) = lay_out(sheet, Style(legend=False, margin=7))
    assert page.texts == ()
    assert (page.width, page.height) == (2 * 50 + 7, 3 * 50 + 2 * 7)


def test_cells_of_mixed_sizes_are_centred_in_their_slots() -> None:
    sheet = Sheet(
        x=axis("", "", ""),
        y=axis("", "", ""),
        cells={
            (0, 0, 0): cell_of((100, 40)),
            (1, 0, 0): cell_of((60, 80)),
            (0, 1, 0): cell_of((50, 50)),
        },
    )
    (page,) = lay_out(sheet, Style(margin=10))
    pictures = {cell.place: cell.pictures for cell in page.cells}
    assert pictures[0, 0, 0] == (Box(0, 20, 100, 40),)
    assert pictures[1, 0, 0] == (Box(110, 0, 60, 80),)
    assert pictures[0, 1, 0] == (Box(25, 90, 50, 50),)
    assert pictures[1, 1, 0] == ()
    assert page.cells[-1].frame == Box(110, 90, 60, 50)


def test_a_column_without_pictures_takes_the_size_of_the_others() -> None:
    cells = {(0, 0, 0): cell_of((80, 60)), (1, 0, 0): SheetCell(status="failed", reason="no")}
    (page,) = lay_out(Sheet(x=axis("", "", ""), cells=cells), Style())
    assert page.cells[1].frame == Box(84, 0, 80, 60)


def test_a_column_without_pictures_takes_its_size_from_another_z_first() -> None:
    sheet = Sheet(
        x=axis("", "", ""),
        z=axis("", "", ""),
        cells={(0, 0, 0): cell_of((30, 30)), (1, 0, 0): cell_of((90, 30))},
    )
    _, page = lay_out(sheet, Style(margin=0))
    assert [cell.slot.width for cell in page.cells] == [30, 90]


def test_a_sheet_without_any_picture_is_still_laid_out() -> None:
    (page,) = lay_out(Sheet(x=axis("", "", "")), Style(max_cell=100))
    assert (page.width, page.height) == (204, 100)


@pytest.mark.parametrize(
    ("count", "corners"),
    [
        (1, [(0, 0)]),
        (2, [(0, 0), (11, 0)]),
        (3, [(0, 0), (11, 0), (0, 21)]),
        (5, [(0, 0), (11, 0), (22, 0), (0, 21), (11, 21)]),
    ],
)
def test_a_batch_is_a_near_square_block_in_order(count: int, corners: list[tuple]) -> None:
    tile = make_tile(cell_of(*[(10, 20)] * count), Style())
    assert [(box.left, box.top) for box in tile.pictures] == corners
    assert tile.width == max(box.right for box in tile.pictures)
    assert tile.height == max(box.bottom for box in tile.pictures)


def test_max_cell_scales_down_and_never_up() -> None:
    large = make_tile(cell_of((400, 200)), Style(max_cell=100))
    assert large.pictures == (Box(0, 0, 100, 50),)
    small = make_tile(cell_of((40, 20)), Style(max_cell=100))
    assert small.pictures == (Box(0, 0, 40, 20),)


@given(
    st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), min_size=1, max_size=9),
    st.integers(10, 500),
)
def test_a_cell_with_all_its_batch_keeps_to_max_cell(
    sizes: list[tuple[int, int]], most: int
) -> None:
    tile = make_tile(cell_of(*sizes), Style(max_cell=most))
    assert max(tile.width, tile.height) <= most


def test_every_z_is_a_page_with_its_label_once() -> None:
    sheet = sheet_of(axis("cfg", "2", "4"), axis("steps", "1", "2"), axis("seed", "7", "8"))
    headings = [
        [text.block.lines for text in page.texts if text.role == "z"]
        for page in lay_out(sheet, Style())
    ]
    assert headings == [[("seed: 7",)], [("seed: 8",)]]


@pytest.mark.parametrize("z_layout", ["row", "column"])
def test_all_z_share_one_page_side_by_side_or_below_each_other(z_layout: str) -> None:
    sheet = sheet_of(axis("cfg", "2", "4"), axis("steps", "1", "2"), axis("seed", "7", "8"))
    (page,) = lay_out(sheet, Style(z_layout=z_layout))
    check_geometry(page, 4)
    first = {cell.place[2]: cell.slot for cell in page.cells if cell.place[:2] == (0, 0)}
    if z_layout == "row":
        assert first[0].top == first[1].top
        assert roles(page).count("y") == 2
    else:
        assert first[0].left == first[1].left
        assert roles(page).count("y") == 4
    assert roles(page).count("z") == 2
    assert roles(page).count("x") == 4


def test_a_heading_in_a_column_takes_the_room_that_it_needs_itself() -> None:
    sheet = sheet_of(axis("cfg", "2"), z=axis("", "short", "a heading that takes several lines"))
    (page,) = lay_out(sheet, Style(z_layout="column"))
    headings = [text.slot.bottom for text in page.texts if text.role == "z"]
    names = [text.slot.top for text in page.texts if text.role == "x name"]
    (first, second) = (name - heading for name, heading in zip(names, headings, strict=True))
    assert first == second


def test_the_rows_of_all_z_in_a_row_are_level_even_if_a_label_is_empty() -> None:
    z = axis("", "", "a heading")
    cells = {(0, 0, 0): cell_of((50, 50)), (0, 0, 1): cell_of((50, 90))}
    (page,) = lay_out(Sheet(z=z, cells=cells), Style(z_layout="row"))
    first, second = (cell.slot for cell in page.cells)
    assert (first.top, first.height) == (second.top, second.height)


def test_the_title_stands_on_top_and_widens_a_small_sheet() -> None:
    (page,) = lay_out(sheet_of(title="A title over one small picture", side=16), Style())
    (title,) = page.texts
    assert title.role == "title"
    assert title.box.bottom < page.cells[0].slot.top
    assert title.block.width <= page.width


def test_the_label_of_a_row_is_level_with_it_in_every_block() -> None:
    sheet = sheet_of(NONE, axis("", "1", "2"), axis("z", "a", "b"))
    (page,) = lay_out(sheet, Style(z_layout="column"))
    tops = [text.slot.top for text in page.texts if text.role == "y"]
    assert tops == [cell.slot.top for cell in page.cells]
    assert all(a < b for a, b in pairwise(tops))


def test_notes_lie_below_the_cells_one_under_the_other_within_the_page() -> None:
    notes = ("Restart: drawn with heun/karras, the nearest; plain Heun", "DDIM: one more step")
    noted = lay_out(
        replace(sheet_of(axis("sampler", "Restart", "DDIM"), side=256), notes=notes), Style()
    )[0]
    first, second = (text for text in noted.texts if text.role == "note")
    assert "".join(first.block.lines).replace(" ", "") == notes[0].replace(" ", "")
    assert max(cell.slot.bottom for cell in noted.cells) <= first.box.top
    assert first.box.bottom <= second.box.top
    assert second.box.bottom <= noted.height
    assert max(first.box.right, second.box.right) <= noted.width


def test_without_a_legend_there_are_no_notes() -> None:
    page = lay_out(replace(sheet_of(), notes=("a note",)), Style(legend=False))[0]
    assert page.texts == ()


@pytest.mark.parametrize("letter", "xyz")
def test_the_work_grows_with_the_number_of_labels_and_not_faster(letter: str) -> None:
    """A sheet may have 10,000 of them, and is laid out several times before the first cell."""

    def calls(count: int) -> int:
        labels = axis("seed", *(f"{number:04}" for number in range(count)))
        sheet = replace(sheet_of(), **{letter: labels})
        made = 0

        def count_call(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event == "call"

        sys.setprofile(count_call)
        try:
            lay_out(sheet, Style())
        finally:
            sys.setprofile(None)
        return made

    calls(400)  # measures the texts, which is done once
    assert calls(400) < 2.5 * calls(200)
