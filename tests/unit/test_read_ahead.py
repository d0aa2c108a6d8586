"""Reading ahead: a file is read to its end, or until nobody wants it any more."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event
from typing import Any

from periplus.work.read_ahead import CHUNK, ReadAhead


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "model.safetensors"
    os.mkfifo(pipe)
    ahead = ReadAhead()
    ahead.begin(pipe)
    with pipe.open("wb") as writer:  # waits for a reader, and while the pipe is full
        assert writer.write(bytes(CHUNK + 1)) == CHUNK + 1
    ahead.wait()


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
