"""A real ComfyUI server and a real Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.browser import ARGUMENTS, find_chromium
from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import provision

from .frontend import Frontend

FAULTY = ROOT / "tests" / "host" / "packs" / "faulty"
"""Has a sampler that fails."""


@pytest.fixture(scope="session")
def server() -> Iterator[ComfyServer]:
    installation = provision(development=True)
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small"),
        packs={"periplus": ROOT, "faulty": FAULTY},
    ) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = find_chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module", params=["classic", "vue"])
def frontend(
    request: pytest.FixtureRequest, server: ComfyServer, browser: Browser
) -> Iterator[Frontend]:
    """ComfyUI's page, with nodes drawn by each of its two renderers; it works while it is open."""
    with Frontend.open(browser, server, {"Comfy.VueNodes.Enabled": request.param == "vue"}) as page:
        yield page
