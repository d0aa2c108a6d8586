"""Selecting pictures of a sweep by their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from periplus.errors import PeriplusError
from periplus.records.manifest import CellState, Manifest
from periplus.records.manifest_reader import select_cells

from .manifests import (
    CFG,
    DENOISE,
    STEPS,
    finish,
    manifest_file,
    manifest_of,
    pictures_of,
    rewrite,
    written,
)


def selected(manifest: Manifest, select: str) -> list[str]:
    return [picture.label for picture in select_cells(manifest.path, select)]


def test_an_empty_selection_is_every_cell_x_fastest_then_y_then_z(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG, z=DENOISE)
    finish(manifest)
    content = written(manifest)
    content["cells"].reverse()
    rewrite(manifest, content)
    pictures = select_cells(manifest.path, "")
    assert [picture.label for picture in pictures] == [
        f"steps {steps}, cfg {cfg}, denoise {denoise}"
        for denoise in ("0.5", "1")
        for cfg in ("5", "6.5")
        for steps in ("10", "20")
    ]
    keys = [manifest.keys[cell] for cell in manifest.sweep.cells]
    assert [picture.key for picture in pictures] == keys


def test_captions_of_a_crossed_axis_say_everything(crossed: Manifest) -> None:
    assert selected(crossed, "2-3") == ["steps / cfg 10 / 6.5", "steps / cfg 20 / 5"]


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("1", ["steps 10, cfg 5"]),
        ("2-3", ["steps 20, cfg 5", "steps 10, cfg 6.5"]),
        ("4, 1", ["steps 20, cfg 6.5", "steps 10, cfg 5"]),
        ("4-1 (-3)", ["steps 20, cfg 6.5", "steps 10, cfg 5"]),
    ],
)
def test_cells_are_selected_by_their_numbers_in_the_order_given(
    finished: Manifest, select: str, expected: list[str]
) -> None:
    assert selected(finished, select)[::2] == expected


def test_the_pictures_of_a_batch_stay_together_and_in_order(finished: Manifest) -> None:
    cells = finished.sweep.cells
    expected = [*pictures_of(finished, cells[2]), *pictures_of(finished, cells[1])]
    found = [picture.file for picture in select_cells(finished.path, "3, 2")]
    assert found == [finished.path.parent / picture.file for picture in expected]


@pytest.mark.parametrize(
    ("select", "told"),
    [
        ("1, 5", "item 2 '5' is above the maximum 4"),
        ("0", "item 1 '0' is below the minimum 1"),
        ("3-6", "item 1 '3-6' gives 6, which is above the maximum 4"),
        ("two", "item 1 'two' is not a whole number"),
    ],
)
def test_a_number_that_is_no_cells_is_refused(finished: Manifest, select: str, told: str) -> None:
    with pytest.raises(PeriplusError, match=told):
        select_cells(finished.path, select)


def test_cells_without_pictures_are_skipped(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    finish(manifest)
    one, two = manifest.sweep.cells[:2]
    manifest.set(one, CellState("failed", reason="out of memory"))
    manifest.set(two, CellState("missing"))
    manifest.write()
    (tmp_path / manifest_file(manifest, two)).unlink()
    assert selected(manifest, "") == ["steps 10, cfg 6.5", "steps 20, cfg 6.5"]
    assert selected(manifest, "1, 4") == ["steps 20, cfg 6.5"]
    with pytest.raises(PeriplusError, match="none of the selected cells has a picture"):
        select_cells(manifest.path, "1-2")
