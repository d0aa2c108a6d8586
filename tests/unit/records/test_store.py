"""The store: what is put is found, and nothing that is half written ever counts."""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from periplus.files.file_digests import file_crc32
from periplus.records.store import CellStore, Pixels, StoredCell, to_pixels
from periplus.tiling import Tiling

KEY = "ab" + "0" * 62


def picture(seed: int = 0, height: int = 6, width: int = 9) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def read(path: Path) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image)


def record_path(store: CellStore) -> Path:
    return store.folder / "cells" / "ab" / f"{KEY}.json"


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def store(tmp_path: Path) -> CellStore:
    return CellStore(tmp_path / "sweep")


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def fail_at_write(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that lets the n-th call (from 1) of a part of every write raise."""

    def arrange(owner: Any, part: str, call: int, error: BaseException) -> None:
        original = getattr(owner, part)
        calls = 0

        def failing(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call:
                raise error
            return original(*args)

        monkeypatch.setattr(owner, part, failing)

    return arrange


@pytest.mark.parametrize(
    ("value", "byte"),
    [
        (0.0, 0),
        (1.0, 255),
        (0.5, 127),  # 127.5: rounding would give 128
        (0.999, 254),
        (1 / 255 - 1e-4, 0),
        (-0.25, 0),
        (1.75, 255),
    ],
)
def test_to_pixels_truncates_and_clips_as_saveimage_does(value: float, byte: int) -> None:
    pixels = to_pixels(np.full((2, 3, 3), value, dtype=np.float32))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (2, 3, 3)
    assert (pixels == byte).all()


def test_a_cell_that_was_put_is_found_with_its_pixels(store: CellStore) -> None:
    put = store.put(KEY, [picture()], 1.23456, {})
    found = CellStore(store.folder).find(KEY)
    assert found == put
    assert put.seconds == 1.235
    (only,) = put.pictures
    assert (only.width, only.height) == (9, 6)
    np.testing.assert_array_equal(read(store.folder / only.file), picture())


def test_a_batch_keeps_its_order_and_sizes(store: CellStore) -> None:
    batch = [picture(seed, width=4 + seed) for seed in range(12)]
    store.put(KEY, batch, 0.0, {})
    found = store.find(KEY)
    assert found is not None
    assert [p.width for p in found.pictures] == list(range(4, 16))
    for stored, pixels in zip(found.pictures, batch, strict=True):
        np.testing.assert_array_equal(read(store.folder / stored.file), pixels)


def test_files_are_named_relative_to_the_folder_so_that_it_can_be_moved(
    store: CellStore, tmp_path: Path
) -> None:
    put = store.put(KEY, [picture(), picture(1)], 0.0, {})
    names = [f"cells/ab/{KEY}_{picture.crc32:08x}.png" for picture in put.pictures]
    assert [picture.file for picture in put.pictures] == names
    shutil.move(store.folder, tmp_path / "moved")
    assert CellStore(tmp_path / "moved").find(KEY) == put


def test_two_that_write_one_cell_with_other_texts_leave_each_other_alone(store: CellStore) -> None:
    one, other = (store.put(KEY, [picture()], 0.0, {"prompt": text}) for text in "12")
    assert store.find(KEY) == other
    for cell in (one, other):
        (stored,) = cell.pictures
        assert file_crc32(store.folder / stored.file) == stored.crc32


def test_every_picture_carries_the_texts(store: CellStore) -> None:
    texts = {"prompt": '{"1": {}}', "periplus": "a lighthouse, маяк, 灯塔"}
    cell = store.put(KEY, [picture(), picture(1)], 0.0, texts)
    for stored in cell.pictures:
        with Image.open(store.folder / stored.file) as image:
            assert image.info == texts


def test_other_keys_are_not_found(store: CellStore) -> None:
    store.put(KEY, [picture()], 0.0, {})
    assert store.find("ab" + "1" * 62) is None


def test_putting_a_cell_again_replaces_it(store: CellStore) -> None:
    store.put(KEY, [picture(1), picture(2)], 1.0, {})
    again = store.put(KEY, [picture(3)], 2.0, {})
    assert store.find(KEY) == again
    np.testing.assert_array_equal(read(store.folder / again.pictures[0].file), picture(3))


@pytest.mark.parametrize("which", [0, 1])
def test_a_cell_with_a_deleted_picture_is_not_found(store: CellStore, which: int) -> None:
    cell = store.put(KEY, [picture(), picture(1)], 0.0, {})
    (store.folder / cell.pictures[which].file).unlink()
    assert store.find(KEY) is None


@pytest.mark.parametrize("which", [0, 1])
def test_a_cell_with_a_truncated_picture_is_not_found(store: CellStore, which: int) -> None:
    cell = store.put(KEY, [picture(), picture(1)], 0.0, {})
    path = store.folder / cell.pictures[which].file
    path.write_bytes(path.read_bytes()[:-1])
    assert store.find(KEY) is None


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b'{"pictures": [{"file": "cells/',
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"seconds": 1}',
        b'{"pictures": [], "seconds": 1}',
        b'{"pictures": 5, "seconds": 1}',
        b'{"pictures": ["x.png"], "seconds": 1}',
        b'{"pictures": [{"file": "x.png"}], "seconds": 1}',
        b'{"pictures": [{"file": 1, "width": 1, "height": 1, "bytes": 1}], "seconds": 1}',
        b'{"pictures": [{"file": "\\u0000", "width": 1, "height": 1, "bytes": 1}], "seconds": 1}',
        b'{"pictures": [], "seconds": 1' + b"0" * 400 + b"}",
        b"[" * 200_000,
    ],
)
def test_a_cell_with_a_damaged_record_is_not_found(store: CellStore, record: bytes) -> None:
    store.put(KEY, [picture()], 0.0, {})
    path = record_path(store)
    assert json.loads(path.read_bytes())
    path.write_bytes(record)
    assert store.find(KEY) is None


# A cell is two pictures and the record: three writes, each of which may be the one that fails.


@pytest.mark.parametrize(
    ("owner", "part", "call"),
    [
        *((os, "fsync", call) for call in (1, 2, 3)),
        *((Path, "replace", call) for call in (1, 2, 3)),
    ],
)
def test_a_failing_write_leaves_no_half_file_and_no_cell(
    store: CellStore, fail_at_write: Any, owner: Any, part: str, call: int
) -> None:
    (store.folder / "cells" / "ab").mkdir(parents=True)  # or its folder would be flushed, too
    fail_at_write(owner, part, call, OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        store.put(KEY, [picture(), picture(1)], 0.0, {})
    assert store.find(KEY) is None
    assert len(files(store.folder)) == call - 1
    for name in files(store.folder):
        assert read(store.folder / "cells" / "ab" / name).shape == (6, 9, 3)


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_cell_does_not_count_until_its_record_is_there(
    store: CellStore, fail_at_write: Any, call: int
) -> None:
    fail_at_write(Path, "replace", call, Killed())
    with pytest.raises(Killed):
        store.put(KEY, [picture(), picture(1)], 0.0, {})
    assert store.find(KEY) is None
    assert store.put(KEY, [picture(), picture(1)], 0.0, {}) == store.find(KEY)


def test_a_picture_that_cannot_be_encoded_leaves_nothing(
    store: CellStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(_: Image.Image, file: Any, **__: Any) -> None:
        file.write(b"\x89PNG")
        raise OSError("encoder error")

    monkeypatch.setattr(Image.Image, "save", save)
    with pytest.raises(OSError, match="encoder error"):
        store.put(KEY, [picture()], 0.0, {})
    assert files(store.folder) == set()


def test_an_empty_batch_is_no_finished_cell(store: CellStore) -> None:
    assert store.put(KEY, [], 0.0, {}) == StoredCell((), 0.0)
    assert store.find(KEY) is None


# How the pictures went through VAEs


@pytest.mark.parametrize("tiling", [None, Tiling(), Tiling(512, 10, 20)])
def test_how_a_cell_went_through_vaes_is_found_again(
    store: CellStore, tiling: Tiling | None
) -> None:
    put = store.put(KEY, [picture()], 1.0, {}, tiling)
    assert put.tiling == tiling
    assert store.find(KEY) == put


def test_a_cell_suits_the_memory_with_which_it_would_be_made_again(store: CellStore) -> None:
    cell = store.put(KEY, [picture()], 1.0, {}, Tiling(512, 10, 20))
    assert [memory for memory in range(8, 23) if cell.suits(memory)] == list(range(10, 20))
    assert store.put(KEY, [picture()], 1.0, {}).suits(0), "nothing was chosen"


@pytest.mark.parametrize("tiling", [5, {"side": 512}, {"side": "x", "least": 0, "below": None}])
def test_a_cell_is_not_found_where_its_tiles_are_damaged(store: CellStore, tiling: Any) -> None:
    store.put(KEY, [picture()], 1.0, {}, Tiling(512))
    path = record_path(store)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "tiling": tiling}))
    assert store.find(KEY) is None


# Digests of the pixels


def test_equal_pictures_have_equal_digests_whatever_their_files_say(store: CellStore) -> None:
    one = store.put(KEY, [picture()], 1.0, {"prompt": "a"})
    other = store.put("cd" + "0" * 62, [picture()], 2.0, {"prompt": "another"})
    assert one.digests == other.digests


@pytest.mark.parametrize(
    "other",
    [
        [picture(1)],
        [picture(), picture()],
        [picture().reshape(9, 6, 3)],
        [picture() ^ np.uint8(1)],
    ],
)
def test_other_pictures_have_other_digests(store: CellStore, other: list[Pixels]) -> None:
    one = store.put(KEY, [picture()], 1.0, {})
    assert one.digests != store.put("cd" + "0" * 62, other, 1.0, {}).digests


# Damage


def damage(path: Path) -> bytes:
    """Change a byte, which leaves the size as it was; gives what the file held."""
    whole = path.read_bytes()
    at = len(whole) // 2
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    return whole


def set_time(path: Path, modified: int) -> None:
    os.utime(path, ns=(modified, modified))


@pytest.mark.parametrize("which", [0, 1])
def test_a_cell_with_a_picture_that_was_changed_is_not_found(store: CellStore, which: int) -> None:
    cell = store.put(KEY, [picture(), picture(1)], 0.0, {})
    changed = cell.pictures[which]
    whole = damage(store.folder / changed.file)
    set_time(store.folder / changed.file, changed.modified + 1)
    assert store.find(KEY) is None
    (store.folder / changed.file).write_bytes(whole)
    assert store.find(KEY) == cell


def test_a_picture_that_replaces_another_of_its_size_is_not_taken_for_it(
    store: CellStore,
) -> None:
    first, second = (store.put(KEY, [picture(seed)], 0.0, {}) for seed in range(2))
    assert first.pictures[0].bytes == second.pictures[0].bytes
    other = (store.folder / second.pictures[0].file).read_bytes()
    (store.folder / first.pictures[0].file).write_bytes(other)
    record_path(store).write_text(json.dumps(asdict(first)))
    assert store.find(KEY) is None


def test_the_files_of_a_copied_store_are_read_once(
    store: CellStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = store.put(KEY, [picture()], 0.0, {})
    copy = CellStore(tmp_path / "copy")
    shutil.copytree(store.folder, copy.folder)
    set_time(copy.folder / cell.pictures[0].file, 10**18)
    read: list[Path] = []

    def reading(path: Path) -> int:
        read.append(path)
        return file_crc32(path)

    monkeypatch.setattr("periplus.records.store.file_crc32", reading)
    assert [copy.find(KEY), copy.find(KEY)] == [cell, cell]
    assert len(read) == 1


def test_a_cell_is_found_on_a_disk_that_can_only_be_read(
    store: CellStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = store.put(KEY, [picture()], 0.0, {})
    set_time(store.folder / cell.pictures[0].file, 10**18)

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(os, "utime", refuse)
    assert store.find(KEY) == cell


def test_a_store_that_only_looks_leaves_all_times_as_they_are(store: CellStore) -> None:
    cell = store.put(KEY, [picture()], 0.0, {})
    paths = [store.folder / cell.pictures[0].file, record_path(store)]
    for path in paths:
        set_time(path, 10**18)
    assert CellStore(store.folder, only_looks=True).find(KEY) == cell
    assert [path.stat().st_mtime_ns for path in paths] == [10**18, 10**18]


def test_a_forgotten_cell_is_not_found(store: CellStore) -> None:
    store.put(KEY, [picture()], 0.0, {})
    store.forget(KEY)
    store.forget(KEY)
    assert store.find(KEY) is None


@pytest.mark.parametrize("key", ["", "..", "../../../victim", "x" * 64, f"{KEY}/../../../victim"])
def test_nothing_but_a_cell_is_forgotten(store: CellStore, tmp_path: Path, key: str) -> None:
    store.put(KEY, [picture()], 0.0, {})
    (tmp_path / "victim.json").write_text("{}")
    before = files(tmp_path)
    store.forget(key)
    assert files(tmp_path) == before
