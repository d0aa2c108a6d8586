"""The store: finished cells on disk, named by what determines them, never half written."""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..files.durable import flush_folder, make_folder, replacing
from ..files.file_digests import file_crc32
from ..files.json_text import json_value, read_json
from ..files.picture import pixel_digest, png_info
from ..tiling import Tiling

PNG_COMPRESS_LEVEL = 4
"""The level of ComfyUI's own SaveImage."""

CELLS = "cells"
"""The folder of the cells in a store's."""

_KEY = re.compile(r"[0-9a-f]{64}")

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
"""One picture: height x width x channels, 0 to 255."""


@dataclass(frozen=True)
class Picture:
    """One stored picture."""

    file: str
    """Path relative to the store's folder, with forward slashes."""
    width: int
    height: int
    bytes: int
    """Size of the file."""
    modified: int
    """Nanoseconds: the file's time. While size and time are these, so are the bytes, but for what
    the disk itself has damaged."""
    crc32: int
    """Of the file's bytes."""
    digest: str
    """Of its pixels."""


@dataclass(frozen=True)
class StoredCell:
    """What is known of a finished cell: its pictures (several for a batch) and its cost."""

    pictures: tuple[Picture, ...]
    seconds: float
    tiling: Tiling | None = None
    """How the pictures went through VAEs; None where that was not chosen here."""

    @property
    def digests(self) -> tuple[str, ...]:
        """Of the pixels of each picture: equal ones for equal pictures."""
        return tuple(picture.digest for picture in self.pictures)

    def suits(self, memory: int) -> bool:
        """Whether the pictures would be made in the same way with so many bytes of memory."""
        return self.tiling is None or self.tiling.suits(memory)


def to_pixels(image: Any) -> Pixels:
    """Turn one decoded picture, floats of 0 to 1, into bytes the way SaveImage does it.

    SaveImage truncates where others round; a cell must be what a native graph would have saved.

    Args:
        image: a numpy array of height x width x channels.
    """
    return np.clip(255.0 * image, 0, 255).astype(np.uint8)


def is_key(text: str) -> bool:
    """Whether a text can be a cell's key; anything else may lead elsewhere as part of a path."""
    return _KEY.fullmatch(text) is not None


class CellStore:
    """Cells in ``cells/<first two digits of the key>/``: PNG files, and a record written last.

    The record makes a cell count as finished, so a kill or a power cut at any instant leaves no
    half cell; and once :meth:`put` has returned, neither takes the cell away.

    Args:
        folder: the store's.
        only_looks: whether finding a cell leaves no trace.
    """

    def __init__(self, folder: Path, *, only_looks: bool = False) -> None:
        self.folder = folder
        self._only_looks = only_looks

    def find(self, key: str) -> StoredCell | None:
        """Give the finished cell of this key; None where it is missing or damaged.

        A file is read only where its size or time is another than when it was written: damage that
        hides from that is noticed when the picture is drawn, see :func:`picture.read_picture`.
        The record's time becomes now, unless the store only looks: it tells when the cell was last
        used.
        """
        try:
            record = read_json(self._path(key, ".json"))
            pictures = tuple(Picture(**picture) for picture in record["pictures"])
            tiling = _read_tiling(record.get("tiling"))
            cell = StoredCell(pictures, float(record["seconds"]), tiling)
            intact = all(self._is_intact(key, picture) for picture in pictures)
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None
        if not intact or not pictures:
            return None
        if not self._only_looks:
            with suppress(OSError):  # another user's file, or removed this instant
                os.utime(self._path(key, ".json"))
        return cell

    def put(
        self,
        key: str,
        images: Sequence[Pixels],
        seconds: float,
        texts: Mapping[str, str],
        tiling: Tiling | None = None,
    ) -> StoredCell:
        """Write a finished cell.

        Args:
            key: the cell's key, hexadecimal.
            images: the pictures of the batch, in order.
            seconds: what the cell cost.
            texts: text chunks for every PNG file (``prompt``, ``workflow``, ...).
            tiling: how the pictures went through VAEs, where that was chosen.

        Raises:
            OSError: the folder cannot be written.
        """
        record = self._path(key, ".json")
        folder = record.parent
        make_folder(folder)
        pictures = tuple(self._put_picture(key, image, texts) for image in images)
        cell = StoredCell(pictures, round(seconds, 3), tiling)
        with replacing(record) as temporary:
            temporary.write(json.dumps(json_value(cell), ensure_ascii=False).encode())
        flush_folder(folder)  # the names of the pictures with that of the record
        return cell

    def has(self, cell: StoredCell) -> bool:
        """Whether the pictures of a finished cell are still there."""
        return all((self.folder / picture.file).is_file() for picture in cell.pictures)

    def forget(self, key: str) -> None:
        """Let a cell count as missing, so that it is made anew.

        Args:
            key: of whatever origin; what is no key is that of no cell.

        Raises:
            OSError: the folder cannot be written.
        """
        if is_key(key):
            self._path(key, ".json").unlink(missing_ok=True)

    def _is_intact(self, key: str, picture: Picture) -> bool:
        # Only files of this key: a record is a file like any other, and anybody may edit it.
        path = self.folder / picture.file
        ours = path.parent == self._path(key, "").parent and path.name.startswith(key)
        stat = path.stat()
        if not ours or stat.st_size != picture.bytes:
            return False
        if stat.st_mtime_ns == picture.modified:
            return True
        if file_crc32(path) != picture.crc32:
            return False
        if not self._only_looks:  # the time has changed, as that of a copy does: put it right
            with suppress(OSError):  # another user's file: it will be read each time
                os.utime(path, ns=(picture.modified, picture.modified))
        return True

    def _put_picture(self, key: str, image: Pixels, texts: Mapping[str, str]) -> Picture:
        picture = Image.fromarray(image)
        info = png_info(texts)
        png = BytesIO()
        picture.save(png, format="PNG", pnginfo=info, compress_level=PNG_COMPRESS_LEVEL)
        crc32 = zlib.crc32(png.getbuffer())
        # By its bytes, too: another ComfyUI may be writing the same cell with other texts, and the
        # record of each must go on to name a file that is what it says.
        file = _file(key, f"_{crc32:08x}.png")
        path = self.folder / file
        with replacing(path) as temporary:
            temporary.write(png.getbuffer())
        return Picture(
            file,
            picture.width,
            picture.height,
            bytes=png.getbuffer().nbytes,
            modified=path.stat().st_mtime_ns,
            crc32=crc32,
            digest=pixel_digest(picture),
        )

    def _path(self, key: str, suffix: str) -> Path:
        return self.folder / _file(key, suffix)


def _file(key: str, suffix: str) -> str:
    """The path of a cell's file, relative to the store's folder."""
    return f"{CELLS}/{key[:2]}/{key}{suffix}"


def _read_tiling(entry: Any) -> Tiling | None:
    if entry is None:
        return None
    below = entry["below"]
    return Tiling(int(entry["side"]), int(entry["least"]), None if below is None else int(below))
