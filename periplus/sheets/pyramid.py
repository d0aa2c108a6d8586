"""A picture as a Deep Zoom pyramid, written line by line: for viewers of pictures of any size.

The picture is kept in many sizes, called levels, each half as large as the next and cut into
tiles. A viewer, such as OpenSeadragon, loads what is on the screen. A file ``<name>.dzi`` tells how
large it is; the tiles are ``<name>_files/<level>/<column>_<row>.jpg``. Neighbours overlap by a px.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .formats import LOSSLESS

TILE, OVERLAP = 254, 1
"""px: with the overlap on both sides, a tile is 256 px wide."""

_PNG_COMPRESS_LEVEL = 4

_DESCRIPTION = """<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" \
Format="{kind}" Overlap="{overlap}" TileSize="{tile}">
  <Size Width="{width}" Height="{height}"/>
</Image>
"""

Lines = NDArray[np.uint8]


class Pyramid:
    """A picture on its way into a pyramid.

    Args:
        path: the ``.dzi`` file; it is written last, when all tiles are there.
        size: width and height of the picture in px.
        quality: of the JPEG tiles, 1 to 99; at LOSSLESS they are PNG.
    """

    def __init__(self, path: Path, size: tuple[int, int], quality: int) -> None:
        self._path, self._size = path, size
        self._kind = "png" if quality == LOSSLESS else "jpg"
        self._largest = self._make_levels(size, quality)

    def write(self, lines: Lines) -> None:
        """Add lines below those that are there: count x width x 3 bytes."""
        self._largest.write(lines)

    def close(self) -> None:
        """End the picture, once all its lines are written."""
        width, height = self._size
        self._path.write_text(
            _DESCRIPTION.format(
                kind=self._kind, overlap=OVERLAP, tile=TILE, width=width, height=height
            ),
            encoding="utf-8",
        )

    def _make_levels(self, size: tuple[int, int], quality: int) -> _Level:
        level: _Level | None = None
        for number, level_size in enumerate(level_sizes(*size)):
            folder = tiles_folder(self._path) / str(number)
            folder.mkdir(parents=True)
            level = _Level(_TileFolder(folder, self._kind, quality), level_size, level)
        assert level is not None  # there is always level 0
        return level


def tiles_folder(path: Path) -> Path:
    """The folder of the tiles that belong to a ``.dzi`` file."""
    return path.with_name(f"{path.stem}_files")


def level_sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Width and height in px of each level: from a single px to the whole picture."""
    sizes = [(width, height)]
    while max(sizes[-1]) > 1:
        sizes.append((math.ceil(sizes[-1][0] / 2), math.ceil(sizes[-1][1] / 2)))
    return sizes[::-1]


def covered(number: int, extent: int) -> range:
    """The px that a tile shows, by its column or row, with the overlap; ``extent`` of its level."""
    return range(max(0, number * TILE - OVERLAP), min(extent, (number + 1) * TILE + OVERLAP))


class _TileFolder:
    """Where the tiles of a level go."""

    def __init__(self, folder: Path, kind: str, quality: int) -> None:
        self._folder, self._kind, self._quality = folder, kind, quality

    def save(self, column: int, row: int, pixels: Lines) -> None:
        path = self._folder / f"{column}_{row}.{self._kind}"
        tile = Image.fromarray(pixels)
        if self._kind == "png":
            tile.save(path, compress_level=_PNG_COMPRESS_LEVEL)
        else:
            tile.save(path, quality=self._quality, subsampling=0)  # letters need their colours


class _Level:
    """One size of the picture: cuts its lines into tiles, and halves them for the next smaller."""

    def __init__(self, tiles: _TileFolder, size: tuple[int, int], smaller: _Level | None) -> None:
        self._tiles, self._smaller = tiles, smaller
        self._width, self._height = size
        self._row = 0
        self._count = 0
        """Lines that came so far."""
        self._uncut = self._unpaired = np.empty((0, self._width, 3), np.uint8)

    def write(self, lines: Lines) -> None:
        self._count += len(lines)
        self._cut(lines)
        if self._smaller is not None:
            self._hand_down(lines, self._smaller)

    def _cut(self, lines: Lines) -> None:
        self._uncut = np.concatenate([self._uncut, lines])
        while self._row * TILE < self._height:
            rows = covered(self._row, self._height)
            if self._count < rows.stop:
                return
            first = self._count - len(self._uncut)
            band = self._uncut[rows.start - first : rows.stop - first]
            for column in range(math.ceil(self._width / TILE)):
                across = covered(column, self._width)
                self._tiles.save(column, self._row, band[:, across.start : across.stop])
            self._row += 1
            self._uncut = self._uncut[covered(self._row, self._height).start - first :]

    def _hand_down(self, lines: Lines, smaller: _Level) -> None:
        lines = np.concatenate([self._unpaired, lines])
        if self._count == self._height and len(lines) % 2:
            lines = np.concatenate([lines, lines[-1:]])
        pairs = len(lines) - len(lines) % 2
        self._unpaired = lines[pairs:]
        if pairs:
            smaller.write(_halved(lines[:pairs]))


def _halved(lines: Lines) -> Lines:
    """Make one px of two by two; an odd column at the end counts twice."""
    if lines.shape[1] % 2:
        lines = np.concatenate([lines, lines[:, -1:]], axis=1)
    sums = lines[0::2].astype(np.uint16)
    sums += lines[1::2]
    halved = sums[:, 0::2] + sums[:, 1::2]
    return ((halved + 2) // 4).astype(np.uint8)
