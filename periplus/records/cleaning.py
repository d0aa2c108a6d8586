"""Removing the finished cells that nobody has used for long, where the user sets limits."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import PeriplusError
from .manifest_reader import read_keys
from .store import CELLS

DAY = 24 * 60 * 60.0
"""Seconds. What was used within a day stays in any case: another process may be at work with it."""

GIGABYTE = 10**9

_FILE = re.compile(r"([0-9a-f]{64})(?:\.json|_[0-9a-f]{8}\.png)")


@dataclass(frozen=True)
class Limits:
    """What a store may keep; 0 for no limit."""

    days: float = 0
    """Cells that were not used for longer are removed."""
    gigabytes: float = 0
    """Beyond it, the cells that were used least recently are removed."""


NO_LIMITS = Limits()


@dataclass(frozen=True)
class CellFiles:
    """What a cell has on the disk."""

    key: str
    used: float
    """Seconds since 1970: when it was made, or last found."""
    bytes: int
    files: tuple[Path, ...]
    """The record first, where there is one."""


def clean(folder: Path, limits: Limits, manifests: Collection[Path], now: float) -> int:
    """Remove cells from a store until it keeps its limits, or none is left that may be removed.

    Args:
        folder: the store's.
        limits: what it may keep.
        manifests: of sweeps that are shown: their cells stay, and those of every sweep in this
            folder that was at work within the last day.
        now: seconds since 1970.

    Returns:
        How many were removed.

    Raises:
        OSError: something cannot be removed.
    """
    recent = (path for path in folder.glob("sweep-*.json") if now - path.stat().st_mtime < DAY)
    in_use = keys_in_use([*manifests, *recent])
    chosen = choose(survey(folder), limits, in_use, now)
    return sum(map(remove, chosen))


def survey(folder: Path) -> list[CellFiles]:
    """Find all cells of a store, and what killed writers have left of some."""
    entries: defaultdict[str, list[os.DirEntry[str]]] = defaultdict(list)
    for part in filter(Path.is_dir, (folder / CELLS).glob("??")):
        with os.scandir(part) as scan:
            for entry in scan:
                if found := _FILE.fullmatch(entry.name):
                    entries[found[1]].append(entry)
    return [_cell_files(key, found) for key, found in entries.items()]


def keys_in_use(manifests: Iterable[Path]) -> set[str]:
    """The keys of all cells of some sweeps; a manifest that cannot be read has none."""
    keys = set[str]()
    for manifest in manifests:
        with suppress(PeriplusError):
            keys |= read_keys(manifest)
    return keys


def choose(
    cells: Collection[CellFiles], limits: Limits, in_use: Collection[str], now: float
) -> list[CellFiles]:
    """Choose the cells to be removed, those that were used least recently first.

    Args:
        cells: all that there are.
        limits: what may be kept.
        in_use: keys of cells that stay.
        now: seconds since 1970.
    """
    kept = sum(cell.bytes for cell in cells)
    chosen = []
    for cell in sorted(cells, key=lambda cell: cell.used):
        idle = now - cell.used
        if cell.key in in_use or idle < DAY:
            continue
        too_old = limits.days and idle > limits.days * DAY
        too_much = limits.gigabytes and kept > limits.gigabytes * GIGABYTE
        if not (too_old or too_much):
            break
        chosen.append(cell)
        kept -= cell.bytes
    return chosen


def remove(cell: CellFiles) -> bool:
    """Remove a cell, unless it was used since it was surveyed; says whether it is gone.

    Raises:
        OSError: it cannot be removed.
    """
    record = cell.files[0]
    if record.exists() and record.stat().st_mtime > cell.used:
        return False
    for file in cell.files:  # the record first: a kill in between leaves no half cell
        file.unlink(missing_ok=True)
    return True


def _cell_files(key: str, entries: list[os.DirEntry[str]]) -> CellFiles:
    entries.sort(key=lambda entry: (not entry.name.endswith(".json"), entry.name))
    stats = [entry.stat() for entry in entries]
    return CellFiles(
        key,
        stats[0].st_mtime,
        sum(stat.st_size for stat in stats),
        tuple(Path(entry.path) for entry in entries),
    )
