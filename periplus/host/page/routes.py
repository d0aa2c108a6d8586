"""The routes of the pack: what ComfyUI's page asks the server, answered as JSON or pictures.

They change nothing. Whatever takes long or draws is a node's work; a route only looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiohttp import web
from server import PromptServer

from ...errors import PeriplusError
from ...files.json_text import parse_json
from .choices import choices
from .model_pictures import model_pictures
from .native_workflow import tell_workflow
from .preview import preview
from .viewing import list_sweeps, show_sweep, small_picture, tell_infotext

Question = Callable[[dict[str, Any]], Any]
"""Gets the JSON object that the page sends, and gives what can be written as JSON.

Raises:
    PeriplusError: the page is told why.
"""

Picture = Callable[[Mapping[str, str]], bytes]
"""Gets what stands behind the ``?`` of an address, and gives a JPEG.

Raises:
    PeriplusError: the page is told why.
"""

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "preview": preview,
        "choices": choices,
        "model_pictures": model_pictures,
        "workflow": tell_workflow,
        "infotext": tell_infotext,
        "sweep": show_sweep,
        "sweeps": list_sweeps,
    }
)
"""By the last part of their address: ``POST /periplus/<name>``."""

PICTURES: Mapping[str, Picture] = MappingProxyType({"thumbnail": small_picture})
"""By the last part of their address: ``GET /periplus/<name>``."""

WEB = f"/extensions/{Path(__file__).parents[3].name}/"
"""Where ComfyUI serves the files of the pack for the page, by the name of its folder or link."""

FOR_EVER = "private, max-age=31536000, immutable"
"""The pictures of cells are named by their bytes."""


def add_routes() -> None:
    """Let ComfyUI's server answer the questions; called once, when it loads the pack."""
    # One thread: a page that asks faster than it is answered must not slow a running sweep down.
    thread = ThreadPoolExecutor(1, "periplus answers")
    for name, question in QUESTIONS.items():
        PromptServer.instance.routes.post(f"/periplus/{name}")(_handler(question, thread))
    # Another one: no question waits for the hundreds of pictures of a page.
    painter = ThreadPoolExecutor(1, "periplus pictures")
    for name, picture in PICTURES.items():
        PromptServer.instance.routes.get(f"/periplus/{name}")(_picture_handler(picture, painter))
    PromptServer.instance.app.on_response_prepare.append(_keep_modules_fresh)


def _handler(question: Question, thread: ThreadPoolExecutor) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        try:
            asked = parse_json(await request.read())
        except ValueError as error:
            return _refuse(f"the question is not JSON as expected: {error}")
        if not isinstance(asked, dict):
            return _refuse("the question is not a JSON object")
        try:
            answer = await asyncio.get_running_loop().run_in_executor(thread, question, asked)
        except PeriplusError as error:
            return _refuse(str(error))
        return web.json_response(answer)

    return handle


def _picture_handler(picture: Picture, thread: ThreadPoolExecutor) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        named = dict(request.query)
        try:
            jpeg = await asyncio.get_running_loop().run_in_executor(thread, picture, named)
        except PeriplusError as error:
            return _refuse(str(error))
        headers = {"Cache-Control": FOR_EVER}
        return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)

    return handle


async def _keep_modules_fresh(request: web.Request, response: web.StreamResponse) -> None:
    """Let browsers ask whether a module is the newest, as ComfyUI does for each ``*.js``.

    Else they would go on with some modules of an older version for a while.
    """
    if request.path.startswith(WEB) and request.path.endswith(".mjs"):
        response.headers.setdefault("Cache-Control", "no-cache")


def _refuse(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
