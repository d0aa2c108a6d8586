"""The texts in EXIF data that tell how a picture was made.

Pillow would read every entry, and a few megabytes of EXIF can tell of gigabytes; here only the few
entries that ComfyUI and AUTOMATIC1111 use are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_HEADER = b"Exif\0\0"

_ENTRY = 12
"""Bytes of an entry: tag, type, count, and the value or its place."""

_COMFYUI = range(0x010D, 0x0111)
"""ComfyUI writes the prompt into Model, the workflow and others into the entries below it."""

_EXIF, _USER_COMMENT = 0x8769, 0x9286

_CHARSET = 8
"""Bytes at the beginning of a user comment that name its character set."""


def exif_texts(data: bytes) -> dict[str, str]:
    """Give the texts by name: ``prompt``, ``workflow``, ... of ComfyUI, ``parameters`` of A1111.

    Args:
        data: EXIF data, of whatever origin; what is damaged in it is left out.
    """
    data = data.removeprefix(_HEADER)
    if data.startswith(b"II*\0"):
        return _texts(_Tiff(data, "little"))
    return _texts(_Tiff(data, "big")) if data.startswith(b"MM\0*") else {}


@dataclass(frozen=True)
class _Tiff:
    """The layout that EXIF data have: directories of entries."""

    data: bytes
    order: Literal["little", "big"]

    def number(self, at: int, size: int) -> int:
        """The number at a place; what lies beyond the end counts as zeros."""
        return int.from_bytes(self.data[at : at + size], self.order)

    def entries(self, start: int) -> Iterator[tuple[int, int]]:
        """The tag and the place of each entry of a directory that is there."""
        end = min(start + 2 + self.number(start, 2) * _ENTRY, len(self.data) - _ENTRY + 1)
        for at in range(start + 2, end, _ENTRY):
            yield self.number(at, 2), at

    def value(self, at: int) -> bytes:
        """The bytes of the entry at a place, whose items must be of one byte."""
        size = self.number(at + 4, 4)
        place = at + 8 if size <= 4 else self.number(at + 8, 4)
        return self.data[place : place + size]


def _texts(tiff: _Tiff) -> dict[str, str]:
    texts: dict[str, str] = {}
    places = dict(tiff.entries(tiff.number(4, 4)))
    for tag in _COMFYUI:
        if tag in places:
            value = tiff.value(places[tag]).rstrip(b"\0").decode("utf-8", "replace")
            name, _, text = value.partition(":")
            texts[name] = text
    if _EXIF in places:
        inner = dict(tiff.entries(tiff.number(places[_EXIF] + 8, 4)))
        if _USER_COMMENT in inner:
            texts["parameters"] = _user_comment(tiff.value(inner[_USER_COMMENT]))
    return texts


def _user_comment(value: bytes) -> str:
    charset, text = value[:_CHARSET], value[_CHARSET:]
    if not charset.startswith(b"UNICODE"):
        return text.decode("utf-8", "replace").strip("\0")
    # Writers do not agree on the order of the bytes, but most of such a text is ASCII.
    big = text[0::2].count(0) >= text[1::2].count(0)
    return text.decode("utf-16-be" if big else "utf-16-le", "replace").strip("\0")
