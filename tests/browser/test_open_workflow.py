"""A prompt that is opened as a workflow is queued as it is, and lies readably."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict
from typing import Any

from periplus.native.cell_graph import FinishedCell, native_graph
from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe

from .frontend import Frontend

COAST, HARBOUR = (f"small/{name}.safetensors" for name in ("coast", "harbour"))
RECIPE = Recipe(
    *("a {red|blue} ship // at sea", "fog", 2**53 - 1, 25, 5.251, "dpmpp_2m", "karras"),
    denoise=0.455,
    width=1024,
    height=768,
    ckpt_name=COAST,
    clip_skip=2,
    refiner=RefinerRecipe(HARBOUR, cfg=4.05, ascore=6.125),
    hires=HiresRecipe("pixels: lanczos", 1.5, 10, 0.355, positive="a storm"),
)

OPEN = """async prompt => {
    const {openWorkflow} = await import("/extensions/periplus/js/open_workflow.mjs");
    return openWorkflow(app, prompt, "one cell");
}"""

BOXES = "app.graph.nodes.map(({pos, size}) => [...pos, ...size])"
TABS = "app.extensionManager.workflow.openWorkflows.length"


def test_an_opened_cell_is_queued_with_every_value_it_has(frontend: Frontend) -> None:
    entry = {"recipe": json.loads(json.dumps(asdict(RECIPE))), "tile_size": 512}
    prompt = native_graph(FinishedCell(entry, {}, {}), float).prompt
    frontend.complaints.clear()
    tabs = frontend.page.evaluate(TABS)

    assert frontend.page.evaluate(OPEN, prompt)

    assert frontend.page.evaluate(TABS) == tabs + 1
    queued = frontend.prompt()
    assert {node_id: node["inputs"] for node_id, node in queued.items()} == {
        node_id: node["inputs"] for node_id, node in prompt.items()
    }
    frontend.page.evaluate("new Promise(requestAnimationFrame)")
    boxes = frontend.page.evaluate(BOXES)
    assert not any(itertools.starmap(overlap, itertools.combinations(boxes, 2)))
    assert frontend.complaints == []


def test_a_node_that_is_not_installed_leaves_the_page_as_it_is(frontend: Frontend) -> None:
    tabs = frontend.page.evaluate(TABS)
    unknown: dict[str, Any] = {"1": {"class_type": "NoSuchNode", "inputs": {}}}

    assert not frontend.page.evaluate(OPEN, unknown)

    assert frontend.page.evaluate(TABS) == tabs
    frontend.page.keyboard.press("Escape")


def overlap(one: list[float], other: list[float]) -> bool:
    """Whether two boxes of x, y, width and height do."""
    return all(one[i] < other[i] + other[i + 2] and other[i] < one[i] + one[i + 2] for i in (0, 1))
