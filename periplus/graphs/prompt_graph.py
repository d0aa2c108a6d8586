"""The prompt as a graph of nodes: the node that a text names, and links between nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..axes.names import nearest
from ..errors import PeriplusError

Node = Mapping[str, Any]
"""A node as a prompt in API format has it: ``class_type``, ``inputs``, perhaps ``_meta``."""


class Link(NamedTuple):
    """Where a linked input comes from."""

    node: str
    """The node's id."""
    output: int


def title(node: Node) -> str:
    """The title that the user sees on a node; the node's type where a prompt has no titles."""
    meta = node.get("_meta")  # nobody has checked what is in it
    named = meta.get("title") if isinstance(meta, Mapping) else None
    return named if named and isinstance(named, str) else node["class_type"]


def find_node(prompt: Mapping[str, Node], named: str) -> str:
    """Give the id of the one node that a text names: by its id, its title, or its type.

    An id wins over a title, a title over a type; case does not count.

    Args:
        prompt: the nodes by id.
        named: such as ``12``, ``#12``, ``5:3``, ``My sampler`` or ``KSampler``.

    Raises:
        PeriplusError: no node is named so, or several are.
    """
    name = named.strip()
    if name.removeprefix("#") in prompt:
        return name.removeprefix("#")
    titles = {node_id: title(node) for node_id, node in prompt.items()}
    types = {node_id: node["class_type"] for node_id, node in prompt.items()}
    for what, texts in (("title", titles), ("type", types)):
        found = [i for i, text in texts.items() if text.casefold() == name.casefold()]
        if len(found) == 1:
            return found[0]
        if found:
            raise PeriplusError(
                f"node '{name}' is the {what} of {len(found)} nodes; write the id of one of them: "
                + ", ".join(found)
            )
    near = nearest(name, [*titles.values(), *types.values()])
    raise PeriplusError(
        f"node '{name}' is not in this workflow; "
        + (f"nearest: {near}" if near else "write the id, the title or the type of a node")
    )
