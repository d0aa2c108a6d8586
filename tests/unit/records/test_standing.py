"""How the cells of a sweep stand before a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pytest

from periplus.axes.axis_kinds import number_axis
from periplus.recipe import Recipe
from periplus.records.standing import Standing, standing
from periplus.records.store import StoredCell
from periplus.sweep import Cell, Place, expand

BASE = Recipe("", "", 0, 20, 7.0, "euler", "normal")
CELLS = expand(BASE, number_axis("steps", "1-4")).cells
A, B, C, D = "abcd"
KEYS = dict(zip(CELLS, (A, B, C, D), strict=True))
EVERY = {cell.place for cell in CELLS}
SECOND_AND_THIRD = {CELLS[1].place, CELLS[2].place}
STORED = StoredCell((), 1.0)


def stand(
    places: Collection[Place] = EVERY,
    stored: Collection[str] = (),
    keys: Mapping[Cell[Any], str] = KEYS,
    failures: Mapping[str, str] | None = None,
    remake: bool = False,
    retry_failed: bool = True,
) -> Standing[Any]:
    def find(key: str) -> StoredCell | None:
        return STORED if key in stored else None

    failed = failures or {}
    return standing(keys, places, find, failed, remake=remake, retry_failed=retry_failed)


@pytest.mark.parametrize(
    ("places", "stored", "remake", "making"),
    [
        (EVERY, "", False, "abcd"),
        (EVERY, "ab", False, "cd"),
        (EVERY, "ab", True, "abcd"),
        (SECOND_AND_THIRD, "", False, "bc"),
        (SECOND_AND_THIRD, "ab", False, "c"),
        (SECOND_AND_THIRD, "ab", True, "bc"),
    ],
)
def test_the_chosen_cells_are_made_that_are_missing_or_to_be_made_anew(
    places: set[Place], stored: str, remake: bool, making: str
) -> None:
    found = stand(places, stored, remake=remake)
    assert found.making == {*making}
    assert found.found == {cell: STORED for cell, key in KEYS.items() if key in stored}
    assert found.stored == len({*stored} & found.chosen)
    assert found.makes_anew == bool({*stored} & {*making})
    assert found.pictured == len({*stored} | {*making})


@pytest.mark.parametrize(
    ("places", "retry_failed", "making", "failed"),
    [
        (EVERY, True, "abcd", ""),
        (EVERY, False, "acd", "b"),
        ({CELLS[0].place}, True, "a", "b"),
        ({CELLS[1].place}, True, "b", ""),
        ({CELLS[1].place}, False, "", "b"),
    ],
)
@pytest.mark.parametrize("remake", [False, True])
def test_a_cell_that_failed_keeps_its_reason_unless_it_is_tried_again(
    places: set[Place], retry_failed: bool, making: str, failed: str, remake: bool
) -> None:
    found = stand(places, failures={B: "a reason"}, retry_failed=retry_failed, remake=remake)
    assert found.making == {*making}
    assert found.failed == {cell: "a reason" for cell, key in KEYS.items() if key in failed}


def test_a_cell_that_failed_and_is_stored_by_now_has_not_failed() -> None:
    found = stand({CELLS[0].place}, stored=B, failures={B: "a reason"}, retry_failed=False)
    assert (found.failed, [*found.found]) == ({}, [CELLS[1]])


def test_cells_that_are_one_work_are_chosen_together() -> None:
    keys = dict(zip(CELLS, (A, B, A, D), strict=True))
    found = stand({CELLS[2].place}, keys=keys)
    assert found.making == {A}
    assert found.count(found.making) == 2
