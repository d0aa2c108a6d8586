"""Files of pictures with texts in them, as several programs write them."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

SIZE = (8, 6)
EXIF_IFD, USER_COMMENT, MODEL, MAKE = 0x8769, 0x9286, 0x0110, 0x010F


def save_png(path: Path, texts: Mapping[str, Any], *, packed: bool = False) -> Path:
    """Save a PNG with text chunks; values that are no texts are written as JSON."""
    info = PngInfo()
    for name, value in texts.items():
        info.add_text(name, value if isinstance(value, str) else json.dumps(value), zip=packed)
    Image.new("RGB", SIZE).save(path, pnginfo=info)
    return path


def save_comment(path: Path, infotext: str) -> Path:
    """Save a JPEG or WebP with an infotext, as AUTOMATIC1111 does."""
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[USER_COMMENT] = b"UNICODE\0" + infotext.encode("utf-16-be")
    Image.new("RGB", SIZE).save(path, exif=exif)
    return path


def save_tags(path: Path, prompt: Any, workflow: Any) -> Path:
    """Save a WebP with a prompt and a workflow, as ComfyUI does."""
    exif = Image.Exif()
    exif[MODEL] = f"prompt:{json.dumps(prompt)}"
    exif[MAKE] = f"workflow:{json.dumps(workflow)}"
    Image.new("RGB", SIZE).save(path, exif=exif)
    return path


def tiff(order: str, *entries: tuple[int, int, bytes]) -> bytes:
    """EXIF data of one directory; each entry has a tag, a count and four bytes of value."""
    head = b"II*\0" if order == "<" else b"MM\0*"
    body = b"".join(struct.pack(f"{order}HHI", tag, 2, count) + v for tag, count, v in entries)
    return head + struct.pack(f"{order}IH", 8, len(entries)) + body
