"""The prompt that a picture carries, of whatever origin: its nodes, and how they are linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import PeriplusError
from ..graphs.prompt_graph import Link, Node
from .found import TEXTS

MAX_NODES = 10_000
"""A prompt with more is not read."""

SEEDS = ("seed", "noise_seed")
"""Inputs of samplers."""

_CONTROL = "control_after_generate"


@dataclass(frozen=True)
class Input:
    """One input of one node."""

    node: str
    name: str


class PictureGraph:
    """The nodes of a prompt, whatever else is in it left out."""

    def __init__(self, content: Any) -> None:
        if not isinstance(content, Mapping):
            raise PeriplusError("the workflow in it is no list of nodes")
        if len(content) > MAX_NODES:
            raise PeriplusError(f"the workflow in it has more than {MAX_NODES:,} nodes")
        self.nodes: dict[str, Node] = {
            node_id: node
            for node_id, node in content.items()
            if isinstance(node, Mapping)
            and isinstance(node.get("class_type"), str)
            and isinstance(node.get("inputs"), Mapping)
        }
        self.links: dict[str, dict[str, Link]] = {
            node_id: {
                name: link
                for name, value in node["inputs"].items()
                if (link := self.as_link(value))
            }
            for node_id, node in self.nodes.items()
        }
        """Where the linked inputs of each node come from, by name."""

    def inputs(self, node_id: str) -> Mapping[str, Any]:
        """The inputs of a node."""
        return self.nodes[node_id]["inputs"]

    def link(self, node_id: str, name: str) -> Link | None:
        """Where an input comes from; None where it is not linked."""
        return self.links[node_id].get(name)

    def describe(self, node_id: str) -> str:
        """Name a node: ``node 4 (KSampler)``."""
        return f"node {node_id:.40} ({self.nodes[node_id]['class_type']:.80})"

    def first_samplers(self) -> tuple[list[str], list[str]]:
        """The samplers that no other one leads to, and all others."""
        followers: dict[str, list[str]] = {}
        for node_id, links in self.links.items():
            for link in links.values():
                followers.setdefault(link.node, []).append(node_id)
        samplers = [node_id for node_id in self.nodes if self._is_sampler(node_id)]
        later: set[str] = set()
        waiting = [f for sampler in samplers for f in followers.get(sampler, ())]
        while waiting:
            node_id = waiting.pop()
            if node_id not in later:
                later.add(node_id)
                waiting += followers.get(node_id, ())
        first = [sampler for sampler in samplers if sampler not in later]
        return first, [sampler for sampler in samplers if sampler in later]

    def chain(self, node_id: str, names: tuple[str, ...]) -> Iterator[str]:
        """The nodes that one reaches from a node by always following an input of these names."""
        seen = {node_id}
        while True:
            links = (self.link(node_id, name) for name in names)
            link = next((link for link in links if link), None)
            if link is None or link.node in seen:
                return
            node_id = link.node
            seen.add(node_id)
            yield node_id

    def value(self, found: Input) -> Any:
        """The plain value of an input, also where a node brings it that has nothing but a value.

        Raises:
            PeriplusError: a node computes it.
        """
        seen: set[str] = set()
        node_id, name = found.node, found.name
        while link := self.link(node_id, name):
            node_id = link.node
            plain = [other for other in self.inputs(node_id) if other != _CONTROL]
            if node_id in seen or plain != ["value"]:
                raise PeriplusError(f"{self.describe(node_id)} computes it")
            seen.add(node_id)
            name = "value"
        return self.inputs(node_id)[name]

    def _is_sampler(self, node_id: str) -> bool:
        names = self.inputs(node_id).keys()
        if not names & {"steps", "sigmas"}:
            return False
        seeded = names & {*SEEDS, "noise"}
        return bool(seeded) and bool("guider" in names or names >= {*TEXTS})

    def as_link(self, value: Any) -> Link | None:
        """Read a value as a link to one of the nodes; None where it is none."""
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            return None
        node_id, output = value
        known = isinstance(node_id, str) and node_id in self.nodes and type(output) is int
        return Link(node_id, output) if known else None
