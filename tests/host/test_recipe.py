"""Reading recipes from pictures, on the real server and from real files."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from ..unit.reading.pictures import save_comment, save_png
from .graphs import (
    COAST,
    Graph,
    Link,
    assert_refused,
    cell_pixels,
    manifest,
    saved_pixels,
    succeed,
)

OUTPUTS = (
    *("positive", "negative", "seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    *("width", "height", "ckpt_name", "report"),
)
INFOTEXT = (
    "a red ship at sea\nNegative prompt: fog\nSteps: 3, Sampler: Euler, CFG scale: 5, Seed: 7, "
    "Size: 64x64, Model: COAST"
)


def recipe(graph: Graph, image: str) -> dict[str, Link]:
    """Add a Read Recipe; returns its outputs by name."""
    node = graph.node("PeriplusReadRecipe", image=image)
    return {name: [node, output] for output, name in enumerate(OUTPUTS)}


def redraw(graph: Graph, image: str, prefix: str) -> None:
    """Add the native graph of the recipe in a picture, every setting over a link."""
    read = recipe(graph, image)
    loader = graph.loader(read.pop("ckpt_name"))  # type: ignore[arg-type]
    graph.add("PreviewAny", source=read.pop("report"))
    graph.native(loader, prefix, **read)


def sweep_of(graph: Graph, image: str, **inputs: Any) -> None:
    """Add a sweep of the recipe in a picture, every setting over a link."""
    read = recipe(graph, image)
    loader = graph.loader(read.pop("ckpt_name"))  # type: ignore[arg-type]
    graph.add("PreviewAny", source=read.pop("report"))
    graph.sweep(**{**loader, **read, **inputs})


@pytest.fixture(scope="module")
def native(server: ComfyServer) -> list[Any]:
    """The picture of SETTINGS as the stock nodes make it; its file is recipe_native_00001_.png."""
    graph = Graph()
    graph.native(graph.loader(COAST), "recipe_native")
    succeed(server, graph)
    return saved_pixels(server, "recipe_native")


def report_of(run: Any) -> str:
    (text,) = (o["text"][0] for o in run.outputs.values() if "text" in o and "\n" in o["text"][0])
    return text


def assert_same(ours: list[Any], theirs: list[Any]) -> None:
    assert len(ours) == len(theirs) == 1
    assert (ours[0] == theirs[0]).all()


def test_a_picture_of_a_native_graph_is_swept_from_its_file(
    server: ComfyServer, native: list[Any]
) -> None:
    graph = Graph()
    cfg = graph.axis("Number", parameter="cfg", values="5")
    sweep_of(graph, "recipe_native_00001_.png [output]", x_axis=cfg)
    run = succeed(server, graph)
    assert_same(cell_pixels(manifest(run)), native)
    assert "ckpt_name: small/coast.safetensors (the workflow, node 1 (" in report_of(run)


def test_a_cell_of_a_sweep_is_made_by_native_nodes_from_its_file(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="cfg", values="2, 9")
    graph.sweep(**graph.loader(COAST), x_axis=axis)
    found = manifest(succeed(server, graph))
    file = (found["folder"] / found["cells"][1]["file"]).relative_to(server.output)

    graph = Graph()
    redraw(graph, f"{file.as_posix()} [output]", "recipe_cell")
    report = report_of(succeed(server, graph))
    assert_same(saved_pixels(server, "recipe_cell"), cell_pixels(found, 1))
    assert "cfg: 9.0 (the cell's recipe)" in report


@pytest.mark.parametrize("name", ["a1111.png", "a1111.jpg"])
def test_a_picture_with_an_infotext_is_redrawn(
    server: ComfyServer, native: list[Any], name: str
) -> None:
    path = server.base / "input" / name
    if path.suffix == ".png":
        save_png(path, {"parameters": INFOTEXT})
    else:
        save_comment(path, INFOTEXT)
    graph = Graph()
    redraw(graph, name, f"recipe_{path.suffix[1:]}")
    succeed(server, graph)
    assert_same(saved_pixels(server, f"recipe_{path.suffix[1:]}"), native)


def test_a_new_file_of_the_same_name_is_read_again(server: ComfyServer) -> None:
    graph = Graph()
    graph.add("PreviewAny", source=recipe(graph, "again 9.41\u202fAM.png")["seed"])
    for seed in ("7", "8"):
        infotext = INFOTEXT.replace("Seed: 7", f"Seed: {seed}")
        save_png(server.base / "input" / "again 9.41\u202fAM.png", {"parameters": infotext})
        (output,) = succeed(server, graph).outputs.values()
        assert output["text"] == [seed]


def test_what_is_not_known_stops_only_what_needs_it(server: ComfyServer) -> None:
    infotext = INFOTEXT.replace("COAST", "coats").replace("Seed: 7, ", "")
    save_png(server.base / "input" / "unknown.png", {"parameters": infotext})
    graph = Graph()
    read = recipe(graph, "unknown.png")
    for name in ("ckpt_name", "seed", "steps", "report"):
        graph.add("PreviewAny", source=read[name])
    sweep = graph.sweep(**graph.loader(COAST), seed=read["seed"])
    run = server.run(graph.prompt)
    errors = [message.data for message in run.messages if message.kind == "execution_error"]
    reasons = {error["node_id"]: error["exception_message"] for error in errors}
    assert "seed of unknown.png is not known: the picture does not say" in reasons[sweep[0]]
    assert len(reasons) == 3
    steps, report = sorted(output["text"][0] for output in run.outputs.values())
    assert steps == "3"
    assert "this ComfyUI has no checkpoint coats; nearest: small/coast.safetensors" in report
    assert "seed: not read, the picture does not say" in report


@pytest.mark.parametrize(
    "name",
    ["none.png", "../models/x.png", "/etc/passwd", "../input/a1111.png", "a\0b [output]", ""],
)
def test_a_file_outside_of_the_folders_is_refused_at_once(server: ComfyServer, name: str) -> None:
    graph = Graph()
    read = recipe(graph, name)["report"]
    graph.add("PreviewAny", source=read)
    assert_refused(server, graph, read, ["is not in ComfyUI's input folder"])


def test_a_picture_without_a_recipe_is_an_error_of_the_node(server: ComfyServer) -> None:
    save_png(server.base / "input" / "bare.png", {})
    graph = Graph()
    read = recipe(graph, "bare.png")["report"]
    graph.add("PreviewAny", source=read)
    run = server.run(graph.prompt)
    assert run.error.startswith(f"Node {read[0]} ")
    assert "bare.png carries no recipe" in run.error
