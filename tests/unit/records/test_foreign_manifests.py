"""Manifests of whatever origin: what is refused, and in whose words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.errors import PeriplusError
from periplus.records.manifest import Manifest
from periplus.records.manifest_reader import read_manifest, read_sheet, select_cells

from .manifests import (
    STEPS,
    finish,
    manifest_of,
    rewrite,
    written,
)


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
