"""Reading a manifest, of whatever origin: what is to be drawn, and single pictures."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..axes.axis import Group
from ..axes.values import parse_ints
from ..errors import PeriplusError
from ..files.folder_names import is_inside
from ..files.json_text import read_json
from ..sheets.sheet import AxisLabels, Sheet, SheetCell
from .manifest import FORMAT
from .store import CellStore, Picture, is_key

MAX_BYTES = 256 * 2**20
"""A manifest larger than this is not read: 10,000 cells take about 10 MB."""

MAX_SIDE = 1_000_000
"""Pixels; a manifest that tells of larger pictures is none of a sweep."""

_MISSHAPEN = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
"""What a manifest raises in which something is of another kind than it should be."""


class CellPicture(NamedTuple):
    """One picture of a sweep."""

    file: Path
    size: tuple[int, int]
    """Width and height in pixels."""
    label: str
    """What it shows: ``cfg 5.5, steps 20``."""
    key: str
    """Its cell's in the store; empty where it is in none."""
    crc32: int | None
    """Of the bytes that the file should have; None where that is not known."""


class WholeCell(NamedTuple):
    """Everything that is known of one finished cell."""

    entry: dict[str, Any]
    """What the manifest says of it."""
    linked: dict[str, Any]
    """What the manifest says was linked to the sweep node, by input."""
    label: str
    """What makes it differ from its neighbours: ``cfg 5.5, steps 20``."""
    file: Path
    """Its picture, the first of a batch."""


def read_sheet(path: Path, title: str = "") -> Sheet:
    """Read a manifest and give what is to be drawn.

    File names in it are untrusted: one that leads out of the manifest's folder is not followed.

    Raises:
        PeriplusError: there is no manifest at ``path``, or it is not one of a sweep.
    """
    return sheet_of(path, read_manifest(path), title)


def sheet_of(path: Path, content: Mapping[str, Any], title: str = "") -> Sheet:
    """:func:`read_sheet` of a manifest that has been read.

    Raises:
        PeriplusError: it is not one of a sweep.
    """
    try:
        axes = [_axis_labels(content["axes"][letter]) for letter in "xyz"]
        notes = [str(note) for letter in "xyz" for note in content["axes"][letter]["notes"]]
        unchanged = content.get("unchanged", ())  # manifests of an earlier version have none
        notes += [  # without the letter, since a sheet may be transposed
            f"{axis.name} changed nothing"
            for letter, axis in zip("xyz", axes, strict=True)
            if letter in unchanged
        ]
        cells = {
            (int(entry["x"]), int(entry["y"]), int(entry["z"])): _sheet_cell(path.parent, entry)
            for entry in content["cells"]
        }
        _check_places(axes, cells)
    except _MISSHAPEN as error:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep ({error!r})") from error
    return Sheet(*axes, cells=cells, title=title, notes=tuple(notes))


def select_cells(path: Path, select: str) -> list[CellPicture]:
    """Give the pictures of a sweep with their labels, in the order of its cells.

    Args:
        path: the manifest.
        select: numbers of cells, counted from 1, as a values text; empty for all.

    Returns:
        Cells without pictures give none, a batch gives several.

    Raises:
        PeriplusError: a number is not that of a cell, or there is not one picture.
    """
    sheet = read_sheet(path)
    places = sorted(sheet.cells, key=lambda place: place[::-1])
    numbers = parse_ints(select, minimum=1, maximum=len(places)) or range(1, len(places) + 1)
    chosen = [places[number - 1] for number in numbers]
    found = [
        CellPicture(file, size, _caption(sheet, place), cell.key, crc32)
        for place, cell in ((place, sheet.cells[place]) for place in chosen)
        for file, size, crc32 in zip(cell.files, cell.sizes, cell.checks, strict=True)
    ]
    if not found:
        raise PeriplusError("none of the selected cells has a picture")
    return found


def read_cell(path: Path, place: Any) -> WholeCell:
    """Read a manifest and give one cell.

    Args:
        path: the manifest.
        place: of whatever origin; a list of x, y and z, each counted from 0.

    Raises:
        PeriplusError: there is no manifest at ``path``, or it is not one of a sweep, or has no such
            cell, or the cell has no picture.
    """
    content = read_manifest(path)
    try:
        entries = [e for e in content["cells"] if [e["x"], e["y"], e["z"]] == place]
        entry = dict(entries[0]) if entries else {}
        names = {letter: str(axis["name"]) for letter, axis in content["axes"].items()}
        labels = [f"{names[at]} {label}" for at, label in entry.get("labels", {}).items()]
        linked = dict(content.get("linked", {}))
        cell = _sheet_cell(path.parent, entry) if entry else SheetCell()
    except _MISSHAPEN as error:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep ({error!r})") from error
    if not entry:
        raise PeriplusError(f"the sweep has no cell {place!r:.80}")
    if not cell.is_drawn:
        raise PeriplusError(f"the cell has no picture: {cell.reason or cell.status}")
    return WholeCell(entry, linked, ", ".join(labels), cell.files[0])


def read_keys(path: Path) -> set[str]:
    """Read a manifest and give the keys of its cells.

    Raises:
        PeriplusError: there is no manifest at ``path``, or it is not one of a sweep.
    """
    content = read_manifest(path)
    try:
        return {str(entry["key"]) for entry in content["cells"]}
    except _MISSHAPEN as error:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep ({error!r})") from error


def read_failures(path: Path) -> dict[str, str]:
    """Give the reasons of the cells that failed, by the cells' keys.

    Returns:
        Nothing where no manifest is at ``path``, or none that can be read.
    """
    try:
        cells = read_manifest(path)["cells"]
        failed = [entry for entry in cells if entry["status"] == "failed"]
        return {str(entry["key"]): str(entry["reason"]) for entry in failed}
    except (PeriplusError, *_MISSHAPEN):
        return {}


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest as it stands.

    Raises:
        PeriplusError: it is not there, too large, or not the manifest of a sweep.
    """
    try:
        content = read_json(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise PeriplusError(f"cannot read the sweep's manifest {path.name}: {error}") from error
    if not isinstance(content, dict) or content.get("periplus") != FORMAT:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep (format {FORMAT})")
    return content


def _caption(sheet: Sheet, place: tuple[int, int, int]) -> str:
    """What makes a cell differ from its neighbours: ``cfg 5.5, steps 20``."""
    axes = zip((sheet.x, sheet.y, sheet.z), place, strict=True)
    return ", ".join(f"{axis.name} {axis.labels[i]}" for axis, i in axes if axis.name)


def _axis_labels(entry: Mapping[str, Any]) -> AxisLabels:
    groups = entry.get("groups", ())  # only a crossed axis has them
    return AxisLabels(
        str(entry["name"]),
        tuple(map(str, entry["labels"])),
        tuple(Group(str(group["label"]), int(group["count"])) for group in groups),
    )


def _find(folder: Path, key: str) -> tuple[Picture, ...]:
    """The pictures of a finished cell."""
    stored = CellStore(folder, only_looks=True).find(key) if key else None
    return stored.pictures if stored else ()


def _check_places(axes: Iterable[AxisLabels], places: Collection[tuple[int, int, int]]) -> None:
    shape = tuple(len(axis.labels) for axis in axes)
    if not all(shape):
        raise ValueError("an axis has no labels")
    # A few labels more can ask for a sheet of any size; whoever writes a manifest lists all cells.
    if math.prod(shape) > len(places):
        raise ValueError(f"{len(places)} cells for a grid of {shape}")
    for place in places:
        if not all(0 <= i < length for i, length in zip(place, shape, strict=True)):
            raise ValueError(f"cell {place} is not in a grid of {shape}")


def _sheet_cell(folder: Path, entry: Mapping[str, Any]) -> SheetCell:
    status, reason = str(entry["status"]), str(entry["reason"])
    key = str(entry["key"]) if is_key(str(entry["key"])) else ""
    names = [str(file) for file in entry["files"]]
    sizes = tuple((int(width), int(height)) for width, height in entry["sizes"])
    crc32s = tuple(map(int, entry.get("crc32", ())))  # manifests of an earlier version have none
    # Made by another ComfyUI, or right before a kill, it is in the store, but not in the manifest.
    if status == "missing" and (pictures := _find(folder, key)):
        status = "done"
        names = [picture.file for picture in pictures]
        sizes = tuple((picture.width, picture.height) for picture in pictures)
        crc32s = tuple(picture.crc32 for picture in pictures)
    if not all(is_inside(folder, name) for name in names):
        return SheetCell(status="failed", reason="its file lies outside the sweep's folder")
    if any(side > MAX_SIDE for size in sizes for side in size):
        raise ValueError(f"a side of more than {MAX_SIDE:,} pixels")
    files = tuple(folder / name for name in names)
    return SheetCell(files, sizes, status, reason, key, crc32s)
