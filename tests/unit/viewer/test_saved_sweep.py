"""A saved sweep's folder: copies with readable names, small pictures, a manifest that is one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from periplus.records.manifest import CellState, Manifest
from periplus.records.manifest_reader import read_manifest, read_sheet
from periplus.sheets.sheet import Sheet, SheetCell
from periplus.viewer.saved_sweep import (
    MANIFEST,
    PAGE,
    save_cells,
    sheet_stems,
    without_pictures,
    write_page,
)
from periplus.viewer.small_picture import THUMB
from periplus.viewer.viewer_data import title_of

from ..records.manifests import CFG, DENOISE, STEPS, finish, manifest_of, rewrite, stored, written


def save(manifest: Manifest, folder: Path) -> Sheet:
    """Save a sweep, but for its sheet."""
    sheet, pictures = save_cells(folder, read_sheet(manifest.path))
    content = read_manifest(manifest.path)
    write_page(folder, "sweep", content, sheet, pictures, ["sheet.png"])
    return sheet


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "saved"
    path.mkdir()
    return path


@pytest.mark.skipif(os.name == "nt", reason="Windows flushes no folders")
def test_all_of_a_folder_is_flushed_before_it_gets_its_name(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG, STEPS, DENOISE)
    finish(manifest)
    flushed: dict[int, int] = {}

    def note(handle: int) -> None:
        stat = os.fstat(handle)
        flushed[stat.st_ino] = stat.st_size

    monkeypatch.setattr(os, "fsync", note)
    save(manifest, folder)
    for path in (folder, *folder.rglob("*")):
        assert path.stat().st_ino in flushed
        assert path.is_dir() or flushed[path.stat().st_ino] == path.stat().st_size > 0


def test_a_folder_holds_copies_with_readable_names(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG, STEPS, DENOISE)
    finish(manifest)

    save(manifest, folder)

    cells = [name for name in files_in(folder) if name.startswith("cells/")]
    assert len(cells) == 8
    assert cells[1] == "cells/z01 denoise 0.5/y01 steps 10, x02 cfg 6.5.png"
    assert len([name for name in files_in(folder) if name.startswith("thumbs/")]) == 8
    assert {MANIFEST, PAGE} < {*files_in(folder)}
    original = read_sheet(manifest.path).cell(1, 0, 0).files[0]
    assert (folder / cells[1]).read_bytes() == original.read_bytes()
    assert not (folder / cells[1]).samefile(original), "a folder is there to be moved and zipped"


def test_a_saved_manifest_is_that_of_the_folder(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG, STEPS)
    finish(manifest, pictures=2)
    save(manifest, folder)
    moved = folder.rename(tmp_path / "moved")

    sheet = read_sheet(moved / MANIFEST)

    before = read_sheet(manifest.path)
    assert (sheet.x, sheet.y, sheet.z) == (before.x, before.y, before.z)
    for place, cell in sheet.cells.items():
        assert cell.crc32s == before.cells[place].crc32s and len(cell.files) == 2
        assert all(file.is_file() and moved in file.parents for file in cell.files)
    content, original = read_manifest(moved / MANIFEST), read_manifest(manifest.path)
    same = ("periplus", "name", "created", "account", "counts")
    assert {key: content[key] for key in same} == {key: original[key] for key in same}
    assert [c["recipe"] for c in content["cells"]] == [c["recipe"] for c in original["cells"]]


def test_failed_missing_and_damaged_cells_are_told(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG, STEPS)
    done, failed, damaged, _ = manifest.sweep.cells
    manifest.set(done, CellState("done", stored(manifest, done)))
    manifest.set(failed, CellState("failed", reason="out of memory"))
    manifest.set(damaged, CellState("done", stored(manifest, damaged)))
    manifest.write()
    read_sheet(manifest.path).cells[damaged.place].files[0].write_bytes(b"gone")
    told: list[tuple[SheetCell, str]] = []

    before = read_sheet(manifest.path)
    sheet, pictures = save_cells(
        folder, before, on_unreadable=lambda cell, error: told.append((cell, str(error)))
    )
    write_page(folder, "sweep", read_manifest(manifest.path), sheet, pictures, [])

    ((cell, reason),) = told
    assert cell == before.cells[damaged.place] and "damaged" in reason
    saved = read_manifest(folder / MANIFEST)
    assert saved["counts"] == {"done": 1, "reused": 0, "failed": 2, "missing": 1}
    assert [c["status"] for c in saved["cells"]] == ["done", "failed", "failed", "missing"]
    assert [len(c["files"]) for c in saved["cells"]] == [1, 0, 0, 0]
    assert without_pictures(sheet) == ["3 of 4 cells have no picture: 2 failed, 1 missing"]


def test_nothing_is_told_where_all_cells_are_there(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, CFG)
    finish(manifest)

    assert without_pictures(read_sheet(manifest.path)) == []


def test_a_cancel_ends_the_copying(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG, STEPS)
    finish(manifest)

    def cancel() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save_cells(folder, read_sheet(manifest.path), on_cell=cancel)
    assert len(files_in(folder)) == 2


def test_small_pictures_are_small_and_keep_their_shape(tmp_path: Path, folder: Path) -> None:
    Image.new("RGB", (1024, 512), "red").save(tmp_path / "wide.png")
    cell = SheetCell((tmp_path / "wide.png",), ((1024, 512),), "done")

    _, (picture,) = save_cells(folder, Sheet(cells={(0, 0, 0): cell}))

    assert picture.file == "cells/picture.png"
    with Image.open(folder / picture.thumb) as thumb:
        assert thumb.size == (THUMB, THUMB // 2)


def test_the_page_knows_the_infotexts_of_the_pictures(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG)
    finish(manifest)

    _, pictures = save_cells(folder, read_sheet(manifest.path))

    assert "CFG scale: 6.5" in pictures[1].infotext


def test_half_an_emoji_is_no_obstacle(tmp_path: Path, folder: Path) -> None:
    manifest = manifest_of(tmp_path / "sweep", CFG)
    finish(manifest)
    content = read_manifest(manifest.path)
    content["cells"][0]["recipe"]["positive"] = "\ud83d"
    manifest.path.write_text(json.dumps(content))

    save(manifest, folder)

    assert read_manifest(folder / MANIFEST)["cells"][0]["recipe"]["positive"] == "\ud83d"


@pytest.mark.parametrize(
    ("pages", "names"),
    [(1, ["sheet"]), (2, ["sheet_1", "sheet_2"]), (10, [f"sheet_{n:02}" for n in range(1, 11)])],
)
def test_pages_are_numbered_where_there_are_several(
    pages: int, names: list[str], tmp_path: Path
) -> None:
    assert [stem.name for stem in sheet_stems(tmp_path, pages)][:pages] == names


def test_a_title_names_the_axes() -> None:
    assert title_of(["cfg", "", "steps"]) == "cfg × steps"
    assert title_of([""]) == "Periplus"


@pytest.mark.parametrize("counts", [None, 5, [[]], {"done": "many"}])
def test_cells_are_counted_anew_whatever_the_manifest_says(
    tmp_path: Path, folder: Path, counts: object
) -> None:
    manifest = manifest_of(tmp_path / "sweep", STEPS)
    finish(manifest)
    rewrite(manifest, {**written(manifest), "counts": counts})
    save(manifest, folder)
    saved = read_manifest(folder / MANIFEST)
    assert saved["counts"] == {"done": 2, "reused": 0, "failed": 0, "missing": 0}
