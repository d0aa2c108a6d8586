"""Files that are whole or not there, whatever ends the process: an error, a kill, a power cut."""

from __future__ import annotations

import errno
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

LEFT_OVER = 24 * 60 * 60.0
"""Seconds after which nobody writes a temporary file any more."""

_PART = re.compile(r"\.[0-9a-f]{32}\.part")


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a temporary file beside ``path`` that takes its place at once when all went well.

    Its content is on the disk by then; its name is after a :func:`flush_folder`.

    Raises:
        OSError: it cannot be written, or its folder is not there; the old content stays.
    """
    temporary = part_beside(path)
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


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
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names if _PART.fullmatch(name)):
            # Another process may remove it as well, and what cannot be removed does no harm.
            with suppress(OSError):
                stat = path.stat()
                # A new link has the old time of its file, but its inode has just been changed.
                if max(stat.st_mtime, stat.st_ctime) < now - LEFT_OVER:
                    path.unlink()
