"""The manifest: the record of a sweep beside its cells, and the account of what it cost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from .errors import PeriplusError
from .keys import digest
from .sheet import AxisLabels, Sheet, SheetCell
from .store import StoredCell, write_atomically
from .sweep import Cell, Sweep
from .values import parse_ints

FORMAT = 1
"""Version of the manifest's layout; raised when a reader must change."""

STATUSES = ("done", "reused", "failed", "missing")

MAX_BYTES = 256 * 2**20
"""A manifest larger than this is not read: 10,000 cells take about 10 MB."""


@dataclass
class Account:
    """What a run did, counted where it is done."""

    model_loads: int = 0
    text_encodes: int = 0
    denoiser_evaluations: int = 0
    vae_decodes: int = 0
    cells_computed: int = 0
    cells_reused: int = 0
    seconds: dict[str, float] = field(
        default_factory=lambda: dict.fromkeys(("load", "encode", "sample", "decode", "store"), 0.0)
    )
    """Seconds per stage."""


@dataclass(frozen=True)
class CellState:
    """How a cell stands."""

    status: str = "missing"
    """One of STATUSES."""
    stored: StoredCell | None = None
    reason: str = ""
    """Why it failed."""


@dataclass(frozen=True)
class SweepHandle:
    """A sweep as it flows from node to node: where its manifest is, never its pictures."""

    manifest: Path


class Manifest:
    """The state of one sweep, kept in memory and written to its file."""

    def __init__(self, path: Path, name: str, sweep: Sweep, keys: Mapping[Cell, str]) -> None:
        self.path = path
        self.name = name
        self.sweep = sweep
        self.keys = keys
        self.account = Account()
        self.state = "running"
        self.cells: dict[Cell, CellState] = {cell: CellState() for cell in sweep.cells}
        self._created = _now()

    def set(self, cell: Cell, state: CellState) -> None:
        """Say how a cell stands; :meth:`write` puts it on disk."""
        self.cells[cell] = state

    def count(self, status: str) -> int:
        """Number of cells of this status."""
        return sum(state.status == status for state in self.cells.values())

    def entry(self, cell: Cell) -> dict[str, Any]:
        """Everything the manifest says of one cell; file names are relative to the manifest."""
        state = self.cells[cell]
        files = [picture.file for picture in state.stored.pictures] if state.stored else []
        sizes = [[p.width, p.height] for p in state.stored.pictures] if state.stored else []
        return {
            "x": cell.x,
            "y": cell.y,
            "z": cell.z,
            "labels": self.sweep.labels(cell),
            "status": state.status,
            "reason": state.reason,
            "file": files[0] if files else None,
            "files": files,
            "sizes": sizes,
            "seconds": state.stored.seconds if state.stored else None,
            "key": self.keys[cell],
            "recipe": asdict(cell.recipe),
        }

    def texts(self, cell: Cell) -> dict[str, str]:
        """The text chunk that tells a picture's recipe to whoever opens the file."""
        content = {"recipe": asdict(cell.recipe), "key": self.keys[cell]}
        return {"periplus": json.dumps(content)}

    def place(self, cell: Cell) -> dict[str, Any]:
        """The part of :meth:`entry` that a page needs to draw the cell."""
        parts = ("x", "y", "z", "labels", "status", "reason", "file", "files", "seconds")
        entry = self.entry(cell)
        return {part: entry[part] for part in parts}

    def write(self) -> None:
        """Write the file; a reader sees the old one or the new one, never a part."""
        axes = {
            letter: {"name": axis.name, "labels": list(axis.labels), "notes": list(axis.notes)}
            for letter, axis in self.sweep.axes.items()
        }
        content = {
            "periplus": FORMAT,
            "name": self.name,
            "created": self._created,
            "updated": _now(),
            "state": self.state,
            "axes": axes,
            "account": asdict(self.account),
            "counts": {status: self.count(status) for status in STATUSES},
            "cells": [self.entry(cell) for cell in self.sweep.cells],
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        # Half an emoji has no UTF-8; escaped with a backslash it is good JSON.
        write_atomically(self.path, text.encode("utf-8", "backslashreplace"))


def manifest_name(sweep: Sweep, keys: Mapping[Cell, str]) -> str:
    """Name the manifest's file after the sweep, so that the same sweep continues the same file."""
    shape = [[axis.name, list(axis.labels)] for axis in sweep.axes.values()]
    return f"sweep-{digest([shape, [keys[cell] for cell in sweep.cells]])[:12]}.json"


def read_sheet(path: Path, title: str = "") -> Sheet:
    """Read a manifest and give what is to be drawn.

    File names in it are untrusted: one that leads out of the manifest's folder is not followed.

    Raises:
        PeriplusError: there is no manifest at ``path``, or it is not one of a sweep.
    """
    content = read_manifest(path)
    try:
        axes = [
            AxisLabels(str(axis["name"]), tuple(map(str, axis["labels"])))
            for axis in (content["axes"][letter] for letter in "xyz")
        ]
        notes = tuple(str(note) for letter in "xyz" for note in content["axes"][letter]["notes"])
        cells = {
            (int(entry["x"]), int(entry["y"]), int(entry["z"])): _sheet_cell(path.parent, entry)
            for entry in content["cells"]
        }
        _check_places(axes, cells)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep ({error!r})") from error
    return Sheet(*axes, cells=cells, title=title, notes=notes)


class CellPicture(NamedTuple):
    """One picture of a sweep."""

    file: Path
    size: tuple[int, int]
    """Width and height in pixels."""
    label: str
    """What it shows: ``cfg 5.5, steps 20``."""


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
        CellPicture(file, size, _caption(sheet, place))
        for place in chosen
        for file, size in zip(sheet.cells[place].files, sheet.cells[place].sizes, strict=True)
    ]
    if not found:
        raise PeriplusError("none of the selected cells has a picture")
    return found


def read_manifest(path: Path) -> dict[str, Any]:
    """Read a manifest as it stands.

    Raises:
        PeriplusError: it is not there, too large, or not the manifest of a sweep.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise PeriplusError(f"cannot read the sweep's manifest {path.name}: {error}") from error
    if not isinstance(content, dict) or content.get("periplus") != FORMAT:
        raise PeriplusError(f"{path.name} is not the manifest of a sweep (format {FORMAT})")
    return content


def has_failed_cells(folder: Path) -> bool:
    """Whether a sweep that wrote its manifest to this folder ended with failed cells."""
    for path in folder.glob("sweep-*.json"):
        try:
            content = read_manifest(path)
        except PeriplusError:
            continue
        counts = content.get("counts")
        if content.get("state") == "done" and isinstance(counts, dict) and counts.get("failed"):
            return True
    return False


def _caption(sheet: Sheet, place: tuple[int, int, int]) -> str:
    """What makes a cell differ from its neighbours: ``cfg 5.5, steps 20``."""
    axes = zip((sheet.x, sheet.y, sheet.z), place, strict=True)
    return ", ".join(f"{axis.name} {axis.labels[i]}" for axis, i in axes if axis.name)


def _check_places(axes: Iterable[AxisLabels], places: Iterable[tuple[int, int, int]]) -> None:
    shape = tuple(len(axis.labels) for axis in axes)
    if not all(shape):
        raise ValueError("an axis has no labels")
    for place in places:
        if not all(0 <= i < length for i, length in zip(place, shape, strict=True)):
            raise ValueError(f"cell {place} is not in a grid of {shape}")


def _sheet_cell(folder: Path, entry: Mapping[str, Any]) -> SheetCell:
    files = [folder / str(file) for file in entry["files"]]
    if not all(file.resolve().is_relative_to(folder.resolve()) for file in files):
        return SheetCell(status="failed", reason="its file lies outside the sweep's folder")
    sizes = tuple((int(width), int(height)) for width, height in entry["sizes"])
    return SheetCell(tuple(files), sizes, str(entry["status"]), str(entry["reason"]))


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
