"""From the frontend's workflow JSON to the prompt that ComfyUI's ``POST /prompt`` takes.

The frontend does this in the browser. Here it is done without one, for workflows of plain nodes:
links, widget values in their order, reroutes, primitives, muted and bypassed nodes. Subgraphs are
not unfolded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

WIDGET_TYPES = frozenset({"INT", "FLOAT", "STRING", "BOOLEAN", "COMBO"})
NOTES = frozenset({"Note", "MarkdownNote"})
NEVER, BYPASS = 2, 4
"""The modes of a muted and of a bypassed node."""

Json = dict[str, Any]


class WorkflowError(ValueError):
    """The workflow cannot be turned into a prompt; names the node and the reason."""


def to_prompt(workflow: Mapping[str, Any], object_info: Mapping[str, Any]) -> Json:
    """Return the workflow as an API prompt.

    Args:
        workflow: the workflow as the frontend saves it.
        object_info: what the server answers to ``GET /object_info``.

    Raises:
        WorkflowError: a node type that the server does not know, such as a subgraph.
    """
    nodes = {str(node["id"]): node for node in workflow["nodes"]}
    sources = dict(link_sources(workflow))
    prompt: Json = {}
    for node_id, node in nodes.items():
        if node["type"] in NOTES | {"Reroute", "PrimitiveNode"}:
            continue
        if node.get("mode", 0) in (NEVER, BYPASS):
            continue
        if node["type"] not in object_info:
            raise WorkflowError(
                f"node {node_id}: this ComfyUI has no node type {node['type']!r}"
                " (subgraphs cannot be run here)"
            )
        info = object_info[node["type"]]
        inputs = widget_values(node, info)
        for slot in node.get("inputs", ()):
            if slot.get("link") is not None:
                source = resolve(sources[slot["link"]], nodes, sources)
                if source is not None:
                    inputs[slot["name"]] = source
        title = node.get("title") or info.get("display_name") or node["type"]
        prompt[node_id] = {
            "class_type": node["type"],
            "inputs": inputs,
            "_meta": {"title": title},
        }
    return prompt


def link_sources(workflow: Mapping[str, Any]) -> Iterator[tuple[int, tuple[str, int]]]:
    """Yield every link's id with the node and the output slot that it comes from."""
    for link in workflow["links"]:
        if isinstance(link, Mapping):
            yield link["id"], (str(link["origin_id"]), link["origin_slot"])
        else:
            yield link[0], (str(link[1]), link[2])


def resolve(
    source: tuple[str, int], nodes: Mapping[str, Json], sources: Mapping[int, tuple[str, int]]
) -> Any:
    """Return what a link brings: [node, slot], a primitive's value, or None if it is cut off."""
    node_id, slot = source
    node = nodes[node_id]
    if node["type"] == "PrimitiveNode":
        return node["widgets_values"][0]
    if node["type"] == "Reroute":
        link = node["inputs"][0].get("link")
    elif node.get("mode", 0) == BYPASS:
        link = bypassing_link(node, slot)
    elif node.get("mode", 0) == NEVER:
        return None
    else:
        return [node_id, slot]
    return None if link is None else resolve(sources[link], nodes, sources)


def bypassing_link(node: Json, slot: int) -> int | None:
    """Return the link that a bypassed node passes on at an output: one of the same type.

    The input at the output's own place comes first, then the others in order.
    """
    wanted = node["outputs"][slot]["type"]
    inputs = node.get("inputs", [])
    for candidate in [*inputs[slot : slot + 1], *inputs]:
        if candidate["type"] == wanted and candidate.get("link") is not None:
            return candidate["link"]
    return None


def widget_values(node: Json, info: Json) -> Json:
    """Return the values of a node's widgets by input name.

    A workflow saved before a node type got its last widgets leaves those to the server's defaults.
    """
    stored = node.get("widgets_values") or []
    names = list(widget_names(info))
    if isinstance(stored, Mapping):
        return {name: stored[name] for name in names if name in stored}
    # A control widget has a value of its own but is no input. What follows the widgets that the
    # server knows of belongs to buttons that the frontend adds.
    return {name: value for name, value in zip(names, stored, strict=False) if name}


def widget_names(info: Json) -> Iterator[str]:
    """Yield the inputs of a node type that have a widget, in order; "" for a control widget.

    The frontend puts a control ("fixed", "randomize", ...) behind every seed, and behind other
    numbers that ask for one.
    """
    for name, kind, options, _ in declared_inputs(info):
        if has_widget(kind, options):
            yield name
            if has_control(name, kind, options):
                yield ""


def declared_inputs(info: Json) -> Iterator[tuple[str, Any, Json, bool]]:
    """Yield each input's name, type, options and whether it is optional, in order."""
    for group in ("required", "optional"):
        for name, spec in info["input"].get(group, {}).items():
            yield name, spec[0], spec[1] if len(spec) > 1 else {}, group == "optional"


def has_control(name: str, kind: Any, options: Json) -> bool:
    """Say whether the frontend puts a control behind the widget of an input."""
    is_seed = kind == "INT" and name in ("seed", "noise_seed")
    return bool(options.get("control_after_generate", is_seed))


def has_widget(kind: Any, options: Json) -> bool:
    """Say whether an input of this type is set by a widget; a list stands for a combo."""
    if options.get("forceInput"):
        return False
    return isinstance(kind, list) or options.get("widgetType", kind) in WIDGET_TYPES


def replace_unknown(prompt: Json, object_info: Mapping[str, Any], name: str) -> dict[str, str]:
    """Give every combo input called ``name`` whose value the server lacks one that it has.

    It is the one with most words in common ("sd_xl_refiner_1.0", "demo/refiner"), the first of
    several. Changes ``prompt``. Returns the replacements, old value to new.
    """
    replaced: dict[str, str] = {}
    for node in prompt.values():
        value = node["inputs"].get(name)
        options = combo_options(object_info[node["class_type"]], name)
        if isinstance(value, str) and options and value not in options:
            best = max(options, key=lambda option: len(words(option) & words(value)))
            node["inputs"][name] = replaced[value] = best
    return replaced


def words(name: str) -> set[str]:
    """Return the words that a file's name is made of, in small letters."""
    return set(re.findall(r"[^\W\d_]+", name.casefold()))


def combo_options(info: Json, name: str) -> list[str]:
    """Return what a combo input offers; nothing for any other input."""
    for group in ("required", "optional"):
        spec = info["input"].get(group, {}).get(name)
        if spec is None:
            continue
        if isinstance(spec[0], list):
            return spec[0]
        if spec[0] == "COMBO" and len(spec) > 1:
            return spec[1].get("options", [])
    return []
