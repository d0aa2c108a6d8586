"""The sheet and the single pictures, as ComfyUI's nodes, pages and files get them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graphs import Graph, Link, cell_pixels, counted, manifest, manifest_in, saved_pixels, succeed

WORKFLOW = {"version": 0.4, "nodes": [], "links": []}
TWELVE = "test/twelve"
BARE = {"legend": False, "margin": 0}


def sweep_of_twelve(graph: Graph, name: str = TWELVE) -> Link:
    """Three columns, two rows, two pages; the same cells for all tests, so made once."""
    return graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values="2, 5, 8"),
        y_axis=graph.axis("Sampler", values="euler, heun"),
        z_axis=graph.axis("Seed", values="1, 2"),
        steps=1,
        name=name,
    )


def previews(server: ComfyServer, run: Run, node: Link) -> list[Any]:
    """The pictures that a node shows, as a browser gets them."""
    shown = run.outputs[node[0]]["images"]
    return [opened(server, entry) for entry in shown]


def opened(server: ComfyServer, entry: dict[str, str]) -> Image.Image:
    content = server.view(entry["filename"], entry["subfolder"], entry["type"])
    return Image.open(io.BytesIO(content))


def tile(sheet: Any, column: int, row: int) -> Any:
    return sheet[64 * row : 64 * row + 64, 64 * column : 64 * column + 64]


def test_the_grid_is_a_list_of_one_page_for_each_z(server: ComfyServer) -> None:
    graph = Graph()
    grid = graph.add("PeriplusGridCompose", sweep=sweep_of_twelve(graph), **BARE)
    graph.add("SaveImage", images=grid, filename_prefix="pages")

    run = succeed(server, graph)

    found = manifest(run)
    saved = saved_pixels(server, "pages")
    shown = [np.asarray(page) for page in previews(server, run, grid)]
    assert len(saved) == len(shown) == 2
    for z, page in enumerate(saved):
        assert page.shape == (2 * 64, 3 * 64, 3)
        assert np.array_equal(page, shown[z])
        for x, y in np.ndindex(3, 2):
            assert np.array_equal(tile(page, x, y), cell_pixels(found, x, y, z)[0])


@pytest.mark.parametrize(
    ("order", "pages", "shape"),
    [("yxz", 2, (3 * 64, 2 * 64)), ("zyx", 3, (2 * 64, 2 * 64)), ("yzx", 3, (2 * 64, 2 * 64))],
)
def test_axes_may_trade_places(
    server: ComfyServer, order: str, pages: int, shape: tuple[int, int]
) -> None:
    graph = Graph()
    grid = graph.add("PeriplusGridCompose", sweep=sweep_of_twelve(graph), transpose=order, **BARE)

    run = succeed(server, graph)

    found = manifest(run)
    sheets = [np.asarray(page) for page in previews(server, run, grid)]
    assert [sheet.shape[:2] for sheet in sheets] == [shape] * pages
    for place in np.ndindex(3, 2, 2):
        at = dict(zip("xyz", place, strict=True))
        column, row, page = (at[letter] for letter in order)
        assert np.array_equal(tile(sheets[page], column, row), cell_pixels(found, *place)[0])


def test_z_may_be_laid_out_on_one_page(server: ComfyServer) -> None:
    graph = Graph()
    sweep = sweep_of_twelve(graph)
    row = graph.add("PeriplusGridCompose", sweep=sweep, z_layout="row", **BARE)
    column = graph.add("PeriplusGridCompose", sweep=sweep, z_layout="column", **BARE)

    run = succeed(server, graph)

    (wide,), (tall,) = previews(server, run, row), previews(server, run, column)
    assert wide.width >= 6 * 64 and 2 * 64 <= wide.height < 4 * 64
    assert tall.height >= 4 * 64 and 3 * 64 <= tall.width < 6 * 64


def test_a_legend_and_a_title_take_their_own_room(server: ComfyServer) -> None:
    graph = Graph()
    sweep = sweep_of_twelve(graph)
    bare = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    labelled = graph.add("PeriplusGridCompose", sweep=sweep, margin=0)
    titled = graph.add("PeriplusGridCompose", sweep=sweep, margin=0, title="Twelve ships")

    run = succeed(server, graph)

    sizes = [previews(server, run, node)[0].size for node in (bare, labelled, titled)]
    assert sizes[0] == (3 * 64, 2 * 64)
    assert sizes[1][0] > sizes[0][0] and sizes[1][1] > sizes[0][1]
    assert sizes[2][1] > sizes[1][1]


def test_another_look_samples_nothing(fresh: ComfyServer) -> None:
    def run(margin: int) -> tuple[bool, dict[str, int]]:
        graph = Graph()
        sweep = sweep_of_twelve(graph, name="test/looks")
        graph.add("PeriplusGridCompose", sweep=sweep, margin=margin)
        return sweep[0] in succeed(fresh, graph).executed, counted(fresh)

    ran, cost = run(margin=4)
    ran_again, cost_of_both = run(margin=9)

    assert ran and not ran_again
    assert cost_of_both == cost


def metadata(picture: Image.Image) -> dict[str, Any]:
    texts = {str(n): json.loads(text) for n, text in picture.info.items() if n != "parameters"}
    for node in texts["prompt"].values():
        node.pop("is_changed", None)  # ComfyUI notes there what a node said of itself
    return texts


def test_sheet_and_cells_carry_the_prompt_and_the_workflow(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="31, 32"), steps=1)
    grid = graph.add("PeriplusGridCompose", sweep=sweep)

    run = succeed(server, graph, workflow=WORKFLOW)

    found = manifest(run)
    (sheet,) = previews(server, run, grid)
    assert metadata(sheet)["prompt"] == graph.prompt
    assert metadata(sheet)["workflow"] == WORKFLOW
    for cell in found["cells"]:
        opened = Image.open(found["folder"] / cell["file"])
        assert f"Seed: {cell['recipe']['seed']}" in opened.info["parameters"]
        texts = metadata(opened)
        assert texts["prompt"] == graph.prompt
        assert texts["workflow"] == WORKFLOW
        told = ("recipe", "key", "tile_size", "mode")
        making = {name: cell[name] for name in told}
        links = {name: graph.prompt[sweep[0]]["inputs"][name] for name in found["linked"]}
        origin = {"linked": sorted(links), "links": links}
        assert texts["periplus"] == {**making, **origin}


def test_single_pictures_come_x_first_then_y_then_z(server: ComfyServer) -> None:
    graph = Graph()
    images = graph.add("PeriplusSweepImages", sweep=sweep_of_twelve(graph))
    graph.add("SaveImage", images=images, filename_prefix="singles")
    labels = graph.add("PreviewAny", source=[images[0], 1])

    run = succeed(server, graph)

    found = manifest_in(server, TWELVE)
    places = [(x, y, z) for z in range(2) for y in range(2) for x in range(3)]
    saved = saved_pixels(server, "singles")
    assert len(saved) == len(places)
    for place, picture in zip(places, saved, strict=True):
        assert np.array_equal(picture, cell_pixels(found, *place)[0])
    shown = run.outputs[labels[0]]["text"]
    assert shown[:4] == [
        "cfg 2, sampler euler, seed 1",
        "cfg 5, sampler euler, seed 1",
        "cfg 8, sampler euler, seed 1",
        "cfg 2, sampler heun, seed 1",
    ]
    assert shown[-1] == "cfg 8, sampler heun, seed 2"


def test_single_pictures_may_be_selected_by_number(server: ComfyServer) -> None:
    graph = Graph()
    images = graph.add("PeriplusSweepImages", sweep=sweep_of_twelve(graph), select="12, 1-2")
    graph.add("SaveImage", images=images, filename_prefix="selected")

    succeed(server, graph)

    found = manifest_in(server, TWELVE)
    saved = saved_pixels(server, "selected")
    assert len(saved) == 3
    for picture, place in zip(saved, [(2, 1, 1), (0, 0, 0), (1, 0, 0)], strict=True):
        assert np.array_equal(picture, cell_pixels(found, *place)[0])


def test_a_number_of_no_cell_is_refused_with_its_place(server: ComfyServer) -> None:
    graph = Graph()
    images = graph.add("PeriplusSweepImages", sweep=sweep_of_twelve(graph), select="1, 13")
    graph.add("PreviewImage", images=images)

    run = server.run(graph.prompt)

    assert run.status == "error"
    assert "item 2 '13'" in run.error and "12" in run.error


def test_more_pictures_than_memory_can_hold_are_refused(server: ComfyServer) -> None:
    graph = Graph()
    images = graph.add("PeriplusSweepImages", sweep=sweep_of_twelve(graph), select="1-2")
    graph.add("PreviewImage", images=images)
    succeed(server, graph)
    (path,) = (server.output / TWELVE).glob("sweep-*.json")
    whole = path.read_text(encoding="utf-8")
    large = json.loads(whole)
    for cell in large["cells"]:
        cell["sizes"] = [[900_000, 900_000]]
    path.write_text(json.dumps(large), encoding="utf-8")
    graph.prompt[images[0]]["inputs"]["select"] = "1-3"

    run = server.run(graph.prompt)
    path.write_text(whole, encoding="utf-8")

    assert run.status == "error"
    assert "3 pictures take 29,160 GB as IMAGEs" in run.error


def test_the_sweep_reports_its_manifest_and_its_cost_to_the_page(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="41, 42"), steps=1)

    run = succeed(server, graph)

    ((node, output),) = run.outputs.items()
    assert node.split(".")[0] == sweep[0]
    (report,) = output["periplus"]
    content = server.view(report["filename"], report["subfolder"], report["type"])
    assert json.loads(content) == json.loads(Path(report["manifest"]).read_text(encoding="utf-8"))
    assert (report["cells"], report["done"], report["reused"], report["failed"]) == (2, 2, 0, 0)
    assert report["account"]["cells_computed"] == 2
