"""What the viewer takes: a sweep as data, for a page of its own or for ComfyUI's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..records.manifest_reader import read_manifest, sheet_of
from ..sheets.sheet import Sheet

_SHOWN = ("x", "y", "z", "status", "reason", "warning", "seconds", "files", "sizes", "recipe")
"""What the viewer reads of a cell."""


def shown_sweep(manifest: Path) -> dict[str, Any]:
    """Give a sweep as it is now, with its own files: their names are relative to its manifest.

    Raises:
        PeriplusError: there is no manifest, or it is not one of a sweep.
    """
    content = read_manifest(manifest)
    sheet = sheet_of(manifest, content)
    cells = cell_entries(content, manifest.parent, sheet)
    return viewer_data(manifest.stem, sheet, content["axes"], cells)


def cell_entries(content: Mapping[str, Any], folder: Path, sheet: Sheet) -> list[dict[str, Any]]:
    """Give the cells of a manifest as they are: with the status and the files of a sheet.

    Args:
        content: the manifest.
        folder: that the files' names are relative to.
        sheet: the same sweep.
    """
    entries = []
    for entry in content["cells"]:
        cell = sheet.cells[int(entry["x"]), int(entry["y"]), int(entry["z"])]
        files = [file.relative_to(folder).as_posix() for file in cell.files if cell.is_drawn]
        entries.append(
            {
                **entry,
                "status": cell.status,
                "reason": cell.reason,
                "file": files[0] if files else None,
                "files": files,
                "sizes": [list(size) for size in cell.sizes if cell.is_drawn],
                "crc32": [crc32 for crc32 in cell.crc32s if cell.is_drawn],
            }
        )
    return entries


def viewer_data(
    identity: str,
    sheet: Sheet,
    axes: Mapping[str, Any],
    cells: Iterable[Mapping[str, Any]],
    sheets: Sequence[str] = (),
    pictures: Mapping[str, Mapping[str, str]] | None = None,
) -> dict[str, Any]:
    """Put together what the viewer takes.

    Args:
        identity: what the sweep is known by, also when it is saved again: its stars go by it.
        sheet: the sweep, with notes to its labels.
        axes: as its manifest has them.
        cells: see :func:`cell_entries`.
        sheets: names of the sheet's files.
        pictures: by file, what is known of them: the small one, and the infotext.
    """
    return {
        "id": identity,
        "title": title_of(axis.name for axis in (sheet.x, sheet.y, sheet.z)),
        "notes": list(sheet.notes),
        "sheets": list(sheets),
        "axes": axes,
        "cells": [{name: cell[name] for name in _SHOWN if name in cell} for cell in cells],
        "pictures": pictures or {},
    }


def title_of(names: Iterable[str]) -> str:
    """What a sweep with axes of these names is about: ``cfg × steps``."""
    return " × ".join(filter(None, names)) or "Periplus"
