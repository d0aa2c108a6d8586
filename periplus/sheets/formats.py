"""The formats that a sheet may be saved in, and how large a page each can hold."""

from __future__ import annotations

from collections.abc import Mapping

PNG, WEBP, JPEG, PYRAMID = FORMATS = ("png", "webp", "jpeg", "pyramid")

DEFAULT_QUALITY, LOSSLESS = 90, 100
"""Of 1 to 100. At LOSSLESS, WebP and the tiles of a pyramid keep every pixel."""

LONGEST_SIDES: Mapping[str, int] = {PNG: 65_500, WEBP: 16_383, JPEG: 65_500}
"""Of a page, in px. A JPEG ends at 65,535 and a PNG may be converted to one; a pyramid has no
end."""

BYTES_PER_PIXEL: Mapping[str, int] = {WEBP: 40, JPEG: 5}
"""Of memory, measured, while such a file is made; the others are written line by line."""
