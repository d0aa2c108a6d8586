"""Cells that are opened as workflows: asked of the server, and queued."""

from __future__ import annotations

import json
import urllib.error
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scripts.comfy_server import ComfyServer

from .graphs import Graph

Cell = Mapping[str, Any]
"""A cell, as a manifest has it."""


class NotOpenedError(Exception):
    """The server said why a cell is no workflow."""


def open_cell(server: ComfyServer, found: Mapping[str, Any], cell: Cell) -> dict[str, Any]:
    """Ask for the workflow of a cell.

    Args:
        found: the manifest, see ``graphs.manifests``.

    Raises:
        NotOpenedError: the server refuses, with its text.
    """
    folder = Path(found["folder"]).relative_to(server.output.resolve()).as_posix()
    named = {"filename": Path(found["path"]).name, "subfolder": folder, "type": "output"}
    place = [cell[letter] for letter in "xyz"]
    try:
        return server.post("/periplus/workflow", {"manifest": named, "cell": place})
    except urllib.error.HTTPError as error:
        assert error.code == 400
        raise NotOpenedError(json.loads(error.read())["error"]) from None


def add_opened(graph: Graph, prompt: Mapping[str, Any], prefix: str) -> None:
    """Add the nodes of an opened cell to a graph, under another prefix for its picture.

    Nodes that the graph has already are shared, so that several cells load each file once.
    """
    ids: dict[str, str] = {}
    for node_id, node in prompt.items():
        inputs = {
            name: [ids[value[0]], value[1]] if isinstance(value, list) else value
            for name, value in node["inputs"].items()
        }
        if node["class_type"] == "SaveImage":
            inputs["filename_prefix"] = prefix
        ids[node_id] = graph.shared(node["class_type"], **inputs)
