"""Which cells a text names, and what is said of a text that names none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.axis_kinds import number_axis
from periplus.errors import PeriplusError
from periplus.recipe import Recipe
from periplus.sweep import Place, Sweep, expand
from periplus.work.chosen_cells import check_choice, choose

BASE = Recipe("", "", 0, 20, 7.0, "euler", "normal")
STEPS = number_axis("steps", "1-5")
CFG = number_axis("cfg", "1-3")
WIDTH = number_axis("width", "64, 128")
ONE = number_axis("denoise", "0.5")

CUBE = expand(BASE, STEPS, CFG, WIDTH)
"""Of 5 x 3 x 2 cells."""

EVERY = {cell.place for cell in CUBE.cells}


def where(x: int | None = None, y: int | None = None, z: int | None = None) -> set[Place]:
    """The places at these coordinates, counted from 0."""
    wanted = (x, y, z)
    return {p for p in EVERY if all(w in (None, i) for w, i in zip(wanted, p, strict=True))}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("x3 y2 z1", {(2, 1, 0)}),
        ("x3 y2", where(2, 1)),
        ("x3", where(2)),
        ("y2 z1", where(y=1, z=0)),
        ("z2", where(z=1)),
        ("x2-4", where(1) | where(2) | where(3)),
        ("x4-2 y1", where(1, 0) | where(2, 0) | where(3, 0)),
        ("x1 y1 z1, x5 y3 z2", {(0, 0, 0), (4, 2, 1)}),
        ("z1 y1 x1\nx5 y3 z2,\r\n", {(0, 0, 0), (4, 2, 1)}),
        ("X03Y002 Z 1", {(2, 1, 0)}),
        (" x 2 - 3 y1z1 ", {(1, 0, 0), (2, 0, 0)}),
        ("x1, x1 y1, x1", where(0)),
        ("", EVERY),
        (" ,\n , ", EVERY),
    ],
)
def test_a_text_names_cells_by_their_places(text: str, places: set[Place]) -> None:
    assert choose(text, CUBE) == places


@pytest.mark.parametrize(
    ("text", "sweep", "said"),
    [
        (
            "x1, x6 y2",
            CUBE,
            "only: item 2 'x6 y2' names column 6, but x_axis (steps) has 5 values;",
        ),
        ("x6", CUBE, "; write x1 to x5"),
        ("y2-9", CUBE, "item 1 'y2-9' names row 9, but y_axis (cfg) has 3 values; write y1 to y3"),
        ("z3", CUBE, "names page 3, but z_axis (width) has 2 values; write z1 to z2"),
        ("x2", expand(BASE, ONE), "x_axis (denoise) has 1 value; write x1"),
        ("z2", expand(BASE, STEPS), "names page 2, but z_axis is not linked; leave z out"),
        ("x0", CUBE, "names x0, but columns are counted from 1"),
        ("x1 y0-2", CUBE, "names y0, but rows are counted from 1"),
        ("x1 x3", CUBE, "names x twice; separate the cells with a comma, or name cells like"),
    ],
)
def test_an_item_that_names_no_cell_is_refused(text: str, sweep: Sweep[Recipe], said: str) -> None:
    with pytest.raises(PeriplusError) as caught:
        choose(text, sweep)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text", ["3", "x", "x1 2", "x-1", "x1-", "x1..3", "w1", "x1;y2", "x1.5", '""', "x" + "1" * 41]
)
def test_what_cannot_be_read_is_refused_without_knowing_the_sweep(text: str) -> None:
    with pytest.raises(PeriplusError, match=r"^only: item 2 .* name cells like x3 y2"):
        check_choice(f"x1,{text}")


def test_what_can_be_read_passes_without_knowing_the_sweep() -> None:
    check_choice("")
    check_choice("x999 y2-70, z3")


def test_a_part_of_an_axis_that_is_not_linked_may_be_named() -> None:
    assert choose("x2 y1 z1", expand(BASE, STEPS)) == {(1, 0, 0)}


@given(st.sets(st.sampled_from(sorted(EVERY))))
def test_any_cells_can_be_named_one_by_one(places: set[Place]) -> None:
    text = ", ".join(f"x{x + 1} y{y + 1} z{z + 1}" for x, y, z in places)
    assert choose(text, CUBE) == (places or EVERY)
