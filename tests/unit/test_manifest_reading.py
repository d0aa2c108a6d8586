"""Reading a manifest: the sheet that it makes, the pictures in it, and what is refused."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.axis import Group
from periplus.axes.combine import combine
from periplus.errors import PeriplusError
from periplus.records.manifest import CellState, Manifest
from periplus.records.manifest_reader import read_failures, read_manifest, read_sheet, select_cells
from periplus.sheets.sheet import AxisLabels, SheetCell
from periplus.sweep import Cell

from .manifests import (
    CFG,
    DENOISE,
    STEPS,
    finish,
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


def manifest_file(manifest: Manifest, cell: Cell) -> str:
    """The record of a cell in the store."""
    key = manifest.keys[cell]
    return f"cells/{key[:2]}/{key}.json"


def test_a_cell_that_only_the_store_knows_is_drawn(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    manifest.write()
    known = stored(manifest, manifest.sweep.cells[1], pictures=2)
    sheet = read_sheet(manifest.path)
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
    assert read_sheet(manifest.path).notes == ("y (cfg) changed nothing",)


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


# Garbage


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'"periplus"',
        b'{"periplus": 1}',
        b'{"periplus": 2, "axes": {}, "cells": []}',
        b'{"periplus": "1", "axes": {}, "cells": []}',
        b"[" * 200_000,
        b'{"periplus": 1, "cells": ' + b'{"a":' * 200_000,
        b'{"periplus": 1' + b"0" * 10_000 + b"}",
    ],
)
def test_what_is_no_manifest_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "some.json"
    path.write_bytes(data)
    with pytest.raises(PeriplusError, match=r"some\.json"):
        read_sheet(path)


def test_a_manifest_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PeriplusError, match=r"cannot read the sweep's manifest none\.json"):
        read_sheet(tmp_path / "none.json")


def test_a_manifest_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of(tmp_path)
    manifest.write()
    size = manifest.path.stat().st_size
    monkeypatch.setattr("periplus.records.manifest_reader.MAX_BYTES", size)
    assert read_manifest(manifest.path)["name"] == "periplus"
    monkeypatch.setattr("periplus.records.manifest_reader.MAX_BYTES", size - 1)
    with pytest.raises(PeriplusError, match=f"more than {size - 1:,} bytes"):
        read_manifest(manifest.path)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_manifest_of_another_format_is_refused(tmp_path: Path, version: Any) -> None:
    manifest = manifest_of(tmp_path)
    manifest.write()
    content = written(manifest) | {"periplus": version}
    with pytest.raises(PeriplusError, match=r"is not the manifest of a sweep \(format 1\)"):
        read_sheet(rewrite(manifest, content))


@pytest.mark.parametrize(
    ("letter", "index", "told"),
    [
        ("x", 2, "not in a grid of"),
        ("y", 1, "not in a grid of"),
        ("z", -1, "not in a grid of"),
        ("x", float("inf"), "is not the manifest of a sweep"),
        ("x", float("nan"), "is not the manifest of a sweep"),
    ],
)
def test_a_cell_that_lies_outside_of_its_axes_is_refused(
    tmp_path: Path, letter: str, index: float, told: str
) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    finish(manifest)
    content = written(manifest)
    content["cells"][0][letter] = index
    with pytest.raises(PeriplusError, match=told):
        read_sheet(rewrite(manifest, content))


def test_an_axis_without_labels_is_refused(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path)
    manifest.write()
    content = written(manifest)
    content["axes"]["z"]["labels"] = []
    content["cells"] = []
    with pytest.raises(PeriplusError, match="an axis has no labels"):
        read_sheet(rewrite(manifest, content))


def test_a_grid_with_more_places_than_cells_is_refused(finished: Manifest) -> None:
    content = written(finished)
    content["axes"]["z"]["labels"] = ["1"] * 2
    path = finished.path.with_name("places.json")
    path.write_text(json.dumps(content))
    with pytest.raises(PeriplusError, match=r"4 cells for a grid of \(2, 2, 2\)"):
        read_sheet(path)


@pytest.mark.parametrize("side", [10**7, 10**400])
def test_a_picture_of_absurd_size_is_refused(finished: Manifest, side: int) -> None:
    content = written(finished)
    content["cells"][0]["sizes"][0] = [side, 1]
    path = finished.path.with_name("sizes.json")
    path.write_text(json.dumps(content))
    with pytest.raises(PeriplusError, match="a side of more than 1,000,000 pixels"):
        read_sheet(path)


@pytest.mark.parametrize("name", ["loop", "\\\\server\\share\\x.png"])
def test_a_link_in_a_circle_and_a_network_share_are_not_followed(tmp_path: Path, name: str) -> None:
    manifest = manifest_of(tmp_path)
    finish(manifest)
    (tmp_path / "loop").symlink_to("loop")
    content = written(manifest)
    content["cells"][0]["files"] = [name]
    assert read_sheet(rewrite(manifest, content)).cell(0, 0, 0).reason.startswith("its file lies")


@pytest.mark.parametrize(
    "groups",
    [
        [{"label": "10", "count": 2}],
        [{"label": "10", "count": 5}, {"label": "20", "count": -1}],
        [{"label": "10", "count": 4}, {"label": "20", "count": 0}],
        [{"label": "10", "count": 10**30}],
        [{"label": "10", "count": "two"}],
        [{"label": "10"}],
        ["10"],
        "10",
        None,
        4,
    ],
)
def test_groups_that_do_not_fit_the_labels_are_refused(crossed: Manifest, groups: Any) -> None:
    content = written(crossed)
    content["axes"]["x"]["groups"] = groups
    path = crossed.path.with_name("groups.json")
    path.write_text(json.dumps(content))
    with pytest.raises(PeriplusError, match=r"groups\.json is not the manifest of a sweep"):
        read_sheet(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    manifest = manifest_of(tmp_path_factory.mktemp("sweep"), x=STEPS, y=CFG)
    finish(manifest, pictures=2)
    return manifest


@pytest.fixture(scope="module")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    manifest = manifest_of(tmp_path_factory.mktemp("sweep"), x=combine(STEPS, CFG, "cross"))
    finish(manifest)
    return manifest


def nodes(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value inside a JSON value, but for itself."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in pairs:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from nodes(value, (*path, name))


def read_or_refuse(path: Path) -> None:
    for read in (read_sheet, lambda path: select_cells(path, "")):
        try:
            read(path)
        except PeriplusError as error:
            assert str(error)


@given(json_values)
def test_any_json_is_read_or_refused_in_our_words(finished: Manifest, content: Any) -> None:
    path = finished.path.with_name("any.json")
    path.write_text(json.dumps({"periplus": 1, "axes": content, "cells": content}))
    read_or_refuse(path)
    path.write_text(json.dumps(content))
    read_or_refuse(path)


@given(st.data(), json_values)
def test_a_manifest_with_one_wrong_value_is_read_or_refused_in_our_words(
    finished: Manifest, crossed: Manifest, data: st.DataObject, value: Any
) -> None:
    content = written(data.draw(st.sampled_from([finished, crossed])))
    *parents, last = data.draw(st.sampled_from(list(nodes(content))))
    at = content
    for name in parents:
        at = at[name]
    at[last] = value
    path = finished.path.with_name("wrong.json")
    path.write_text(json.dumps(content))
    read_or_refuse(path)


# Failed cells


def fail_first(manifest: Manifest) -> None:
    manifest.set(manifest.sweep.cells[0], CellState("failed", reason="out of memory"))


# Selecting pictures


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
