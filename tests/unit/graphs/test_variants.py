"""Which nodes an override touches, and in which order the cells of a graph are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from periplus.axes.axis import Axis, Point
from periplus.axes.combine import combine
from periplus.graphs.graph_sweep import SetInput, expand_graph
from periplus.graphs.prompt_graph import Link
from periplus.graphs.variants import Source, Variant, VariantGraph, in_order_of_work

NODES: dict[str, dict[str, Any]] = {
    "unet": {"name": "a"},
    "clip": {"name": "c"},
    "text": {"clip": Link("clip", 0), "text": "a cat"},
    "steps": {"value": 20},
    "sampler": {
        "model": Link("unet", 0),
        "positive": Link("text", 0),
        "steps": Link("steps", 0),
        "cfg": 7.0,
    },
    "decode": {"samples": Link("sampler", 0), "tile": 512},
}
LOADERS = ("unet", "clip")

UNET, TEXT = SetInput("unet", "name", "b"), SetInput("text", "text", "a dog")
CFG, TILE = SetInput("sampler", "cfg", 5.0), SetInput("decode", "tile", 256)
VALUE, STEPS = SetInput("steps", "value", 30), SetInput("sampler", "steps", 10)


@pytest.fixture
def graph() -> VariantGraph:
    return VariantGraph(NODES.__getitem__)


def axis(override: SetInput, count: int = 2) -> Axis:
    points = (SetInput(override.node, override.input, value) for value in range(count))
    return Axis(override.sets, tuple(Point(str(o.value), (o,)) for o in points))


def test_an_override_touches_its_node_and_what_is_downstream(graph: VariantGraph) -> None:
    touched = {name for name in NODES if graph.variant(name, frozenset({TEXT})).overrides}
    assert touched == {"text", "sampler", "decode"}


def test_what_an_override_touches_is_looked_for_once_for_all_its_values() -> None:
    asked: list[str] = []

    def inputs_of(node: str) -> dict[str, Any]:
        asked.append(node)
        return NODES[node]

    graph = VariantGraph(inputs_of)
    for cfg in range(9):
        overrides = frozenset({TEXT, replace(CFG, value=cfg)})
        assert graph.variant("decode", overrides).overrides == overrides
    assert sorted(asked) == sorted(NODES)


def test_cells_that_differ_downstream_share_what_is_upstream(graph: VariantGraph) -> None:
    one, other = frozenset({CFG, TILE}), frozenset({CFG})
    assert graph.variant("sampler", one) == graph.variant("sampler", other)
    assert graph.variant("decode", one) != graph.variant("decode", other)


def test_a_variant_has_the_overridden_inputs_and_the_variants_behind_its_links(
    graph: VariantGraph,
) -> None:
    overrides = frozenset({TEXT, CFG, TILE})
    assert graph.inputs(graph.variant("sampler", overrides)) == {
        "model": Source(Variant("unet"), 0),
        "positive": Source(Variant("text", frozenset({TEXT})), 0),
        "steps": Source(Variant("steps"), 0),
        "cfg": 5.0,
    }


def test_a_replaced_link_cuts_off_what_was_behind_it(graph: VariantGraph) -> None:
    cut = graph.variant("sampler", frozenset({STEPS, VALUE}))
    assert cut.overrides == {STEPS}
    assert graph.inputs(cut)["steps"] == 10
    assert Variant("steps") not in graph.upstream(cut)
    assert Variant("unet") in graph.upstream(cut)


@pytest.mark.parametrize(
    ("x", "y", "z", "slowest_first"),
    [
        (UNET, CFG, TILE, "xyz"),
        (TILE, CFG, UNET, "zyx"),
        (CFG, TILE, TEXT, "zxy"),
        # Both touch three nodes, but only one of them is a loader.
        (UNET, TEXT, CFG, "xyz"),
        (TEXT, UNET, CFG, "yxz"),
        # Of equals, the outer axis of the sheet.
        (CFG, STEPS, TILE, "yxz"),
    ],
)
def test_the_axis_that_costs_most_changes_most_seldom(
    graph: VariantGraph, x: SetInput, y: SetInput, z: SetInput, slowest_first: str
) -> None:
    sweep = expand_graph(axis(x), axis(y), axis(z))
    cells = in_order_of_work(sweep, graph, "decode", LOADERS.__contains__)
    places = [tuple(getattr(cell, letter) for letter in slowest_first) for cell in cells]
    assert places == sorted(places)
    assert len(places) == 8


@pytest.mark.parametrize(
    ("outer", "inner", "order"),
    [
        (CFG, UNET, [0, 2, 1, 3]),
        (UNET, CFG, [0, 1, 2, 3]),
        (TILE, CFG, [0, 2, 1, 3]),
        # Of equals, the outer one.
        (CFG, STEPS, [0, 1, 2, 3]),
    ],
)
def test_inside_a_crossed_axis_too_the_input_that_costs_most_changes_most_seldom(
    graph: VariantGraph, outer: SetInput, inner: SetInput, order: list[int]
) -> None:
    sweep = expand_graph(combine(axis(outer), axis(inner), "cross"))
    cells = in_order_of_work(sweep, graph, "decode", LOADERS.__contains__)
    assert [cell.x for cell in cells] == order


def test_a_joined_axis_is_made_in_its_own_order(graph: VariantGraph) -> None:
    sweep = expand_graph(combine(axis(UNET), axis(CFG), "join"))
    cells = in_order_of_work(sweep, graph, "decode", LOADERS.__contains__)
    assert [cell.x for cell in cells] == [0, 1, 2, 3]


def test_values_that_come_again_are_made_together(graph: VariantGraph) -> None:
    names = [replace(UNET, value=name) for name in "aba"]
    points = tuple(Point(str(name.value), (name,)) for name in names)
    sweep = expand_graph(Axis("unet", points), axis(CFG))
    cells = in_order_of_work(sweep, graph, "decode", LOADERS.__contains__)
    assert [cell.x for cell in cells] == [0, 2, 0, 2, 1, 1]
