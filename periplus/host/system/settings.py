"""Settings that the user keeps in ComfyUI's own settings dialog."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import folder_paths

from ...records.cleaning import Limits
from ...sweep import DEFAULT_MAX_CELLS

MAX_CELLS_SETTING = "Periplus.Sweep.MaxCells"
READABLE_NAMES_SETTING = "Periplus.Sweep.ReadableNames"
KEEP_DAYS_SETTING = "Periplus.Sweep.KeepDays"
KEEP_GIGABYTES_SETTING = "Periplus.Sweep.KeepGigabytes"
LIVE_SHEET_SETTING = "Periplus.Sweep.LiveSheet"


def max_cells() -> int:
    """The most cells that a sweep may have; the default where the user has set nothing sensible."""
    value = _setting(MAX_CELLS_SETTING)
    return value if isinstance(value, int) and value > 0 else DEFAULT_MAX_CELLS


def readable_names() -> bool:
    """Whether pictures are to be found by names that a person can read, too."""
    return _setting(READABLE_NAMES_SETTING) is not False


def live_sheet() -> bool:
    """Whether ComfyUI's page shows the sheet of a sweep while it fills in."""
    return _setting(LIVE_SHEET_SETTING) is not False


def limits() -> Limits:
    """What each store may keep; without limit where the user has set none."""
    return Limits(_positive(KEEP_DAYS_SETTING), _positive(KEEP_GIGABYTES_SETTING))


def _positive(name: str) -> float:
    value = _setting(name)
    return value if isinstance(value, (int, float)) and value > 0 else 0


def _setting(name: str) -> Any:
    """What the user has set; None for nothing.

    ComfyUI keeps settings per user and does not tell a running prompt whose it is, so the
    default user's.
    """
    path = Path(folder_paths.get_user_directory()) / "default" / "comfy.settings.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))[name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
