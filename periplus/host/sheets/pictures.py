"""Pictures on their way to ComfyUI, as IMAGE tensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import comfy.model_management
import numpy as np
import torch
from PIL import Image

from ...errors import PeriplusError
from ...files.picture import read_picture
from ...records.cleaning import GIGABYTE
from ...records.manifest_reader import CellPicture
from ...sheets.sheet_plan import IMAGE_BYTES
from ..system.retries import ask_again
from .composing import cell_counter


def to_image(picture: Image.Image) -> torch.Tensor:
    """Turn a picture into an IMAGE: 1 x height x width x 3, floats of 0 to 1."""
    pixels = np.array(picture.convert("RGB"), dtype=np.float32)
    pixels /= 255.0
    return torch.from_numpy(pixels)[None]


def read_images(chosen: Sequence[CellPicture], manifest: Path) -> list[torch.Tensor]:
    """Read pictures of a sweep as IMAGEs, with progress on the running node.

    Args:
        chosen: which.
        manifest: of the sweep, which makes them anew when it is queued again.

    Raises:
        PeriplusError: the file of one is gone or damaged, or they are more than memory can hold.
        Interrupted: the user cancelled.
    """
    needed = sum(width * height for width, height in (picture.size for picture in chosen))
    memory = comfy.model_management.get_total_memory(torch.device("cpu"))
    if needed * IMAGE_BYTES > memory:
        raise PeriplusError(
            f"{len(chosen):,} pictures take {needed * IMAGE_BYTES / GIGABYTE:,.0f} GB as IMAGEs, "
            f"and this machine has {memory / GIGABYTE:,.0f} GB of memory; name fewer in select"
        )
    on_cell = cell_counter(len(chosen))
    images = []
    for picture in chosen:
        images.append(_read_image(picture, manifest))
        on_cell()
    return images


def _read_image(picture: CellPicture, manifest: Path) -> torch.Tensor:
    try:
        return to_image(read_picture(picture.file, picture.size, picture.crc32))
    except PeriplusError as error:
        ask_again(manifest, picture.key, error)
        raise
