"""Write workflows as ComfyUI's editor saves them, from a short description of their nodes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .workflow import declared_inputs, has_control, has_widget

Json = dict[str, Any]

COLUMN, GAP, MARGIN = 380, 60, 40
"""Pixels of the editor's canvas: from column to column, between nodes, and around all."""

FIXED = "fixed"
"""What stands behind a seed: it does not change from queue to queue."""

UPLOAD = "image"
"""What stands behind the name of an image that can be uploaded: the value of the button."""


@dataclass(frozen=True)
class Link:
    """An output of a node, by the node's name here and the output's name."""

    node: str
    output: str


@dataclass(frozen=True)
class Node:
    """One node: its type, the inputs that are not at their defaults, its place and size."""

    type: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Values, or links."""
    column: int = 0
    size: tuple[int, int] = (340, 180)
    """Width and height on the canvas, in pixels."""
    title: str = ""


def note(text: str, height: int) -> Node:
    """Return a note in Markdown."""
    return Node("MarkdownNote", {"": text}, 0, (340, height), "About this workflow")


def write_workflow(
    nodes: Mapping[str, Node], object_info: Mapping[str, Any], column: int = COLUMN
) -> Json:
    """Return the workflow.

    Args:
        nodes: the nodes by a name, each after those that it is linked to.
        object_info: what the server says of its node types.
        column: pixels of the canvas from column to column.

    Raises:
        KeyError: a link to a node that does not come before, or to an output that is not there.
    """
    numbers = {name: number for number, name in enumerate(nodes, 1)}
    links: list[list[Any]] = []
    written: list[Json] = []
    heights: dict[int, int] = {}
    for name, node in nodes.items():
        info = object_info.get(node.type)
        slots = list(_slots(info)) if info else []
        for place, (slot, value) in enumerate((s, node.inputs.get(s["name"])) for s in slots):
            if isinstance(value, Link):
                source = object_info[nodes[value.node].type]
                output = source["output_name"].index(value.output)
                slot["link"] = len(links) + 1
                links.append(
                    [slot["link"], numbers[value.node], output, numbers[name], place, slot["type"]]
                )
        top = heights.setdefault(node.column, MARGIN)
        heights[node.column] = top + node.size[1] + GAP
        written.append(
            {
                "id": numbers[name],
                "type": node.type,
                "pos": [MARGIN + node.column * column, top],
                "size": list(node.size),
                "flags": {},
                "order": numbers[name] - 1,
                "mode": 0,
                "inputs": slots,
                "outputs": _outputs(info) if info else [],
                **({"title": node.title} if node.title else {}),
                "properties": {"Node name for S&R": node.type} if info else {},
                "widgets_values": _widgets(info, node.inputs) if info else [node.inputs[""]],
                **({} if info else {"color": "#432", "bgcolor": "#653"}),
            }
        )
    for number, source, output, *_ in links:
        slot = written[source - 1]["outputs"][output]
        slot["links"] = [*(slot["links"] or []), number]
    return {
        # The same description gives the same file.
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, repr(nodes))),
        "revision": 0,
        "last_node_id": len(nodes),
        "last_link_id": len(links),
        "nodes": written,
        "links": links,
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _slots(info: Json) -> Sequence[Json]:
    """Return a node's inputs as the editor lists them: links first, then those with a widget."""
    links: list[Json] = []
    widgets: list[Json] = []
    for name, kind, options, optional in declared_inputs(info):
        slot: Json = {"name": name, "type": "COMBO" if isinstance(kind, list) else kind}
        if optional:
            slot["shape"] = 7
        if has_widget(kind, options):
            widgets.append({**slot, "widget": {"name": name}, "link": None})
        else:
            links.append({**slot, "link": None})
    return [*links, *widgets]


def _outputs(info: Json) -> list[Json]:
    outputs = zip(info["output_name"], info["output"], info["output_is_list"], strict=True)
    return [
        {"name": name, "type": kind, "links": None, **({"shape": 6} if is_list else {})}
        for name, kind, is_list in outputs
    ]


def _widgets(info: Json, inputs: Mapping[str, Any]) -> list[Any]:
    """Return the values of a node's widgets, in order."""
    values: list[Any] = []
    for name, kind, options, _ in declared_inputs(info):
        if has_widget(kind, options):
            value = inputs.get(name)
            is_set = value is not None and not isinstance(value, Link)
            values.append(value if is_set else _default(kind, options))
            if has_control(name, kind, options):
                values.append(FIXED)
            if options.get("image_upload"):
                values.append(UPLOAD)
    return values


def _default(kind: Any, options: Json) -> Any:
    choices = kind if isinstance(kind, list) else options.get("options")
    return options.get("default", choices[0] if choices else "")
