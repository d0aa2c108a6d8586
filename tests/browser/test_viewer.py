"""The viewer and ComfyUI's page: opened, filled while a sweep runs, and what it does to nodes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import expect

from periplus.files.picture import pixel_digest
from scripts.comfy_server import ComfyServer

from .frontend import Frontend
from .viewer import cell, detail, differences, execute, open_by_key, run, sweep_of, tidied, viewer

NODE = "app.graph.nodes.find(({type}) => type.startsWith('PeriplusSweep'))"


@pytest.fixture(autouse=True)
def tidy(frontend: Frontend, server: ComfyServer) -> Iterator[None]:
    with tidied(frontend, server):
        yield


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
    expect(viewer(page).locator(".periplus")).to_have_attribute("data-theme", "dark")


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


def test_comfyui_hears_no_key_while_it_is_open(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler", "1"), "1 of 1 cells")
    page.evaluate(f"app.canvas.selectNode({NODE})")
    before = page.evaluate("app.graph.nodes.length")
    page.evaluate(
        """() => {
            const {changeTracker} = app.extensionManager.workflow.activeWorkflow;
            window.undone = [];
            for (const name of ["undo", "redo"]) changeTracker[name] = () => undone.push(name);
        }"""
    )
    open_by_key(frontend)
    page.locator(".periplus .sheet footer").click(force=True)  # what takes no focus
    for key in ("w", "n", "q", ".", "Delete", "Control+m"):
        page.keyboard.press(key)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Delete")

    page.keyboard.press("Control+z")
    cell(page, "sampler euler, steps 1").click()
    for key in ("Control+z", "Control+y", "Control+Shift+z"):
        page.keyboard.press(key)
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    assert page.evaluate("undone") == []
    for _ in range(2):
        page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    page.wait_for_function("undone.length === 1")
    assert page.evaluate("app.graph.nodes.length") == before
    assert page.evaluate("app.extensionManager.sidebarTab.activeSidebarTab") is None
    assert page.evaluate(f"{NODE}.mode") == 0


def test_cells_appear_while_the_sweep_runs_and_what_is_open_stays(frontend: Frontend) -> None:
    page = frontend.page
    frontend.load_prompt(sweep_of("euler, capsizing", "2-6"))
    page.evaluate("app.queuePrompt(0)")
    expect(page.locator(".periplus-live-line")).to_have_text(re.compile("^[1-9]"))

    open_by_key(frontend)
    pictures, failed = viewer(page).locator(".frame img"), viewer(page).locator(".frame.failed")
    assert pictures.count() + failed.count() < 10, "it was opened too late to show anything"
    cell(page, "sampler euler, steps 2").click()
    stage = detail(page, "sampler euler, steps 2").locator(".stage img")
    stage.evaluate("image => { image.isTheSame = true; }")

    expect(pictures).to_have_count(5, timeout=30_000)
    expect(failed).to_have_count(5)
    expect(failed.first).to_contain_text("the sampler has capsized")
    assert stage.evaluate("image => image.isTheSame")


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


def test_a_cell_opens_as_a_workflow_that_makes_the_very_picture(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, heun", "1, 2"), "4 of 4 cells")
    open_by_key(frontend)
    cell(page, "sampler heun, steps 2").click()
    link = page.get_by_role("link", name="Open file").get_attribute("href")
    page.get_by_role("button", name="Open as workflow").click()

    expect(page.get_by_text("Opened as a workflow", exact=True)).to_be_visible()
    expect(viewer(page)).to_have_count(0)
    types = page.evaluate("app.graph.nodes.map(({type}) => type)")
    assert "KSampler" in types and not [name for name in types if "Periplus" in name]
    seeds = page.evaluate(
        "app.graph.nodes.flatMap(({widgets}) => widgets ?? [])"
        ".filter(({name}) => name === 'control_after_generate').map(({value}) => value)"
    )
    assert seeds == ["fixed"]
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


def test_two_tabs_keep_the_marks_of_both(frontend: Frontend) -> None:
    frontend.complaints.clear()
    kept = frontend.page.evaluate(
        """async () => {
            const {Marks} = await import("/extensions/periplus/viewer/marks.mjs");
            const [one, other] = [new Marks("two tabs"), new Marks("two tabs")];
            one.toggle([0, 0, 0], "star");
            other.toggle([1, 0, 0], "reject");
            other.toggle([0, 1, 0], "star");
            other.toggle([0, 1, 0], "star");
            const later = new Marks("two tabs");
            return [[0, 0, 0], [1, 0, 0], [0, 1, 0]].map((place) => later.of(place) ?? "");
        }"""
    )

    assert kept == ["star", "reject", ""]
