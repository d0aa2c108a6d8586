"""Reading a manifest: the sheet that it makes, and the reasons for the next run."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from periplus.axes.axis import Group
from periplus.records.manifest import CellState, Manifest
from periplus.records.manifest_reader import read_failures, read_sheet
from periplus.sheets.sheet import AxisLabels, SheetCell

from .manifests import (
    CFG,
    STEPS,
    finish,
    manifest_file,
    manifest_of,
    pictures_of,
    rewrite,
    stored,
    written,
)

# Reading it for the next run


def test_the_reasons_of_failed_cells_are_found_by_their_keys(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    failed = manifest.sweep.cells[1]
    manifest.set(failed, CellState("failed", reason="out of memory"))
    manifest.write()
    assert read_failures(manifest.path) == {manifest.keys[failed]: "out of memory"}


@pytest.mark.parametrize("text", ["", "[]", '{"periplus": 1}', '{"periplus": 1, "cells": [{}]}'])
def test_a_manifest_that_cannot_be_read_tells_of_no_failures(tmp_path: Path, text: str) -> None:
    path = tmp_path / "sweep-1.json"
    assert read_failures(path) == {}
    path.write_text(text)
    assert read_failures(path) == {}


# Reading it for a sheet


def test_a_sheet_is_what_was_written(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    finish(manifest, pictures=2)
    failed = manifest.sweep.cells[3]
    manifest.set(failed, CellState("failed", reason="out of memory"))
    manifest.write()
    sheet = read_sheet(manifest.path, "my title")
    assert sheet.title == "my title"
    assert (sheet.x, sheet.y, sheet.z) == (
        AxisLabels("steps", ("10", "20")),
        AxisLabels("cfg", ("5", "6.5")),
        AxisLabels(),
    )
    assert sheet.cells.keys() == {cell.place for cell in manifest.sweep.cells}
    finished_cell = manifest.sweep.cells[1]
    key, pictures = manifest.keys[finished_cell], pictures_of(manifest, finished_cell)
    files = tuple(tmp_path / picture.file for picture in pictures)
    crc32s = tuple(zlib.crc32(file.read_bytes()) for file in files)
    assert sheet.cell(1, 0, 0) == SheetCell(files, ((5, 4), (6, 4)), "done", key=key, crc32s=crc32s)
    assert sheet.cell(1, 1, 0) == SheetCell(
        status="failed", reason="out of memory", key=manifest.keys[failed]
    )


def test_a_moved_folder_is_read_where_it_is_now(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path / "old", x=STEPS)
    finish(manifest)
    (tmp_path / "old").rename(tmp_path / "new")
    cell = read_sheet(tmp_path / "new" / manifest.path.name).cell(0, 0, 0)
    assert cell.files[0].is_file()


def test_a_cell_that_only_the_store_knows_is_drawn(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    manifest.write()
    known = stored(manifest, manifest.sweep.cells[1], pictures=2)
    record = tmp_path / manifest_file(manifest, manifest.sweep.cells[1])
    os.utime(record, (1e9, 1e9))
    sheet = read_sheet(manifest.path)
    assert record.stat().st_mtime == 1e9, "reading counts as no use"
    files = tuple(tmp_path / picture.file for picture in known.pictures)
    crc32s = tuple(picture.crc32 for picture in known.pictures)
    keys = [manifest.keys[cell] for cell in manifest.sweep.cells]
    assert sheet.cell(0, 0, 0) == SheetCell(key=keys[0])
    assert sheet.cell(1, 0, 0) == SheetCell(
        files, ((5, 4), (6, 4)), "done", key=keys[1], crc32s=crc32s
    )


@pytest.mark.parametrize("key", ["../elsewhere/{key}", "{folder}/{key}", "", None, 5, "x" * 999])
def test_a_key_that_leads_elsewhere_is_no_cell(tmp_path: Path, key: Any) -> None:
    elsewhere = manifest_of(tmp_path / "elsewhere", x=STEPS)
    finish(elsewhere)
    manifest = manifest_of(tmp_path / "sweep", x=STEPS)
    manifest.write()
    content = written(manifest)
    for entry in content["cells"]:
        if isinstance(key, str):
            entry["key"] = key.format(key=entry["key"], folder=tmp_path / "elsewhere")
        else:
            entry["key"] = key
    assert set(read_sheet(rewrite(manifest, content)).cells.values()) == {SheetCell()}


@pytest.mark.parametrize(
    "name", ["../x.png", "cells/../../x.png", "{absolute}", "cells/../../sweep2/x.png"]
)
@pytest.mark.parametrize("which", [0, 1])
def test_a_file_name_that_leads_out_of_the_folder_is_not_followed(
    tmp_path: Path, name: str, which: int
) -> None:
    manifest = manifest_of(tmp_path / "sweep", x=STEPS)
    finish(manifest, pictures=2)
    content = written(manifest)
    content["cells"][1]["files"][which] = name.format(absolute=tmp_path / "x.png")
    sheet = read_sheet(rewrite(manifest, content))
    reason = "its file lies outside the sweep's folder"
    assert sheet.cell(1, 0, 0) == SheetCell(status="failed", reason=reason)
    assert sheet.cell(0, 0, 0).is_drawn


def test_the_groups_of_a_crossed_axis_are_read(crossed: Manifest) -> None:
    x = read_sheet(crossed.path).x
    assert x.groups == (Group("10", 2), Group("20", 2))
    assert x.inner == ("5", "6.5", "5", "6.5")


def test_axes_that_changed_nothing_are_noted(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    manifest.unchanged = ["y"]
    finish(manifest)
    assert read_sheet(manifest.path).notes == ("cfg changed nothing",)


def test_a_manifest_of_an_earlier_version_has_no_notes_and_no_checks(finished: Manifest) -> None:
    content = written(finished)
    del content["unchanged"]
    for cell in content["cells"]:
        del cell["crc32"]
    path = finished.path.with_name("earlier.json")
    path.write_text(json.dumps(content))
    sheet = read_sheet(path)
    assert sheet.notes == ()
    assert sheet.cell(0, 0, 0).is_drawn
    assert set(sheet.cell(0, 0, 0).checks) == {None}


@pytest.mark.parametrize("unchanged", [["w", "", 5, None], [["x"]], {}, "", "abc"])
def test_what_names_no_axis_is_not_noted(finished: Manifest, unchanged: Any) -> None:
    path = finished.path.with_name("unchanged.json")
    path.write_text(json.dumps(written(finished) | {"unchanged": unchanged}))
    assert read_sheet(path).notes == ()
