"""The part of a picture's workflow behind a link, copied into another workflow."""

from __future__ import annotations

from typing import Any

from ..errors import PeriplusError
from ..graphs.prompt_graph import Link, title
from ..reading.picture_graph import PictureGraph
from .wiring import Wiring

_ENCODES = "CLIPTextEncode"
"""So begin ComfyUI's nodes that encode a text; what it typed there, the page may change."""


class BehindLinks:
    """Copies what the inputs of one node are linked to; what is behind several is copied once.

    Args:
        graph: the workflow, of whatever origin.
        node_id: the node, of whatever origin; it is not copied itself.
        wiring: takes the copies.

    Raises:
        PeriplusError: there is no such node.
    """

    def __init__(self, graph: PictureGraph, node_id: Any, wiring: Wiring) -> None:
        if not isinstance(node_id, str) or node_id not in graph.nodes:
            raise PeriplusError(
                "the workflow in the cell's picture has no node that made it; run the sweep again "
                "under another name to have the cell made anew"
            )
        self._graph = graph
        self._node = node_id
        self._wiring = wiring
        self._copies: dict[str, str] = {}

    def copy(self, *names: str) -> Link:
        """Copy what is behind an input.

        Args:
            names: the input; with several, each is an input of the node behind the one before.

        Returns:
            The copied output.

        Raises:
            PeriplusError: the input is not linked, or its link leads in a circle or nowhere.
        """
        node_id = self._node
        for name in names[:-1]:
            node_id = self._link(node_id, name).node
        link = self._link(node_id, names[-1])
        for made_from in self._in_order(link.node):
            self._copies[made_from] = self._copy(made_from)
        return Link(self._copies[link.node], link.output)

    def _link(self, node_id: str, name: str) -> Link:
        link = self._graph.link(node_id, name)
        if link is None:
            place = self._graph.describe(node_id)
            raise PeriplusError(f"{name} of {place} is not linked in the cell's picture")
        return link

    def _copy(self, node_id: str) -> str:
        node, links = self._graph.nodes[node_id], self._graph.links[node_id]
        inputs = {
            name: Link(self._copies[links[name].node], links[name].output)
            if name in links
            else self._plain(node_id, name, value)
            for name, value in node["inputs"].items()
        }
        return self._wiring.put(node["class_type"], title(node), inputs)

    def _plain(self, node_id: str, name: str, value: Any) -> Any:
        if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
            place = self._graph.describe(node_id)
            raise PeriplusError(f"{name} of {place} leads to a node that is not in the picture")
        if isinstance(value, str) and self._graph.nodes[node_id]["class_type"].startswith(_ENCODES):
            return self._wiring.text(value)
        return value

    def _in_order(self, node_id: str) -> list[str]:
        """The node and all that it is made from and that has no copy yet, which comes first."""
        found: dict[str, None] = {}
        begun: set[str] = set()
        waiting = [(node_id, False)]
        while waiting:
            current, is_ready = waiting.pop()
            if is_ready:
                found[current] = None
                begun.remove(current)
            elif current in begun:
                raise PeriplusError(f"{self._graph.describe(current)} is linked to itself")
            elif current not in self._copies and current not in found:
                begun.add(current)
                sources = [link.node for link in self._graph.links[current].values()]
                waiting += [(current, True), *((source, False) for source in reversed(sources))]
        return list(found)
