"""Deep Zoom pyramids: their layout by the specification, and that they hold the whole picture."""

from __future__ import annotations

import itertools
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from periplus.sheets.formats import LOSSLESS
from periplus.sheets.pyramid import Pyramid, level_sizes, tiles_folder

NAMESPACE = "{http://schemas.microsoft.com/deepzoom/2008}"
SIZES = [(1, 1), (254, 254), (255, 254), (256, 509), (700, 3), (3, 700), (777, 1021)]


def noise(width: int, height: int) -> NDArray[np.uint8]:
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)


def write(path: Path, pixels: NDArray[np.uint8], quality: int = LOSSLESS, step: int = 100) -> None:
    height, width, _ = pixels.shape
    pyramid = Pyramid(path, (width, height), quality)
    for top in range(0, height, step):
        pyramid.write(pixels[top : top + step])
    pyramid.close()


def rebuild(path: Path, level: int, width: int, height: int) -> NDArray[np.uint8]:
    """Put the tiles of a level together as a viewer does: each at its place, overlaps and all."""
    whole = np.zeros((height, width, 3), np.uint8)
    files = list((tiles_folder(path) / str(level)).iterdir())
    assert len(files) == math.ceil(width / 254) * math.ceil(height / 254)
    for file in files:
        column, row = map(int, file.stem.split("_"))
        left, top = max(0, column * 254 - 1), max(0, row * 254 - 1)
        with Image.open(file) as image:
            tile = np.asarray(image)
        assert tile.shape[1] == min(width, (column + 1) * 254 + 1) - left
        assert tile.shape[0] == min(height, (row + 1) * 254 + 1) - top
        whole[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return whole


def halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    even = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge").astype(int)
    return (
        (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2] + 2) // 4
    ).astype(np.uint8)


@pytest.mark.parametrize(("width", "height"), [*SIZES, (30_000, 30_000), (4097, 2), (4096, 2)])
def test_levels_go_from_one_px_to_the_whole_picture(width: int, height: int) -> None:
    sizes = level_sizes(width, height)

    assert len(sizes) == 1 + math.ceil(math.log2(max(width, height)))
    assert (sizes[0], sizes[-1]) == ((1, 1), (width, height))
    for smaller, larger in itertools.pairwise(sizes):
        assert smaller == (math.ceil(larger[0] / 2), math.ceil(larger[1] / 2))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("step", [1, 100, 1000])
def test_every_level_can_be_put_together_from_its_tiles(
    tmp_path: Path, width: int, height: int, step: int
) -> None:
    path, expected = tmp_path / "a b.dzi", noise(width, height)

    write(path, expected, step=step)

    levels = list(enumerate(level_sizes(width, height)))
    folders = {folder.name for folder in tiles_folder(path).iterdir()}
    assert folders == {str(number) for number, _ in levels}
    for number, size in reversed(levels):
        assert np.array_equal(rebuild(path, number, *size), expected)
        expected = halved(expected)


def test_the_description_tells_a_viewer_what_it_must_know(tmp_path: Path) -> None:
    write(tmp_path / "sheet.dzi", noise(300, 20))

    image = ElementTree.parse(tmp_path / "sheet.dzi").getroot()
    assert image.tag == f"{NAMESPACE}Image"
    assert image.attrib == {"Format": "png", "Overlap": "1", "TileSize": "254"}
    (size,) = image
    assert (size.tag, size.attrib) == (f"{NAMESPACE}Size", {"Width": "300", "Height": "20"})
    assert tiles_folder(tmp_path / "sheet.dzi") == tmp_path / "sheet_files"


def test_tiles_are_jpeg_below_the_best_quality(tmp_path: Path) -> None:
    ramp = np.zeros((300, 300, 3), np.uint8) + np.arange(300, dtype=np.uint8)[:, None, None] // 2
    write(tmp_path / "a.dzi", ramp, quality=90)

    tile = tmp_path / "a_files" / "9" / "1_0.jpg"
    with Image.open(tile) as image:
        assert (image.format, image.size) == ("JPEG", (47, 255))
        assert abs(np.asarray(image).astype(int) - ramp[:255, 253:]).max() < 4
    assert 'Format="jpg"' in (tmp_path / "a.dzi").read_text(encoding="utf-8")


def test_it_counts_as_written_only_when_all_tiles_are_there(tmp_path: Path) -> None:
    pyramid = Pyramid(tmp_path / "a.dzi", (10, 10), 90)
    pyramid.write(noise(10, 10))
    assert not (tmp_path / "a.dzi").exists()
    pyramid.close()
    assert (tmp_path / "a.dzi").exists()
