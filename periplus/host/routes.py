"""The routes of the pack: what ComfyUI's page asks the server, answered as JSON.

They change nothing. Whatever takes long or draws is a node's work; a route only looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

from aiohttp import web
from server import PromptServer

from ..errors import PeriplusError
from ..files.json_text import parse_json
from .choices import choices
from .model_pictures import model_pictures
from .native_workflow import tell_workflow
from .preview import preview

Question = Callable[[dict[str, Any]], Any]
"""Gets the JSON object that the page sends, and gives what can be written as JSON.

Raises:
    PeriplusError: the page is told why.
"""

QUESTIONS: Mapping[str, Question] = MappingProxyType(
    {
        "preview": preview,
        "choices": choices,
        "model_pictures": model_pictures,
        "workflow": tell_workflow,
    }
)
"""By the last part of their address: ``POST /periplus/<name>``."""


def add_routes() -> None:
    """Let ComfyUI's server answer the questions; called once, when it loads the pack."""
    # One thread: a page that asks faster than it is answered must not slow a running sweep down.
    thread = ThreadPoolExecutor(1, "periplus answers")
    for name, question in QUESTIONS.items():
        PromptServer.instance.routes.post(f"/periplus/{name}")(_handler(question, thread))


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


def _refuse(why: str) -> web.Response:
    return web.json_response({"error": why}, status=400)
