"""The files that the pages of a sheet are written to as they are drawn, in one of the formats."""

from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..files.durable import take_free_name, written_beside
from ..files.picture import png_info
from .formats import JPEG, LOSSLESS, PNG, PYRAMID, WEBP
from .png_stream import PngStream
from .pyramid import Pyramid, tiles_folder

EXTENSIONS: Mapping[str, str] = {PNG: "png", WEBP: "webp", JPEG: "jpg", PYRAMID: "dzi"}

Lines = NDArray[np.uint8]

_EXIF_TAGS = (0x0110, 0x010F, 0x010E, 0x010D)
"""Of texts. ComfyUI's own nodes begin with the first and count down, as far as tags are texts."""
_MAX_EXIF: Mapping[str, int] = {JPEG: 65_533, WEBP: 2**31}
"""Bytes."""
_EFFORT = 20
"""Of 0 to 100, for a WebP without loss: more takes much longer and makes it hardly smaller."""


class LineWriter(Protocol):
    """A picture on its way to somewhere, line by line."""

    def write(self, lines: Lines) -> None:
        """Add lines below those that are there: count x width x 3 bytes."""
        ...


class SheetFiles:
    """Where the pages of a sheet are saved, one after the other.

    Args:
        stems: paths for the pages, without the extension; those that are taken are passed over.
        file_format: one of ``formats.FORMATS``.
        quality: 1 to 100, see ``formats.LOSSLESS``; PNG does not ask.
        texts: what the files tell by name, above all prompt and workflow; a pyramid has no room.
        compress_level: of PNG, 0 to 9.
    """

    def __init__(
        self,
        stems: Iterator[Path],
        file_format: str,
        quality: int,
        texts: Mapping[str, str],
        compress_level: int,
    ) -> None:
        self.paths: list[Path] = []
        """Of the pages that are saved; of a pyramid, its ``.dzi`` file."""
        self._names = (stem.with_name(f"{stem.name}.{EXTENSIONS[file_format]}") for stem in stems)
        self._format = file_format
        self._quality = quality
        self._texts = texts
        self._compress_level = compress_level

    @contextmanager
    def open(self, size: tuple[int, int]) -> Iterator[LineWriter]:
        """Save the next page, of this width and height in px; nothing stays of one that fails."""
        saving = self._pyramid if self._format == PYRAMID else self._file
        with saving(size) as writer:
            yield writer

    @contextmanager
    def _pyramid(self, size: tuple[int, int]) -> Iterator[LineWriter]:
        path = next(filter(_claim_tiles, self._names))
        try:
            pyramid = Pyramid(path, size, self._quality)
            yield pyramid
            pyramid.close()
        except BaseException:
            path.unlink(missing_ok=True)
            shutil.rmtree(tiles_folder(path), ignore_errors=True)
            raise
        self.paths.append(path)

    @contextmanager
    def _file(self, size: tuple[int, int]) -> Iterator[LineWriter]:
        first = next(self._names)
        names = chain([first], self._names)

        def place(part: Path) -> None:
            self.paths.append(take_free_name(part, names))

        with written_beside(first, place) as file:
            writer = self._writer(file, size)
            yield writer
            writer.close()

    def _writer(self, file: IO[bytes], size: tuple[int, int]) -> PngStream | _WholePicture:
        if self._format == PNG:
            return PngStream(file, size, png_info(self._texts), self._compress_level)
        return _WholePicture(file, size, self._format, self._quality, self._texts)


def _claim_tiles(path: Path) -> bool:
    """Make the folder of a pyramid's tiles, and say whether it is ours: no other one is there."""
    if path.exists():
        return False
    try:
        tiles_folder(path).mkdir()
    except FileExistsError:
        return False
    return True


class _WholePicture:
    """A WebP or JPEG, which Pillow makes of a whole picture in memory."""

    def __init__(
        self,
        file: IO[bytes],
        size: tuple[int, int],
        file_format: str,
        quality: int,
        texts: Mapping[str, str],
    ) -> None:
        self._file, self._format, self._quality = file, file_format, quality
        self._exif = _exif(texts, _MAX_EXIF[file_format])
        self._image = Image.new("RGB", size)
        self._top = 0

    def write(self, lines: Lines) -> None:
        self._image.paste(Image.fromarray(lines), (0, self._top))
        self._top += len(lines)

    def close(self) -> None:
        if self._format == WEBP:
            self._file.write(self._webp())
            return
        # Colours at full resolution: letters and thin lines need them.
        self._image.save(self._file, "JPEG", quality=self._quality, subsampling=0, exif=self._exif)

    def _webp(self) -> bytearray:
        lossless = self._quality == LOSSLESS
        quality = _EFFORT if lossless else self._quality
        encoded = io.BytesIO()
        self._image.save(encoded, "WEBP", lossless=lossless, quality=quality, exif=self._exif)
        return _with_even_chunks(bytearray(encoded.getbuffer()))


def _exif(texts: Mapping[str, str], most: int) -> bytes:
    """EXIF as ComfyUI's own nodes write it: each text behind its name and a colon.

    Of texts that are together too large, the prompt is the last to be left out.
    """
    names = sorted(texts, key=lambda name: (name != "prompt", name != "workflow"))
    while names:
        exif = Image.Exif()
        for tag, name in zip(_EXIF_TAGS, names, strict=False):
            exif[tag] = f"{name}:{texts[name]}"
        data = exif.tobytes()
        if len(data) <= most:
            return data
        names.pop()
    return b""


def _with_even_chunks(webp: bytearray) -> bytearray:
    """Count the byte that fills up an odd chunk as part of the chunk.

    ComfyUI's page does not know of that byte and would look for the EXIF, which comes after the
    picture, in the wrong place. Decoders pass over it.
    """
    start = 12
    while start < len(webp):
        (size,) = struct.unpack_from("<I", webp, start + 4)
        size += size % 2
        struct.pack_into("<I", webp, start + 4, size)
        start += 8 + size
    return webp
