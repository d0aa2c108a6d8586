"""Reading ahead: a file is read to its end, or until nobody wants it any more."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from periplus.work.read_ahead import CHUNK, SAMPLED, ReadAhead


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "model.safetensors"
    os.mkfifo(pipe)
    ahead = ReadAhead()
    ahead.begin(pipe)
    with pipe.open("wb") as writer:  # waits for a reader, and while the pipe is full
        assert writer.write(bytes(CHUNK + 1)) == CHUNK + 1
    ahead.wait()


class Watched:
    """A file that tells what is read of it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.read: list[int] = []

    def open(self, *_args: Any, **_kwargs: Any) -> Any:
        watched = self

        class Stream(FileIO):
            def readinto(self, buffer: Any) -> int | None:
                at = self.tell()
                count = super().readinto(buffer)
                if count:
                    watched.read.append(at)
                return count

        return Stream(self._file)


def test_what_is_in_memory_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(bytes(3 * CHUNK))
    missing = CHUNK + 5 * SAMPLED

    def preadv(_descriptor: int, buffers: list[bytearray], at: int, _flags: int) -> int:
        if at == missing:
            raise BlockingIOError
        return len(buffers[0]) if at < 3 * CHUNK else 0

    monkeypatch.setattr("periplus.work.read_ahead._NOWAIT", 8)
    monkeypatch.setattr(os, "preadv", preadv, raising=False)
    watched: Any = Watched(file)
    ahead = ReadAhead()
    ahead.begin(watched)
    ahead.wait()
    assert watched.read == [CHUNK]


class Endless:
    """A file that never ends, and tells when it is read."""

    def __init__(self) -> None:
        self.is_read = Event()
        self.is_closed = Event()

    def open(self, *_args: Any, **_kwargs: Any) -> Endless:
        return self

    def __enter__(self) -> Endless:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closed.set()

    def tell(self) -> int:
        raise OSError("a file that cannot be asked where it is")

    def readinto(self, buffer: bytearray) -> int:
        self.is_read.set()
        return len(buffer)


def test_it_stops_where_it_is_told_to() -> None:
    file: Any = Endless()
    ahead = ReadAhead()
    ahead.begin(file)
    assert file.is_read.wait(60)
    assert not file.is_closed.is_set()
    ahead.end()
    assert file.is_closed.is_set()


def test_there_is_never_more_than_one() -> None:
    first: Any = Endless()
    second: Any = Endless()
    ahead = ReadAhead()
    ahead.begin(first)
    ahead.begin(second)
    assert first.is_closed.is_set()
    assert second.is_read.wait(60)
    ahead.end()


def test_ending_nothing_is_no_mistake() -> None:
    ReadAhead().end()
