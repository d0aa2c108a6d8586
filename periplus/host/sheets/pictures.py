"""Pictures on their way to ComfyUI, as IMAGE tensors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ...errors import PeriplusError
from ...files.picture import read_picture
from ...records.manifest_reader import CellPicture
from ..system.retries import ask_again


def to_image(picture: Image.Image) -> torch.Tensor:
    """Turn a picture into an IMAGE: 1 x height x width x 3, floats of 0 to 1."""
    pixels = np.array(picture.convert("RGB"), dtype=np.float32)
    pixels /= 255.0
    return torch.from_numpy(pixels)[None]


def read_image(picture: CellPicture, manifest: Path) -> torch.Tensor:
    """Read a picture of a sweep as an IMAGE.

    Args:
        picture: which.
        manifest: of the sweep, which makes it anew when it is queued again.

    Raises:
        PeriplusError: its file is gone or damaged.
    """
    try:
        return to_image(read_picture(picture.file, picture.size, picture.crc32))
    except PeriplusError as error:
        ask_again(manifest, picture.key, error)
        raise
