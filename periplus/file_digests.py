"""Digests of files, by which changed ones are noticed."""

from __future__ import annotations

import zlib
from pathlib import Path

_BLOCK = 2**20
"""Bytes read at a time."""


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
