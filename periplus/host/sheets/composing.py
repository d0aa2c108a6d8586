"""Drawing the sheet of a sweep: into files, which the node shows, and into IMAGEs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import comfy.model_management
import comfy.utils
import numpy as np
import torch

from ...errors import PeriplusError
from ...records.manifest import SweepHandle
from ...records.manifest_reader import read_sheet
from ...records.store import PNG_COMPRESS_LEVEL
from ...sheets.compose import OnUnreadable, draw
from ...sheets.fit import Fitted
from ...sheets.formats import LOSSLESS, PNG, PYRAMID
from ...sheets.looks import Looks
from ...sheets.sheet import SheetCell, transpose
from ...sheets.sheet_files import Lines, LineWriter, SheetFiles
from ...sheets.sheet_plan import plan_sheet
from ..prompt.progress import say, throw_if_cancelled
from ..system import paths
from ..system.retries import ask_again

PREVIEW_COMPRESS_LEVEL = 1
"""The level of ComfyUI's own PreviewImage: previews are made fast, not small."""

MEMORY_SHARE = 0.25
"""Of the machine's memory, see :func:`sheet_memory`: Save Image makes three more copies of an
IMAGE."""


@dataclass(frozen=True)
class Composed:
    """A drawn sheet: IMAGEs, and what the node shows."""

    images: list[torch.Tensor]
    ui: dict[str, Any]


class Outlet(Protocol):
    """Takes the pages of a sheet as they are drawn, one after the other."""

    def open(self, size: tuple[int, int]) -> AbstractContextManager[LineWriter]:
        """Take the next page, of this width and height in px."""
        ...


def compose_sweep(
    handle: SweepHandle, looks: Looks, texts: Mapping[str, str], node_id: str
) -> Composed:
    """Draw the sheet of a sweep, with progress on the running node; the user can cancel it.

    Where the pages together are too much for the memory, the IMAGEs have smaller cells than the
    files.

    Args:
        handle: the sweep.
        looks: how to draw and save it.
        texts: what each page's file tells, by name.
        node_id: the running node, which says how large the sheet is.

    Raises:
        PeriplusError: the manifest is gone, or ``filename_prefix`` leads out of the output folder.
        Interrupted: the user cancelled; of the page that is being drawn, no file stays.
        OSError: a file cannot be written.
    """
    sheet = transpose(read_sheet(handle.manifest, looks.title), looks.order)
    plan = plan_sheet(sheet, looks, sheet_memory())
    if plan.is_changed:
        say(node_id, plan.report)

    def on_unreadable(cell: SheetCell, error: PeriplusError) -> None:
        ask_again(handle.manifest, cell.key, error)

    files = _files(looks, plan.filed, texts)
    images = _Images()
    beside: list[Outlet] = [images]
    shown = files
    if looks.file_format == PYRAMID:
        shown = SheetFiles(paths.temp_stems(), PNG, LOSSLESS, texts, PREVIEW_COMPRESS_LEVEL)
        beside.append(shown)
    jobs = [(plan.filed, [files, *beside])]
    if plan.given is not plan.filed:
        jobs = [(plan.filed, [files]), (plan.given, beside)]
    on_cell = cell_counter(sum(fitted.cells for fitted, _ in jobs))
    for fitted, outlets in jobs:
        draw_pages(fitted, outlets, on_cell, on_unreadable)

    saved = [paths.output_reference(path) for path in files.paths] if looks.filename_prefix else []
    if saved and shown is files:
        pictures = saved
    else:
        pictures = [paths.temp_reference(path) for path in shown.paths]
    names = ["/".join(filter(None, (file["subfolder"], file["filename"]))) for file in saved]
    ui = {
        "images": pictures,
        "periplus": [{**paths.manifest_reference(handle.manifest), "saved": saved}],
        "text": [*plan.report, *(f"saved: {name}" for name in names)],
    }
    return Composed(images.images, ui)


def sheet_memory() -> int:
    """Bytes that all IMAGEs of a sheet may take, and a page's file while it is made."""
    return int(comfy.model_management.get_total_memory(torch.device("cpu")) * MEMORY_SHARE)


def _files(looks: Looks, filed: Fitted, texts: Mapping[str, str]) -> SheetFiles:
    """Where the pages are saved, or where they lie to be shown."""
    stems, level = paths.temp_stems(), PREVIEW_COMPRESS_LEVEL
    if looks.filename_prefix:
        page = filed.pages[0]
        stems = paths.saved_stems(looks.filename_prefix, page.width, page.height)
        level = PNG_COMPRESS_LEVEL
    return SheetFiles(stems, looks.file_format, looks.quality, texts, level)


def draw_pages(
    fitted: Fitted,
    outlets: Sequence[Outlet],
    on_cell: Callable[[], None],
    on_unreadable: OnUnreadable = lambda *_: None,
) -> None:
    """Draw every page of a sheet into each of the outlets.

    Args:
        fitted: the sheet.
        outlets: what takes the pages.
        on_cell: called after each cell; what it raises ends the drawing.
        on_unreadable: called for each picture that cannot be read.
    """
    for page in fitted.pages:
        with ExitStack() as opened:
            size = (page.width, page.height)
            writers = [opened.enter_context(outlet.open(size)) for outlet in outlets]
            for lines in draw(page, fitted.style, on_cell, on_unreadable):
                for writer in writers:
                    writer.write(lines)


def cell_counter(total: int) -> Callable[[], None]:
    """What to call after each of so many cells: moves the bar, and raises after a cancel."""
    bar = comfy.utils.ProgressBar(total)

    def on_cell() -> None:
        throw_if_cancelled()
        bar.update(1)

    return on_cell


class _Images:
    """IMAGEs, each filled from top to bottom."""

    def __init__(self) -> None:
        self.images: list[torch.Tensor] = []

    @contextmanager
    def open(self, size: tuple[int, int]) -> Iterator[LineWriter]:
        """Add an IMAGE of this width and height in px."""
        width, height = size
        image = torch.empty((1, height, width, 3))
        yield _ImageLines(image)
        self.images.append(image)


class _ImageLines:
    """The lines of an IMAGE, from the top."""

    def __init__(self, image: torch.Tensor) -> None:
        self._values = image[0].numpy()
        self._top = 0

    def write(self, lines: Lines) -> None:
        bottom = self._top + len(lines)
        np.divide(lines, np.float32(255), out=self._values[self._top : bottom])
        self._top = bottom
