"""Settings that the user keeps in ComfyUI's own settings dialog."""

from __future__ import annotations

import json
from pathlib import Path

import folder_paths

from ..sweep import DEFAULT_MAX_CELLS

MAX_CELLS_SETTING = "Periplus.Sweep.MaxCells"


def max_cells() -> int:
    """The most cells that a sweep may have; the default where the user has set nothing sensible.

    ComfyUI keeps settings per user and does not tell a running prompt whose it is, so the
    default user's count.
    """
    path = Path(folder_paths.get_user_directory()) / "default" / "comfy.settings.json"
    try:
        value = json.loads(path.read_text(encoding="utf-8"))[MAX_CELLS_SETTING]
    except (OSError, ValueError, KeyError, TypeError):
        return DEFAULT_MAX_CELLS
    return value if isinstance(value, int) and value > 0 else DEFAULT_MAX_CELLS
