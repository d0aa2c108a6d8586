"""The viewer inside ComfyUI's page, as the tests see it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph

from .frontend import Frontend


@contextmanager
def tidied(frontend: Frontend, server: ComfyServer) -> Iterator[None]:
    """Nothing runs and no viewer is open afterwards, and nothing has complained."""
    yield
    server.cancel_all()
    while frontend.page.locator("dialog[open]").count():
        frontend.page.keyboard.press("Escape")
    assert frontend.complaints == []


def sweep_of(samplers: str, steps: str, **inputs: Any) -> dict[str, Any]:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Sampler", values=samplers),
        y_axis=graph.axis("Number", parameter="steps", values=steps),
        **inputs,
    )
    graph.add("PeriplusGridCompose", sweep=sweep)
    return graph.prompt


def run(frontend: Frontend, prompt: dict[str, Any], line: str, timeout: int = 20_000) -> None:
    """Queue a prompt, and wait until the live sheet says so."""
    frontend.load_prompt(prompt)
    frontend.page.evaluate("app.queuePrompt(0)")
    expect(frontend.page.locator(".periplus-live-line")).to_have_text(line, timeout=timeout)


def viewer(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sweep viewer")


def cell(page: Page, name: str | re.Pattern[str]) -> Locator:
    return viewer(page).get_by_role("gridcell", name=name, exact=isinstance(name, str))


def detail(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


def made(folder: Path) -> Path:
    """An empty folder, whatever was there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def open_from_list(frontend: Frontend, name: str) -> None:
    """Choose a sweep that no node on the page is about."""
    frontend.complaints.clear()
    execute(frontend, "Comfy.NewBlankWorkflow")
    execute(frontend, "Periplus.OpenViewer")
    frontend.page.get_by_role("button", name=re.compile(f"^{name}")).click()


def execute(frontend: Frontend, command: str) -> None:
    frontend.page.evaluate("name => app.extensionManager.command.execute(name)", command)


def open_by_key(frontend: Frontend) -> Page:
    frontend.page.keyboard.press("Alt+p")
    expect(viewer(frontend.page)).to_be_visible()
    return frontend.page


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """The inputs that are others: node, name, and the new value."""
    assert before.keys() == after.keys()
    return [
        (key, name, value)
        for key, node in after.items()
        for name, value in node["inputs"].items()
        if value != before[key]["inputs"][name]
    ]
