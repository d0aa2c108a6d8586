"""The viewer inside ComfyUI's page: opened, filled while a sweep runs, and what it does there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph

from .frontend import Frontend

ENDLESS = 10_000
"""Steps that no test waits for."""

NODE = "app.graph.nodes.find(({type}) => type.startsWith('PeriplusSweep'))"


@pytest.fixture
def frontend(frontend: Frontend, server: ComfyServer) -> Iterator[Frontend]:
    """The page, with nothing running and no viewer open before and after; nothing complained."""
    yield frontend
    server.cancel_all()
    while viewer(frontend.page).count():
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


def run(frontend: Frontend, prompt: dict[str, Any], line: str) -> None:
    """Queue a prompt, and wait until the live sheet says so."""
    frontend.load_prompt(prompt)
    frontend.page.evaluate("app.queuePrompt(0)")
    expect(frontend.page.locator(".periplus-live-line")).to_have_text(line)


def viewer(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Sweep viewer")


def cell(page: Page, name: str | re.Pattern[str]) -> Locator:
    return viewer(page).get_by_role("gridcell", name=name, exact=isinstance(name, str))


def detail(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name, exact=True)


def open_by_key(frontend: Frontend) -> Page:
    frontend.page.keyboard.press("Alt+p")
    expect(viewer(frontend.page)).to_be_visible()
    return frontend.page


def test_it_opens_from_the_sheet_at_a_cell_and_gives_the_focus_back(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, heun", "1, 2"), "4 of 4 cells")
    canvas = page.locator(".periplus-live canvas")
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)

    expect(detail(page, "sampler heun, steps 1").locator(".stage img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(cell(page, "sampler heun, steps 1")).to_be_focused()
    expect(viewer(page).locator(".frame img")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(viewer(page)).to_have_count(0)
    expect(canvas).to_be_focused()

    page.get_by_role("button", name="Open the sheet").click()
    expect(viewer(page)).to_be_visible()
