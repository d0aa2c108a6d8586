"""What is told of a sweep before its first cell: it is what comes true."""

from __future__ import annotations

from pathlib import Path

import pytest

from periplus.axes.axis import Axis
from periplus.axes.axis_kinds import number_axis
from periplus.axes.combine import combine
from periplus.records.manifest_reader import read_sheet
from periplus.sheets.forecast import about, count_cells, planned_sheet
from periplus.sheets.layout import lay_out
from periplus.sheets.sheet import Style

from ..records.manifests import CFG, DENOISE, STEPS, finish, manifest_of


@pytest.mark.parametrize("pictures", [1, 3])
@pytest.mark.parametrize("x", [None, CFG, combine(CFG, DENOISE, "cross")])
@pytest.mark.parametrize("z_layout", ["pages", "row"])
def test_the_sheet_is_as_large_as_it_was_said_to_be(
    tmp_path: Path, x: Axis | None, z_layout: str, pictures: int
) -> None:
    manifest = manifest_of(tmp_path, x, STEPS)
    finish(manifest, pictures=pictures)
    sizes = {
        cell.place: tuple((5 + i, 4) for i in range(pictures)) for cell in manifest.sweep.cells
    }

    planned = planned_sheet(manifest.sweep, sizes, "ships")

    style = Style(z_layout=z_layout)
    expected = lay_out(read_sheet(manifest.path, "ships"), style)
    found = lay_out(planned, style)
    assert [(p.width, p.height) for p in found] == [(p.width, p.height) for p in expected]


def test_cells_of_unknown_size_are_taken_to_be_as_large_as_those_that_are_known(
    tmp_path: Path,
) -> None:
    sweep = manifest_of(tmp_path, CFG, STEPS).sweep
    every = {cell.place: ((90, 70),) for cell in sweep.cells}
    (whole,) = lay_out(planned_sheet(sweep, every), Style())
    (guessed,) = lay_out(planned_sheet(sweep, {(1, 0, 0): ((90, 70),)}), Style())
    assert (guessed.width, guessed.height) == (whole.width, whole.height)


def test_cells_are_counted_along_the_axes_that_are_in_use(tmp_path: Path) -> None:
    def said(*axes: Axis, stored: int = 0) -> str:
        sweep = manifest_of(tmp_path, *axes).sweep
        return count_cells(sweep, len(sweep.cells), stored)

    many = number_axis("width", "64-9592 (+8)")
    assert said() == "1 cell, 0 stored"
    assert said(CFG, stored=2) == "2 cells, 2 stored"
    assert said(CFG, STEPS, DENOISE) == "2 x 2 x 2 = 8 cells, 0 stored"
    assert said(many) == "1,192 cells, 0 stored"


def test_the_cells_that_the_user_wants_are_counted_among_all(tmp_path: Path) -> None:
    sweep = manifest_of(tmp_path, CFG, STEPS).sweep
    assert count_cells(sweep, 1, 0) == "1 of 4 cells, 0 stored"
    assert count_cells(sweep, 3, 2, anew=True) == "3 of 4 cells, 2 stored and made anew"
    assert count_cells(sweep, 4, 1, anew=True) == "2 x 2 = 4 cells, 1 stored and made anew"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "about 1 s"),
        (99.4, "about 99 s"),
        (100, "about 2 min"),
        (720, "about 12 min"),
        (5_990, "about 100 min"),
        (36_000, "about 10 h"),
    ],
)
def test_a_time_is_told_in_a_unit_that_fits(seconds: float, said: str) -> None:
    assert about(seconds) == said
    assert about(seconds, roughly=True) == f"{said}, a rough guess"
