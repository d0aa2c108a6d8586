"""A sweep saved as a folder that can be moved, zipped and opened anywhere: what lies in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import PeriplusError
from ..files.durable import flush, flush_folder, write_durably
from ..files.picture import read_picture
from ..records.manifest import STATUSES, manifest_bytes
from ..records.named_pictures import PictureNames
from ..sheets.compose import OnUnreadable
from ..sheets.sheet import AxisLabels, Sheet, SheetCell
from ..sheets.tiles import Place
from .page import make_page
from .small_picture import small_jpeg
from .viewer_data import cell_entries, viewer_data

CELLS, THUMBS = "cells", "thumbs"
SHEET, MANIFEST, PAGE = "sheet", "manifest.json", "index.html"


@dataclass(frozen=True)
class SavedPicture:
    """One picture of a saved sweep; paths are relative to its folder, with forward slashes."""

    file: str
    thumb: str
    infotext: str = ""
    """How it was made, in AUTOMATIC1111's words, where the file says it."""


def saved_names(sheet: Sheet) -> dict[Place, list[str]]:
    """Name the pictures of all cells in the folder: ``cells/y01 steps 20, x02 cfg 5.png``.

    Returns:
        The names by the cells' places.
    """
    axes = {
        letter: axis
        for letter, axis in zip("xyz", (sheet.x, sheet.y, sheet.z), strict=True)
        if axis != AxisLabels()
    }
    names = PictureNames(axes)
    return {
        place: [f"{CELLS}/{name}" for name in names.at(place, len(cell.files))]
        for place, cell in sheet.cells.items()
    }


def save_cells(
    folder: Path,
    sheet: Sheet,
    on_cell: Callable[[], None] = lambda: None,
    on_unreadable: OnUnreadable = lambda *_: None,
) -> tuple[Sheet, list[SavedPicture]]:
    """Copy the pictures of a sweep, byte for byte, and make the small ones.

    Args:
        folder: of the saved sweep.
        sheet: the sweep.
        on_cell: called after each cell; what it raises ends the copying.
        on_unreadable: called for each cell that has a picture that cannot be read.

    Returns:
        The sheet with the copies, where a cell that cannot be read has failed, and what the page is
        told of them.

    Raises:
        OSError: a file cannot be written.
    """
    names = saved_names(sheet)
    cells = dict(sheet.cells)
    pictures: list[SavedPicture] = []
    for number, (place, cell) in enumerate(sheet.cells.items(), start=1):
        try:
            cells[place], saved = _save_cell(folder, cell, names[place], number)
            pictures += saved
        except PeriplusError as error:
            on_unreadable(cell, error)
            cells[place] = SheetCell(status="failed", reason=str(error), key=cell.key)
        on_cell()
    return replace(sheet, cells=cells), pictures


def _save_cell(
    folder: Path, cell: SheetCell, names: Sequence[str], number: int
) -> tuple[SheetCell, list[SavedPicture]]:
    """Copy the pictures of one cell; those that are not to be shown are left out."""
    if not cell.is_drawn:
        return replace(cell, files=(), sizes=(), crc32s=()), []
    originals = zip(cell.files, cell.sizes, cell.checks, strict=True)
    pictures = [read_picture(*original) for original in originals]
    saved = []
    for i, (picture, file, name) in enumerate(zip(pictures, cell.files, names, strict=True), 1):
        part = f"_{i}" if len(names) > 1 else ""
        infotext = str(picture.info.get("parameters", ""))
        made = SavedPicture(name, f"{THUMBS}/{number:05}{part}.jpg", infotext)
        target, thumb = folder / made.file, folder / made.thumb
        for path in (target, thumb):
            path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        thumb.write_bytes(small_jpeg(picture))
        flush(target)
        flush(thumb)
        saved.append(made)
    return replace(cell, files=tuple(folder / name for name in names)), saved


def sheet_stems(folder: Path, pages: int) -> Iterator[Path]:
    """Give the paths of a sheet's pages, without extension: ``sheet``, or ``sheet_1`` and so on."""
    if pages == 1:
        return iter([folder / SHEET])
    digits = len(str(pages))
    return (folder / f"{SHEET}_{number:0{digits}}" for number in range(1, pages + 1))


def saved_manifest(content: Mapping[str, Any], folder: Path, sheet: Sheet) -> dict[str, Any]:
    """Give a manifest as it stands in the folder of the saved sweep, with the copies' names.

    Args:
        content: the sweep's own.
        folder: of the saved sweep.
        sheet: the sweep with the copies as its files.
    """
    entries = [{**entry, "named": entry["files"]} for entry in cell_entries(content, folder, sheet)]
    statuses = [entry["status"] for entry in entries]
    counts = {status: statuses.count(status) for status in STATUSES}
    return {**content, "counts": counts, "cells": entries}


def write_page(
    folder: Path,
    identity: str,
    content: Mapping[str, Any],
    sheet: Sheet,
    pictures: Iterable[SavedPicture],
    pages: Sequence[str],
) -> None:
    """Write the manifest of a saved sweep and the page that shows it, the last of its files.

    On return, all of the folder stays there after a power cut.

    Args:
        folder: of the saved sweep.
        identity: what the sweep is known by, also when it is saved again.
        content: the sweep's own manifest.
        sheet: the sweep with the copies as its files, and notes to its labels.
        pictures: all of them.
        pages: names of the sheet's files.

    Raises:
        OSError: a file cannot be written.
    """
    manifest = saved_manifest(content, folder, sheet)
    write_durably(folder / MANIFEST, manifest_bytes(manifest))
    known = {
        picture.file: {"thumb": picture.thumb, "infotext": picture.infotext} for picture in pictures
    }
    data = viewer_data(identity, sheet, manifest["axes"], manifest["cells"], pages, known)
    write_durably(folder / PAGE, make_page(data["title"], data).encode())
    for place, _, _ in os.walk(folder):
        flush_folder(Path(place))


def without_pictures(sheet: Sheet) -> list[str]:
    """Say how many cells are not there, and why; nothing where all are."""
    statuses = [cell.status for cell in sheet.cells.values() if not cell.is_drawn]
    if not statuses:
        return []
    counts = [f"{statuses.count(s)} {s}" for s in sorted(set(statuses))]
    return [f"{len(statuses)} of {len(sheet.cells)} cells have no picture: {', '.join(counts)}"]
