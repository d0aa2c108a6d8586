from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periplus import layout
from periplus.axis import Group
from periplus.errors import PeriplusError
from periplus.headers import PlacedText
from periplus.layout import Page, lay_out
from periplus.legend import BUNDLED_FONT, SMALLEST, load_font
from periplus.sheet import AxisLabels, Sheet, SheetCell, Style
from periplus.tiles import Box, make_tile

LONG_NAMES = (
    "ponyDiffusionV6XL_v6StartWithThisOneBakedVAE-pruned.fp16.saf",
    "averyveryverylongcheckpointnamewithoutanyseparatorsinitatall",
    "sd_xl_base_1.0.safetensors",
)
RUSSIAN = ("портрет девушки в осеннем парке, мягкий свет", "кот", "Достопримечательность")


def cell_of(*sizes: tuple[int, int]) -> SheetCell:
    return SheetCell(tuple(Path(f"{i}.png") for i in range(len(sizes))), sizes, "done")


def axis(name: str, *labels: str) -> AxisLabels:
    return AxisLabels(name, labels)


NONE = AxisLabels()


def sheet_of(
    x: AxisLabels = NONE,
    y: AxisLabels = NONE,
    z: AxisLabels = NONE,
    side: int = 64,
    title: str = "",
) -> Sheet:
    places = [
        (a, b, c)
        for a in range(len(x.labels))
        for b in range(len(y.labels))
        for c in range(len(z.labels))
    ]
    return Sheet(x, y, z, {place: cell_of((side, side)) for place in places}, title)


def lies_in(inner: Box, outer: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
    )


def overlap(a: Box, b: Box) -> bool:
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
    return [text.role for text in page.texts]


label = st.text(st.characters(codec="utf-8"), max_size=70) | st.text("abC1_-. Жй", max_size=70)
name = st.sampled_from(["", "cfg", "sampler/scheduler", "контрольная точка"])
groups = st.lists(st.builds(Group, label, st.integers(1, 2)), min_size=1, max_size=2)


def grouped(name: str, groups: list[Group], inner: list[str]) -> AxisLabels:
    outer = [group.label for group in groups for _ in range(group.count)]
    labels = (f"{a} / {b}" for a, b in zip(outer, inner, strict=False))
    return AxisLabels(name, tuple(labels), tuple(groups))


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


@settings(max_examples=150, deadline=None)
@given(sheets(), styles)
def test_nothing_is_clipped_or_overlaps_on_any_sheet(sheet: Sheet, style: Style) -> None:
    pages = lay_out(sheet, style)
    assert len(pages) == (len(sheet.z.labels) if style.z_layout == "pages" else 1)
    for page in pages:
        check_geometry(page, style.margin)
    assert sorted(cell.place for page in pages for cell in page.cells) == sorted(sheet.cells)


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


def test_every_z_is_a_page_with_its_label() -> None:
    sheet = sheet_of(axis("cfg", "2"), NONE, axis("seed", "7", "8"))
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


def test_an_oversized_sheet_is_refused_with_a_max_cell_that_fits() -> None:
    sheet = sheet_of(axis("cfg", *map(str, range(70))), side=1024)
    with pytest.raises(
        PeriplusError, match=r"would be \d+ x \d+ px.* set max_cell to (\d+) or less"
    ) as error:
        lay_out(sheet, Style())
    most = int(str(error.value).split("max_cell to ")[1].split()[0])
    assert all(page.width <= layout.LONGEST_SIDE for page in lay_out(sheet, Style(max_cell=most)))
    with pytest.raises(PeriplusError):
        lay_out(sheet, Style(max_cell=most + 1))


def test_a_sheet_of_too_many_pixels_is_refused() -> None:
    steps = axis("steps", *map(str, range(40)))
    with pytest.raises(PeriplusError, match="set max_cell to 7"):
        lay_out(sheet_of(steps, steps, side=1024), Style())


def test_a_sheet_that_no_max_cell_can_save_says_so() -> None:
    with pytest.raises(PeriplusError, match="sweep fewer values"):
        lay_out(sheet_of(axis("", "", ""), side=8), Style(margin=100_000))


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
