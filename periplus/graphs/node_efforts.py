"""The efforts of a graph sweep: which nodes take about as long as others that were measured.

What a node does is told by its type, by what is typed into it, and by the same of all nodes behind
it; ids and titles do not count, so that a node is known again in another workflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..work.effort import Effort
from ..work.keys import digest, whole
from .variants import Source, Variant, VariantGraph

NODE = "node "
"""How the kind of a node's effort begins; the node's type follows."""

SIZES = ("width", "height", "length", "batch_size", "steps")
"""Names of inputs, of a node or of one behind it, that its time grows with."""

LARGEST_SIZE = 2**31

OF_NO_WEIGHT = frozenset({"seed", "noise_seed", "cfg", "denoise"})
"""Names of inputs that hardly change how long a node takes."""


@dataclass(frozen=True)
class Repeats:
    """What is run anew because of the axes; what is run once for all cells does not count."""

    model_loads: int
    """By nodes that load a model, whatever kind it is of."""
    sampler_runs: int


class _Told(NamedTuple):
    """What a variant and all behind it do."""

    name: str
    """A digest of everything but the sizes."""
    sizes: dict[str, int]
    """The largest of each name."""


def node_efforts(
    graph: VariantGraph,
    variants: Iterable[Variant],
    class_type: Callable[[str], str],
    takes_text: Callable[[str, str], bool],
) -> dict[Variant, Effort]:
    """Give the effort that it is to run each of some variants.

    Args:
        graph: the nodes of the prompt under overrides.
        variants: the nodes that are run.
        class_type: gives a node's type by its id.
        takes_text: whether an input takes any text, by the type of its node and its name; one
            text takes as long as another.
    """

    def weighs(node: str, name: str) -> bool:
        return name not in OF_NO_WEIGHT and not takes_text(class_type(node), name)

    known: dict[Variant, _Told] = {}

    def tell(variant: Variant) -> _Told:
        for each in graph.upstream(variant, known):
            known[each] = told(each)
        return known[variant]

    def told(variant: Variant) -> _Told:
        sizes: dict[str, int] = {}
        described: dict[str, Any] = {}
        for name, value in graph.inputs(variant).items():
            if not weighs(variant.node, name):
                continue
            if isinstance(value, Source):
                behind = known[value.variant]
                described[name] = [behind.name, value.output]
                sizes |= {size: max(n, sizes.get(size, 1)) for size, n in behind.sizes.items()}
            elif name in SIZES and isinstance(value, int):
                sizes[name] = max(min(value, LARGEST_SIZE), sizes.get(name, 1))
            else:
                described[name] = _plain(value)
        return _Told(digest([class_type(variant.node), described]), sizes)

    def effort(variant: Variant) -> Effort:
        # Of thousands that differ in seeds and texts, one is told.
        weighty = frozenset(o for o in variant.overrides if weighs(o.node, o.input))
        name, sizes = tell(Variant(variant.node, weighty))
        return Effort(f"{NODE}{class_type(variant.node)}", name, math.prod(sizes.values()))

    return {variant: effort(variant) for variant in variants}


def keeping(made: Effort) -> Effort:
    """The effort that it is to keep the pictures that a node has made."""
    return Effort(f"{NODE}PeriplusGraphCell", "", made.size)


def _plain(value: Any) -> Any:
    return whole(value) if isinstance(value, (str, int, float, type(None))) else repr(value)
