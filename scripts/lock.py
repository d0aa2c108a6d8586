"""A lock between processes, so that two commands never provision the same folder at once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.5


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at ``path``; wait, with one message, while another process holds it.

    The file carries its owner's process id for that message. What locks is the operating system's
    lock on the file, which goes with its owner: a lock cannot be left behind by a killed process.
    Commands that :func:`~scripts.steps.run_logged` started hold it too, as they go on working in
    the folder when their parent is killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        if not _try_lock(file):
            file.seek(0)
            owner = file.read().strip() or "unknown"
            print(f"Waiting for process {owner}, which is setting up {path.parent}", flush=True)
            while not _try_lock(file):
                time.sleep(POLL_SECONDS)
        os.set_inheritable(file.fileno(), True)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)
            _unlock(file)


if sys.platform == "win32":
    import msvcrt

    # Windows locks bytes, and a locked byte cannot be read: lock one far behind the process id.
    LOCKED_BYTE = 1 << 20

    def _try_lock(file: IO[str]) -> bool:
        file.seek(LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        file.seek(LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
