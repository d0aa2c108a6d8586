"""The prompt as a graph of nodes: read, the node that a text names, and what comes first."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from ..axes.names import nearest
from ..errors import PeriplusError

Node = Mapping[str, Any]
"""A node as a prompt in API format has it: ``class_type``, ``inputs``, perhaps ``_meta``."""

T = TypeVar("T", bound=Hashable)


class Link(NamedTuple):
    """Where a linked input comes from."""

    node: str
    """The node's id."""
    output: int


def read_prompt(prompt: Any) -> dict[str, Node]:
    """Check a prompt, of whatever origin.

    Returns:
        Its nodes by id, each behind those that it is linked to.

    Raises:
        PeriplusError: it is no prompt in API format, or its links go round in a circle.
    """
    if not isinstance(prompt, dict) or not all(map(_is_node, prompt.values())):
        raise PeriplusError("prompt is no workflow in ComfyUI's API format")
    sources = {
        node_id: [v[0] for v in node["inputs"].values() if _is_link(v) and v[0] in prompt]
        for node_id, node in prompt.items()
    }
    nodes: dict[str, Node] = {}
    for node_id in prompt:
        nodes |= {each: prompt[each] for each in sources_first(node_id, sources.__getitem__, nodes)}
    return nodes


def _is_node(node: Any) -> bool:
    return (
        isinstance(node, dict)
        and isinstance(node.get("class_type"), str)
        and isinstance(node.get("inputs"), dict)
        and all(isinstance(v[1], int) for v in node["inputs"].values() if _is_link(v))
    )


def _is_link(value: Any) -> bool:
    """Whether ComfyUI takes a value for a link; it looks at the output's number only later."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return isinstance(value[0], str) and isinstance(value[1], int | float)


def sources_first(
    start: T,
    sources_of: Callable[[T], Iterable[T]],
    known: Container[T] = (),
    name: Callable[[T], str] = "node {}".format,
) -> list[T]:
    """Give a node and all that it is made from, each behind its own sources.

    Without recursion, since a chain of links may be longer than Python's stack is deep.

    Args:
        start: the node, by whatever it is known.
        sources_of: gives what a node is linked to.
        known: what is left out, with all that is behind it.
        name: what the error calls a node.

    Raises:
        PeriplusError: the links go round in a circle.
    """
    found: dict[T, None] = {}
    begun: set[T] = set()
    waiting = [(start, False)]
    while waiting:
        node, is_ready = waiting.pop()
        if is_ready:
            found[node] = None
            begun.remove(node)
        elif node in begun:
            raise PeriplusError(f"{name(node)} is linked to itself")
        elif node not in known and node not in found:
            begun.add(node)
            sources = reversed([*sources_of(node)])
            waiting += [(node, True), *((source, False) for source in sources)]
    return list(found)


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
