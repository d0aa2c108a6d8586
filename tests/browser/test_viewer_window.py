"""What the viewer does inside ComfyUI whatever its page is: choosing, walking, making again."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from scripts.comfy_server import ComfyServer
from tests.host.graph_sweeps import one_colour
from tests.host.graphs import Graph

from .frontend import Frontend
from .saved_sweeps import HOSTILE, save_page
from .viewer import (
    cell,
    detail,
    differences,
    execute,
    made,
    open_by_key,
    open_from_list,
    run,
    sweep_of,
    tidied,
    viewer,
)

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def opened(server: ComfyServer, browser: Browser) -> Iterator[Frontend]:
    """One page for all tests: how it draws nodes is nothing to them."""
    with Frontend.open(browser, server, {}) as page:
        yield page


@pytest.fixture
def frontend(opened: Frontend, server: ComfyServer) -> Iterator[Frontend]:
    with tidied(opened, server):
        yield opened


def test_without_a_sweep_on_the_page_one_is_chosen_from_a_list(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    save_page(made(server.output / "listed"), {"x": ("cfg", ("3", "5"))}, failed=[1])
    open_from_list(frontend, "cfg 1 of 2 cells, 1 failed listed")

    expect(cell(page, "cfg 3")).to_be_visible()
    cell(page, "cfg 5, failed").click()
    assert HOSTILE in detail(page, "cfg 5").locator(".reason").inner_text()
    assert page.locator("img[onerror]").count() == 0
    page.get_by_role("button", name="Make again").last.click()
    expect(viewer(page).get_by_role("status")).to_contain_text("No node on the page")


def test_colours_and_language_are_those_of_comfyui(frontend: Frontend) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler", "1"), "1 of 1 cells")
    setting = "([name, value]) => app.extensionManager.setting.set(name, value)"
    for name, value in (("Comfy.ColorPalette", "light"), ("Comfy.Locale", "ru")):
        page.evaluate(setting, [name, value])
    page.keyboard.press("Alt+p")
    shown = page.get_by_role("dialog", name="Просмотр перебора")
    expect(shown.locator(".periplus")).to_have_attribute("data-theme", "light")
    expect(shown.get_by_text("Оси", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    for name, value in (("Comfy.ColorPalette", "dark"), ("Comfy.Locale", "en")):
        page.evaluate(setting, [name, value])


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


def test_settings_of_a_graph_sweep_go_into_the_nodes_that_they_are_of(frontend: Frontend) -> None:
    page = frontend.page
    graph = Graph()
    image = one_colour(graph)
    colours = graph.axis("Input", node=image[0], input="color", values="0, 255")
    graph.sweep_graph(image, x_axis=colours)
    run(frontend, graph.prompt, "2 of 2 cells")
    before = frontend.prompt()
    open_by_key(frontend)
    viewer(page).get_by_role("gridcell").last.click()
    page.get_by_role("button", name="Use these settings").click()
    expect(viewer(page).get_by_role("status")).to_contain_text("color (EmptyImage)")

    assert differences(before, frontend.prompt()) == [(image[0], "color", 255)]


RECIPE = {
    "positive": "a pier",
    "negative": 7,
    "seed": 2**63,
    "cfg": 3.5,
    "steps": 4,
    "sampler_name": "nobody knows it",
    "scheduler": "karras",
    "ckpt_name": "small/harbour.safetensors",
    "vae_name": "one.safetensors",
    "clip_skip": 2,
    "loras": [{"name": "x"}],
    "hires": {"upscaler": "pixels: area", "scale": 1.5, "denoise": 0.3},
    "refiner": None,
}
"""Of a cell: some can be put into the nodes of the test below, and some cannot."""


def test_settings_go_into_linked_nodes_and_what_cannot_be_set_is_named(frontend: Frontend) -> None:
    page = frontend.page
    graph = Graph()
    hires = graph.add("PeriplusHiresFix", upscaler="latent: bislerp")
    cfg = graph.add("PrimitiveFloat", value=2.0)
    graph.sweep(**graph.loader(), hires=hires, cfg=cfg)
    frontend.load_prompt(graph.prompt)
    told = page.evaluate(
        """async recipe => {
            const {useSettings} = await import("/extensions/periplus/js/viewer/use_settings.mjs");
            const {wordsFor} = await import("/extensions/periplus/js/viewer/words.js");
            const node = app.graph.nodes.find(({type}) => type === "PeriplusSweepKSampler");
            return useSettings(app, recipe, node, {axes: []}, wordsFor("en"));
        }""",
        RECIPE,
    )

    assert told.splitlines() == [
        "Set in Sweep KSampler: positive, steps, scheduler, ckpt_name, "
        "hires upscaler, hires scale, hires denoise",
        "Not set: negative, seed, cfg, sampler_name, vae_name, clip_skip, loras",
    ]
    nodes = {node["class_type"]: node["inputs"] for node in frontend.prompt().values()}
    assert nodes["CheckpointLoaderSimple"]["ckpt_name"] == "small/harbour.safetensors"
    assert nodes["PeriplusHiresFix"]["upscaler"] == "pixels: area"
    sweep = nodes["PeriplusSweepKSampler"]
    assert (sweep["steps"], sweep["scheduler"], sweep["seed"]) == (4, "karras", 7)


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


def test_what_is_made_again_is_of_this_sweep_also_after_the_seed_has_changed(
    frontend: Frontend,
) -> None:
    page = frontend.page
    run(frontend, sweep_of("euler, capsizing", "1", seed=7), "1 of 2 cells, 1 failed")
    frontend.set_widgets("seed", 8)
    open_by_key(frontend)
    with page.expect_request("**/api/prompt") as asked:
        cell(page, "sampler capsizing, steps 1, failed").click()
        page.get_by_role("button", name="Make again").last.click()
    assert '"seed": 7' in json.dumps(json.loads(asked.value.post_data or "")["prompt"])

    frontend.set_widgets("positive", "another picture")
    page.get_by_role("button", name="Make again").last.click()
    expect(viewer(page).get_by_role("status")).to_contain_text("No node on the page would make")


def test_the_node_of_a_sweep_is_found_in_a_new_session(frontend: Frontend) -> None:
    page = frontend.page
    prompt = sweep_of("euler, heun", "1")
    run(frontend, prompt, "2 of 2 cells")
    page.evaluate("sessionStorage.clear()")
    frontend.reload()
    frontend.load_prompt(prompt)
    expect(page.get_by_text("2 cells, all made earlier")).to_be_visible()
    open_by_key(frontend)
    cell(page, "sampler heun, steps 1").click()
    page.get_by_role("button", name="Use these settings").click()
    status = viewer(page).get_by_role("status")
    expect(status).to_contain_text("Set in Sweep KSampler: steps, sampler_name")
    page.get_by_role("button", name="Make again").last.click()
    expect(status).to_have_text("Cells in the queue: 1")


def test_settings_go_into_the_only_sweep_node_of_another_workflow(
    frontend: Frontend, server: ComfyServer
) -> None:
    page = frontend.page
    save_page(made(server.output / "other"), {"x": ("cfg", ("3", "5"))})
    prompt = sweep_of("euler", "1")
    frontend.load_prompt(prompt)
    expect(page.get_by_text("1 cell, 1 step")).to_be_visible()
    execute(frontend, "Periplus.OpenViewer")
    page.get_by_role("button", name=re.compile("^cfg 2 of 2 cells other")).click()
    cell(page, "cfg 5").click()
    page.get_by_role("button", name="Use these settings").click()
    status = viewer(page).get_by_role("status")
    expect(status).to_contain_text("Set in Sweep KSampler: positive, steps")
    expect(status).to_contain_text("go on to vary: x_axis, y_axis")


def queued_inputs(body: str | None) -> dict[str, Any]:
    """What a queued prompt tells the sweep node of the cells that are to be made."""
    prompt = json.loads(body or "")["prompt"].values()
    inputs = next(node["inputs"] for node in prompt if "Sweep" in node["class_type"])
    return {name: inputs[name] for name in ("only", "remake", "retry_failed")}


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
