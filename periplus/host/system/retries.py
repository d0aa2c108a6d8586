"""Which sweeps of this process a queued workflow should run again instead of its cached result."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ...errors import DamagedPictureError, PeriplusError
from ...records.store import CellStore

_ended: dict[Path, Mapping[str, int]] = {}
"""By manifest, as long as ComfyUI's own cache lives: how many cells there are of each status."""

_outdated: Counter[Path] = Counter()
"""By folder: how often cells were made of a sweep that had ended before."""


def remember(manifest: Path, counts: Mapping[str, int]) -> None:
    """Say how a sweep ended, by the number of cells of each status."""
    _ended[manifest] = counts


def outdate(manifest: Path) -> None:
    """Say that cells of a sweep are about to be made: what ComfyUI has cached of it lacks them."""
    if manifest in _ended:
        _outdated[manifest.parent] += 1


def manifests_of_session(folder: Path) -> list[Path]:
    """The manifests in a folder of all sweeps that were finished since ComfyUI started."""
    return [path for path in _ended if path.parent == folder]


def ask_again(manifest: Path, key: str, error: PeriplusError) -> None:
    """Have a picture that could not be read made anew when its sweep is queued again.

    Args:
        manifest: of the sweep.
        key: of the picture's cell.
        error: why it could not be read. Only a damaged one is given up: what cannot be read at all
            may be there again, once a network folder is back.
    """
    remember(manifest, {"missing": 1})
    if isinstance(error, DamagedPictureError):
        with suppress(OSError):  # where nothing can be removed, nothing can be made anew either
            CellStore(manifest.parent).forget(key)


def retry_token(folder: Path, *, retry_failed: bool = True, remake: bool = False) -> str:
    """Something new each time while a sweep in this folder has cells to make, or lost something.

    As part of what ComfyUI caches a sweep by, it makes a queued workflow run again; cells that are
    there are reused. Otherwise it stays the same until cells of a finished sweep are made.

    Args:
        folder: of the sweep.
        retry_failed: whether cells that failed are to be made.
        remake: whether cells are to be made that are there.
    """
    to_make = ("missing", "failed") if retry_failed else ("missing",)
    intact = all(
        path.is_file() and not any(_ended[path].get(status) for status in to_make)
        for path in manifests_of_session(folder)
    )
    return str(_outdated[folder]) if intact and not remake else uuid.uuid4().hex
