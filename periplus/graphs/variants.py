"""Variants: what becomes of the nodes of a prompt when some of their inputs are overridden.

An override touches its own node and every node downstream of it. A node that none touches stays
as it is for all cells; of a touched one there is a variant for each combination of the overrides
that touch it, so that cells which differ only downstream share it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, NamedTuple

from ..axes.axis import Axis, Value
from ..sweep import Cell, Sweep
from .graph_sweep import GraphRecipe, SetInput
from .prompt_graph import Link, sources_first

Overrides = frozenset[SetInput]

Targets = frozenset[tuple[str, str]]
"""Inputs that are overridden: their node and their name."""


@dataclass(frozen=True)
class Variant:
    """A node with the overrides that touch it; without any it is the prompt's own node."""

    node: str
    overrides: Overrides = frozenset()

    @property
    def own(self) -> dict[str, Any]:
        """The overridden inputs of the node itself, and their values."""
        return {o.input: o.value for o in self.overrides if o.node == self.node}


class Source(NamedTuple):
    """Where a linked input of a variant comes from."""

    variant: Variant
    output: int


class VariantGraph:
    """The nodes of a prompt under overrides.

    Args:
        inputs_of: gives a node's inputs by its id: links as :class:`Link`, anything else as it is.
    """

    def __init__(self, inputs_of: Callable[[str], Mapping[str, Any]]) -> None:
        self._inputs_of = cache(inputs_of)
        self._touching: dict[Targets, dict[str, Targets]] = {}
        """Which of some overridden inputs lead to a node, whatever their values are."""

    def variant(self, node: str, overrides: Overrides) -> Variant:
        """The variant of a node, by those of the overrides that touch it."""
        targets = frozenset((o.node, o.input) for o in overrides)
        touching = self._touching.setdefault(targets, {})
        if node not in touching:
            linked = partial(self._linked, targets)
            for each in sources_first(node, linked, touching):
                own = {target for target in targets if target[0] == each}
                touching[each] = frozenset(own.union(*(touching[one] for one in linked(each))))
        return Variant(node, frozenset(o for o in overrides if (o.node, o.input) in touching[node]))

    def _linked(self, targets: Targets, node: str) -> list[str]:
        """The nodes that a node is linked to, but where one of the targets replaces the link."""
        inputs = self._inputs_of(node).items()
        return [v.node for name, v in inputs if isinstance(v, Link) and (node, name) not in targets]

    def inputs(self, variant: Variant) -> dict[str, Any]:
        """A variant's inputs: a :class:`Source` for one that is linked, anything else as it is."""
        inputs = {**self._inputs_of(variant.node), **variant.own}
        return {
            name: Source(self.variant(value.node, variant.overrides), value.output)
            if isinstance(value, Link)
            else value
            for name, value in inputs.items()
        }

    def upstream(self, variant: Variant, known: Container[Variant] = ()) -> list[Variant]:
        """The variant and everything that it is made from, each behind its own sources.

        Args:
            variant: the variant.
            known: what is left out, with all that is behind it.
        """
        return sources_first(variant, self._sources, known)

    def _sources(self, variant: Variant) -> list[Variant]:
        inputs = self.inputs(variant).values()
        return [value.variant for value in inputs if isinstance(value, Source)]


def in_order_of_work(
    sweep: Sweep[GraphRecipe], graph: VariantGraph, node: str, is_loader: Callable[[str], bool]
) -> list[Cell[GraphRecipe]]:
    """The cells in the order that repeats and swaps least.

    Of the input that touches most, the values change most seldom: its nodes are the most upstream.
    An input of a loader comes before all others, since models are swapped where its value changes.

    Args:
        graph: the prompt.
        node: the node that makes the picture.
        is_loader: whether the node of an id gives models.
    """

    def rank(override: SetInput) -> tuple[bool, int]:
        made = graph.upstream(graph.variant(node, frozenset({override})))
        return is_loader(override.node), len([variant for variant in made if variant.overrides])

    overrides = [override for letter in "zyx" for override in _overrides(sweep.axes[letter])]
    inputs = [override.sets for override in sorted(overrides, key=rank, reverse=True)]
    values = {cell: {o.sets: o.value for o in cell.recipe.overrides} for cell in sweep.cells}
    turns: dict[str, dict[Value | None, int]] = {name: {} for name in inputs}
    for chosen in values.values():
        for name, turn in turns.items():
            turn.setdefault(chosen.get(name), len(turn))
    return sorted(
        sweep.cells,
        key=lambda cell: [turn[values[cell].get(name)] for name, turn in turns.items()],
    )


def _overrides(axis: Axis) -> Iterable[SetInput]:
    """One override of each input that an axis sets."""
    found = (o for point in axis.points for o in point.overrides if isinstance(o, SetInput))
    return {override.sets: override for override in found}.values()
