"""A real ComfyUI server and a real Chromium for the browser tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from scripts.browser import ARGUMENTS, find_chromium
from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, provision

from .frontend import Frontend

FAULTY = ROOT / "tests" / "host" / "packs" / "faulty"
"""Has a sampler that fails."""

PATIENCE = 60_000
"""Milliseconds that a page may take on a busy machine: what a test waits for is what it tells."""


@pytest.fixture(scope="session")
def installation() -> Installation:
    return provision(development=True)


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[ComfyServer]:
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
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(
    scope="module", params=["pinned-classic", "newest-classic", "pinned-vue", "newest-vue"]
)
def frontend(
    request: pytest.FixtureRequest,
    installation: Installation,
    server: ComfyServer,
    browser: Browser,
) -> Iterator[Frontend]:
    """ComfyUI's page, with nodes drawn by each of its two renderers; it works while it is open.

    It is the page of the frontend that the pinned ComfyUI requires, and that of the newest.
    """
    version, renderer = request.param.split("-")
    settings = {"Comfy.VueNodes.Enabled": renderer == "vue"}
    files = installation.newest_frontend if version == "newest" else None
    with Frontend.open(browser, server, settings, files) as page:
        yield page
