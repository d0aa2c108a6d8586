"""Saving a sweep as a folder with sheet, cells, manifest and page; whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ...errors import PeriplusError
from ...files.durable import part_beside, take_free_name
from ...records.manifest import SweepHandle
from ...records.manifest_reader import read_manifest, sheet_of
from ...records.store import PNG_COMPRESS_LEVEL
from ...sheets.fit import Fitted, describe, fit
from ...sheets.formats import PNG
from ...sheets.looks import LOOKS
from ...sheets.sheet import Sheet, SheetCell
from ...sheets.sheet_files import SheetFiles
from ...viewer.saved_sweep import (
    MANIFEST,
    PAGE,
    save_cells,
    sheet_stems,
    without_pictures,
    write_page,
)
from ..prompt.progress import say
from ..system import paths
from ..system.retries import ask_again
from .composing import cell_counter, draw_pages


def save_sweep(
    handle: SweepHandle, prefix: str, texts: Mapping[str, str], node_id: str
) -> dict[str, Any]:
    """Save a sweep, with progress on the running node; the user can cancel it.

    Args:
        handle: the sweep.
        prefix: how the folder's name begins, in ComfyUI's output folder.
        texts: what each page of the sheet tells, by name.
        node_id: the running node, which says where the page is.

    Returns:
        What the node shows and tells.

    Raises:
        PeriplusError: the manifest is gone, or ``prefix`` leads out of the output folder.
        Interrupted: the user cancelled; nothing stays of the folder.
        OSError: a file cannot be written; nothing stays of the folder.
    """
    content = read_manifest(handle.manifest)
    sheet = sheet_of(handle.manifest, content)
    fitted = _fit(sheet)
    page = fitted.pages[0]
    names = paths.saved_stems(prefix, page.width, page.height)
    first = next(names)
    on_cell = cell_counter(len(sheet.cells) + fitted.cells)

    def on_unreadable(cell: SheetCell, error: PeriplusError) -> None:
        ask_again(handle.manifest, cell.key, error)

    with _removed_on_failure(part_beside(first)) as folder:
        sheet, pictures = save_cells(folder, sheet, on_cell, on_unreadable)
        fitted = _fit(sheet)  # without what could not be copied
        stems = sheet_stems(folder, len(fitted.pages))
        files = SheetFiles(stems, PNG, LOOKS.quality, texts, PNG_COMPRESS_LEVEL)
        draw_pages(fitted, [files], on_cell)
        pages = [path.name for path in files.paths]
        write_page(folder, handle.manifest.stem, content, sheet, pictures, pages)
        final = take_free_name(folder, chain([first], names))

    sheets = [paths.output_reference(final / name) for name in pages]
    saved = [paths.output_reference(final / name) for name in (PAGE, MANIFEST)]
    text = [
        describe(sheet, LOOKS.style, fitted),
        *without_pictures(sheet),
        f"saved: {saved[0]['subfolder']}/{PAGE}",
    ]
    say(node_id, text)
    return {
        "images": sheets,
        "periplus": [{**paths.manifest_reference(handle.manifest), "saved": [*saved, *sheets]}],
        "text": text,
    }


def _fit(sheet: Sheet) -> Fitted:
    return fit(sheet, LOOKS.style, LOOKS.megapixels, LOOKS.too_large)


@contextmanager
def _removed_on_failure(folder: Path) -> Iterator[Path]:
    """Make a folder, which is removed where something goes wrong."""
    folder.mkdir()
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
