"""Drawing the sheet of a sweep: into files that the node shows, and into IMAGEs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import comfy.model_management
import comfy.utils
import numpy as np
import torch
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngInfo

from ..compose import draw
from ..errors import PeriplusError
from ..fit import MEGAPIXEL, Fitted, describe, fit
from ..layout import Page
from ..manifest import SweepHandle
from ..manifest_reader import read_sheet
from ..picture import png_info
from ..png_stream import PngStream
from ..sheet import SheetCell, Style, transpose
from . import paths
from .progress import say, throw_if_cancelled
from .retries import ask_again

PREVIEW_COMPRESS_LEVEL = 1
"""The level of ComfyUI's own PreviewImage: previews are made fast, not small."""

IMAGE_BYTES = 3 * 4
"""Of a px of an IMAGE."""
MEMORY_SHARE = 0.25
"""Of the machine's memory that all IMAGEs of a sheet may take: Save Image makes three more copies
of one."""

Lines = NDArray[np.uint8]


@dataclass(frozen=True)
class Looks:
    """How a sheet is drawn.

    Attributes:
        title: printed on top; may be empty.
        order: which axis becomes x, y and z, see :func:`periplus.sheet.transpose`.
        style: the looks.
        megapixels: the most that a page may have.
        too_large: what becomes of a larger one, see :func:`periplus.fit.fit`.
    """

    title: str
    order: str
    style: Style
    megapixels: int
    too_large: str


@dataclass(frozen=True)
class Composed:
    """A drawn sheet: IMAGEs, and what the node shows."""

    images: list[torch.Tensor]
    ui: dict[str, Any]


def compose_sweep(
    handle: SweepHandle, looks: Looks, texts: Mapping[str, str], node_id: str
) -> Composed:
    """Draw the sheet of a sweep, with progress on the running node; the user can cancel it.

    Where the pages together are too much for the memory, the IMAGEs have smaller cells than the
    files that the node shows.

    Args:
        handle: the sweep.
        looks: how to draw it.
        texts: text chunks for each page's file.
        node_id: the running node, which says how large the sheet is.

    Raises:
        PeriplusError: the manifest is gone, or a colour is unknown.
        Interrupted: the user cancelled.
    """
    sheet = transpose(read_sheet(handle.manifest, looks.title), looks.order)
    shown = fit(sheet, looks.style, looks.megapixels, looks.too_large)
    given = _within_memory(shown)
    report = [describe(sheet, looks.style, shown)]
    if given is not shown:
        cell, room = given.style.max_cell, _room() / MEGAPIXEL
        report.append(
            f"grid: cells of at most {cell} px, since memory allows {room:.0f} megapixels"
        )
    if shown.is_changed or given is not shown:
        say(node_id, "\n".join(report))

    passes = 1 if given is shown else 2
    on_cell = _cell_counter(passes * sum(len(page.cells) for page in shown.pages))

    def on_unreadable(cell: SheetCell, error: PeriplusError) -> None:
        ask_again(handle.manifest, cell.key, error)

    folder = paths.temp_folder()
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"periplus_{uuid.uuid4().hex[:12]}.png" for _ in shown.pages]
    info = png_info(texts)
    images = []
    for file, page, small in zip(files, shown.pages, given.pages, strict=True):
        image = torch.empty((1, small.height, small.width, 3))
        lines = draw(page, shown.style, on_cell, on_unreadable)
        if given is shown:
            lines = _filling(image, lines)
        _save(file, page, lines, info)
        if given is not shown:
            for _ in _filling(image, draw(small, given.style, on_cell)):
                pass
        images.append(image)
    previews = [{"filename": file.name, "subfolder": "", "type": "temp"} for file in files]
    return Composed(images, {"images": previews, "text": report})


def _room() -> int:
    """How many pixels all IMAGEs of a sheet may have together."""
    memory = comfy.model_management.get_total_memory(torch.device("cpu"))
    return int(memory * MEMORY_SHARE) // IMAGE_BYTES


def _within_memory(fitted: Fitted) -> Fitted:
    """The sheet with cells so small that its IMAGEs fit into memory."""
    room = _room()
    if fitted.pixels <= room:
        return fitted
    return fitted.shrunk(lambda pages: sum(page.pixels for page in pages) <= room)


def _cell_counter(total: int) -> Callable[[], None]:
    """What to call after each of so many cells: moves the bar, and raises after a cancel."""
    bar = comfy.utils.ProgressBar(total)

    def on_cell() -> None:
        throw_if_cancelled()
        bar.update(1)

    return on_cell


def _save(file: Path, page: Page, bands: Iterable[Lines], info: PngInfo) -> None:
    with file.open("wb") as opened:
        png = PngStream(opened, (page.width, page.height), info, PREVIEW_COMPRESS_LEVEL)
        for lines in bands:
            png.write(lines)
        png.close()


def _filling(image: torch.Tensor, bands: Iterable[Lines]) -> Iterator[Lines]:
    """Copy lines into an IMAGE as they pass."""
    values, top = image[0].numpy(), 0
    for lines in bands:
        np.divide(lines, np.float32(255), out=values[top : top + len(lines)])
        top += len(lines)
        yield lines
