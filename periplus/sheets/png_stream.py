"""A PNG file written line by line, so that a picture larger than memory can be one file."""

from __future__ import annotations

import struct
import zlib
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngInfo

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_RGB = (8, 2, 0, 0, 0)
_SUB = 1  # the filter that writes each px as its difference from the one to its left


class PngStream:
    """An RGB picture on its way into a file.

    Args:
        file: open for writing; stays open.
        size: width and height in px.
        info: text chunks.
        level: of zlib's compression, 0 to 9.
    """

    def __init__(self, file: IO[bytes], size: tuple[int, int], info: PngInfo, level: int) -> None:
        self._file = file
        self._compressor = zlib.compressobj(level)
        file.write(_SIGNATURE)
        self._chunk(b"IHDR", struct.pack(">II5B", *size, *_EIGHT_BIT_RGB))
        for kind, data, *_ in info.chunks:
            self._chunk(kind, data)

    def write(self, lines: NDArray[np.uint8]) -> None:
        """Add lines below those that are there: count x width x 3 bytes."""
        count, width, _ = lines.shape
        filtered = np.empty((count, 1 + 3 * width), np.uint8)
        filtered[:, 0] = _SUB
        filtered[:, 1:4] = lines[:, 0]
        differences = filtered[:, 4:].reshape(count, width - 1, 3)
        np.subtract(lines[:, 1:], lines[:, :-1], out=differences)
        self._chunk(b"IDAT", self._compressor.compress(filtered.data))

    def close(self) -> None:
        """End the picture, once all its lines are written."""
        self._chunk(b"IDAT", self._compressor.flush())
        self._chunk(b"IEND", b"")

    def _chunk(self, kind: bytes, data: bytes) -> None:
        length, checksum = struct.pack(">I", len(data)), struct.pack(">I", zlib.crc32(kind + data))
        self._file.write(length + kind + data + checksum)
