"""Which sweeps of this process a queued workflow should run again instead of its cached result."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path

from ..errors import DamagedPictureError, PeriplusError
from ..store import CellStore

_complete: dict[Path, bool] = {}
"""By manifest, as long as ComfyUI's own cache lives: whether all cells could be made."""


def remember(manifest: Path, *, complete: bool) -> None:
    """Say how a sweep ended."""
    _complete[manifest] = complete


def manifests_of_session(folder: Path) -> list[Path]:
    """The manifests in a folder of all sweeps that were finished since ComfyUI started."""
    return [path for path in _complete if path.parent == folder]


def ask_again(manifest: Path, key: str, error: PeriplusError) -> None:
    """Have a picture that could not be read made anew when its sweep is queued again.

    Args:
        manifest: of the sweep.
        key: of the picture's cell.
        error: why it could not be read. Only a damaged one is given up: what cannot be read at all
            may be there again, once a network folder is back.
    """
    remember(manifest, complete=False)
    if isinstance(error, DamagedPictureError):
        with suppress(OSError):  # where nothing can be removed, nothing can be made anew either
            CellStore(manifest.parent).forget(key)


def retry_token(folder: Path) -> str:
    """Something new each time while a sweep in this folder has failed cells, or lost something.

    As part of what ComfyUI caches a sweep by, it makes a queued workflow run again; cells that are
    there are reused. The empty text otherwise.
    """
    ended = manifests_of_session(folder)
    intact = all(_complete[path] and path.is_file() for path in ended)
    return "" if intact else uuid.uuid4().hex
