"""A power cut at any instant: what was announced is found, and nothing false ever is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from periplus.records.manifest import CellState
from periplus.records.manifest_reader import read_sheet
from periplus.records.store import CellStore, Pixels

from .manifests import STEPS, manifest_of
from .power_cuts import RecordedDisk

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows flushes no folders")

KEYS = ("ab" + "0" * 62, "ab" + "1" * 62)
LOST, FALSE = "a cell is lost", "a false cell is found"


def pictures(key: str) -> list[Pixels]:
    """Two for each key."""
    noise = np.random.default_rng(int(key[2]))
    return [noise.integers(0, 256, (4, 5, 3), dtype=np.uint8) for _ in range(2)]


def shows(folder: Path, key: str) -> bool:
    """Whether the pictures of a cell that was found are those that were put."""
    cell = CellStore(folder).find(key)
    assert cell is not None
    try:
        found = [np.asarray(Image.open(folder / picture.file)) for picture in cell.pictures]
    except OSError:
        return False
    return all(map(np.array_equal, found, pictures(key)))


def sweep_into(root: Path, disk: RecordedDisk) -> None:
    """Store the cells and the manifest as a sweep does."""
    manifest = manifest_of(root / "output" / "sweep", x=STEPS)
    store = CellStore(manifest.path.parent)
    manifest.write()
    for key in KEYS:
        stored = store.put(key, pictures(key), 1.0, {})
        disk.job_done()
        manifest.set(manifest.sweep.cells[0], CellState("done", stored))
        manifest.write()


def faults(ignored: Callable[[Path], bool] = lambda _: False) -> Iterator[str]:
    """Store cells, cut the power at every instant in every way, and say what went wrong.

    Args:
        ignored: what the disk ignores the flushing of.
    """
    with tempfile.TemporaryDirectory() as place:
        root = Path(place, "disk")
        (root / "output").mkdir(parents=True)
        disk = RecordedDisk(root)
        with disk.recording(ignored):
            sweep_into(root, disk)
        # The latest first: most that can be lost is lost at the end.
        every = ((m.done, survivor) for m in reversed(disk.moments) for survivor in m.survivors())
        for number, (done, survivor) in enumerate(dict.fromkeys(every)):
            after = Path(place, str(number))
            survivor.restore(after)
            yield from faults_in(after / "output" / "sweep", KEYS[:done])


def faults_in(folder: Path, announced: Sequence[str]) -> Iterator[str]:
    """What is wrong with a sweep's folder after a power cut."""
    store = CellStore(folder)
    for key in KEYS:
        found = store.find(key)
        if found is None and key in announced:
            yield LOST
        if found is not None and not shows(folder, key):
            yield FALSE
    manifests = list(folder.glob("sweep-*.json"))
    if announced and not manifests:
        yield "the manifest is lost"
    for path in manifests:
        assert read_sheet(path).x.labels == STEPS.labels
    for key in [key for key in KEYS if store.find(key) is None]:
        store.put(key, pictures(key), 1.0, {})
        if not shows(folder, key):
            yield "nothing can be stored any more"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here waits for the real disk."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def test_no_cell_is_lost_and_no_false_one_found_whenever_the_power_is_cut() -> None:
    assert set(faults()) == set()


def is_file_of(beginning: bytes) -> Callable[[Path], bool]:
    return lambda path: path.is_file() and path.read_bytes().startswith(beginning)


def is_folder(pattern: str) -> Callable[[Path], bool]:
    return lambda path: path.is_dir() and path.match(pattern)


@pytest.mark.parametrize(
    ("ignored", "fault"),
    [
        (is_file_of(b"\x89PNG"), FALSE),
        (is_file_of(b'{"pictures"'), LOST),
        (is_folder("cells/*"), LOST),
        (is_folder("sweep/cells"), LOST),
        (is_folder("output/sweep"), LOST),
        (is_folder("disk/output"), LOST),
    ],
    ids=["picture", "record", "names", "cells", "sweep", "output"],
)
def test_each_flush_is_needed(ignored: Callable[[Path], bool], fault: str) -> None:
    assert fault in faults(ignored)
