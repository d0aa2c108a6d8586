"""Sheets as files: each format, what it holds and tells, and where it may be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graphs import Graph, Link, assert_refused, pixels, succeed

WORKFLOW = {"version": 0.4, "nodes": [], "links": []}
FLAT = {"png": "png", "webp": "webp", "jpeg": "jpg"}
"""Formats of one file, with the file's extension."""


def small_sweep(graph: Graph) -> Link:
    """The same two cells for all tests, so made once."""
    axis = graph.axis("Seed", values="91, 92")
    return graph.sweep(**graph.loader(), x_axis=axis, steps=1, name="test/formats")


def saved_by(run: Run, sheet: Link) -> list[dict[str, str]]:
    """The files that a node says it has saved."""
    (report,) = run.outputs[sheet[0]]["periplus"]
    return report["saved"]


def page_texts(path: Path) -> dict[str, Any]:
    """Prompt and workflow, where ComfyUI's page looks for them in a file of this kind."""
    with Image.open(path) as image:
        entries = [text.split(":", 1) for text in image.getexif().values()]
        texts = dict(entries) if entries else image.info
        return {name: json.loads(texts[name]) for name in ("prompt", "workflow")}


def class_types(prompt: dict[str, Any]) -> dict[str, str]:
    return {node: entry["class_type"] for node, entry in prompt.items()}


def test_a_sheet_is_saved_in_each_format_with_prompt_and_workflow(server: ComfyServer) -> None:
    graph = Graph()
    sweep = small_sweep(graph)
    shown = graph.add("PeriplusGridCompose", sweep=sweep)
    saved = {
        name: graph.add(
            "PeriplusGridCompose",
            **{"sweep": sweep, "format": name, "quality": 100, "filename_prefix": "sheets/%width%"},
        )
        for name in FLAT
    }

    run = succeed(server, graph, workflow=WORKFLOW)

    (preview,) = run.outputs[shown[0]]["images"]
    assert preview["type"] == "temp" and saved_by(run, shown) == []
    expected = pixels(server.base / "temp" / preview["filename"])
    for name, extension in FLAT.items():
        output = run.outputs[saved[name][0]]
        (entry,) = output["images"]
        assert saved_by(run, saved[name]) == [entry]
        assert (entry["subfolder"], entry["type"]) == ("sheets", "output")
        assert entry["filename"].startswith(f"{expected.shape[1]}_0000")
        assert entry["filename"].endswith(f"_.{extension}")
        assert output["text"][-1] == f"saved: sheets/{entry['filename']}"
        path = server.output / "sheets" / entry["filename"]
        difference = abs(pixels(path).astype(int) - expected)
        assert difference.max() <= (8 if name == "jpeg" else 0)
        texts = page_texts(path)
        assert class_types(texts["prompt"]) == class_types(graph.prompt)
        assert texts["workflow"] == WORKFLOW
    assert len({run.outputs[node[0]]["images"][0]["filename"] for node in saved.values()}) == 3
    assert not list(server.output.rglob("*.part"))


def test_pages_are_numbered_on(server: ComfyServer) -> None:
    graph = Graph()
    style = {"legend": False, "margin": 0, "transpose": "yzx", "filename_prefix": "pages/of"}
    sheet = graph.add("PeriplusGridCompose", sweep=small_sweep(graph), format="webp", **style)

    run = succeed(server, graph)

    names = [entry["filename"] for entry in saved_by(run, sheet)]
    assert names == ["of_00001_.webp", "of_00002_.webp"]
    shapes = [pixels(server.output / "pages" / name).shape for name in names]
    assert shapes == [(64, 64, 3), (64, 64, 3)]


def test_a_pyramid_keeps_every_pixel_of_a_sheet_that_is_too_large(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Seed", values="93-95"),
        y_axis=graph.axis("Number", parameter="cfg", values="3-5"),
        steps=1,
    )
    bare = {"sweep": sweep, "legend": False, "margin": 500, "max_megapixels": 1}
    sheet = graph.add(
        "PeriplusGridCompose", format="pyramid", quality=100, filename_prefix="deep/sea", **bare
    )
    whole = graph.add("PeriplusGridCompose", **bare | {"max_megapixels": 2})
    grid = graph.add("SaveImage", images=sheet, filename_prefix="deep/grid")

    run = succeed(server, graph)

    output = run.outputs[sheet[0]]
    (dzi,) = saved_by(run, sheet)
    assert dzi == {"filename": "sea_00001_.dzi", "subfolder": "deep", "type": "output"}
    assert output["text"][0] == "sheet: 1,192 x 1,192 px, as a pyramid"
    assert "grid: 1,192 x 1,192 px is too large; drawn as" in output["text"][1]
    previews, grids = output["images"], run.outputs[grid[0]]["images"]
    for preview, small in zip(previews, grids, strict=True):
        assert preview["type"] == "temp"
        shown = pixels(server.base / "temp" / preview["filename"])
        assert np.array_equal(shown, pixels(server.output / "deep" / small["filename"]))
        assert shown.shape[0] * shown.shape[1] <= 1_000_000

    (reference,) = run.outputs[whole[0]]["images"]
    expected = pixels(server.base / "temp" / reference["filename"])
    tiles = server.output / "deep" / "sea_00001__files" / "11"
    for file in tiles.iterdir():
        column, row = map(int, file.stem.split("_"))
        left, top = max(0, column * 254 - 1), max(0, row * 254 - 1)
        right, bottom = (column + 1) * 254 + 1, (row + 1) * 254 + 1
        assert np.array_equal(pixels(file), expected[top:bottom, left:right])
    assert len(list(tiles.iterdir())) == 5 * 5


@pytest.mark.parametrize(
    ("inputs", "parts"),
    [
        ({"format": "wepb"}, ["format", "'wepb'", "nearest: webp"]),
        ({"filename_prefix": "../x"}, ["filename_prefix '../x'", "output folder", "such as"]),
        ({"filename_prefix": "a/../../x"}, ["filename_prefix", "output folder"]),
        ({"filename_prefix": "/x"}, ["filename_prefix", "output folder"]),
        ({"filename_prefix": "a/" + "😀" * 51}, ["filename_prefix", "204 bytes", "with 200"]),
        ({"format": "pyramid", "filename_prefix": ""}, ["filename_prefix", "such as"]),
        ({"quality": 0}, ["quality", "min of 1"]),
    ],
)
def test_a_wrong_choice_of_file_is_refused_at_once(
    server: ComfyServer, inputs: dict[str, Any], parts: list[str]
) -> None:
    graph = Graph()
    grid = graph.add("PeriplusGridCompose", sweep=small_sweep(graph), **inputs)

    assert_refused(server, graph, grid, parts)
