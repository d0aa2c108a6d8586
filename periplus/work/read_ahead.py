"""Reading a file ahead, so that it comes from memory when it is needed."""

from __future__ import annotations

import os
from io import RawIOBase
from pathlib import Path
from threading import Event, Thread

CHUNK = 2**24
"""Bytes that are read at a time."""

SAMPLED = 2**20
"""Bytes for each of which one is asked whether it is in memory already."""

_NOWAIT: int | None = getattr(os, "RWF_NOWAIT", None)
"""Reads only what is in memory; None where the system knows no such thing."""


class ReadAhead:
    """Reads one file at a time, on a thread of its own, into the system's cache of files."""

    def __init__(self) -> None:
        self._stop = Event()
        self._thread: Thread | None = None

    def begin(self, file: Path) -> None:
        """Read a file, instead of any other that is still being read."""
        self.end()
        self._stop = Event()
        self._thread = Thread(
            name="periplus reads ahead", target=self._read, args=(file, self._stop), daemon=True
        )
        self._thread.start()

    def end(self) -> None:
        """Stop reading, whether or not all is read."""
        self._stop.set()
        self.wait()

    def wait(self) -> None:
        """Wait until nothing is read any more."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @staticmethod
    def _read(file: Path, stop: Event) -> None:
        buffer = bytearray(CHUNK)
        with file.open("rb", buffering=0) as stream:
            while not stop.is_set():
                if _is_in_memory(stream):
                    stream.seek(CHUNK, os.SEEK_CUR)
                elif not stream.readinto(buffer):
                    break


def _is_in_memory(stream: RawIOBase) -> bool:
    """Whether the next chunk of a file need not be read, which would copy it for nothing."""
    if _NOWAIT is None:
        return False
    byte = bytearray(1)
    try:
        start = stream.tell()
        return all(
            os.preadv(stream.fileno(), [byte], at, _NOWAIT)
            for at in range(start, start + CHUNK, SAMPLED)
        )
    except OSError:  # it would have to wait, or this kind of file cannot be asked
        return False
