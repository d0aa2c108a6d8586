"""What values and sweeps come to, said on their nodes before anything is queued."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph, manifest_in

from .axis_nodes import line, show_axes, type_values
from .frontend import Frontend

MODULES = "/extensions/periplus/js/preview"

LIVE_SHEET = "Periplus.Sweep.LiveSheet"

ENDLESS = 10_000
"""Steps that no test waits for."""

MARKED = """() => [...document.querySelectorAll("textarea")]
    .filter(one => getComputedStyle(one).outlineStyle === "solid" && one.offsetParent)
    .map(one => one.value)"""
"""The texts that are marked as wrong."""


@pytest.fixture
def frontend(frontend: Frontend, server: ComfyServer) -> Iterator[Frontend]:
    """The page, with nothing running before and after."""
    yield frontend
    server.cancel_all()


def test_a_line_says_what_is_typed_while_it_is_typed(frontend: Frontend) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values="2-4 (+0.5)"),
        y_axis=graph.axis("Sampler", values="euler"),
    )
    show_axes(frontend, graph.prompt)
    saved = "app.graph.nodes.map(node => [node.type, node.serialize().widgets_values])"
    before, prompt = sorted(frontend.page.evaluate(saved)), frontend.prompt()
    expect(line(frontend, "5 values: 2, 2.5, 3, 3.5, 4")).to_have_attribute("role", "status")
    expect(line(frontend, "5 cells, 15 steps")).to_be_visible()
    assert frontend.page.evaluate(MARKED) == []

    type_values(frontend, "2-4 (+0.5)", "2-4 (+0.5), no")
    wrong = line(frontend, "cfg axis: item 2 'no' is not a number or a range")
    expect(wrong).to_have_class(re.compile("periplus-line-wrong"))
    expect(line(frontend, "A node that is linked here has a mistake")).to_have_attribute(
        "title", re.compile("Axis: Number")
    )
    assert frontend.page.evaluate(MARKED) == ["2-4 (+0.5), no"]

    type_values(frontend, "2-4 (+0.5), no", "1-90")
    shortened = line(frontend, re.compile(r"^90 values: 1, 2, .*, … 90$"))
    expect(shortened).to_have_attribute("title", re.compile("1, 2, .*, 45, .*, 89, 90$"))
    assert frontend.page.evaluate(MARKED) == []

    type_values(frontend, "1-90", "2-4 (+0.5)")
    expect(line(frontend, "5 values")).to_be_visible()
    assert sorted(frontend.page.evaluate(saved)) == before, "the lines are saved in no workflow"
    assert frontend.prompt() == prompt, "and in no prompt"
    assert frontend.complaints == []


def test_the_line_of_a_sweep_says_what_its_run_then_counts(
    frontend: Frontend, server: ComfyServer
) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("Number", parameter="steps", values="1, 2"),
    )
    show_axes(frontend, graph.prompt)
    expect(line(frontend, re.compile("^2 × 2 = 4 cells, 2 model loads, 6 steps"))).to_be_visible()

    with frontend.page.expect_response("**/periplus/preview", timeout=60_000):
        frontend.page.evaluate("app.queuePrompt(0)")

    sheet = frontend.page.locator(".periplus-live-line")
    expect(sheet).to_have_text("4 of 4 cells")
    expect(line(frontend, re.compile("cells"))).to_have_count(0)
    manifest = manifest_in(server, name_of(graph))
    account = manifest["account"]
    assert (len(manifest["cells"]), account["model_loads"]) == (4, 2)
    assert account["denoiser_evaluations"] + account["evaluations_shared"] == 6
    assert frontend.complaints == []


def test_while_a_sweep_runs_its_sheet_tells_of_it_alone(
    frontend: Frontend, server: ComfyServer
) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="steps", values=f"1, {ENDLESS}")
    graph.sweep(**graph.loader(), x_axis=axis)
    show_axes(frontend, graph.prompt)
    told = line(frontend, "2 cells, 10,001 steps")
    expect(told).to_be_visible()

    frontend.page.evaluate("app.queuePrompt(0)")

    sheet = frontend.page.locator(".periplus-live-line")
    expect(sheet).to_have_text(re.compile("^1 of 2 cells"), timeout=60_000)
    expect(told).to_have_count(0)
    assert "sheet: " in frontend.page.locator(".periplus-live-caption").inner_text()
    widgets = frontend.page.evaluate(
        "app.graph.nodes.flatMap(node => node.widgets ?? []).map(widget => widget.name)"
    )
    assert [name for name in widgets if "text-preview" in name] == []
    server.interrupt()
    expect(sheet).to_have_text("1 of 2 cells, stopped", timeout=60_000)
    expect(line(frontend, "1 cell to make, 10,000 steps")).to_be_visible()
    frontend.page.evaluate(f"app.extensionManager.setting.set('{LIVE_SHEET}', false)")
    expect(line(frontend, "2 cells, 10,000 steps, 1 made earlier")).to_be_visible()
    frontend.page.evaluate(f"app.extensionManager.setting.set('{LIVE_SHEET}', true)")


def name_of(graph: Graph) -> str:
    """The name of a graph's sweep."""
    (sweep,) = (n for n in graph.prompt.values() if n["class_type"] == "PeriplusSweepKSampler")
    return sweep["inputs"]["name"]


def test_a_workflow_without_sweeps_is_not_asked_about(frontend: Frontend) -> None:
    asked: list[Any] = []
    frontend.page.on("request", lambda request: asked.append(request.url))
    graph = Graph()
    graph.sweep(**graph.loader())
    frontend.load_prompt(graph.prompt)
    expect(line(frontend, "1 cell, 3 steps")).to_be_visible()
    assert len([url for url in asked if "/periplus/preview" in url]) <= 2, "one for each load"

    frontend.page.evaluate("app.extensionManager.command.execute('Comfy.NewBlankWorkflow')")
    expect(frontend.page.locator(".periplus-line")).to_have_count(0)


NOT_YET = {
    **dict.fromkeys(("chosen", "stored", "making", "model_loads", "steps", "seconds")),
    "sheets": [],
    "unknown": "latent_image comes from a node that must run",
}
DONE = {"stored": 168, "making": 0, "steps": 0, "model_loads": 0, "sheets": []}
GRAPH = {"steps": None, "sampler_runs": 165, "sheets": [], "rough": True}
PART = {"chosen": 12, "making": 9, "model_loads": 2, "steps": 300, "sheets": [], "seconds": None}
ALL_MADE = "14 × 12 = 168 cells, all made earlier"
ON_SHEET = "165 cells to make, 14 model loads, 4,200 steps, about 25 min"
AXIS = {"kind": "axis", "count": 3, "labels": ["2", "3", "4"], "notes": [], "unknown": ""}
SWEEP = {
    "kind": "sweep",
    "shape": [14, 12, 1],
    "cells": 168,
    "chosen": 168,
    "stored": 3,
    "making": 165,
    "model_loads": 14,
    "steps": 4200,
    "sheets": ["7,400 x 6,300 px"],
    "seconds": 1500,
    "rough": False,
    "unknown": "",
}


@pytest.mark.parametrize(
    ("locale", "entry", "expected"),
    [
        ("en", AXIS, "3 values: 2, 3, 4"),
        ("en", {**AXIS, "unknown": "later"}, "Known when it runs"),
        (
            "en",
            SWEEP,
            "14 × 12 = 168 cells, 14 model loads, 4,200 steps, 3 made earlier, "
            "sheet 7,400 × 6,300 px, about 25 min",
        ),
        ("en", {**SWEEP, **NOT_YET}, "14 × 12 = 168 cells, the rest is known when it runs"),
        ("en", {**SWEEP, **DONE}, ALL_MADE),
        (
            "en",
            {**SWEEP, **GRAPH},
            "14 × 12 = 168 cells, 14 model loads, 165 sampler runs, 3 made earlier, "
            "about 25 min, a rough guess",
        ),
        ("en", {**SWEEP, "isOnSheet": True}, ON_SHEET),
        ("en", {**SWEEP, **PART}, "12 of 168 cells, 2 model loads, 300 steps, 3 made earlier"),
        (
            "ru",
            {**SWEEP, "rough": True, "sheets": []},
            "Ячеек: 14 × 12 = 168, загрузок моделей: 14, шагов: 4 200, уже готово: 3, "
            "около 25 мин, грубая оценка",
        ),
        ("ru", {**SWEEP, **PART}, "Ячеек: 168, выбрано: 12, загрузок моделей: 2, шагов: 300"),
        (
            "zh",
            {**SWEEP, "shape": [168]},
            "168 个单元格，加载模型 14 次，4,200 步，3 个单元格之前已生成，网格图 7,400 × 6,300 px",
        ),
        (
            "ru",
            {**SWEEP, **GRAPH, "model_loads": 0},
            "Ячеек: 14 × 12 = 168, запусков сэмплера: 165",
        ),
        ("zh", {**SWEEP, **GRAPH, "model_loads": 0}, "14 × 12 = 168 个单元格，采样 165 次"),
        (
            "ru",
            {**SWEEP, "sheets": ["2 pages of up to 692 x 884 px"]},
            "Ячеек: 14 × 12 = 168, загрузок моделей: 14, шагов: 4 200, уже готово: 3, "
            "лист на 2 стр. до 692 × 884 px, около 25 мин",
        ),
    ],
)
def test_a_line_is_in_the_language_of_the_page(
    frontend: Frontend, locale: str, entry: dict[str, Any], expected: str
) -> None:
    found = frontend.page.evaluate(
        f"""async ([locale, entry]) => {{
            const {{lineOf}} = await import("{MODULES}/texts.js");
            const {{wordsFor}} = await import("{MODULES}/words.js");
            return lineOf(wordsFor(locale), {{errors: [], ...entry}}, () => true).text;
        }}""",
        [locale, entry],
    )

    assert found.startswith(expected)


def test_where_one_value_has_room_it_is_the_first(frontend: Frontend) -> None:
    found = frontend.page.evaluate(
        f"""async () => {{
            const {{shortened}} = await import("{MODULES}/texts.js");
            return [1, 2, 3].map((shown) => shortened(["a ship", "a pier", "fog"], shown, true));
        }}"""
    )

    assert found == ["a ship, …", "a ship, … fog", "a ship, a pier, fog"]
