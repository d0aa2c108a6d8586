"""Sweeps that meet: several of one prompt, of one queue and of two servers, in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation

from .conftest import COUNTERS
from .graph_sweeps import finished, picture
from .graphs import Graph, Link, counted, manifest_in, manifests, pixels, succeed
from .test_faults import statuses

STEPS = 3


def seeds(graph: Graph, values: str, name: str) -> Link:
    """Add a sweep of as many cells as there are seeds."""
    return graph.sweep(
        **graph.loader(), x_axis=graph.axis("Seed", values=values), name=name, steps=STEPS
    )


def sheet(server: ComfyServer, outputs: dict[str, Any], grid: Link) -> Any:
    return pixels(server.base / "temp" / outputs[grid[0]]["images"][0]["filename"])


@pytest.mark.parametrize("kind", ["ksampler", "graph"])
def test_equal_sweeps_of_one_prompt_are_made_once(fresh: ComfyServer, kind: str) -> None:
    name = f"test/twins_{kind}"
    graph = Graph()
    grids = []
    made = picture(graph) if kind == "graph" else None
    for _ in range(2):
        if made:
            axis = graph.axis("Input", node=made.sampler, input="seed", values="41-43")
            sweep = graph.sweep_graph(made.image, x_axis=axis, name=name)
        else:
            sweep = seeds(graph, "41-43", name)
        grids.append(graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0))

    run = succeed(fresh, graph)

    assert statuses(manifest_in(fresh, name)) == ["done"] * 3
    assert len(finished(run)) == 3, "each cell is announced once"
    assert counted(fresh)["denoiser_evaluations"] == 3 * STEPS
    one, other = (sheet(fresh, run.outputs, grid) for grid in grids)
    assert np.array_equal(one, other)
    told = [text for output in run.outputs.values() for text in output.get("text", ())]
    assert sum("the same sweep as that of node" in text for text in told) == 1


def test_sweeps_of_one_prompt_and_name_that_share_cells_are_both_right(
    fresh: ComfyServer,
) -> None:
    name = "test/overlap"
    graph = Graph()
    sweeps = [seeds(graph, values, name) for values in ("51-53", "52-54")]

    found = manifests(succeed(fresh, graph))

    for sweep in sweeps:
        own = found[sweep[0]]
        assert set(statuses(own)) <= {"done", "reused"}
    one, other = (found[sweep[0]] for sweep in sweeps)
    assert [cell["file"] for cell in one["cells"][1:]] == [
        cell["file"] for cell in other["cells"][:2]
    ]
    assert_intact(fresh.output / name, cells=4)


def test_a_sweep_given_twice_by_a_list_is_made(fresh: ComfyServer) -> None:
    """A node cannot wait for itself."""
    name = "test/listed_twins"
    graph = Graph()
    steps = graph.axis("Number", parameter="cfg", values="3, 3")
    sweep = seeds(graph, "61-62", name)
    graph.prompt[sweep[0]]["inputs"]["cfg"] = [steps[0], 2]

    succeed(fresh, graph)

    assert set(statuses(manifest_in(fresh, name))) <= {"done", "reused"}


@pytest.fixture
def neighbours(installation: Installation, tmp_path: Path) -> Iterator[list[ComfyServer]]:
    """Two servers with one output folder."""
    servers = [
        ComfyServer(
            installation.comfyui,
            installation.python,
            models=installation.models("small"),
            packs={"periplus": ROOT, "counters": COUNTERS},
            output=tmp_path / "output",
        )
        for _ in range(2)
    ]
    with servers[0], servers[1]:
        yield servers


def test_two_servers_with_one_output_folder_do_no_harm(neighbours: list[ComfyServer]) -> None:
    name = "test/shared"
    runs: list[Any] = []
    # Equal sweeps at the same time, then the same cells from both ends.
    for pair in (("1-6", "1-6"), ("11-16", "16-11 (-1)")):
        graphs = [Graph(), Graph()]
        for graph, values in zip(graphs, pair, strict=True):
            graph.add("PeriplusGridCompose", sweep=seeds(graph, values, name), legend=False)
        with ThreadPoolExecutor(2) as threads:
            both = list(threads.map(succeed, neighbours, graphs))
        runs.append((both, graphs))

    folder = neighbours[0].output / name
    found = [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("sweep-*.json"))]
    assert len(found) == 3
    for manifest in found:
        assert manifest["state"] == "done"
        assert set(statuses(manifest)) <= {"done", "reused"}
    assert_intact(folder, cells=12)
    (both, graphs), _ = runs
    grid = [next(reversed(graphs[0].prompt)), 0]
    one, other = (sheet(s, run.outputs, grid) for s, run in zip(neighbours, both, strict=True))
    assert np.array_equal(one, other), "neither has drawn the other's unfinished cells"


def assert_intact(folder: Path, cells: int) -> None:
    """Every cell is whole, and nothing else is there."""
    records = list(folder.glob("cells/*/*.json"))
    assert len(records) == cells
    for record in records:
        (entry,) = json.loads(record.read_text(encoding="utf-8"))["pictures"]
        assert (folder / entry["file"]).stat().st_size == entry["bytes"]
        assert pixels(folder / entry["file"]).shape == (64, 64, 3)
    assert list(folder.rglob("*.part")) == []
