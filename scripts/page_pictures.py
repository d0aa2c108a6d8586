"""Make the pictures of ComfyUI's page in the README anew: ``python -m scripts.page_pictures``.

Runs a sweep of the demo's models in ComfyUI's page, and writes what a Chromium sees of the choice
of names and of the viewer to ``docs/images/``. Needs a Python with Playwright and Pillow, such as
that of the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser.frontend import Frontend

from .browser import ARGUMENTS, find_chromium
from .comfy_server import ROOT, ComfyServer
from .help_pictures import PATIENCE, SETTINGS, write
from .provision import provision
from .workflow_writer import Link, Node, write_workflow

IMAGES = ROOT / "docs" / "images"
VIEWPORT: ViewportSize = {"width": 1280, "height": 800}
CANVAS = {"x": 60, "y": 140, "width": 1060, "height": 640}
"""The part of the page where the nodes are."""
WIDTH = 300
COLOURS = 256
SAMPLERS = "euler\neuler_ancestral\ndpmpp_2m\ndpmpp_sde\nuni_pc"

WORKFLOW: Mapping[str, Node] = {
    "x": Node("PeriplusAxisSampler", {"values": SAMPLERS}, 0, (WIDTH, 190)),
    "y": Node("PeriplusAxisCheckpoint", {"values": "coast\nharbour\nlagoon"}, 0, (WIDTH, 170)),
    "sweep": Node(
        "PeriplusSweepKSampler",
        {
            **{"positive": "a white lighthouse at sunset", "negative": "fog", "seed": 3},
            **{"steps": 12, "cfg": 4.0, "scheduler": "karras", "width": 128, "height": 128},
            **{"x_axis": Link("x", "axis"), "y_axis": Link("y", "axis")},
        },
        1,
        (WIDTH + 60, 820),
    ),
}


def main() -> None:
    """Make both pictures."""
    installation = provision(development=True)
    server = ComfyServer(
        installation.comfyui, installation.python, models=installation.models("demo"), threads=None
    )
    expect.set_options(timeout=PATIENCE)
    with server, sync_playwright() as playwright:
        workflow = write_workflow(WORKFLOW, server.object_info(), WIDTH + 60)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        with Frontend.open(browser, server, SETTINGS) as frontend:
            frontend.page.set_viewport_size(VIEWPORT)
            frontend.load(workflow)
            take(frontend.page)
        browser.close()


def take(page: Page) -> None:
    """Choose names, run the sweep and open it, with a picture of each."""
    page.evaluate(
        "app.canvas.ds.scale = 0.9; app.canvas.ds.offset[0] = 80; app.canvas.ds.offset[1] = 330"
    )
    line = page.locator(".periplus-line", has_text="5 values").first
    line.get_by_role("button").click()
    panel = page.get_by_role("dialog", name="sampler")
    expect(panel).to_be_visible()
    save(page, "choosing", clip=CANVAS)
    page.keyboard.press("Escape")
    page.evaluate("app.queuePrompt(0)")
    expect(page.locator(".periplus-live-line")).to_have_text("15 of 15 cells")
    page.keyboard.press("Alt+p")
    cells = page.get_by_role("dialog", name="Sweep viewer").get_by_role("gridcell")
    expect(cells).to_have_count(15)
    page.wait_for_load_state("networkidle")
    save(page, "viewer")


def save(page: Page, name: str, **clip: Any) -> None:
    """Write what is seen of the page."""
    size = write(page.screenshot(**clip), IMAGES / f"{name}.png", COLOURS)
    print(f"{name}: {size / 1024:.0f} KiB", flush=True)


if __name__ == "__main__":
    main()
