"""Pictures on their way to ComfyUI: as IMAGE tensors, and as previews on a node."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import comfy.utils
import numpy as np
import torch
from PIL import Image

from ..compose import compose
from ..manifest import SweepHandle
from ..manifest_reader import CellPicture, read_sheet
from ..picture import png_info, read_picture
from ..sheet import Style, transpose
from . import paths
from .progress import throw_if_cancelled

PREVIEW_COMPRESS_LEVEL = 1
"""The level of ComfyUI's own PreviewImage: previews are made fast, not small."""


def to_image(picture: Image.Image) -> torch.Tensor:
    """Turn a picture into an IMAGE: 1 x height x width x 3, floats of 0 to 1."""
    pixels = np.array(picture.convert("RGB"), dtype=np.float32)
    pixels /= 255.0
    return torch.from_numpy(pixels)[None]


def read_image(picture: CellPicture) -> torch.Tensor:
    """Read a picture of a sweep as an IMAGE.

    Raises:
        PeriplusError: its file is gone or damaged.
    """
    return to_image(read_picture(picture.file, picture.size))


def compose_sweep(handle: SweepHandle, title: str, order: str, style: Style) -> list[Image.Image]:
    """Draw the sheet of a sweep, with progress on the running node; the user can cancel it.

    Args:
        handle: the sweep.
        title: printed on top; may be empty.
        order: which axis becomes x, y and z, see :func:`periplus.sheet.transpose`.
        style: the looks.

    Returns:
        One picture a page.

    Raises:
        PeriplusError: the manifest is gone, a colour is unknown, or the sheet is too large.
        Interrupted: the user cancelled.
    """
    sheet = transpose(read_sheet(handle.manifest, title), order)
    bar = comfy.utils.ProgressBar(len(sheet.cells))

    def on_cell(done: int, total: int) -> None:
        throw_if_cancelled()
        bar.update_absolute(done, total)

    return compose(sheet, style, on_cell)


def preview(pictures: Sequence[Image.Image], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """Save pictures to ComfyUI's temp folder, for the ``images`` of a node's ui.

    Args:
        pictures: what the node shows.
        texts: text chunks for each of them.
    """
    folder = paths.temp_folder()
    folder.mkdir(parents=True, exist_ok=True)
    info = png_info(texts)
    files = [f"periplus_{uuid.uuid4().hex[:12]}.png" for _ in pictures]
    for file, picture in zip(files, pictures, strict=True):
        picture.save(folder / file, pnginfo=info, compress_level=PREVIEW_COMPRESS_LEVEL)
    return [{"filename": file, "subfolder": "", "type": "temp"} for file in files]
