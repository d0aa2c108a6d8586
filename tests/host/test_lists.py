"""The list outputs of the axis nodes drive ComfyUI's own nodes, one run for each value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import SETTINGS, Graph, Link, cell_pixels, manifests, saved_pixels, succeed

CASES: dict[str, tuple[str, dict[str, Any], int, list[Any]]] = {
    "steps": ("Number", {"parameter": "steps", "values": "1-3"}, 1, [1, 2, 3]),
    "cfg": ("Number", {"parameter": "cfg", "values": "2, 4.5, 7"}, 2, [2.0, 4.5, 7.0]),
    "seed": ("Seed", {"values": "3", "count": 2, "start": 10}, 1, [3, 10, 11]),
    "positive": (
        "PromptSR",
        {"values": 'ship, "island, far", whale'},
        1,
        ["ship", "island, far", "whale"],
    ),
}


@pytest.mark.parametrize("setting", CASES)
def test_a_list_gives_a_picture_for_each_value(server: ComfyServer, setting: str) -> None:
    kind, inputs, output, values = CASES[setting]
    graph = Graph()
    models = graph.loader()
    axis = graph.axis(kind, **inputs)
    drive(graph, models, setting, [axis[0], output], f"list_{setting}")
    for index, value in enumerate(values):
        drive(graph, models, setting, value, f"single_{setting}_{index}")

    succeed(server, graph)

    mapped = saved_pixels(server, f"list_{setting}")
    assert len(mapped) == len({picture.tobytes() for picture in mapped}) == len(values)
    for index, picture in enumerate(mapped):
        (expected,) = saved_pixels(server, f"single_{setting}_{index}")
        assert np.array_equal(picture, expected)


def drive(graph: Graph, models: dict[str, Link], setting: str, value: Any, prefix: str) -> None:
    """Add a native graph of which one setting is linked, or a plain value."""
    graph.native(models, prefix, **{**SETTINGS, "steps": 2, setting: value})


def test_lists_and_axes_of_the_same_nodes_give_the_same_pictures(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    steps = graph.axis("Number", parameter="steps", values="2, 3")
    seeds = graph.axis("Seed", values="5, 6")
    sweep = graph.sweep(**models, x_axis=steps, y_axis=seeds)
    # ComfyUI walks lists side by side, a sweep spans the grid: they share its diagonal.
    graph.native(models, "diagonal", steps=[steps[0], 1], seed=[seeds[0], 1])

    found = manifests(succeed(server, graph))[sweep[0]]

    diagonal = saved_pixels(server, "diagonal")
    assert len(diagonal) == 2
    for i, picture in enumerate(diagonal):
        assert np.array_equal(cell_pixels(found, x=i, y=i)[0], picture)


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("Sampler", {"values": "heun, euler"}, ["heun", "euler"]),
        ("Scheduler", {"values": "Karras"}, ["karras"]),
        (
            "SamplerScheduler",
            {"values": "Euler a, heun/beta"},
            ["euler_ancestral/normal", "heun/beta"],
        ),
        (
            "Checkpoint",
            {"values": "coast, small/lagoon"},
            ["small/coast.safetensors", "small/lagoon.safetensors"],
        ),
        (
            "Checkpoint",
            {"values": "# all but one\nlagoon, *, !harbour, !test/"},
            ["small/lagoon.safetensors", "small/coast.safetensors"],
        ),
        ("Size", {"values": "64 x 72, 512x512"}, ["64x72", "512x512"]),
        ("Prompt", {"values": 'a, b\n""\n', "target": "negative"}, ["a, b", ""]),
    ],
)
def test_the_strings_of_an_axis_are_its_values_in_full(
    server: ComfyServer, kind: str, inputs: dict[str, Any], expected: list[str]
) -> None:
    graph = Graph()
    axis = graph.axis(kind, **inputs)
    shown = graph.add("PreviewAny", source=[axis[0], 1])

    run = succeed(server, graph)

    assert run.outputs[shown[0]]["text"] == expected
