"""The writer: work goes on while it writes, little waits, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread, current_thread

import pytest

from periplus.files.writer import Writer

DEADLOCK = 60.0
"""Seconds after which a test would rather fail than hang."""
MOMENT = 0.05
"""Seconds that a thread gets to do what it should not."""


class Disk:
    """Notes what is written; where it is slow it waits until it may go on."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.thread = current_thread()
        self.begun = Event()
        self.go_on = Event()

    def quick(self, name: str) -> Callable[[], None]:
        return lambda: self.written.append(name)

    def slow(self, name: str) -> Callable[[], None]:
        def write() -> None:
            self.wait()
            self.written.append(name)

        return write

    def full(self) -> None:
        self.wait()
        raise OSError("no space left on device")

    def wait(self) -> None:
        self.thread = current_thread()
        self.begun.set()
        assert self.go_on.wait(DEADLOCK)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@contextmanager
def waiting(work: Callable[[], None]) -> Iterator[None]:
    """Do something on another thread: it waits, and goes on after the block."""
    thread = Thread(target=work, daemon=True)
    thread.start()
    thread.join(MOMENT)
    assert thread.is_alive()
    yield
    thread.join(DEADLOCK)
    assert not thread.is_alive()


def test_the_caller_goes_on_while_a_job_is_done(disk: Disk) -> None:
    writer = Writer()
    writer.put(1, disk.slow("first"))
    writer.put(1, disk.quick("second"))
    assert disk.begun.wait(DEADLOCK)
    assert disk.written == []
    disk.go_on.set()
    writer.drain()
    assert disk.written == ["first", "second"]


def test_more_than_the_limit_makes_the_caller_wait(disk: Disk) -> None:
    writer = Writer(limit=10)
    writer.put(6, disk.slow("first"))
    with waiting(lambda: writer.put(6, disk.quick("second"))):
        disk.go_on.set()
    writer.drain()
    assert disk.written == ["first", "second"]


def test_what_is_written_takes_no_room(disk: Disk) -> None:
    writer = Writer(limit=10)
    for number in "123":
        writer.put(6, disk.quick(number))
    writer.put(4, disk.slow("4"))
    assert disk.begun.wait(DEADLOCK)
    writer.put(6, disk.quick("5"))
    assert disk.written == ["1", "2", "3"]
    disk.go_on.set()
    writer.drain()


def test_the_caller_goes_on_beside_a_picture_above_the_limit_too(disk: Disk) -> None:
    writer = Writer(limit=10)
    writer.put(100, disk.slow("huge"))
    assert disk.written == []
    disk.go_on.set()
    writer.drain()
    assert disk.written == ["huge"]


def test_an_error_is_raised_at_a_later_job_and_that_one_is_done_too(disk: Disk) -> None:
    writer = Writer(limit=0)
    writer.put(1, disk.full)
    disk.go_on.set()
    with pytest.raises(OSError, match="no space left"):
        writer.put(1, disk.quick("next"))
    writer.drain()
    assert disk.written == ["next"]


def test_an_error_of_the_last_job_is_raised_where_all_is_waited_for(disk: Disk) -> None:
    writer = Writer()
    writer.put(1, disk.full)
    disk.go_on.set()
    with pytest.raises(OSError, match="no space left"):
        writer.drain()


def test_the_end_waits_for_what_is_not_yet_written(disk: Disk) -> None:
    writer = Writer()
    writer.put(1, disk.full)
    writer.put(1, disk.quick("last"))
    with waiting(writer.end):
        disk.go_on.set()
    assert disk.written == ["last"]


def test_the_end_does_not_wait_for_ever(disk: Disk) -> None:
    writer = Writer()
    writer.put(1, disk.slow("hangs"))
    writer.put(1, disk.quick("dropped"))
    assert disk.begun.wait(DEADLOCK)
    writer.end(patience=0)
    assert disk.written == []
    disk.go_on.set()
    disk.thread.join(DEADLOCK)
    assert disk.written == ["hangs"]


def test_the_thread_ends_with_the_writer(disk: Disk) -> None:
    writer = Writer()
    writer.put(1, disk.slow("picture"))
    disk.go_on.set()
    writer.drain()
    assert disk.thread is not current_thread()
    writer.end()
    disk.thread.join(DEADLOCK)
    assert not disk.thread.is_alive()


def test_a_writer_that_wrote_nothing_can_end() -> None:
    writer = Writer()
    writer.drain()
    writer.end()
