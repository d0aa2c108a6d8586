"""Sweeps of a graph: the overrides of each cell, and axes that do not belong there."""

from __future__ import annotations

import re

import pytest

from periplus.axes.axis import Axis, Point
from periplus.axes.axis_kinds import number_axis
from periplus.errors import PeriplusError
from periplus.graphs.graph_sweep import GraphRecipe, SetInput, expand_graph
from periplus.recipe import Recipe
from periplus.sweep import expand


def axis(node: str, name: str, *values: int) -> Axis:
    points = (Point(str(value), (SetInput(node, name, value),)) for value in values)
    return Axis(f"node {name}", tuple(points))


def test_a_cell_has_the_overrides_of_its_points_in_the_order_of_the_axes() -> None:
    sweep = expand_graph(axis("3", "cfg", 1, 2), z=axis("5", "seed", 7, 8))
    assert [(cell.place, cell.recipe) for cell in sweep.cells] == [
        (
            (x, 0, z),
            GraphRecipe((SetInput("3", "cfg", cfg), SetInput("5", "seed", seed))),
        )
        for z, seed in enumerate((7, 8))
        for x, cfg in enumerate((1, 2))
    ]


def test_without_axes_the_workflow_as_it_stands_is_the_only_cell() -> None:
    assert [cell.recipe for cell in expand_graph().cells] == [GraphRecipe(())]


def test_two_axes_of_one_input_are_refused_and_of_two_inputs_are_not() -> None:
    text = "x_axis (node cfg) and y_axis (node cfg) both set cfg of node 3"
    with pytest.raises(PeriplusError, match=re.escape(text)):
        expand_graph(axis("3", "cfg", 1), axis("3", "cfg", 2))
    assert len(expand_graph(axis("3", "cfg", 1), axis("4", "cfg", 2)).cells) == 1


def test_an_axis_of_the_other_sweep_is_refused_on_either_side() -> None:
    with pytest.raises(PeriplusError, match=r"y_axis \(cfg\) is for Sweep KSampler; .*Node Input"):
        expand_graph(y=number_axis("cfg", "3"))
    recipe = Recipe("a cat", "", 1, 20, 7.0, "euler", "normal")
    with pytest.raises(
        PeriplusError, match=r"x_axis \(node cfg\), value 1 '2': sets cfg of node 3.*Sweep Graph"
    ):
        expand(recipe, axis("3", "cfg", 2))


def test_the_limit_of_cells_holds() -> None:
    with pytest.raises(PeriplusError, match="2 x 2 x 1 = 4 cells are more than the limit of 3"):
        expand_graph(axis("3", "cfg", 1, 2), axis("4", "cfg", 1, 2), max_cells=3)
