"""What the viewer takes of a sweep: the cells as they are now, and nothing it does not show."""

from __future__ import annotations

from pathlib import Path

from periplus.records.manifest import CellState
from periplus.records.manifest_reader import read_manifest, read_sheet
from periplus.sheets.sheet import Sheet, SheetCell
from periplus.viewer.viewer_data import cell_entries, shown_sweep

from ..records.manifests import CFG, STEPS, manifest_of, stored


def test_a_cell_that_is_stored_but_not_in_the_manifest_is_there(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, CFG, STEPS)
    first, second, *_ = manifest.sweep.cells
    manifest.set(second, CellState("failed", reason="out of memory"))
    manifest.write()
    picture = stored(manifest, first).pictures[0]

    entries = cell_entries(read_manifest(manifest.path), tmp_path, read_sheet(manifest.path))

    assert [entry["status"] for entry in entries] == ["done", "failed", "missing", "missing"]
    assert entries[0]["files"] == [picture.file]
    assert entries[0]["sizes"] == [[picture.width, picture.height]]
    assert entries[1]["reason"] == "out of memory"
    assert entries[1]["files"] == entries[2]["files"] == []


def test_a_cell_that_is_not_to_be_drawn_names_no_file(tmp_path: Path) -> None:
    cell = SheetCell((tmp_path / "a.png",), ((8, 8),), "failed", "changed since", crc32s=(1,))
    content = {"cells": [{"x": 0, "y": 0, "z": 0}]}

    (entry,) = cell_entries(content, tmp_path, Sheet(cells={(0, 0, 0): cell}))

    assert (entry["files"], entry["sizes"], entry["crc32"]) == ([], [], [])


def test_the_viewer_gets_what_it_shows_and_no_more(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, CFG)
    stored(manifest, manifest.sweep.cells[0])
    manifest.write()
    content = read_manifest(manifest.path)

    data = shown_sweep(manifest.path)

    assert (data["id"], data["title"], data["pictures"]) == (manifest.path.stem, "cfg", {})
    assert data["axes"] == content["axes"]
    assert data["cells"][0]["recipe"] == content["cells"][0]["recipe"]
    assert not {"key", "crc32", "named"} & data["cells"][0].keys()
