"""What the pack shows in ComfyUI's page: its templates, its sheet, its setting."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import expect

from scripts.comfy_server import ROOT, ComfyServer

from .frontend import Frontend

EXAMPLE = ROOT / "example_workflows" / "CFG x steps.json"
CHECKPOINT = "small/coast.safetensors"
SIDE = 64
"""Pixels of a cell's side, small enough for a quick run."""

MAX_CELLS = "Periplus.Sweep.MaxCells"

PICTURE_WIDTH = """id => {
    const node = app.graph.getNodeById(id);
    const shown = node.imgs ?? document.querySelectorAll(`[data-node-id="${id}"] img`);
    return shown[0]?.naturalWidth ?? 0;
}"""
"""The width of the picture on a node. Only Vue keeps it in the page."""


def workflow() -> dict[str, Any]:
    return json.loads(EXAMPLE.read_text(encoding="utf-8"))


def load_small(frontend: Frontend) -> None:
    """Show the example with a checkpoint that is there and small pictures."""
    frontend.load(workflow())
    frontend.set_widgets("ckpt_name", CHECKPOINT)
    frontend.set_widgets("width", SIDE)
    frontend.set_widgets("height", SIDE)


def test_an_example_opens_from_the_template_browser(frontend: Frontend) -> None:
    page = frontend.page
    page.evaluate("app.extensionManager.command.execute('Comfy.BrowseTemplates')")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("periplus", exact=True).click()
    dialog.get_by_text(EXAMPLE.stem).first.click()

    expect(dialog).to_have_count(0)
    types = page.evaluate("app.graph.nodes.map(node => node.type)")
    assert types == [node["type"] for node in workflow()["nodes"]]


def test_a_queued_sweep_shows_its_sheet_on_the_grid_node(frontend: Frontend) -> None:
    load_small(frontend)
    frontend.set_widgets("values", "2, 3", "PeriplusAxisNumber")
    (grid,) = [node["id"] for node in workflow()["nodes"] if node["type"] == "PeriplusGridCompose"]

    frontend.page.evaluate("app.queuePrompt(0)")

    frontend.page.wait_for_function(f"id => ({PICTURE_WIDTH})(id) > 0", arg=grid)
    assert frontend.page.evaluate(PICTURE_WIDTH, grid) > 2 * SIDE
    assert frontend.complaints == []


def test_the_most_cells_are_set_in_the_settings_dialog(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    load_small(frontend)
    page.evaluate("app.extensionManager.command.execute('Comfy.ShowSettingsDialog')")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Periplus", exact=True).click()
    field = dialog.get_by_role("spinbutton", name="Most cells in a sweep")
    expect(field).to_have_value("10,000")

    with page.expect_response(f"**/settings/{MAX_CELLS}"):
        field.press("ControlOrMeta+a")
        field.press_sequentially("2")
        field.press("Tab")
    page.keyboard.press("Escape")

    run = server.run(frontend.prompt())
    page.evaluate(f"app.extensionManager.setting.set('{MAX_CELLS}', 10000)")
    assert run.status == "error"
    assert "12 cells" in run.error


def test_what_read_recipe_gives_fits_the_inputs_that_take_it(frontend: Frontend) -> None:
    load_small(frontend)
    frontend.page.evaluate(
        """() => {
            const read = LiteGraph.createNode("PeriplusReadRecipe");
            app.graph.add(read);
            for (const node of app.graph.nodes) {
                for (const output of read.outputs) {
                    if (node !== read && node.inputs?.some(input => input.name === output.name)) {
                        read.connect(read.findOutputSlot(output.name), node, output.name);
                    }
                }
            }
        }"""
    )

    linked = {
        name
        for node in frontend.prompt().values()
        for name, value in node["inputs"].items()
        if isinstance(value, list)
    }
    names = "positive negative seed steps cfg sampler_name scheduler denoise width height ckpt_name"
    assert {*names.split()} <= linked
    assert frontend.complaints == []
