"""A node pack for the tests only: makes the disk slow or full for the pack's pictures.

``/disk`` takes how it is from now on: ``slow``, then writing waits until it is slow no longer,
``room``, the number of cells after which it takes no more, and ``error``, how it says so: ENOSPC,
that it is full, or another.
"""

from __future__ import annotations

import errno
import os
import sys
from threading import Event
from typing import Any

from aiohttp import web
from server import PromptServer

NODE_CLASS_MAPPINGS: dict[str, Any] = {}

PLENTY = 10**9
DEADLOCK = 120.0
"""Seconds after which a slow disk fails, so that a server cannot hang."""


class Disk:
    def __init__(self) -> None:
        self.room = PLENTY
        self.error = errno.ENOSPC
        self.is_quick = Event()
        self.is_quick.set()

    def write(self) -> None:
        if not self.is_quick.wait(DEADLOCK):
            raise TimeoutError("the slow disk")
        if self.room == 0:
            raise OSError(self.error, os.strerror(self.error))
        self.room -= 1


disk = Disk()


def control_store() -> None:
    """Let the store of the pack under test, which may be imported after this one, use the disk."""
    name = next(key for key in sys.modules if key.endswith(".periplus.records.store"))
    store: Any = sys.modules[name].CellStore
    if getattr(store.put, "disk", None) is None:
        original = store.put

        def put(*args: Any, **kwargs: Any) -> Any:
            disk.write()
            return original(*args, **kwargs)

        put.disk = disk  # type: ignore[attr-defined]
        store.put = put


@PromptServer.instance.routes.post("/disk")
async def set_disk(request: web.Request) -> web.Response:
    control_store()
    asked = await request.json()
    disk.room = asked.get("room", PLENTY)
    disk.error = getattr(errno, asked.get("error", "ENOSPC"))
    if asked.get("slow"):
        disk.is_quick.clear()
    else:
        disk.is_quick.set()
    return web.json_response({})
