"""Small pictures, which the viewer shows from afar."""

from __future__ import annotations

import io

from PIL import Image

THUMB = 256
"""px of the longer side."""

_QUALITY = 85


def small_jpeg(picture: Image.Image) -> bytes:
    """Give a picture as a small JPEG.

    Args:
        picture: RGB; it becomes small itself.
    """
    picture.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
