"""Make the pictures of the help pages anew: ``python -m scripts.help_pictures``.

Shows each node in ComfyUI's page, wired in a small workflow, and writes what a Chromium sees of it
to ``web/docs/img/``. Needs a Python with Playwright and Pillow, such as that of the tests.
"""

from __future__ import annotations

import argparse
import io
import random
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.frontend import Frontend

from .browser import ARGUMENTS, find_chromium
from .comfy_server import EXAMPLE_IMAGE, ROOT, ComfyServer
from .help_workflows import PICTURES, WIDTH, HelpPicture
from .paint.scene import draw
from .paint.world import Scene
from .provision import provision
from .workflow_writer import write_workflow

IMAGES = ROOT / "web" / "docs" / "img"

SETTINGS = {
    "Comfy.Minimap.Visible": False,
    "Comfy.Graph.CanvasInfo": False,
    "Comfy.Graph.CanvasMenu": False,
    "Comfy.NodeBadge.NodeSourceBadgeMode": "None",
}
"""Nothing floats over the nodes."""

VIEWPORT = (2000, 2600)
"""Width and height of the page, in pixels: the tallest node fits in, between the page's bars."""

SCALE = 1.75
"""Pixels for each of the canvas: what a help page shows smaller is sharp on a fine screen."""

GAP, EDGE, MARGIN = 50, 86, 12
"""Pixels of the canvas: between nodes, of a neighbour that is seen, and around all."""

COLOURS = 96

PATIENCE = 120_000
"""Milliseconds that a small sweep may take."""

NODE = "app.graph.nodes.find(({type}) => type === nodeType)"

PLACE = f"""([nodeType, scale, beside, margin]) => {{
    const {{canvas, ds}} = app.canvas;
    const node = {NODE};
    const [left, top, width, height] = node.getBounding();
    const hasMore = (isThere) => app.graph.nodes.some(({{pos}}) => isThere(pos[0]));
    const before = hasMore((x) => x < node.pos[0]) ? beside : 0;
    const after = hasMore((x) => x > node.pos[0]) ? beside : 0;
    const box = {{
        x: left - before - margin,
        y: top - margin,
        width: width + before + after + 2 * margin,
        height: height + 2 * margin,
    }};
    ds.scale = scale;
    ds.offset[0] = canvas.clientWidth / 2 / scale - box.x - box.width / 2;
    ds.offset[1] = canvas.clientHeight / 2 / scale - box.y - box.height / 2;
    app.canvas.setDirty(true, true);
    const at = canvas.getBoundingClientRect();
    return {{
        x: at.x + (box.x + ds.offset[0]) * scale,
        y: at.y + (box.y + ds.offset[1]) * scale,
        width: box.width * scale,
        height: box.height * scale,
    }};
}}"""
"""Puts a node into the middle of the page, and says where it lies with its neighbours' edges."""

IDLE = "app.runningNodeId == null"
"""No node has the frame of one that runs."""

TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def main() -> None:
    """Make all pictures, or those of the nodes whose ids are given."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("nodes", nargs="*", help="ids of nodes; all if none is given")
    chosen = parser.parse_args().nodes or [*PICTURES]
    installation = provision(development=True)
    server = ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("demo"),
        threads=None,
    )
    IMAGES.mkdir(exist_ok=True)
    with server, sync_playwright() as playwright:
        example = draw(Scene("ship", "red", "sunset"), 128, random.Random(0))
        example.save(server.base / "input" / EXAMPLE_IMAGE)
        object_info = server.object_info()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        with Frontend.open(browser, server, SETTINGS) as frontend:
            frontend.page.set_viewport_size({"width": VIEWPORT[0], "height": VIEWPORT[1]})
            for node in chosen:
                workflow = write_workflow(PICTURES[node].nodes, object_info, WIDTH + GAP)
                frontend.load(workflow)
                taken = take(frontend.page, node, PICTURES[node])
                size = write(taken, IMAGES / f"{node}.png")
                print(f"{node}: {size / 1024:.0f} KiB", flush=True)
        browser.close()


def take(page: Page, node: str, picture: HelpPicture) -> bytes:
    """Run the shown workflow if need be, and return a screenshot of one of its nodes."""
    if picture.is_run:
        page.evaluate("app.queuePrompt(0)")
    is_ready = f"nodeType => {{ const node = {NODE}; return {picture.ready} && {IDLE}; }}"
    page.wait_for_function(is_ready, arg=node, timeout=PATIENCE)
    clip = page.evaluate(PLACE, [node, SCALE, GAP + EDGE, MARGIN])
    page.evaluate(TWO_FRAMES)
    return page.screenshot(clip=clip)


def write(taken: bytes, target: Path, colours: int = COLOURS) -> int:
    """Write a screenshot with few colours; return the file's size in bytes."""
    with Image.open(io.BytesIO(taken)) as image:
        # Median cut would give all sockets one colour, and without k-means greys would be tinted.
        few = image.convert("RGB").quantize(
            colours, Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE
        )
        few.save(target, optimize=True)
    return target.stat().st_size


if __name__ == "__main__":
    main()
