"""Axes that changed nothing: found by comparing finished cells along them."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.records.unchanged import unchanged_axes, unchanged_note
from periplus.sheets.tiles import Place


def unchanged(cells: dict[Place, str]) -> list[str]:
    return unchanged_axes(cells, str.lower)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("aa", ["x"]),
        ("aA", ["x"]),
        ("aaaa", ["x"]),
        ("ab", []),
        ("aaab", []),
        ("baaa", []),
        ("a", []),
    ],
)
def test_an_axis_is_unchanged_where_all_its_cells_are_equal(row: str, expected: list[str]) -> None:
    assert unchanged({(x, 0, 0): cell for x, cell in enumerate(row)}) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (("aa", "bb"), ["x"]),
        (("ab", "ab"), ["y"]),
        (("aa", "aa"), ["x", "y"]),
        (("aa", "bc"), []),
        (("ab", "ac"), []),
    ],
)
def test_every_line_along_the_axis_counts(rows: tuple[str, ...], expected: list[str]) -> None:
    cells = {(x, y, 0): cell for y, row in enumerate(rows) for x, cell in enumerate(row)}
    assert unchanged(cells) == expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(0, 0, 0), (2, 0, 0)], ["x"]),
        ([(0, 0, 0), (1, 1, 0)], []),
        ([(0, 0, 0), (1, 1, 0), (1, 0, 0)], ["x", "y"]),
        ([], []),
    ],
)
def test_only_finished_cells_of_one_line_are_compared(
    places: list[Place], expected: list[str]
) -> None:
    assert unchanged(dict.fromkeys(places, "a")) == expected


@given(
    st.sets(st.sampled_from("xyz")),
    st.tuples(st.integers(2, 3), st.integers(2, 3), st.integers(2, 3)),
)
def test_exactly_the_axes_that_no_cell_depends_on_are_found(
    idle: set[str], shape: tuple[int, int, int]
) -> None:
    def picture(place: Place) -> str:
        return str([i for letter, i in zip("xyz", place, strict=True) if letter not in idle])

    places = product(range(shape[0]), range(shape[1]), range(shape[2]))
    cells = {place: picture(place) for place in places}
    assert unchanged(cells) == sorted(idle)


def test_no_cell_is_looked_at_beyond_the_first_difference() -> None:
    seen: list[int] = []

    def pixels(cell: int) -> int:
        seen.append(cell)
        return cell

    assert unchanged_axes({(x, 0, 0): x for x in range(100)}, pixels) == []
    assert seen.count(0) <= 3 and max(seen[:2]) == 1


def test_the_note_names_letter_and_axis() -> None:
    assert unchanged_note("y", "clip_skip") == "y (clip_skip) changed nothing"
