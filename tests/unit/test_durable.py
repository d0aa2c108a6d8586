"""Files that are whole or not there, and what is left of writers that were killed."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from periplus.files import durable
from periplus.files.durable import LEFT_OVER, part_beside, remove_left_over, write_durably


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
