"""The part of a picture's workflow behind a link, copied into another workflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import PeriplusError
from ..graphs.prompt_graph import Link, sources_first, title
from ..reading.picture_graph import PictureGraph
from .wiring import Wiring

_ENCODES = "CLIPTextEncode"
"""So begin ComfyUI's nodes that encode a text; what it typed there, the page may change."""


class BehindLinks:
    """Copies what some inputs are linked to; what is behind several is copied once.

    Args:
        graph: the workflow, of whatever origin.
        links: where the inputs come from, by name; of whatever origin.
        wiring: takes the copies.
    """

    def __init__(self, graph: PictureGraph, links: Any, wiring: Wiring) -> None:
        self._graph = graph
        self._links = links if isinstance(links, Mapping) else {}
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
        link = self._graph.as_link(self._links.get(names[0]))
        for name in names[1:]:
            link = self._graph.link(link.node, name) if link else None
        if link is None:
            raise PeriplusError(
                f"the cell's picture does not tell where {' '.join(names)} comes from: run the "
                "sweep again under another name to have the cell made anew"
            )
        describe = self._graph.describe
        for made_from in sources_first(link.node, self._sources, self._copies, describe):
            self._copies[made_from] = self._copy(made_from)
        return Link(self._copies[link.node], link.output)

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

    def _sources(self, node_id: str) -> list[str]:
        return [link.node for link in self._graph.links[node_id].values()]
