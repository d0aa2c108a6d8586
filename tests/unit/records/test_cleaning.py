"""What is removed from a store where the user sets limits, and what never is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from periplus.files.durable import write_durably
from periplus.records.cleaning import (
    DAY,
    GIGABYTE,
    CellFiles,
    Limits,
    choose,
    clean,
    remove,
    survey,
)
from periplus.records.store import CellStore

from .manifests import STEPS, finish, manifest_of, written

NOW = time.time()


def cell(name: str, days: float, gigabytes: float = 1) -> CellFiles:
    """A cell that was used so many days ago."""
    return CellFiles(name, NOW - days * DAY, int(gigabytes * GIGABYTE), ())


def chosen(limits: Limits, *cells: CellFiles, in_use: str = "") -> str:
    return "".join(cell.key for cell in choose(cells, limits, in_use, NOW))


# What to remove


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(), ""),
        (Limits(days=5), "ab"),
        (Limits(days=10), "a"),
        (Limits(days=30), ""),
        (Limits(gigabytes=4), ""),
        (Limits(gigabytes=3.5), "a"),
        (Limits(gigabytes=1), "abc"),
        (Limits(days=5, gigabytes=1), "abc"),
        (Limits(days=1.5, gigabytes=100), "abc"),
    ],
)
def test_the_least_recently_used_go_first_and_no_more_than_must(
    limits: Limits, expected: str
) -> None:
    cells = [cell("d", 1.2), cell("b", 7), cell("c", 2), cell("a", 20)]
    assert chosen(limits, *cells) == expected


def test_what_is_in_use_stays_and_counts() -> None:
    cells = [cell("a", 20), cell("b", 7), cell("c", 2)]
    assert chosen(Limits(days=5), *cells, in_use="a") == "b"
    assert chosen(Limits(gigabytes=2), *cells, in_use="a") == "b"
    assert chosen(Limits(gigabytes=0.1), *cells, in_use="abc") == ""


def test_what_was_used_within_a_day_stays() -> None:
    assert chosen(Limits(0.1, 0.1), cell("a", 0.9), cell("b", 1.1)) == "b"


# Doing it


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    return CellStore(tmp_path)


def put(store: CellStore, name: str, days: float, pictures: int = 1) -> str:
    """Store a cell that was used so many days ago; gives its key."""
    key = name * 64
    images = [np.full((4, 5, 3), number, dtype=np.uint8) for number in range(pictures)]
    store.put(key, images, 1.0, {})
    for path in store.folder.rglob(f"{key}*"):
        os.utime(path, (NOW - days * DAY, NOW - days * DAY))
    return key


def kept(store: CellStore) -> set[str]:
    """The keys of what is left, by their first digit."""
    return {path.name[0] for path in store.folder.rglob("cells/*/*") if path.is_file()}


def test_a_survey_finds_all_that_a_cell_has(store: CellStore) -> None:
    key = put(store, "a", 3, pictures=2)
    record = store.folder / "cells" / "aa" / f"{key}.json"
    pictures = list(record.parent.glob("*.png"))
    assert len(pictures) == 2
    (record.parent / "own.png").write_bytes(b"")
    files = (record, *pictures)
    size = sum(file.stat().st_size for file in files)
    (found,) = survey(store.folder)
    assert (found.key, found.used, found.bytes) == (key, NOW - 3 * DAY, size)
    assert found.files[0] == record
    assert set(found.files) == set(files)


def test_where_nothing_is_stored_nothing_is_found(tmp_path: Path) -> None:
    assert survey(tmp_path / "new") == []


def test_removed_cells_are_gone_and_others_are_found(store: CellStore) -> None:
    old, new = put(store, "a", 20, pictures=2), put(store, "b", 3)
    assert clean(store.folder, Limits(days=5), [], NOW) == 1
    assert store.find(old) is None
    assert store.find(new)
    assert kept(store) == {"b"}


def test_what_a_killed_writer_left_goes_too(store: CellStore) -> None:
    key = put(store, "a", 20)
    store.forget(key)
    assert clean(store.folder, Limits(days=5), [], NOW) == 1
    assert kept(store) == set()


def test_a_cell_that_was_found_counts_as_used(store: CellStore) -> None:
    key = put(store, "a", 20)
    assert store.find(key)
    (found,) = survey(store.folder)
    assert found.used > NOW - DAY


def test_a_cell_that_is_found_while_others_are_removed_stays(store: CellStore) -> None:
    key = put(store, "a", 20)
    (surveyed,) = survey(store.folder)
    assert store.find(key)
    assert not remove(surveyed)
    assert store.find(key)


@pytest.mark.parametrize(("shown", "days"), [(True, 20), (False, 0.5)])
def test_the_cells_of_a_sweep_that_is_shown_or_at_work_stay(
    tmp_path: Path, shown: bool, days: float
) -> None:
    store = CellStore(tmp_path)
    manifest = manifest_of(tmp_path, x=STEPS)
    finish(manifest)
    put(store, "f", 20)
    for path in tmp_path.rglob("cells/*/*"):
        os.utime(path, (NOW - 20 * DAY, NOW - 20 * DAY))
    os.utime(manifest.path, (NOW - days * DAY, NOW - days * DAY))
    clean(tmp_path, Limits(days=5), [manifest.path] if shown else [], NOW)
    assert all(store.find(cell["key"]) for cell in written(manifest)["cells"])
    assert store.find("f" * 64) is None


def test_an_old_sweep_that_nobody_looks_at_keeps_no_cell(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    finish(manifest)
    for path in (manifest.path, *tmp_path.rglob("cells/*/*")):
        os.utime(path, (NOW - 20 * DAY, NOW - 20 * DAY))
    assert clean(tmp_path, Limits(days=5), [], NOW) == 2


@pytest.mark.parametrize("data", [b"", b"[]", b'{"periplus": 1}', b'{"periplus": 1, "cells": 5}'])
def test_what_is_no_manifest_keeps_no_cell(store: CellStore, data: bytes) -> None:
    write_durably(store.folder / "sweep-0f3a.json", data)
    os.utime(store.folder / "sweep-0f3a.json", (NOW, NOW))
    put(store, "a", 20)
    gone = store.folder / "sweep-gone.json"
    assert clean(store.folder, Limits(days=5), [gone], NOW) == 1
