"""Reading pictures that may be hostile, and the texts that PNGs carry."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from periplus.errors import PeriplusError
from periplus.files import picture
from periplus.files.picture import png_info, read_picture


def test_a_picture_of_too_many_pixels_is_refused_without_pillows_own_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (30, 10)).save(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    monkeypatch.setattr(picture, "MAX_PIXELS", 300)
    assert read_picture(path, (30, 10)).size == (30, 10)
    monkeypatch.setattr(picture, "MAX_PIXELS", 299)
    with pytest.raises(PeriplusError, match=r"cannot read bomb\.png"):
        read_picture(path, (30, 10))


@pytest.mark.parametrize("crc32", [None, 5])
def test_a_picture_of_the_store_that_is_gone_is_told_without_all_of_its_digest(
    tmp_path: Path, crc32: int | None
) -> None:
    path = tmp_path / f"{'0123456789abcdef' * 4}_0f3a2b1c.png"
    with pytest.raises(PeriplusError, match=r"^0123456789ab…0f3a2b1c\.png is gone; queue") as gone:
        read_picture(path, (30, 10), crc32)
    path.write_bytes(b"no picture")
    with pytest.raises(PeriplusError, match=r"^(cannot read )?0123456789ab…0f3a2b1c\.png"):
        read_picture(path, (30, 10), crc32)
    assert "again to make it anew" in str(gone.value)


@pytest.mark.parametrize("name", ["", "кот", "a\0b", "x" * 80])
def test_a_text_under_a_name_that_png_has_not_is_left_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "picture.png"
    Image.new("L", (1, 1)).save(path, pnginfo=png_info({name: "1", "workflow": "кот"}))
    with Image.open(path) as opened:
        assert opened.info == {"workflow": "кот"}
