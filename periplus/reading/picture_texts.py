"""The texts that a picture's file carries, of whatever origin, read without opening the picture.

A reader of pictures decodes pixels on the way to some texts and refuses large pictures; here the
parts of the file are walked over, and only those with a wanted text are looked at.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import PeriplusError
from ..files.json_text import MAX_BYTES
from .exif import exif_texts

WANTED = ("periplus", "prompt", "parameters", "workflow")
"""The texts that tell how a picture was made, by the names that PNG files have for them."""

MAX_PARTS = 1_000_000
"""Parts of a file that are walked over; the pixels of a large PNG are many."""

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_RIFF, _WEBP = b"RIFF", b"WEBP"

_PLAIN, _PACKED, _WORLD, _EXIF = b"tEXt", b"zTXt", b"iTXt", b"eXIf"
_ANIMATED = b"comf"
"""ComfyUI's own kind of chunk, behind the pixels of an animated PNG."""

_APP1, _START_OF_PIXELS = 0xE1, 0xDA


def read_texts(path: Path) -> dict[str, str]:
    """Give the texts of a PNG, JPEG or WebP file that are in WANTED, by name.

    Raises:
        PeriplusError: the file is none of these or cannot be read, or a text in it is larger than
            a text may be.
    """
    try:
        with path.open("rb") as file:
            texts = dict(_texts(file))
    except (OSError, ValueError, zlib.error) as error:
        raise PeriplusError(f"cannot read the texts in {path.name}: {error}") from error
    return {name: texts[name] for name in WANTED if name in texts}


def _texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    head = file.read(12)
    if head.startswith(_PNG):
        file.seek(len(_PNG))
        yield from _png_texts(file)
    elif head.startswith(_JPEG):
        file.seek(len(_JPEG))
        yield from _jpeg_texts(file)
    elif head.startswith(_RIFF) and head.endswith(_WEBP):
        yield from _webp_texts(file)
    else:
        raise ValueError("it is no PNG, JPEG or WebP picture")


def _png_texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    for _ in range(MAX_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        end = file.tell() + length + 4
        if kind == _EXIF:
            yield from exif_texts(_take(file, length)).items()
        elif kind in (_PLAIN, _PACKED, _WORLD, _ANIMATED):
            name, _, rest = file.read(min(length, 80)).partition(b"\0")
            if (wanted := name.decode("latin-1")) in WANTED:
                yield wanted, _chunk_text(kind, rest + _take(file, max(length - 80, 0)))
        file.seek(end)
    raise ValueError(f"it has more than {MAX_PARTS:,} parts")


def _chunk_text(kind: bytes, data: bytes) -> str:
    """The text of a chunk; ``data`` is what follows its name."""
    if kind == _PACKED:
        return _unpack(data[1:]).decode("latin-1")
    if kind == _WORLD:
        text = data[2:].split(b"\0", 2)[-1]  # behind a language and a translated name
        return (_unpack(text) if data.startswith(b"\1") else text).decode("utf-8", "replace")
    return data.decode("latin-1")


def _unpack(data: bytes) -> bytes:
    return _limited(zlib.decompressobj().decompress(data, MAX_BYTES + 1))


def _jpeg_texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    for _ in range(MAX_PARTS):
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == _START_OF_PIXELS:
            return
        length = int.from_bytes(head[2:], "big") - 2
        if head[1] == _APP1:
            yield from exif_texts(file.read(max(length, 0))).items()
        else:
            file.seek(max(length, 0), io.SEEK_CUR)


def _webp_texts(file: BinaryIO) -> Iterator[tuple[str, str]]:
    for _ in range(MAX_PARTS):
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        end = file.tell() + length + length % 2
        if kind == b"EXIF":
            yield from exif_texts(_take(file, length)).items()
        file.seek(end)


def _take(file: BinaryIO, length: int) -> bytes:
    return _limited(file.read(min(length, MAX_BYTES + 1)))


def _limited(data: bytes) -> bytes:
    if len(data) > MAX_BYTES:
        raise ValueError(f"a text in it has more than {MAX_BYTES:,} bytes")
    return data
