from __future__ import annotations

from pathlib import Path

import pytest

from periplus.axes.axis import Group
from periplus.errors import PeriplusError
from periplus.sheets.sheet import MISSING, ORDERS, AxisLabels, Sheet, SheetCell, Style, transpose

SHEET = Sheet(
    x=AxisLabels("cfg", ("2", "4", "6")),
    y=AxisLabels("steps", ("10", "20")),
    z=AxisLabels("seed", ("1",)),
    cells={(x, y, 0): SheetCell(reason=f"{x}{y}0") for x in range(3) for y in range(2)},
    title="a sheet",
)


def test_a_place_without_a_cell_is_missing() -> None:
    assert SHEET.cell(2, 1, 0).reason == "210"
    assert SHEET.cell(9, 9, 9) is MISSING


def test_transposing_by_xyz_changes_nothing() -> None:
    assert transpose(SHEET, "xyz") == SHEET


def test_transposing_moves_axes_and_cells_together() -> None:
    turned = transpose(SHEET, "zxy")
    assert (turned.x.name, turned.y.name, turned.z.name) == ("seed", "cfg", "steps")
    assert turned.cell(0, 2, 1) == SHEET.cell(2, 1, 0)
    assert turned.title == "a sheet"


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_can_be_undone(order: str) -> None:
    back = "".join("xyz"[order.index(letter)] for letter in "xyz")
    assert transpose(transpose(SHEET, order), back) == SHEET


@pytest.mark.parametrize("order", ["", "xy", "xxy", "XYZ"])
def test_an_order_that_does_not_name_each_axis_once_is_refused(order: str) -> None:
    with pytest.raises(PeriplusError, match="use one of xyz, xzy"):
        transpose(SHEET, order)


@pytest.mark.parametrize("text", ["", "nocolour", "#12345", "rgb(1,2)"])
def test_a_bad_colour_is_refused_with_its_setting_and_an_example(text: str) -> None:
    with pytest.raises(PeriplusError, match=r"background '.*' is not a colour; .*#ffffff"):
        Style(background=text)
    with pytest.raises(PeriplusError, match=r"foreground '.*' is not a colour; .*#ffffff"):
        Style(foreground=text)


@pytest.mark.parametrize("text", ["white", "#FFF", " #ffffffff ", "rgb(10%, 20%, 30%)"])
def test_colours_are_read_as_pillow_spells_them(text: str) -> None:
    assert Style(background=text).background == text


def test_a_style_refuses_an_unknown_z_layout_and_numbers_out_of_bounds() -> None:
    with pytest.raises(PeriplusError, match="use one of pages, row, column"):
        Style(z_layout="tabs")
    with pytest.raises(PeriplusError, match="margin is -1"):
        Style(margin=-1)
    with pytest.raises(PeriplusError, match="font_size is 401; it must be between 0 and 400"):
        Style(font_size=401)


def test_a_cell_needs_a_size_for_each_file() -> None:
    with pytest.raises(ValueError, match="1 files but 0 sizes"):
        SheetCell((Path("a.png"),), ())
    with pytest.raises(ValueError, match="without extent"):
        SheetCell((Path("a.png"),), ((0, 8),))


def test_only_a_finished_cell_shows_its_pictures() -> None:
    file, size = (Path("a.png"),), ((8, 8),)
    assert SheetCell(file, size, "done").is_drawn
    assert SheetCell(file, size, "reused").is_drawn
    assert not SheetCell(file, size, "failed").is_drawn
    assert not SheetCell(status="done").is_drawn


CROSSED = AxisLabels("a / b", ("1 / x", "1 / y", "2 / x"), (Group("1", 2), Group("2", 1)))


def test_inner_labels_leave_out_what_their_group_says() -> None:
    assert CROSSED.inner == ("x", "y", "x")
    assert CROSSED.spans == (range(2), range(2, 3))
    assert SHEET.x.inner == ("2", "4", "6")
    assert SHEET.x.spans == ()


def test_a_label_that_does_not_start_with_its_group_stays_whole() -> None:
    assert AxisLabels("", ("3", "10 / 5"), (Group("10", 2),)).inner == ("3", "5")


def test_groups_move_with_their_axis() -> None:
    assert transpose(Sheet(CROSSED), "yxz").y == CROSSED


@pytest.mark.parametrize("counts", [(1,), (2, 2), (3, 0), (4, -1)])
def test_groups_that_do_not_hold_all_points_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="for 3 labels"):
        AxisLabels("", ("1", "2", "3"), tuple(Group("", count) for count in counts))


@pytest.mark.parametrize("text", ["rgb(256, 0, 0)", "rgb(99999999999999999999, 0, 0)"])
def test_a_colour_that_no_pixel_can_have_is_refused(text: str) -> None:
    with pytest.raises(PeriplusError, match="is not a colour"):
        Style(background=text)
