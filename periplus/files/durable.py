"""Files that are whole or not there, whatever ends the process: an error, a kill, a power cut."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

LEFT_OVER = 24 * 60 * 60.0
"""Seconds after which nobody writes a temporary file any more."""

PATIENCE = (0.01, 0.1, 0.4, 1.5)
"""Seconds between tries to give a name: on Windows, who reads the old file holds it for a moment,
be it a page that is told of the sweep or a virus scanner."""

_PART = re.compile(r"\.[0-9a-f]{32}\.part")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a temporary file beside ``path`` that takes its place at once when all went well.

    Its content is on the disk by then; its name is after a :func:`flush_folder`.

    Raises:
        OSError: it cannot be written, or its folder is not there; the old content stays.
    """
    with written_beside(path, lambda part: take_name(part, path)) as file:
        yield file


@contextmanager
def written_beside(path: Path, place: Callable[[Path], object]) -> Iterator[IO[bytes]]:
    """Give a temporary file beside ``path``; when all went well, ``place`` gives it its name.

    Raises:
        OSError: it cannot be written, or its folder is not there; nothing stays of it.
    """
    part = part_beside(path)
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        place(part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def take_name(part: Path, path: Path) -> None:
    """Give a finished file or folder its name; a file that has it is replaced.

    Raises:
        OSError: it cannot have the name.
    """
    for seconds in PATIENCE:
        try:
            part.replace(path)
        except PermissionError:
            time.sleep(seconds)
        else:
            return
    part.replace(path)


def take_free_name(part: Path, paths: Iterable[Path]) -> Path:
    """Give a finished file or folder the first of some names that is free by now, and return it.

    The name stays there after a power cut.

    Args:
        part: what has been made, which may have taken long.
        paths: the names; another ComfyUI may have taken some meanwhile.

    Raises:
        OSError: it cannot have the name.
    """
    path = next(path for path in paths if not path.exists())
    take_name(part, path)
    flush_folder(path.parent)
    return path


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a kill, sees the old content or the new, never a part.

    On return, it and all that was put into its folder before stays there after a power cut.

    Raises:
        OSError: it cannot be written; the old content stays.
    """
    folder = path.parent
    make_folder(folder)
    with replacing(path) as temporary:
        temporary.write(data)
    flush_folder(folder)


def make_folder(folder: Path) -> None:
    """Make a folder, and those that it lies in, for good."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def flush(path: Path) -> None:
    """Have on the disk what a file holds.

    Raises:
        OSError: it cannot be written.
    """
    with path.open("r+b") as file:  # Windows flushes only what is open for writing
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Have the names in a folder on the disk, where the system can be asked for that."""
    if os.name == "nt":
        return  # Windows opens no folders; its file system keeps a journal of names
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # what network folders answer
            raise
    finally:
        os.close(handle)


def part_beside(path: Path) -> Path:
    """A new name for what is to become ``path``; :func:`remove_left_over` knows such names."""
    return path.with_name(f".{uuid.uuid4().hex}.part")


def remove_left_over(folder: Path, now: float) -> None:
    """Remove the temporary files, in a folder and all below, of writers that were killed long ago.

    Those of the last day stay, since another process may be writing them.

    Args:
        folder: where; it need not be there.
        now: seconds since 1970.
    """
    for place, _, _ in os.walk(folder):
        remove_left_over_in(Path(place), now)


def remove_left_over_in(folder: Path, now: float) -> None:
    """:func:`remove_left_over` of files and folders that lie in the folder itself."""
    for path in folder.glob(".*.part"):
        # Another process may remove it as well, and what cannot be removed does no harm.
        with suppress(OSError):
            stat = path.lstat()
            # A new link has the old time of its file, but its inode has just been changed.
            is_old = max(stat.st_mtime, stat.st_ctime) < now - LEFT_OVER
            if is_old and _PART.fullmatch(path.name):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()
