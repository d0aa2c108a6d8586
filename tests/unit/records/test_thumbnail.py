"""Thumbnails: small, whole, and arranged as the sheet arranges a batch."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from periplus.records.store import Pixels
from periplus.records.thumbnail import SIDE, data_uri, thumbnail

RED, BLUE = (255, 0, 0), (0, 0, 255)


def plain(width: int, height: int, colour: tuple[int, ...]) -> Pixels:
    return np.full((height, width, len(colour)), colour, dtype=np.uint8)


def opened(jpeg: bytes) -> Image.Image:
    return Image.open(io.BytesIO(jpeg), formats=["JPEG"])


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((512, 512), (SIDE, SIDE)),
        ((512, 1024), (SIDE // 2, SIDE)),
        ((64, 32), (64, 32)),
        ((4096, 8), (SIDE, 1)),
    ],
)
def test_the_longest_side_is_shortened_and_never_lengthened(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert opened(thumbnail([plain(*size, RED)])).size == expected


def test_a_batch_stands_side_by_side() -> None:
    shown = opened(thumbnail([plain(256, 256, RED), plain(256, 256, BLUE)]))

    assert SIDE - 1 <= shown.width <= SIDE, "two halves of one size, and a line between"
    assert shown.height < SIDE * 0.6
    left, right = (np.asarray(shown)[shown.height // 2, x] for x in (20, SIDE - 20))
    assert np.abs(left.astype(int) - RED).max() < 8
    assert np.abs(right.astype(int) - BLUE).max() < 8


def test_what_is_transparent_is_white() -> None:
    shown = opened(thumbnail([plain(64, 64, (*RED, 0))]))

    assert np.asarray(shown).min() > 250


def test_an_address_holds_the_whole_picture() -> None:
    jpeg = thumbnail([plain(512, 512, RED)])
    kind, _, content = data_uri(jpeg).partition(",")

    assert kind == "data:image/jpeg;base64"
    assert base64.b64decode(content) == jpeg
