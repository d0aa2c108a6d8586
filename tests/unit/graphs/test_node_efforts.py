"""Which nodes of workflows take about as long as one another."""

from __future__ import annotations

from typing import Any

import pytest

from periplus.graphs.graph_sweep import SetInput
from periplus.graphs.node_efforts import keeping, node_efforts
from periplus.graphs.prompt_graph import Link
from periplus.graphs.variants import VariantGraph
from periplus.work.effort import Effort

Nodes = dict[str, dict[str, Any]]

NODES: Nodes = {
    "Load": {"file": "sea.safetensors"},
    "Encode": {"clip": Link("Load", 1), "text": "a ship"},
    "Empty": {"width": 512, "height": 768, "batch_size": 2},
    "Sample": {
        "model": Link("Load", 0),
        "positive": Link("Encode", 0),
        "latent": Link("Empty", 0),
        "steps": 20,
        "cfg": 7.0,
        "shift": 3.0,
        "seed": 1,
    },
    "Decode": {"samples": Link("Sample", 0), "vae": Link("Load", 2)},
}
"""Nodes by their id, which is their type as well."""


def effort_of(node: str, nodes: Nodes = NODES, *overrides: SetInput) -> Effort:
    graph = VariantGraph(nodes.__getitem__)
    variant = graph.variant(node, frozenset(overrides))
    types = {name: name.removeprefix("other ") for name in nodes}
    return node_efforts(graph, [variant], types.__getitem__, lambda _, name: name == "text")[
        variant
    ]


def test_the_kind_is_the_type_and_the_size_that_of_all_behind() -> None:
    assert effort_of("Sample").kind == "node Sample"
    assert effort_of("Sample").size == effort_of("Decode").size == 512 * 768 * 2 * 20
    assert effort_of("Encode").size == 1


def test_the_largest_of_sizes_of_one_name_counts() -> None:
    nodes = {**NODES, "Decode": {**NODES["Decode"], "width": 1024, "height": 64}}

    assert effort_of("Decode", nodes).size == 1024 * 768 * 2 * 20


@pytest.mark.parametrize(
    "override",
    [
        SetInput("Encode", "text", "a lighthouse"),
        SetInput("Sample", "seed", 2),
        SetInput("Sample", "cfg", 3.5),
        SetInput("Sample", "shift", 3),
    ],
)
def test_texts_seeds_and_how_numbers_are_written_make_no_difference(override: SetInput) -> None:
    assert effort_of("Decode", NODES, override) == effort_of("Decode")


@pytest.mark.parametrize(
    "override",
    [
        SetInput("Load", "file", "city.safetensors"),
        SetInput("Sample", "shift", 4.0),
        SetInput("Sample", "latent", "none"),
    ],
)
def test_anything_else_of_a_node_or_one_behind_it_makes_a_difference(override: SetInput) -> None:
    assert effort_of("Decode", NODES, override).model != effort_of("Decode").model


def test_another_size_is_another_effort_on_the_same_model() -> None:
    longer = effort_of("Sample", NODES, SetInput("Sample", "steps", 40))

    assert (longer.model, longer.size) == (effort_of("Sample").model, 2 * effort_of("Sample").size)


def test_a_node_is_known_again_in_another_workflow() -> None:
    other: Nodes = {
        f"other {name}": {
            key: Link(f"other {value.node}", value.output) if isinstance(value, Link) else value
            for key, value in inputs.items()
        }
        for name, inputs in NODES.items()
    }

    assert effort_of("other Decode", other) == effort_of("Decode")


def test_sizes_of_any_origin_are_bounded() -> None:
    nodes = {"Empty": {"width": 10**400, "height": -3, "batch_size": "many"}}

    assert effort_of("Empty", nodes).size == 2**31


def test_to_keep_pictures_takes_as_long_as_they_are_large() -> None:
    assert keeping(effort_of("Decode")) == Effort(
        "node PeriplusGraphCell", "", effort_of("Decode").size
    )
