"""Reading one cell of a manifest, with all that is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.records.manifest import CellState
from periplus.records.manifest_reader import read_cell

from .manifests import CFG, STEPS, finish, manifest_of, stored


def test_a_cell_comes_with_its_picture_its_recipe_and_what_it_shows(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    manifest.linked = {"model": "Loader (node 4)"}
    finish(manifest, pictures=2)

    cell = read_cell(manifest.path, [1, 0, 0])

    assert cell.label == "steps 20, cfg 5"
    assert cell.entry["recipe"]["steps"] == 20
    assert cell.linked == manifest.linked
    assert cell.file == tmp_path / cell.entry["files"][0]


def test_a_cell_without_a_picture_is_refused_with_the_reason(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    first, second = manifest.sweep.cells
    manifest.set(first, CellState("failed", reason="out of memory"))
    manifest.write()
    with pytest.raises(PeriplusError, match="no picture: out of memory"):
        read_cell(manifest.path, [0, 0, 0])
    with pytest.raises(PeriplusError, match="no picture: missing"):
        read_cell(manifest.path, [1, 0, 0])
    stored(manifest, second)
    assert read_cell(manifest.path, [1, 0, 0]).file.is_file(), "made by another ComfyUI"


@pytest.mark.parametrize("place", [None, "000", [0, 0], [2, 0, 0], [[], 0, 0], {"x": 0}])
def test_a_place_outside_of_the_grid_is_refused(tmp_path: Path, place: Any) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    finish(manifest)
    with pytest.raises(PeriplusError, match="the sweep has no cell"):
        read_cell(manifest.path, place)
