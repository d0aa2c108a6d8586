"""The viewer inside ComfyUI's page: opened, filled while a sweep runs, and what it does there."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from periplus.files.picture import pixel_digest
from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph

from .frontend import Frontend
from .saved_sweeps import HOSTILE, save_page

log = logging.getLogger(__name__)

NODE = "app.graph.nodes.find(({type}) => type.startsWith('PeriplusSweep'))"


@pytest.fixture(autouse=True)
def tidy(frontend: Frontend, server: ComfyServer) -> Iterator[None]:
    """Nothing runs and no viewer is open before and after a test, and nothing has complained."""
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


def open_by_key(frontend: Frontend) -> Page:
    frontend.page.keyboard.press("Alt+p")
    expect(viewer(frontend.page)).to_be_visible()
    return frontend.page


def made(folder: Path) -> Path:
    """An empty folder; both renderers' tests run on one server."""
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


def test_it_opens_from_the_menus_of_the_nodes_of_a_sweep(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler", "1"), "1 of 1 cells")
    for node_type in ("PeriplusSweepKSampler", "PeriplusGridCompose"):
        page.evaluate(
            """type => {
                const node = app.graph.nodes.find(node => node.type === type);
                const items = app.canvas.getNodeMenuOptions(node);
                items.find(item => item?.content === "Open the sheet").callback();
            }""",
            node_type,
        )
        expect(cell(page, "sampler euler, steps 1")).to_be_visible()
        page.keyboard.press("Escape")
        expect(viewer(page)).to_have_count(0)


def test_without_a_sweep_on_the_page_one_is_chosen_from_a_list(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    save_page(made(server.output / "listed"), {"x": ("cfg", ("3", "5"))}, failed=[1])
    open_from_list(frontend, "cfg 1 of 2 cells, 1 failed listed")

    expect(cell(page, "cfg 3")).to_be_visible()
    cell(page, "cfg 5, failed").click()
    assert HOSTILE in detail(page, "cfg 5").locator(".reason").inner_text()
    page.get_by_role("button", name="Make again").last.click()
    expect(viewer(page).get_by_role("status")).to_contain_text("no node of this sweep")


def test_comfyui_hears_no_key_while_it_is_open(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler", "1"), "1 of 1 cells")
    page.evaluate(f"app.canvas.selectNode({NODE})")
    before = page.evaluate("app.graph.nodes.length")
    open_by_key(frontend)
    page.locator(".periplus .sheet footer").click(force=True)  # what takes no focus
    for key in ("w", "n", "q", ".", "Delete", "Control+m"):
        page.keyboard.press(key)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Delete")

    assert page.evaluate("app.graph.nodes.length") == before
    assert page.evaluate("app.extensionManager.sidebarTab.activeSidebarTab") is None
    assert page.evaluate(f"{NODE}.mode") == 0


def test_escape_steps_back_from_menu_and_cell_to_the_page(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler", "1"), "1 of 1 cells")
    open_by_key(frontend)
    viewer(page).get_by_text("Axes", exact=True).click()
    page.keyboard.press("Escape")
    expect(viewer(page).get_by_label("Columns")).to_be_hidden()
    expect(viewer(page)).to_be_visible()
    cell(page, "sampler euler, steps 1").click()
    page.keyboard.press("Escape")
    expect(detail(page, "sampler euler, steps 1")).to_have_count(0)
    expect(viewer(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer(page)).to_have_count(0)


def test_cells_appear_while_the_sweep_runs_and_what_is_open_stays(frontend: Frontend) -> None:
    page = frontend.page
    frontend.load_prompt(sweep_of("euler, capsizing", "2-9"))
    page.evaluate("app.queuePrompt(0)")
    expect(page.locator(".periplus-live-line")).to_have_text(re.compile("^[1-9]"))

    open_by_key(frontend)
    pictures, failed = viewer(page).locator(".frame img"), viewer(page).locator(".frame.failed")
    assert pictures.count() + failed.count() < 16, "it was opened too late to show anything"
    cell(page, "sampler euler, steps 2").click()
    stage = detail(page, "sampler euler, steps 2").locator(".stage img")
    stage.evaluate("image => { image.isTheSame = true; }")

    expect(pictures).to_have_count(8, timeout=30_000)
    expect(failed).to_have_count(8)
    expect(failed.first).to_contain_text("the sampler has capsized")
    assert stage.evaluate("image => image.isTheSame")


def test_cells_are_walked_compared_starred_and_copied(frontend: Frontend) -> None:
    page = frontend.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    run(frontend, sweep_of("euler, heun", "1, 2"), "4 of 4 cells")
    open_by_key(frontend)
    cell(page, "sampler euler, steps 1").click()
    for key in ("c", "ArrowRight", "s"):
        page.keyboard.press(key)
    compared = detail(page, "sampler heun, steps 1")
    expect(compared.locator(".compare img")).to_have_count(2)
    page.keyboard.press("r")
    expect(viewer(page).get_by_role("status")).to_have_text("Copied")
    assert "Sampler: Heun" in page.evaluate("navigator.clipboard.readText()")
    for _ in range(2):
        page.keyboard.press("Escape")

    open_by_key(frontend)
    expect(cell(page, "sampler heun, steps 1, starred")).to_be_visible()


def test_settings_go_into_the_sweep_node_as_one_step(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, heun", "1, 2"), "4 of 4 cells")
    before = frontend.prompt()
    open_by_key(frontend)
    cell(page, "sampler heun, steps 2").click()
    page.get_by_role("button", name="Use these settings").click()
    expect(viewer(page).get_by_role("status")).to_have_text(
        "Set in Sweep KSampler: steps, sampler_name\n"
        "The axes stay linked and go on to vary: sampler, steps"
    )

    changed = {(key, name) for key, name, _ in differences(before, frontend.prompt())}
    sweep = next(key for key, node in before.items() if "KSampler" in node["class_type"])
    assert changed == {(sweep, "steps"), (sweep, "sampler_name")}
    for _ in range(2):
        page.keyboard.press("Escape")
    execute(frontend, "Comfy.Undo")
    page.wait_for_function(f"{NODE}.widgets.find(({{name}}) => name === 'steps').value === 3")
    assert frontend.prompt() == before


def test_settings_go_into_a_selected_ksampler(frontend: Frontend) -> None:
    page = frontend.page
    graph = Graph()
    models = graph.loader()
    steps = graph.axis("Number", parameter="steps", values="1")
    seeds = graph.axis("Seed", values="11")
    graph.sweep(**models, x_axis=steps, y_axis=seeds, positive="a lighthouse", cfg=2.5, width=96)
    graph.native(models, "unused")
    run(frontend, graph.prompt, "1 of 1 cells")
    page.evaluate("app.canvas.selectNode(app.graph.nodes.find(n => n.type === 'KSampler'))")
    before = frontend.prompt()
    open_by_key(frontend)
    cell(page, "steps 1, seed 11").click()
    page.get_by_role("button", name="Use these settings").click()
    expect(viewer(page).get_by_role("status")).to_contain_text("Set in KSampler: ")

    changed = differences(before, frontend.prompt())
    types = {(before[key]["class_type"], name): value for key, name, value in changed}
    assert types == {
        ("KSampler", "steps"): 1,
        ("KSampler", "cfg"): 2.5,
        ("KSampler", "seed"): 11,
        ("CLIPTextEncode", "text"): "a lighthouse",
        ("EmptyLatentImage", "width"): 96,
    }


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, Any]]:
    """The inputs that are others: node, name, and the new value."""
    assert before.keys() == after.keys()
    return [
        (key, name, value)
        for key, node in after.items()
        for name, value in node["inputs"].items()
        if value != before[key]["inputs"][name]
    ]


def test_one_cell_and_the_failed_ones_are_made_again(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, capsizing", "1"), "1 of 2 cells, 1 failed")
    before = frontend.prompt()
    open_by_key(frontend)
    with page.expect_request("**/api/prompt") as asked:
        cell(page, "sampler euler, steps 1").click()
        page.get_by_role("button", name="Make again").last.click()
    assert queued_inputs(asked.value.post_data) == {
        "only": "x1 y1",
        "remake": True,
        "retry_failed": True,
    }
    expect(viewer(page).get_by_role("status")).to_have_text("Cells in the queue: 1")

    page.keyboard.press("Escape")
    with page.expect_request("**/api/prompt") as asked:
        viewer(page).get_by_text("Make again").first.click()
        page.get_by_role("button", name="Failed cells (1)").click()
    inputs = queued_inputs(asked.value.post_data)
    assert (inputs["only"], inputs["remake"]) == ("x2 y1", False)
    assert frontend.prompt() == before


def queued_inputs(body: str | None) -> dict[str, Any]:
    """What a queued prompt tells the sweep node of the cells that are to be made."""
    prompt = json.loads(body or "")["prompt"].values()
    inputs = next(node["inputs"] for node in prompt if "Sweep" in node["class_type"])
    return {name: inputs[name] for name in ("only", "remake", "retry_failed")}


def test_a_cell_opens_as_a_workflow_that_makes_the_very_picture(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, heun", "1, 2"), "4 of 4 cells")
    open_by_key(frontend)
    cell(page, "sampler heun, steps 2").click()
    link = page.get_by_role("link", name="Open file").get_attribute("href")
    page.get_by_role("button", name="Open as workflow").click()

    expect(page.get_by_text("Opened as a workflow")).to_be_visible()
    expect(viewer(page)).to_have_count(0)
    types = page.evaluate("app.graph.nodes.map(({type}) => type)")
    assert "KSampler" in types and not [name for name in types if "Periplus" in name]
    page.evaluate("app.queuePrompt(0)")
    images = "Object.values(app.nodeOutputs).flatMap(({images}) => images ?? [])"
    saved = f"{images}.find(({{type}}) => type === 'output')"
    page.wait_for_function(saved)
    image = page.evaluate(saved)
    made = Image.open(io.BytesIO(server.view(image["filename"], image["subfolder"])))
    shown = Image.open(io.BytesIO(server.fetch(str(link))))
    assert pixel_digest(made) == pixel_digest(shown)

    execute(frontend, "Workspace.PreviousOpenedWorkflow")
    expect(page.locator(".periplus-live-line")).to_have_text("4 of 4 cells")


def test_200_cells_are_panned_with_small_pictures_alone(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    axes = {"x": ("cfg", [*map(str, range(20))]), "y": ("steps", [*map(str, range(10))])}
    save_page(made(server.output / "many"), axes, side=512)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_from_list(frontend, "cfg × steps 200 of 200 cells many")
    picture = viewer(page).locator(".frame img").first
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") == 256
    page.evaluate(
        """() => {
            window.frames = [];
            const note = time => {
                frames.push(time);
                window.request = requestAnimationFrame(note);
            };
            note(performance.now());
        }"""
    )
    for _ in range(3):
        page.keyboard.press("+")
    page.mouse.move(1400, 900)
    page.mouse.down()
    page.mouse.move(200, 200, steps=60)
    page.mouse.up()

    longest = page.evaluate(
        """() => {
            cancelAnimationFrame(window.request);
            return Math.max(...frames.slice(2).map((time, i) => time - frames[i + 1]));
        }"""
    )
    log.info("200 cells panned: the longest frame took %.0f ms", longest)
    sheet = page.locator(".periplus .sheet")
    assert sheet.evaluate("sheet => [sheet.scrollLeft > 100, sheet.scrollTop > 50]") == [True] * 2
    assert [url for url in asked if "/view?" in url and "many" in url] == []
    assert [url for url in asked if "/thumbnail?" in url] != []
