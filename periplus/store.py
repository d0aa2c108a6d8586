"""The store: finished cells on disk, named by what determines them, never half written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from .durable import replacing, write_durably
from .errors import PeriplusError
from .picture import pixel_digest, png_info, read_picture
from .tiling import Tiling

PNG_COMPRESS_LEVEL = 4
"""The level of ComfyUI's own SaveImage."""

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
    """Size of the file, by which a truncated one is noticed."""
    digest: str = ""
    """Of its pixels; empty in records of an earlier version."""


@dataclass(frozen=True)
class StoredCell:
    """What is known of a finished cell: its pictures (several for a batch) and its cost."""

    pictures: tuple[Picture, ...]
    seconds: float
    tiling: Tiling | None = None
    """How the pictures went through VAEs; None where that was not chosen here."""

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


class CellStore:
    """Cells in ``cells/<first two digits of the key>/``: PNG files, and a record written last.

    The record makes a cell count as finished, so a kill or a power cut at any instant leaves no
    half cell; and once :meth:`put` has returned, neither takes the cell away.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> StoredCell | None:
        """Give the finished cell of this key; None where it is missing or damaged."""
        try:
            record = json.loads(self._path(key, ".json").read_text(encoding="utf-8"))
            pictures = tuple(Picture(**picture) for picture in record["pictures"])
            tiling = _read_tiling(record.get("tiling"))
            cell = StoredCell(pictures, float(record["seconds"]), tiling)
            intact = all(self._is_intact(key, picture) for picture in pictures)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return cell if intact and pictures else None

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
        pictures = tuple(
            self._put_picture(self._path(key, f"_{i}.png" if i else ".png"), image, texts)
            for i, image in enumerate(images)
        )
        cell = StoredCell(pictures, round(seconds, 3), tiling)
        record = json.dumps(asdict(cell), ensure_ascii=False)
        # The pictures are in the same folder, so that their names are flushed with the record's.
        write_durably(self._path(key, ".json"), record.encode())
        return cell

    def digests(self, cell: StoredCell) -> tuple[str, ...]:
        """Give a digest of the pixels of each picture: equal ones for equal pictures.

        A picture that cannot be read equals no other: it has its file name instead.
        """
        return tuple(picture.digest or self._read_digest(picture) for picture in cell.pictures)

    def _read_digest(self, picture: Picture) -> str:
        try:
            size = (picture.width, picture.height)
            return pixel_digest(read_picture(self.folder / picture.file, size))
        except PeriplusError:
            return picture.file

    def _is_intact(self, key: str, picture: Picture) -> bool:
        # Only files of this key: a record is a file like any other, and anybody may edit it.
        path = self.folder / picture.file
        ours = path.parent == self._path(key, "").parent and path.name.startswith(key)
        return ours and path.stat().st_size == picture.bytes

    def _put_picture(self, path: Path, image: Pixels, texts: Mapping[str, str]) -> Picture:
        picture = Image.fromarray(image)
        info = png_info(texts)
        with replacing(path) as temporary:
            picture.save(temporary, format="PNG", pnginfo=info, compress_level=PNG_COMPRESS_LEVEL)
        file = path.relative_to(self.folder).as_posix()
        size = path.stat().st_size
        return Picture(file, picture.width, picture.height, size, pixel_digest(picture))

    def _path(self, key: str, suffix: str) -> Path:
        return self.folder / "cells" / key[:2] / f"{key}{suffix}"


def _read_tiling(entry: Any) -> Tiling | None:
    if entry is None:
        return None
    below = entry["below"]
    return Tiling(int(entry["side"]), int(entry["least"]), None if below is None else int(below))
