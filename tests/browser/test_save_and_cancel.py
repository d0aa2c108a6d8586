"""What a user does besides: saving a sweep as a page of its own, and cancelling one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph, Link

from .frontend import Frontend

ENDLESS = 10_000
"""Steps that no test waits for."""

SAVED = "Object.values(app.nodeOutputs).flatMap(({periplus}) => periplus?.[0].saved ?? [])"
"""The files that Save Sweep tells of, the page first."""


@pytest.fixture(autouse=True)
def nothing_runs_on(server: ComfyServer) -> Iterator[None]:
    yield
    server.cancel_all()


def sweep_over(graph: Graph, steps: str) -> Link:
    axis = graph.axis("Number", parameter="steps", values=steps)
    return graph.sweep(**graph.loader(), x_axis=axis)


def test_a_sweep_that_is_saved_opens_from_its_folder(
    frontend: Frontend, server: ComfyServer, browser: Browser
) -> None:
    graph = Graph()
    graph.add("PeriplusSaveSweep", sweep=sweep_over(graph, "1, 2"), filename_prefix="saved/page")
    frontend.load_prompt(graph.prompt)

    frontend.page.evaluate("app.queuePrompt(0)")

    frontend.page.wait_for_function(f"{SAVED}.length > 0")
    saved = frontend.page.evaluate(f"{SAVED}[0]")
    path = server.output / saved["subfolder"] / saved["filename"]
    opened = browser.new_page()
    opened.goto(path.as_uri())
    expect(opened.get_by_role("gridcell")).to_have_count(2)
    opened.close()
    assert frontend.complaints == []


def test_a_cancel_in_the_page_stops_the_sheet(frontend: Frontend) -> None:
    graph = Graph()
    sweep_over(graph, f"1, {ENDLESS}")
    frontend.load_prompt(graph.prompt)
    frontend.page.evaluate("app.queuePrompt(0)")
    line = frontend.page.locator(".periplus-live-line")
    expect(line).to_have_text("1 of 2 cells")

    frontend.page.evaluate("app.extensionManager.command.execute('Comfy.Interrupt')")

    expect(line).to_have_text("1 of 2 cells, stopped")
    assert frontend.complaints == []
