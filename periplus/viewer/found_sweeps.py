"""The sweeps in a folder, the latest first."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import PeriplusError
from ..records.manifest import STATUSES
from ..records.manifest_reader import read_manifest
from ..records.store import CELLS
from .viewer_data import title_of

MAX_FILES = 200_000
"""Files that are looked at."""

MAX_BYTES = 64 * 2**20
"""Of all manifests that are read, but for the latest: one of 10,000 cells has about 10 MB."""


@dataclass(frozen=True)
class FoundSweep:
    """What a list says of a sweep."""

    manifest: Path
    title: str
    """Such as ``cfg × steps``."""
    updated: float
    """When its manifest was written: seconds since 1970."""
    state: str
    counts: dict[str, int]
    """Cells of each status."""


def latest_sweeps(root: Path, most: int) -> list[FoundSweep]:
    """Find the sweeps in a folder and those in it, the latest first.

    What is no manifest of a sweep, of whatever origin, is passed over.

    Args:
        root: an existing folder.
        most: how many to give.
    """
    times = {path: _time_of(path) for path in _manifests(root)}
    latest = sorted(times, key=lambda path: times[path], reverse=True)
    sweeps: list[FoundSweep] = []
    total = 0
    for path in latest:
        total += _size_of(path)
        if len(sweeps) == most or (sweeps and total > MAX_BYTES):
            break
        try:
            sweeps.append(_describe(path, times[path], read_manifest(path)))
        except (PeriplusError, AttributeError, KeyError, TypeError):
            continue
    return sweeps


def _manifests(root: Path) -> Iterator[Path]:
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != CELLS]
        seen += len(files)
        if seen > MAX_FILES:
            return
        for name in files:
            if name.startswith("sweep-") and name.endswith(".json"):
                yield Path(folder, name)


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # deleted this instant
        return 0.0


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _describe(path: Path, updated: float, content: dict[str, Any]) -> FoundSweep:
    names = [str(content["axes"][letter]["name"]) for letter in "xyz"]
    statuses = [cell["status"] for cell in content["cells"]]
    counts = {status: statuses.count(status) for status in STATUSES}
    return FoundSweep(path, title_of(names), updated, str(content.get("state", "")), counts)
