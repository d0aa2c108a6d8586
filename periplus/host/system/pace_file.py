"""Where the pace of this machine is kept, and the device that it is of."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import comfy.model_management
import folder_paths

from ...records.pace import Pace, Spent, read_pace, write_pace
from ...work.effort import Effort

log = logging.getLogger("periplus")

_lock = Lock()
"""Held while the file is read and written anew; another process may come between, and the
measurements of one are then lost."""


def pace() -> Pace:
    """What was measured on the device that ComfyUI uses."""
    return read_pace(_path(), _device())


def add_to_pace(newer: Mapping[Effort, Spent]) -> None:
    """Keep what was measured now; a file that cannot be written is logged."""
    try:
        with _lock:
            write_pace(_path(), _device(), newer)
    except OSError as error:
        log.warning("cannot keep how long the sweep took: %s", error)


def _path() -> Path:
    # ComfyUI hands out nothing of a user whose name begins so.
    return Path(folder_paths.get_user_directory()) / "__periplus" / "pace.json"


def _device() -> str:
    device = comfy.model_management.get_torch_device()
    return str(comfy.model_management.get_torch_device_name(device))
