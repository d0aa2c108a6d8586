"""Which sweeps of this process a queued workflow should run again instead of its cached result."""

from __future__ import annotations

import uuid
from pathlib import Path

_complete: dict[Path, bool] = {}
"""By manifest, as long as ComfyUI's own cache lives: whether all cells could be made."""


def remember(manifest: Path, *, complete: bool) -> None:
    """Say how a sweep ended."""
    _complete[manifest] = complete


def retry_token(folder: Path) -> str:
    """Something new each time while a sweep in this folder has failed cells, or lost its manifest.

    As part of what ComfyUI caches a sweep by, it makes a queued workflow run again; cells that are
    there are reused. The empty text otherwise.
    """
    ended = {path: done for path, done in _complete.items() if path.parent == folder}
    intact = all(done and path.is_file() for path, done in ended.items())
    return "" if intact else uuid.uuid4().hex
