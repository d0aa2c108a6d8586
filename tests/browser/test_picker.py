"""The choice of names on axis nodes: found, ticked, sorted, and written into the values text."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from scripts.comfy_server import ComfyServer
from tests.host.graphs import Graph

from .axis_nodes import show_axes, type_values, values
from .frontend import Frontend, Json

MODULES = "/extensions/periplus/js/picker"
MANY = 2_000
"""LoRAs in a folder."""

EMPTY = (2).to_bytes(8, "little") + b"{}"
"""A safetensors file without tensors. ComfyUI looks into it for a picture."""


@pytest.fixture(scope="module", autouse=True)
def loras(server: ComfyServer) -> Iterator[None]:
    """Many LoRAs, and three of which two have pictures; nobody opens them."""
    folder = server.base / "models" / "loras"
    (folder / "many").mkdir(parents=True)
    (folder / "own").mkdir()
    names = [f"many/style {number:04}" for number in range(MANY)]
    for name in (*names, "own/ink", "own/wash", "own/black, white"):
        (folder / f"{name}.safetensors").write_bytes(EMPTY)
    Image.new("RGB", (64, 64), "navy").save(folder / "own" / "ink.png")
    Image.new("RGB", (64, 64), "teal").save(folder / "own" / "wash.preview.png")
    yield
    shutil.rmtree(folder / "many")
    shutil.rmtree(folder / "own")


def sweep_of(kind: str, text: str) -> Json:
    graph = Graph()
    graph.sweep(**graph.loader(), x_axis=graph.axis(kind, values=text))
    return graph.prompt


def open_panel(frontend: Frontend, kind: str, text: str) -> Locator:
    """Show a sweep with one axis and open the choice of its names."""
    show_axes(frontend, sweep_of(kind, text))
    frontend.page.get_by_role("button", name="Choose…").click()
    panel = frontend.page.get_by_role("dialog", name="Choose:")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    return panel


def name(panel: Locator, text: str) -> Locator:
    """Find a name, or a folder of names."""
    return panel.get_by_role("treeitem").filter(has_text=text).first


def chosen(panel: Locator) -> Locator:
    return panel.get_by_role("option")


def labels(panel: Locator) -> Locator:
    """Find what the chosen values are called."""
    return chosen(panel).locator(".periplus-row-label")


def test_names_are_found_ticked_sorted_and_taken_away(frontend: Frontend) -> None:
    page = frontend.page
    panel = open_panel(frontend, "Sampler", "euler, heun")
    expect(labels(panel)).to_have_text(["euler", "heun"])

    page.keyboard.type("dpmpp SDE gpu")
    expect(panel.get_by_role("treeitem")).to_have_count(4)
    page.keyboard.press("Enter")
    expect(name(panel, "dpmpp_sde_gpu")).to_have_attribute("aria-checked", "true")
    assert values(frontend, "Sampler") == "euler, heun, dpmpp_sde_gpu"

    chosen(panel).nth(2).click()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    expect(panel.get_by_role("status").last).to_have_text("dpmpp_sde_gpu: 1 of 3")
    assert values(frontend, "Sampler") == "dpmpp_sde_gpu, euler, heun"

    chosen(panel).nth(0).drag_to(chosen(panel).nth(2), target_position={"x": 60, "y": 24})
    assert values(frontend, "Sampler") == "euler, heun, dpmpp_sde_gpu"

    panel.get_by_role("button", name="Take away heun").click()
    assert values(frontend, "Sampler") == "euler, dpmpp_sde_gpu"
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(page.get_by_role("button", name="Choose…")).to_be_focused()
    assert frontend.complaints == []


def test_the_panel_follows_what_is_typed_and_undone(frontend: Frontend) -> None:
    page = frontend.page
    panel = open_panel(frontend, "Scheduler", "karras")

    type_values(frontend, "karras", "# best\nkarras, nrmal")
    expect(panel.get_by_text("item 2 'nrmal'")).to_be_visible()
    expect(labels(panel)).to_have_text(["karras", "nrmal"])
    panel.get_by_role("button", name="Take away nrmal").click()
    expect(panel.get_by_text("item 2 'nrmal'")).to_have_count(0)
    name(panel, "simple").click()
    assert values(frontend, "Scheduler") == "# best\nkarras, simple"

    page.keyboard.press("ControlOrMeta+z")
    expect(labels(panel)).to_have_text(["karras"])
    assert values(frontend, "Scheduler") == "# best\nkarras"

    type_values(frontend, "# best\nkarras", "*")
    expect(name(panel, "simple")).to_have_attribute("aria-checked", "true")
    name(panel, "simple").click()
    written = values(frontend, "Scheduler").split(", ")
    assert "karras" in written
    assert "simple" not in written

    panel.get_by_role("button", name="None").click()
    expect(panel.get_by_text("an empty text means all")).to_be_visible()
    expect(chosen(panel)).to_have_count(0)
    name(panel, "normal").click()
    assert values(frontend, "Scheduler") == "normal"
    panel.get_by_role("button", name="All").click()
    assert "simple" in values(frontend, "Scheduler").split(", ")
    assert frontend.complaints == []


def test_a_lora_has_a_strength_and_a_picture_among_two_thousand_names(frontend: Frontend) -> None:
    page = frontend.page
    panel = open_panel(frontend, "Lora", "own/wash:0.8\nown/ink + own/wash:0.5")
    expect(labels(panel)).to_have_text(["wash", "ink + wash:0.5"])

    strength = panel.get_by_role("textbox", name="Strength of own/wash.safetensors")
    expect(strength).to_have_value("0.8")
    strength.fill("0.5:1")
    strength.press("Enter")
    panel.get_by_role("tree").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    name(panel, "black, white").click()
    assert values(frontend, "Lora").split("\n") == [
        "own/wash.safetensors:0.5:1",
        "own/ink.safetensors+own/wash.safetensors:0.5",
        '"own/black, white.safetensors"',
    ]
    for pictured in ("ink", "wash"):
        picture = name(panel, pictured).locator("img")
        expect(picture).to_have_js_property("naturalWidth", 64)
    expect(name(panel, "black, white").locator("img")).to_have_count(0)

    name(panel, "many").get_by_role("checkbox", include_hidden=True).click()
    expect(panel.get_by_text(f"Chosen: {MANY + 3}")).to_be_visible()
    assert panel.get_by_role("option").count() < 50, "only those in sight are in the page"
    page.keyboard.press("End")
    panel.get_by_role("searchbox").fill(f"style {MANY - 1}")
    expect(panel.get_by_role("treeitem")).to_have_count(2)
    assert frontend.complaints == []


def test_an_axis_of_an_input_offers_what_the_input_takes(frontend: Frontend) -> None:
    prompt = sweep_of("Sampler", "euler")
    graph = Graph()
    graph.prompt.update(prompt)
    (sampler,) = [i for i, n in prompt.items() if n["class_type"] == "PeriplusAxisSampler"]
    (loader,) = [i for i, n in prompt.items() if n["class_type"] == "CheckpointLoaderSimple"]
    inputs = {"node": loader, "input": "ckpt_name", "values": ""}
    graph.prompt[sampler] = {"class_type": "PeriplusAxisInput", "inputs": inputs}
    show_axes(frontend, graph.prompt)

    frontend.page.get_by_role("button", name="Choose…").click()
    panel = frontend.page.get_by_role("dialog")
    name(panel, "harbour").click()

    assert "small/harbour.safetensors" not in values(frontend, "Input")
    assert "small/coast.safetensors" in values(frontend, "Input")


@pytest.mark.parametrize(
    ("before", "items", "expected"),
    [
        ("a, b", ["b", "a"], "b, a"),
        ("a\nb", ["b", "a"], "b\na"),
        ("", ["a", "b"], "a\nb"),
        ("# why\n a, b\n#x", ["b"], "# why\n#x\nb"),
        ("#1\na", ["#1", "a"], "#1\na"),
        ("a, b", [], ""),
    ],
)
def test_a_list_is_written_as_its_text_was(
    frontend: Frontend, before: str, items: list[str], expected: str
) -> None:
    written = frontend.page.evaluate(
        f"""async ([before, texts]) => {{
            const {{writtenList}} = await import("{MODULES}/values_text.mjs");
            const items = texts.map(text => ({{text, name: text}}));
            return writtenList(items, before, {{isEachOnALine: true, names: new Set(["#1"])}});
        }}""",
        [before, items],
    )

    assert written == expected


def test_names_are_a_tree_of_groups_and_folders(frontend: Frontend) -> None:
    rows = frontend.page.evaluate(
        f"""async () => {{
            const {{found, rowsOf, shortNames}} = await import("{MODULES}/name_tree.mjs");
            const names = ["c.pt", "sd/b.pt", "sd/xl\\\\a.ckpt", "sd/xl\\\\a.pt"];
            const choices = names.map(name => ({{name, text: name, group: ""}}));
            const tell = rows => rows.map(row => [row.level, row.path, row.names.length]);
            return [
                tell(rowsOf(choices, () => true)),
                tell(rowsOf(choices, path => path !== "sd/xl/")),
                tell(rowsOf([{{name: "a", group: "Pixels"}}], () => true)),
                found(choices, "XL ckpt").map(({{name}}) => name),
                [...shortNames(names).values()],
            ];
        }}"""
    )

    assert rows == [
        [
            [0, "sd/", 3],
            [1, "sd/xl/", 2],
            [2, "sd/xl\\a.ckpt", 1],
            [2, "sd/xl\\a.pt", 1],
            [1, "sd/b.pt", 1],
            [0, "c.pt", 1],
        ],
        [[0, "sd/", 3], [1, "sd/xl/", 2], [1, "sd/b.pt", 1], [0, "c.pt", 1]],
        [[0, "Pixels/", 1], [1, "a", 1]],
        ["sd/xl\\a.ckpt"],
        ["c", "b", "a.ckpt", "a.pt"],
    ]


def test_what_the_server_refuses_is_told(frontend: Frontend) -> None:
    page = frontend.page
    answer = {"status": 400, "json": {"error": "the folder is gone"}}
    page.route("**/periplus/choices", lambda route: route.fulfill(**answer))
    show_axes(frontend, sweep_of("Sampler", "euler"))

    page.get_by_role("button", name="Choose…").click()

    told = page.get_by_role("alert").filter(has_text="The names cannot be shown").last
    expect(told).to_contain_text("the folder is gone")
    page.unroute("**/periplus/choices")
    assert [text for text in frontend.complaints if "Failed to load" not in text] == []


def test_a_chosen_name_that_others_share_is_shown_with_its_folder(frontend: Frontend) -> None:
    panel = open_panel(frontend, "SamplerScheduler", "euler/normal, DPM++ 2M SDE Karras")

    expect(labels(panel)).to_have_text(["euler/normal", "DPM++ 2M SDE Karras"])
    frontend.page.keyboard.press("Escape")
