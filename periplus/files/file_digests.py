"""Digests of files, by which changed ones are noticed."""

from __future__ import annotations

import hashlib
import zlib
from functools import cache
from pathlib import Path

_BLOCK = 2**20
"""Bytes read at a time."""

_SAMPLE, _SAMPLES = 2**16, 16
"""Bytes that are read in each of so many places of a large file."""


def content_digest(path: Path) -> str:
    """SHA-256, in hexadecimal, of parts of a file, by which it is told from others of its size.

    They are the first MiB, which holds the header of a model file, and samples spread evenly over
    the rest to its very end: two models of one kind have one header, but differ all over. A file
    that has not been touched since it was last asked for is not read again.

    Raises:
        OSError: it cannot be read.
    """
    stat = path.stat()
    # Whoever replaces a file can keep its size and time, but not all of these.
    return _content_digest(path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


@cache
def _content_digest(path: Path, _inode: int, size: int, _modified: int, _changed: int) -> str:
    sha = hashlib.sha256()
    with path.open("rb") as file:
        sha.update(file.read(_BLOCK))
        rest = max(size - _BLOCK - _SAMPLE, 0)
        for number in range(_SAMPLES):
            file.seek(_BLOCK + rest * number // (_SAMPLES - 1))
            sha.update(file.read(_SAMPLE))
    return sha.hexdigest()


def file_crc32(path: Path) -> int:
    """CRC-32 of all that a file holds.

    Raises:
        OSError: it cannot be read.
    """
    crc = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            crc = zlib.crc32(block, crc)
    return crc
