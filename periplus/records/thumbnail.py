"""Thumbnails: the pictures of a cell, small, for a page to show while a sweep runs."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from ..sheets.sheet import SheetCell, Style
from ..sheets.tiles import make_tile
from .store import Pixels

SIDE = 128
"""The longest side, in px."""

QUALITY = 80
"""Of the JPEG, 1 to 95."""


def thumbnail(pictures: Sequence[Pixels]) -> bytes:
    """Make a JPEG of the pictures of a cell, a batch arranged as on the sheet.

    Args:
        pictures: at least one; see :data:`periplus.records.store.Pixels`.
    """
    sizes = tuple((pixels.shape[1], pixels.shape[0]) for pixels in pictures)
    tile = make_tile(SheetCell((Path(),) * len(sizes), sizes), Style(max_cell=SIDE))
    small = Image.new("RGB", (tile.width, tile.height), "white")
    for pixels, box in zip(pictures, tile.pictures, strict=True):
        size = (box.width, box.height)
        # Bilinear, and after a coarse reduction: a tenth of the time of the best filter alone.
        picture = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, reducing_gap=1.5)
        small.paste(picture, (box.left, box.top), picture if picture.mode == "RGBA" else None)
    file = io.BytesIO()
    small.save(file, format="JPEG", quality=QUALITY)
    return file.getvalue()


def data_uri(jpeg: bytes) -> str:
    """Give a JPEG as an address that a page can show without asking for it."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
