"""Files that are whole or not there, and what is left of writers that were killed."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from periplus.files import durable
from periplus.files.durable import (
    LEFT_OVER,
    PATIENCE,
    part_beside,
    remove_left_over,
    take_free_name,
    write_durably,
)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_a_failing_overwrite_keeps_the_old_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(*_: Path) -> None:
        raise OSError("disk full")

    path = tmp_path / "new folder" / "file.json"
    write_durably(path, b"old")
    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OSError, match="disk full"):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert files(tmp_path) == {"file.json"}


def test_what_is_being_written_is_never_seen_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(b"old")
    seen: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append(path.read_bytes()))
    write_durably(path, b"new")
    assert seen[0] == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows flushes no folders")
@pytest.mark.parametrize("answer", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_flushes_no_folders_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    fsync = os.fsync

    def refuse_folders(handle: int) -> None:
        if os.path.samestat(os.fstat(handle), tmp_path.stat()):
            raise OSError(answer, "not here")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    write_durably(tmp_path / "file.json", b"new")
    assert (tmp_path / "file.json").read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows flushes no folders")
def test_a_folder_that_fails_to_be_flushed_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="the disk is broken"):
        durable.flush_folder(tmp_path)


def test_only_what_a_killed_writer_left_long_ago_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "cells" / "ab"
    folder.mkdir(parents=True)
    old, new = (part_beside(folder / "cell.png") for _ in range(2))
    others = [tmp_path / name for name in ("own.part", ".own.part", "sweep.json", "x.png")]
    for path in (old, new, *others):
        path.write_bytes(b"half")
    now = time.time() + LEFT_OVER + 60
    os.utime(new, (now, now))
    remove_left_over(tmp_path, now)
    assert files(tmp_path) == {new.name, *(path.name for path in others)}


def test_the_folder_of_a_saving_that_was_killed_is_removed(tmp_path: Path) -> None:
    old = part_beside(tmp_path / "sweep_00001_")
    (old / "cells").mkdir(parents=True)
    (old / "cells" / "x.png").write_bytes(b"picture")
    remove_left_over(tmp_path, time.time())
    assert old.is_dir(), "another process may be at work"
    remove_left_over(tmp_path, time.time() + LEFT_OVER + 60)
    assert not old.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no time of a file's last link")
def test_a_new_link_to_an_old_file_is_not_left_over(tmp_path: Path) -> None:
    file, link = tmp_path / "cell.png", part_beside(tmp_path / "named.png")
    file.write_bytes(b"picture")
    os.utime(file, (1e9, 1e9))
    link.hardlink_to(file)
    remove_left_over(tmp_path, time.time())
    assert link.exists()


def test_nothing_is_left_over_where_there_is_no_folder(tmp_path: Path) -> None:
    remove_left_over(tmp_path / "new", time.time())
    assert not (tmp_path / "new").exists()


def hold(monkeypatch: pytest.MonkeyPatch, times: int) -> list[float]:
    """Have a file held so many times, as on Windows by whoever reads it; gives the pauses made."""
    replace, pauses = Path.replace, list[float]()
    held = iter(range(times))

    def refuse(part: Path, path: Path) -> Path:
        if next(held, None) is not None:
            raise PermissionError("another process uses the file")
        return replace(part, path)

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(durable.time, "sleep", pauses.append)
    return pauses


def test_a_file_that_is_read_this_instant_is_replaced_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sweep.json"
    path.write_bytes(b"old")
    pauses = hold(monkeypatch, len(PATIENCE))
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert pauses == list(PATIENCE)


def test_a_file_that_is_held_for_long_keeps_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sweep.json"
    path.write_bytes(b"old")
    hold(monkeypatch, len(PATIENCE) + 1)
    with pytest.raises(PermissionError):
        write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert files(tmp_path) == {"sweep.json"}


def test_a_name_that_was_taken_meanwhile_is_left_to_its_owner(tmp_path: Path) -> None:
    names = [tmp_path / f"saved_{number}" for number in (1, 2, 3)]
    part = part_beside(names[0])
    part.mkdir()
    names[0].mkdir()
    names[1].write_bytes(b"another's")
    assert take_free_name(part, iter(names)) == names[2]
    assert names[2].is_dir() and not part.exists()
