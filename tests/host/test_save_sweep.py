"""Save Sweep on a real server: what the folder holds, where it may lie, and how it may end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_run import Message, Run
from scripts.comfy_server import ComfyServer

from .graphs import Graph, Link, assert_refused, manifests, pixels, saved_pixels, succeed

WORKFLOW = {"version": 0.4, "nodes": [], "links": []}
HOSTILE = "a ship </script><img src=x onerror=alert(1)> \u2028 &"


def small_sweep(graph: Graph, **inputs: Any) -> Link:
    """The same two cells for all tests, so made once."""
    axis = graph.axis("Seed", values="191, 192")
    defaults = {"x_axis": axis, "steps": 1, "name": "test/save_sweep"}
    return graph.sweep(**graph.loader(), **{**defaults, **inputs})


def saved_by(server: ComfyServer, run: Run, node: Link) -> Path:
    """The folder that a node says it has saved."""
    (report,) = run.outputs[node[0]]["periplus"]
    page = report["saved"][0]
    assert page["filename"] == "index.html" and page["type"] == "output"
    return server.output / page["subfolder"]


def names_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def texts_of(path: Path) -> dict[str, Any]:
    with Image.open(path) as picture:
        return dict(picture.info)


def test_a_folder_holds_sheet_cells_manifest_and_page(server: ComfyServer) -> None:
    graph = Graph()
    sweep = small_sweep(graph)
    node = graph.add("PeriplusSaveSweep", sweep=sweep, filename_prefix="saved/ships")
    grid = graph.add("PeriplusGridCompose", sweep=sweep)
    for seed in (191, 192):
        graph.native(graph.loader(), f"save_sweep_native_{seed}", seed=seed, steps=1)

    run = succeed(server, graph, workflow=WORKFLOW)

    output = run.outputs[node[0]]
    folder = saved_by(server, run, node)
    assert folder == server.output / "saved" / "ships_00001_"
    cells = ["cells/x01 seed 191.png", "cells/x02 seed 192.png"]
    others = ["index.html", "manifest.json", "sheet.png", "thumbs/00001.jpg", "thumbs/00002.jpg"]
    assert names_in(folder) == [*cells, *others]
    for seed, cell in zip((191, 192), cells, strict=True):
        (native,) = saved_pixels(server, f"save_sweep_native_{seed}")
        assert np.array_equal(pixels(folder / cell), native)
    (preview,) = run.outputs[grid[0]]["images"]
    assert np.array_equal(
        pixels(folder / "sheet.png"), pixels(server.base / "temp" / preview["filename"])
    )
    assert texts_of(folder / "sheet.png").keys() == {"prompt", "workflow"}
    shown = {"filename": "sheet.png", "subfolder": "saved/ships_00001_", "type": "output"}
    assert output["images"] == [shown]
    assert output["text"][-1] == "saved: saved/ships_00001_/index.html"
    written = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [cell["file"] for cell in written["cells"]] == cells
    assert written["account"] == manifests(run)[sweep[0]]["account"]
    assert list((server.output / "saved").glob(".*")) == []


def test_a_hostile_prompt_and_name_stay_texts_and_the_next_folder_is_another(
    server: ComfyServer,
) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values=f'ship, "<b>/../../x:{"y" * 300}"')
    sweep = small_sweep(graph, x_axis=axis, positive=HOSTILE, name="test/save_hostile")
    nodes = [
        graph.add("PeriplusSaveSweep", sweep=sweep, filename_prefix=f"hostile/{prefix}")
        for prefix in ('a<b>"&%height%', 'a>b<"&%height%')  # no file system takes either
    ]

    run = succeed(server, graph)

    folders = sorted(saved_by(server, run, node) for node in nodes)
    assert folders[0].parent == server.output / "hostile"
    assert [folder.name[-7:] for folder in folders] == ["_00001_", "_00002_"]
    for folder in folders:
        assert len([name for name in names_in(folder) if name.startswith("cells/")]) == 2
        page = (folder / "index.html").read_text(encoding="utf-8")
        assert page.count("</script>") == 2 and "<img src=x" not in page


def test_without_metadata_no_picture_says_how_it_was_made(unusual: ComfyServer) -> None:
    graph = Graph()
    node = graph.add("PeriplusSaveSweep", sweep=small_sweep(graph), filename_prefix="plain/x")

    folder = saved_by(unusual, succeed(unusual, graph, workflow=WORKFLOW), node)

    pictures = list(folder.rglob("*.png"))
    assert len(pictures) == 3
    assert [path.name for path in pictures if texts_of(path)] == []
    assert json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["cells"][0]["recipe"]


@pytest.mark.parametrize("prefix", ["../x", "a/../../x", "/x", "", "a/" * 600])
def test_a_prefix_that_leads_elsewhere_is_refused_at_once(server: ComfyServer, prefix: str) -> None:
    graph = Graph()
    node = graph.add("PeriplusSaveSweep", sweep=small_sweep(graph), filename_prefix=prefix)

    assert_refused(server, graph, node, ["filename_prefix", "output folder", "such as"])


def test_a_file_in_the_way_of_the_folder_is_told_and_stays(server: ComfyServer) -> None:
    (server.output / "halves").write_text("mine")
    graph = Graph()
    node = graph.add("PeriplusSaveSweep", sweep=small_sweep(graph), filename_prefix="halves/x")

    run = server.run(graph.prompt)

    assert run.status == "error" and run.error.startswith(f"Node {node[0]} ")
    assert f"cannot write to {server.output / 'halves'}: " in run.error
    assert (server.output / "halves").read_text() == "mine"


def test_a_cancel_leaves_no_half_folder(server: ComfyServer) -> None:
    graph = Graph()
    image = graph.add("EmptyImage", width=1024, height=1024, batch_size=1, color=0)
    axis = graph.axis("Input", node=image[0], input="color", values="1-12")
    sweep = graph.sweep_graph(image, x_axis=axis)
    node = graph.add("PeriplusSaveSweep", sweep=sweep, filename_prefix="cancelled/x")
    seen: list[Message] = []

    def cancel_after_a_cell(message: Message) -> None:
        if message.kind == "progress" and message.data["node"] == node[0]:
            if not seen:
                server.interrupt()
            seen.append(message)

    run = server.run(graph.prompt, on_message=cancel_after_a_cell)

    assert run.status == "interrupted"
    assert 0 < len(seen) < 24
    assert list((server.output / "cancelled").iterdir()) == []
