"""Digests of files: what they notice, and what they cost."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from periplus.files.file_digests import content_digest, file_crc32

MIB = 2**20


def write(path: Path, data: bytes | bytearray) -> Path:
    """Write a file, in place of one if there is; its time is always the same."""
    new = path.with_name("new")
    new.write_bytes(data)
    os.utime(new, ns=(10**18, 10**18))
    return new.replace(path)


@pytest.mark.parametrize("size", [0, 1, MIB, 2 * MIB + 1])
def test_a_crc_is_of_the_whole_file(tmp_path: Path, size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    assert file_crc32(write(tmp_path / "file", data)) == zlib.crc32(data)


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 9 * MIB])
def test_a_file_is_told_from_one_of_equal_size_and_time(tmp_path: Path, size: int) -> None:
    zeros = content_digest(write(tmp_path / "model", bytes(size)))
    assert zeros == content_digest(write(tmp_path / "copy", bytes(size)))
    if size:
        assert zeros != content_digest(write(tmp_path / "model", b"\1" * size))


@pytest.mark.parametrize("at", [0, MIB - 1, 9 * MIB - 1])
def test_header_and_end_are_read_to_the_byte(tmp_path: Path, at: int) -> None:
    data = bytearray(9 * MIB)
    before = content_digest(write(tmp_path / "model", data))
    data[at] = 1
    assert content_digest(write(tmp_path / "model", data)) != before


def test_a_file_of_two_mib_is_read_as_a_whole(tmp_path: Path) -> None:
    data = bytes(2 * MIB)
    changed = bytearray(data)
    digests = {content_digest(write(tmp_path / "model", data))}
    for at in range(0, 2 * MIB, MIB // 32):
        changed[at] = 1
        digests.add(content_digest(write(tmp_path / f"model {at}", changed)))
        (tmp_path / f"model {at}").unlink()
    assert len(digests) == 1 + 64


def test_a_large_file_is_read_once_and_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    with path.open("wb") as file:
        file.truncate(2**40)  # more than could ever be read
    opened: list[Path] = []
    open_path = Path.open

    def opening(self: Path, mode: str) -> object:
        opened.append(self)
        return open_path(self, mode)

    monkeypatch.setattr(Path, "open", opening)
    assert content_digest(path) == content_digest(path)
    assert opened == [path]
