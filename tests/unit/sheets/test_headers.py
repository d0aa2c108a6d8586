"""Names, labels and groups of the axes: their sizes and places above and beside the cells."""

from __future__ import annotations

import math

import pytest

from periplus.axes.axis import Group
from periplus.sheets.headers import PlacedText
from periplus.sheets.layout import Page, lay_out
from periplus.sheets.legend import BUNDLED_FONT, SMALLEST, load_font
from periplus.sheets.sheet import Style

from .sheets import LONG_NAMES, NONE, RUSSIAN, axis, check_geometry, grouped, roles, sheet_of


@pytest.mark.parametrize("px", [8, 64, 256, 1024])
@pytest.mark.parametrize("labels", [LONG_NAMES, RUSSIAN, ("1", "2", "3")])
def test_labels_fit_at_every_cell_size(px: int, labels: tuple[str, ...]) -> None:
    for x, y in ((labels, ("10", "20")), (("10", "20"), labels)):
        (page,) = lay_out(sheet_of(axis("x name", *x), axis("y name", *y), side=px), Style())
        check_geometry(page, 4)


def test_a_sheet_of_14_x_12_small_cells_stays_compact() -> None:
    samplers = ("euler", "euler_ancestral", "dpmpp_2m_sde_gpu", "res_multistep_ancestral_cfg_pp")
    x = axis("sampler", *(samplers * 4)[:14])
    y = axis("checkpoint", *(LONG_NAMES * 4))
    (page,) = lay_out(sheet_of(x, y, side=64), Style())
    assert page.width < 14 * 68 + 220
    assert page.height < 12 * 68 + 160
    assert not any(text.turned for text in page.texts)


def test_long_names_above_small_cells_are_turned() -> None:
    (page,) = lay_out(sheet_of(axis("", *LONG_NAMES)), Style())
    turned = [text for text in page.texts if text.turned]
    assert len(turned) == 3
    assert all(text.box.height > text.box.width for text in turned)
    # All lines start at the cells.
    assert {text.box.bottom for text in turned} == {turned[0].slot.bottom}
    assert {text.align for text in turned} == {"left"}


def test_a_column_grows_when_it_is_narrower_than_its_turned_label() -> None:
    (page,) = lay_out(sheet_of(axis("", *LONG_NAMES), side=8), Style())
    assert page.cells[0].slot.width > 8
    assert (page.cells[0].frame.width, page.cells[0].frame.height) == (8, 8)


def test_larger_cells_take_larger_labels() -> None:
    x = axis("cfg", "2", "4")
    sizes = [lay_out(sheet_of(x, side=px), Style())[0].texts[-1].size for px in (64, 256, 1024)]
    assert sizes == sorted(set(sizes))
    assert sizes[0] == SMALLEST


def test_a_font_size_holds_for_all_text() -> None:
    sheet = sheet_of(axis("cfg", *LONG_NAMES), axis("steps", "1"), axis("z", "1"), title="title")
    (page,) = lay_out(sheet, Style(font_size=15))
    assert {text.size for text in page.texts} == {15}


def test_words_in_a_large_font_beside_small_cells_stay_whole() -> None:
    sheet = sheet_of(axis("cfg", "3", "5"), axis("sampler", "euler", "dpmpp_2m"), title="title")
    (page,) = lay_out(sheet, Style(font_size=100))
    check_geometry(page, 4)
    words = {text.block.lines for text in page.texts}
    assert words >= {("cfg",), ("sampler",), ("euler",), ("dpmpp_2m",), ("title",)}


def test_axis_names_stand_once_and_apart_from_the_labels() -> None:
    (page,) = lay_out(sheet_of(axis("cfg", "2", "4"), axis("steps", "10", "20")), Style())
    texts = {text.block.lines: text for text in page.texts}
    assert sorted(roles(page)) == ["x", "x", "x name", "y", "y", "y name"]
    assert texts["cfg",].box.bottom < texts["2",].box.top
    assert texts["steps",].box.right == texts["10",].box.right
    assert texts["steps",].box.bottom < page.cells[0].slot.top


def test_a_name_of_rows_has_room_above_them_without_columns() -> None:
    (page,) = lay_out(sheet_of(NONE, axis("steps", "10", "20")), Style())
    check_geometry(page, 4)
    assert "y name" in roles(page)


def test_full_labels_of_neighbouring_columns_stay_apart_without_a_margin() -> None:
    side = math.ceil(load_font(BUNDLED_FONT, 12).getlength("two words"))
    sheet = sheet_of(axis("", "two words", "two words"), side=side)
    (page,) = lay_out(sheet, Style(margin=0, font_size=12))
    first, second = page.texts
    assert second.box.left - first.box.right >= 4
    (page,) = lay_out(sheet, Style(margin=10, font_size=12))
    assert page.texts[0].block.lines == ("two words",)


def test_labels_stand_in_the_middle_of_their_column_and_row() -> None:
    (page,) = lay_out(sheet_of(axis("", "aaaa"), axis("", "two words in lines"), side=100), Style())
    slot = page.cells[0].slot
    above, beside = (next(t for t in page.texts if t.role == role) for role in "xy")
    assert abs((above.box.left + above.box.right) - (slot.left + slot.right)) <= 1
    assert abs((beside.box.top + beside.box.bottom) - (slot.top + slot.bottom)) <= 1


# Groups of a crossed axis


CROSSED = grouped("steps / cfg", [Group("10", 2), Group("20", 2)], ["3", "5", "3", "5"])


def group_texts(page: Page, role: str) -> list[PlacedText]:
    return [text for text in page.texts if text.role == role]


def test_groups_of_columns_stand_once_each_above_their_labels() -> None:
    (page,) = lay_out(sheet_of(CROSSED), Style())
    assert [text.block.lines for text in group_texts(page, "x group")] == [("10",), ("20",)]
    assert [text.block.lines for text in group_texts(page, "x")] == [("3",), ("5",)] * 2
    columns = [cell.slot for cell in page.cells]
    for text, first, last in zip(
        group_texts(page, "x group"), columns[::2], columns[1::2], strict=True
    ):
        assert (text.slot.left, text.slot.right) == (first.left, last.right)
        assert text.slot.bottom < group_texts(page, "x")[0].slot.top


def test_groups_of_rows_stand_once_each_beside_their_labels() -> None:
    (page,) = lay_out(sheet_of(NONE, CROSSED), Style())
    rows = [cell.slot for cell in page.cells]
    inner = group_texts(page, "y")
    assert [text.block.lines for text in inner] == [("3",), ("5",)] * 2
    for text, first, last in zip(group_texts(page, "y group"), rows[::2], rows[1::2], strict=True):
        assert (text.slot.top, text.slot.bottom) == (first.top, last.bottom)
        assert text.slot.right < inner[0].slot.left


def test_a_line_spans_each_group_between_its_labels_and_ends_before_the_next() -> None:
    (page,) = lay_out(sheet_of(CROSSED, CROSSED), Style(margin=0))
    above, beside = page.rules[:2], page.rules[2:]
    for rule, group in zip(above, group_texts(page, "x group"), strict=True):
        assert group.slot.bottom <= rule.top < group_texts(page, "x")[0].slot.top
        assert group.slot.left < rule.left and rule.right < group.slot.right
    for rule, group in zip(beside, group_texts(page, "y group"), strict=True):
        assert group.slot.right <= rule.left < group_texts(page, "y")[0].slot.left
        assert group.slot.top < rule.top and rule.bottom < group.slot.bottom


def test_a_group_may_use_the_width_of_all_its_columns() -> None:
    wide = grouped("", [Group("dpmpp_2m_sde_gpu", 2)], ["normal", "karras"])
    (page,) = lay_out(sheet_of(wide), Style())
    (text,) = group_texts(page, "x group")
    assert (text.block.lines, text.turned) == (("dpmpp_2m_sde_gpu",), False)
    assert [cell.slot.width for cell in page.cells] == [64, 64]


def test_columns_grow_together_for_a_group_that_is_wider() -> None:
    tall = grouped("", [Group(LONG_NAMES[0], 2), Group("b", 1)], ["1", "2", "1"])
    (page,) = lay_out(sheet_of(tall, side=8), Style())
    widths = [cell.slot.width for cell in page.cells]
    assert widths[0] == widths[1] > 8
    assert widths[2] < widths[0] + widths[1]
    check_geometry(page, 4)


def test_a_page_of_each_z_is_headed_by_both_levels() -> None:
    pages = lay_out(sheet_of(axis("seed", "1"), NONE, CROSSED), Style())
    headings = [text.block.lines for page in pages for text in page.texts if text.role == "z"]
    assert headings == [
        (f"steps / cfg: {label}",) for label in ("10 / 3", "10 / 5", "20 / 3", "20 / 5")
    ]


def test_all_z_in_a_row_share_the_groups_beside_the_first() -> None:
    sheet = sheet_of(CROSSED, CROSSED, axis("seed", "7", "8"))
    (page,) = lay_out(sheet, Style(z_layout="row"))
    check_geometry(page, 4)
    assert [roles(page).count(role) for role in ("x group", "y group")] == [4, 2]


def test_without_a_legend_there_are_no_groups() -> None:
    (page,) = lay_out(sheet_of(CROSSED, CROSSED), Style(legend=False))
    assert (page.texts, page.rules) == ((), ())


def test_groups_without_labels_take_no_room() -> None:
    nameless = grouped("", [Group("", 1)], [""])
    (page,) = lay_out(sheet_of(nameless, nameless, side=50), Style())
    assert (page.texts, page.rules) == ((), ())
