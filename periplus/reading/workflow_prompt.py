"""A workflow as the page saves it, made a prompt: nodes by id, their inputs by name.

The page keeps the values of a node's widgets as a list without names. Newer pages name the widgets
among the inputs; for older ones the usual nodes are known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import PeriplusError
from ..graphs.prompt_graph import Node

_CONTROL = "control_after_generate"
_CONTROLS = ("fixed", "increment", "decrement", "randomize")
"""Values of the widget behind a seed, which has no input of its own."""

_SAMPLING = ("steps", "cfg", "sampler_name", "scheduler")

_WIDGETS: Mapping[str, tuple[str, ...]] = {
    "KSampler": ("seed", _CONTROL, *_SAMPLING, "denoise"),
    "KSamplerAdvanced": (
        *("add_noise", "noise_seed", _CONTROL, *_SAMPLING, "start_at_step", "end_at_step"),
        "return_with_leftover_noise",
    ),
    "SamplerCustom": ("add_noise", "noise_seed", _CONTROL, "cfg"),
    "RandomNoise": ("noise_seed", _CONTROL),
    "KSamplerSelect": ("sampler_name",),
    "BasicScheduler": ("scheduler", "steps", "denoise"),
    "CFGGuider": ("cfg",),
    "CLIPTextEncode": ("text",),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "LoraLoader": ("lora_name", "strength_model", "strength_clip"),
    "EmptyLatentImage": ("width", "height", "batch_size"),
    "EmptySD3LatentImage": ("width", "height", "batch_size"),
    "PrimitiveNode": ("value", _CONTROL),
}
"""The widgets of the usual nodes, in their order."""

_REROUTE = "Reroute"
_RUNS = 0
"""The mode of a node that is neither muted nor bypassed."""


def prompt_of_workflow(workflow: Any) -> dict[str, Node]:
    """Give the nodes of a workflow, of whatever origin, in API format.

    What is misshapen is left out, and so are muted and bypassed nodes and the insides of subgraphs.

    Raises:
        PeriplusError: it is no workflow.
    """
    nodes = workflow.get("nodes") if isinstance(workflow, Mapping) else None
    if not isinstance(nodes, list):
        raise PeriplusError("the workflow in it has no nodes")
    links = dict(_links(workflow.get("links")))
    running = [n for n in nodes if isinstance(n, Mapping) and n.get("mode", _RUNS) == _RUNS]
    reroutes = {
        str(node.get("id")): links.get(_only_link(node))
        for node in running
        if node.get("type") == _REROUTE
    }
    return {
        str(node.get("id")): {
            "class_type": str(node["type"]),
            "inputs": {**_widgets(node), **_linked(node, links, reroutes)},
        }
        for node in running
        if isinstance(node.get("type"), str) and node["type"] != _REROUTE
    }


_Origin = tuple[str, Any]
"""A node's id and the number of its output."""


def _links(entries: Any) -> Iterator[tuple[Any, _Origin]]:
    """The links by id; the page has written them as lists, and as objects."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            entry = [entry.get(name) for name in ("id", "origin_id", "origin_slot")]
        if isinstance(entry, list) and len(entry) >= 3 and isinstance(entry[0], int | str):
            yield entry[0], (str(entry[1]), entry[2])


def _slots(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inputs = node.get("inputs")
    slots = inputs if isinstance(inputs, list) else []
    return [s for s in slots if isinstance(s, Mapping) and isinstance(s.get("name"), str)]


def _link_id(slot: Mapping[str, Any]) -> int | str | None:
    link = slot.get("link")
    return link if isinstance(link, int | str) else None


def _only_link(node: Mapping[str, Any]) -> int | str | None:
    return next((_link_id(slot) for slot in _slots(node)), None)


def _linked(
    node: Mapping[str, Any],
    links: Mapping[Any, _Origin],
    reroutes: dict[str, _Origin | None],
) -> dict[str, list[Any]]:
    """The linked inputs of a node, reroutes left out."""
    found: dict[str, list[Any]] = {}
    for slot in _slots(node):
        origin = _behind(links.get(_link_id(slot)), reroutes)
        if origin:
            found[slot["name"]] = list(origin)
    return found


def _behind(origin: _Origin | None, reroutes: dict[str, _Origin | None]) -> _Origin | None:
    """What reroutes lead to; each then leads there at once, so that long chains cost little."""
    passed: list[str] = []
    while origin and origin[0] in reroutes:
        passed.append(origin[0])
        origin = reroutes[passed[-1]]
        reroutes[passed[-1]] = None  # in a circle, this is the end
    reroutes.update(dict.fromkeys(passed, origin))
    return origin


def _widgets(node: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a node's widgets by name; none where the names do not fit the values."""
    values = node.get("widgets_values")
    if isinstance(values, Mapping):
        return {str(name): value for name, value in values.items()}
    if not isinstance(values, list):
        return {}
    known = _WIDGETS.get(node["type"])
    if known is not None:
        return {n: v for n, v in zip(known, values, strict=False) if n != _CONTROL}
    names = [slot["name"] for slot in _slots(node) if isinstance(slot.get("widget"), Mapping)]
    plain = [value for value in values if value not in _CONTROLS]
    return dict(zip(names, plain, strict=True)) if len(names) == len(plain) else {}
