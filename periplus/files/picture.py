"""Pictures in files: reading those of cells, which are untrusted, and the texts that PNGs carry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..errors import DamagedPictureError, PeriplusError
from .file_digests import file_crc32

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

MAX_PIXELS = 178_956_970
"""Pictures of more pixels are refused, whatever other packs do to Pillow's own limit, this one."""

MAX_CHUNK_NAME = 79
"""Characters of the name of a PNG's text chunk."""

LONG_NAME = 60
"""Characters; a longer name is not read to its end."""

FORMATS = ("PNG", "JPEG", "WEBP")
"""No other decoder is let loose on a file."""


def png_info(texts: Mapping[str, str]) -> PngInfo:
    """Give the text chunks of a PNG file, by name; texts under names that PNG has not are left out.

    The names of some come from the page, which may send any.
    """
    info = PngInfo()
    for name, text in texts.items():
        if name.isascii() and name.isprintable() and 0 < len(name) <= MAX_CHUNK_NAME:
            # Half an emoji, which a prompt may contain, has no UTF-8.
            info.add_text(name, text.encode("utf-8", "replace").decode())
    return info


def pixel_digest(picture: Image.Image) -> str:
    """SHA-256, in hexadecimal, of a picture's mode, size and pixels."""
    digest = hashlib.sha256(f"{picture.mode} {picture.width} {picture.height} ".encode())
    digest.update(picture.tobytes())
    return digest.hexdigest()


def read_picture(
    path: Path,
    size: tuple[int, int] | None = None,
    crc32: int | None = None,
    background: Colour = (255, 255, 255),
) -> Image.Image:
    """Return a picture as RGB, a transparent one on the background.

    Args:
        path: the file.
        size: width and height that it had when it was made; None where any will do.
        crc32: of the file's bytes when it was made; None where that is not known. Pillow notices
            damage only where it is gross.
        background: the colour behind what is transparent.

    Raises:
        DamagedPictureError: the file has other bytes than when it was made.
        PeriplusError: the file is no picture, or not of this size.
    """
    if crc32 is not None and _crc32_of(path) != crc32:
        raise DamagedPictureError(
            f"{_shown(path)} was damaged after it was written; queue the sweep again to make it "
            "anew"
        )
    try:
        with Image.open(path, formats=FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise ValueError(f"more than {MAX_PIXELS:,} pixels")
            if size is None or opened.size == size:
                return _flatten(opened, background)
            found = opened.size
    except Exception as error:  # a damaged or hostile file makes decoders raise almost anything
        raise _unreadable(path, error) from error
    raise PeriplusError(
        f"{_shown(path)} is {found[0]} x {found[1]} px, expected {size[0]} x {size[1]}"
    )


def _crc32_of(path: Path) -> int:
    try:
        return file_crc32(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> PeriplusError:
    if isinstance(error, FileNotFoundError):
        return PeriplusError(f"{_shown(path)} is gone; queue the sweep again to make it anew")
    return PeriplusError(f"cannot read {_shown(path)}")


def _shown(path: Path) -> str:
    """The name of a file, shortened in the middle where it is as long as those of the store."""
    name = path.name
    return name if len(name) <= LONG_NAME else f"{name[:12]}…{name[-12:]}"


def _flatten(image: Image.Image, background: Colour) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    flat = Image.new("RGB", image.size, background)
    flat.paste(layer, mask=layer)
    return flat
