"""PNG files that are written line by line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from periplus.files.picture import png_info
from periplus.sheets.png_stream import PngStream


@pytest.mark.parametrize("width", [1, 2, 40])
@pytest.mark.parametrize("step", [1, 7, 100])
def test_the_file_holds_the_lines_that_were_written(tmp_path: Path, width: int, step: int) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (30, width, 3), np.uint8)
    with (tmp_path / "a.png").open("wb") as file:
        png = PngStream(file, (width, 30), png_info({"prompt": "{}", "title": "лист"}), level=1)
        for top in range(0, 30, step):
            png.write(pixels[top : top + step])
        png.close()
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.mode == "RGB"
        assert np.array_equal(np.asarray(image), pixels)
        assert image.info == {"prompt": "{}", "title": "лист"}
    with Image.open(tmp_path / "a.png") as image:
        image.verify()
