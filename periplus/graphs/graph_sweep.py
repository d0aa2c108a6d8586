"""Sweeps of a whole graph: points that set inputs of nodes, and the cells that they span."""

from __future__ import annotations

from dataclasses import dataclass

from ..axes.axis import NO_AXIS, SET, Axis, Value
from ..errors import PeriplusError
from ..recipe import Recipe
from ..sweep import DEFAULT_MAX_CELLS, Place, Sweep, span


@dataclass(frozen=True)
class SetInput:
    """Set one input of one node of the workflow: what a :class:`periplus.axes.axis.Point` does."""

    node: str
    """The node's id in the prompt."""
    input: str
    value: Value

    @property
    def sets(self) -> str:
        """What it sets, as errors name it."""
        return f"{self.input} of node {self.node}"

    @property
    def phase(self) -> int:
        """SET."""
        return SET

    def apply(self, recipe: Recipe) -> Recipe:
        """Refuse: a recipe has no nodes.

        Raises:
            PeriplusError: always; the text names the node that takes such an axis.
        """
        raise PeriplusError(
            f"sets {self.sets}, and Sweep KSampler is not made of the workflow's nodes: link the "
            "axis to a Sweep Graph node, or use an axis node that is for Sweep KSampler"
        )


@dataclass(frozen=True)
class GraphRecipe:
    """Everything that makes a cell differ from the workflow as it stands."""

    overrides: tuple[SetInput, ...]
    """In the order of the axes: x, y, z."""


def expand_graph(
    x: Axis | None = None,
    y: Axis | None = None,
    z: Axis | None = None,
    *,
    max_cells: int = DEFAULT_MAX_CELLS,
) -> Sweep[GraphRecipe]:
    """Span the grid over axes that set inputs of nodes.

    Raises:
        PeriplusError: an axis that is for Sweep KSampler, an empty one, two that set one input, or
            more than ``max_cells`` cells.
    """
    axes = {"x": x or NO_AXIS, "y": y or NO_AXIS, "z": z or NO_AXIS}

    def recipe_at(place: Place) -> GraphRecipe:
        points = (axis.points[i] for axis, i in zip(axes.values(), place, strict=True))
        return GraphRecipe(
            tuple(o for point in points for o in point.overrides if isinstance(o, SetInput))
        )

    for letter, axis in axes.items():
        _refuse_other_overrides(letter, axis)
    return span(axes, recipe_at, max_cells)


def _refuse_other_overrides(letter: str, axis: Axis) -> None:
    if not all(isinstance(o, SetInput) for point in axis.points for o in point.overrides):
        raise PeriplusError(
            f"{letter}_axis ({axis.name}) is for Sweep KSampler; Sweep Graph takes axes from Axis: "
            "Node Input nodes"
        )
