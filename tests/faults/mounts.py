"""Faults of a real file system, where the machine lets us mount one: small, or read-only."""

from __future__ import annotations

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from scripts.comfy_server import ComfyServer

from .case import Case


def mount(server: ComfyServer, name: str, *, options: str) -> None:
    """Put a file system in memory in the place of the sweep's folder, or change its options."""
    folder = server.output / name
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "periplus", folder], check=True)


def unmount(server: ComfyServer, name: str) -> None:
    """Take it away with all that is on it."""
    subprocess.run(["umount", server.output / name], check=True)


def can_mount() -> bool:
    """Whether this machine lets us."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "periplus", folder]
        try:
            mounted = subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
        except OSError:
            return False
        if mounted:
            subprocess.run(["umount", Path(folder)], check=True)
    return mounted


TWELVE = {"cells": 12, "axis": ("Seed", {"values": "1-12"})}

CASES = (
    Case(
        "disk full (a file system of 128 KB)",
        "No space left on device",
        **TWELVE,
        stops="error",
        begin=partial(mount, options="size=128k"),
        mend=partial(mount, options="remount,size=16m"),
        end=unmount,
    ),
    Case(
        "output becomes read-only (a file system)",
        "Read-only file system",
        **TWELVE,
        stops="error",
        begin=partial(mount, options="size=16m"),
        strike=partial(mount, options="remount,ro"),
        mend=partial(mount, options="remount,rw"),
        end=unmount,
    ),
)
