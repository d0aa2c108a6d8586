"""The files of a sheet's pages: what they hold and tell, and that none stays half written."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from periplus.sheets.formats import FORMATS, JPEG, LOSSLESS, PNG, PYRAMID, WEBP
from periplus.sheets.sheet_files import EXTENSIONS, SheetFiles

TEXTS = {"prompt": json.dumps({"1": {"title": "корабль"}}), "workflow": json.dumps({"nodes": []})}
EXIF_OFFSET = 8


def smooth(width: int, height: int) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 2, y * 2, x + y], axis=-1).astype(np.uint8)


def save(
    folder: Path,
    pixels: NDArray[np.uint8],
    file_format: str,
    quality: int = 90,
    texts: Mapping[str, str] = TEXTS,
) -> Path:
    height, width, _ = pixels.shape
    stem = folder / "sheet.v1"
    stem.with_name(f"{stem.name}.{EXTENSIONS[file_format]}").unlink(missing_ok=True)
    files = SheetFiles(iter([stem]), file_format, quality, texts, 1)
    with files.open((width, height)) as writer:
        for top in range(0, height, 7):
            writer.write(pixels[top : top + 7])
    (path,) = files.paths
    return path


def page_finds(webp: bytes) -> dict[str, str]:
    """What ComfyUI's page finds in a WebP: it reads chunks as they are counted, without padding."""
    start, found = 12, {}
    while start < len(webp):
        name, (size,) = webp[start : start + 4], struct.unpack_from("<I", webp, start + 4)
        if name == b"EXIF":
            exif = Image.Exif()
            exif.load(webp[start + EXIF_OFFSET : start + EXIF_OFFSET + size])
            for text in exif.values():
                key, _, value = text.partition(":")
                found[key] = value
        start += 8 + size
    return found


@pytest.mark.parametrize(
    ("file_format", "quality", "most"),
    [(PNG, 1, 0), (WEBP, LOSSLESS, 0), (WEBP, 95, 12), (JPEG, LOSSLESS, 3), (JPEG, 90, 12)],
)
def test_a_file_holds_the_lines_that_were_written(
    tmp_path: Path, file_format: str, quality: int, most: int
) -> None:
    pixels = smooth(90, 64)

    path = save(tmp_path, pixels, file_format, quality)

    assert path == tmp_path / f"sheet.v1.{EXTENSIONS[file_format]}"
    assert list(tmp_path.iterdir()) == [path]
    with Image.open(path) as image:
        assert image.format == file_format.upper()
        assert abs(np.asarray(image).astype(int) - pixels).max() <= most


def test_a_lower_quality_makes_a_smaller_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    for file_format in (WEBP, JPEG):
        bytes_of = [save(tmp_path, noise, file_format, q).stat().st_size for q in (20, 80, 100)]
        assert bytes_of == sorted(set(bytes_of))


@pytest.mark.parametrize("width", range(40, 56))
def test_the_page_finds_prompt_and_workflow_in_every_webp(tmp_path: Path, width: int) -> None:
    noise = np.random.default_rng(width).integers(0, 256, (40, width, 3), np.uint8)
    lossy = save(tmp_path, noise, WEBP).read_bytes()
    exact = save(tmp_path, noise, WEBP, LOSSLESS)

    assert page_finds(lossy) == page_finds(exact.read_bytes()) == TEXTS
    with Image.open(exact) as image:
        assert np.array_equal(np.asarray(image), noise)


def test_a_jpeg_tells_them_in_its_exif(tmp_path: Path) -> None:
    with Image.open(save(tmp_path, smooth(8, 8), JPEG)) as image:
        assert list(image.getexif().values()) == [f"{name}:{TEXTS[name]}" for name in TEXTS]


def test_texts_that_are_too_long_for_a_jpeg_are_left_out_but_not_of_a_webp(tmp_path: Path) -> None:
    long = {"workflow": json.dumps("x" * 70_000)}
    with Image.open(save(tmp_path, smooth(8, 8), JPEG, texts=long)) as image:
        assert not image.getexif()
    assert page_finds(save(tmp_path, smooth(8, 8), WEBP, texts=long).read_bytes()) == long


def test_a_jpeg_keeps_the_prompt_where_only_the_workflow_is_too_long(tmp_path: Path) -> None:
    texts = {"workflow": json.dumps("x" * 70_000), "prompt": TEXTS["prompt"]}
    with Image.open(save(tmp_path, smooth(8, 8), JPEG, texts=texts)) as image:
        assert list(image.getexif().values()) == [f"prompt:{TEXTS['prompt']}"]


def test_prompt_and_workflow_come_before_what_else_a_page_sends(tmp_path: Path) -> None:
    many = {**{f"other {i}": "{}" for i in range(9)}, **TEXTS}
    found = page_finds(save(tmp_path, smooth(8, 8), WEBP, texts=many).read_bytes())
    assert TEXTS.items() <= found.items()


@pytest.mark.parametrize("file_format", FORMATS)
def test_without_texts_a_file_tells_nothing(tmp_path: Path, file_format: str) -> None:
    path = save(tmp_path, smooth(8, 8), file_format, texts={})
    if file_format != PYRAMID:
        with Image.open(path) as image:
            assert not image.getexif()
            assert "prompt" not in image.info


class Cancelled(BaseException):
    """Like ComfyUI's own, no Exception."""


@pytest.mark.parametrize("file_format", FORMATS)
def test_nothing_stays_of_a_page_that_is_cancelled(tmp_path: Path, file_format: str) -> None:
    files = SheetFiles(iter([tmp_path / "a", tmp_path / "b"]), file_format, 90, TEXTS, 1)
    with files.open((300, 300)) as writer:
        writer.write(smooth(300, 300))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Cancelled), files.open((300, 300)) as writer:
        writer.write(smooth(300, 280))
        raise Cancelled
    assert sorted(tmp_path.rglob("*")) == before
    assert [path.stem for path in files.paths] == ["a"]


@pytest.mark.parametrize("file_format", [PNG, WEBP, JPEG])
def test_a_sheet_that_another_comfyui_saves_meanwhile_is_not_replaced(
    tmp_path: Path, file_format: str
) -> None:
    files = SheetFiles(iter([tmp_path / "a", tmp_path / "b"]), file_format, 90, TEXTS, 1)
    other = tmp_path / f"a.{EXTENSIONS[file_format]}"
    with files.open((8, 8)) as writer:
        writer.write(smooth(8, 8))
        other.write_bytes(b"another's")
    assert other.read_bytes() == b"another's"
    assert [path.stem for path in files.paths] == ["b"]
    assert {path.stem for path in tmp_path.iterdir()} == {"a", "b"}


def test_the_tiles_that_another_comfyui_is_making_are_left_alone(tmp_path: Path) -> None:
    stems = [tmp_path / "a", tmp_path / "b"]
    theirs, ours = (SheetFiles(iter(stems), PYRAMID, 90, TEXTS, 1) for _ in range(2))
    with theirs.open((8, 8)) as writer:
        with ours.open((8, 8)) as beside:
            beside.write(smooth(8, 8))
        writer.write(smooth(8, 8))
    assert theirs.paths == [tmp_path / "a.dzi"]
    assert ours.paths == [tmp_path / "b.dzi"]
    for stem in stems:
        assert (stem.with_name(f"{stem.name}_files") / "0" / "0_0.jpg").is_file()
