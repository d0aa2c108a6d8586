"""Combined axes of node inputs: Sweep Graph makes of them what the native graphs make."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graph_sweeps import Picture, finished, picture
from .graphs import (
    COAST,
    HARBOUR,
    Graph,
    Link,
    assert_cells_equal,
    assert_stops,
    counted,
    manifest,
    succeed,
)


def of_input(graph: Graph, node: str, name: str, values: str) -> Link:
    return graph.axis("Input", node=node, input=name, values=values)


def run_along_x(server: ComfyServer, graph: Graph, made: Picture, *axes: Link, mode: str) -> Run:
    a, b = axes
    graph.sweep_graph(made.image, x_axis=graph.axis("Combine", a=a, b=b, mode=mode))
    return succeed(server, graph)


def assert_native(
    server: ComfyServer, found: dict[str, Any], prefix: str, cells: list[dict[str, Any]]
) -> None:
    native = Graph()
    for x, settings in enumerate(cells):
        loader = native.loader(settings.pop("ckpt_name", COAST))
        native.native(loader, f"{prefix}_{x}", **settings)
    succeed(server, native)
    assert_cells_equal(server, found, [f"{prefix}_{x}" for x in range(len(cells))])


def test_a_zip_sets_two_inputs_together(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    samplers = of_input(graph, made.sampler, "sampler_name", "euler, heun")
    texts = of_input(graph, made.positive, "text", "a red ship, an island")

    found = manifest(run_along_x(fresh, graph, made, samplers, texts, mode="zip"))

    assert found["axes"]["x"]["labels"] == ["euler / a red ship", "heun / an island"]
    cells = [("euler", "a red ship"), ("heun", "an island")]
    names = ("sampler_name", "positive")
    assert_native(
        fresh, found, "graph_zip", [dict(zip(names, cell, strict=True)) for cell in cells]
    )


def test_a_cross_makes_all_pairs_and_uses_each_checkpoint_in_one_go(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    cfg = of_input(graph, made.sampler, "cfg", "3, 8")
    checkpoints = of_input(graph, made.loader, "ckpt_name", "coast, harbour")

    run = run_along_x(fresh, graph, made, cfg, checkpoints, mode="cross")
    found = manifest(run)

    assert found["axes"]["x"]["groups"] == [
        {"label": "3", "count": 2},
        {"label": "8", "count": 2},
    ]
    assert [x for x, _, _ in finished(run)] == [0, 2, 1, 3]
    assert counted(fresh)["model_loads"] == 2
    assert counted(fresh)["text_encodes"] == 4
    cells = [{"cfg": c, "ckpt_name": name} for c in (3.0, 8.0) for name in (COAST, HARBOUR)]
    assert_native(fresh, found, "graph_cross", cells)


def test_a_join_leaves_the_other_input_as_the_workflow_has_it(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    cfg = of_input(graph, made.sampler, "cfg", "3, 8")
    steps = of_input(graph, made.sampler, "steps", "1, 2")

    found = manifest(run_along_x(fresh, graph, made, cfg, steps, mode="join"))

    labels = ["KSampler cfg 3", "KSampler cfg 8", "KSampler steps 1", "KSampler steps 2"]
    assert found["axes"]["x"]["labels"] == labels
    cells = [{"cfg": 3.0}, {"cfg": 8.0}, {"steps": 1}, {"steps": 2}]
    assert_native(fresh, found, "graph_join", cells)


def test_one_input_twice_is_refused(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    a, b = (of_input(graph, made.sampler, "cfg", values) for values in ("3, 8", "4, 5"))
    axis = graph.axis("Combine", a=a, b=b, mode="zip")
    graph.sweep_graph(made.image, x_axis=axis)

    assert_stops(fresh, graph, axis, [f"both set cfg of node {made.sampler}", "join"])


@pytest.mark.parametrize("mode", ["join", "zip", "cross"])
def test_an_axis_of_the_other_kind_is_refused(fresh: ComfyServer, mode: str) -> None:
    graph = Graph()
    made = picture(graph)
    of_node = of_input(graph, made.sampler, "cfg", "3, 8")
    number = graph.axis("Number", parameter="steps", values="1, 2")
    axis = graph.axis("Combine", a=of_node, b=number, mode=mode)
    sweep = graph.sweep_graph(made.image, x_axis=axis)

    assert_stops(fresh, graph, sweep, ["is for Sweep KSampler; Sweep Graph takes axes from"])
