"""What the axes and sweeps of a prompt will come to, told before it is queued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..errors import PeriplusError
from .choices import choices_of, named_items
from .node_request import Outlook
from .node_values import AXIS, HIRES, REFINER, SWEEP, Given, Inputs, Mistake, NodeValues

MAX_LABELS = 200
MAX_ITEMS = 2_000
"""The most that is told of an axis; a page shows fewer."""

AXES = ("x_axis", "y_axis", "z_axis")

SHEET = "sheet: "
"""How a forecast begins to tell of the only sheet."""

Entry = dict[str, Any]
"""What is told of a node; see the functions below for each ``kind``."""


def preview(question: Mapping[str, Any]) -> Entry:
    """Tell of all axis, refiner, hires fix and sweep nodes of a prompt.

    Args:
        question: its ``prompt`` is in API format.

    Returns:
        ``nodes``: what is told of each of them, by its id.

    Raises:
        PeriplusError: the prompt is none.
    """
    nodes = NodeValues(question.get("prompt"))
    told = {node_id: _entry(nodes, node_id) for node_id in nodes.prompt}
    return {"nodes": {node_id: entry for node_id, entry in told.items() if entry}}


def _entry(nodes: NodeValues, node_id: str) -> Entry | None:
    kind = nodes.kind(node_id)
    if kind == AXIS:
        return _axis_entry(nodes, node_id)
    if kind in (REFINER, HIRES):
        return {"kind": "pass", **_troubles(nodes.given(node_id))}
    if kind == SWEEP and hasattr(nodes.bound(node_id), "request"):
        return _sweep_entry(nodes, node_id)
    return None


def _axis_entry(nodes: NodeValues, node_id: str) -> Entry:
    """Tell of an axis: what its values text means, or what is wrong with it."""
    given = nodes.given(node_id)
    entry: Entry = {"kind": "axis", "axis": "", "count": None, "labels": [], "items": []}
    if given.outputs:
        axis, *lists = given.outputs
        class_type, inputs = nodes.prompt[node_id]["class_type"], nodes.inputs(node_id).values
        known = choices_of(class_type, inputs, nodes.prompt)
        entry |= {
            "axis": axis.name,
            "count": len(axis.points),
            "labels": list(axis.labels[:MAX_LABELS]),
            "items": named_items(known, axis, *lists)[:MAX_ITEMS] if known else [],
            "notes": list(axis.notes),
        }
    return {"notes": [], **entry, **_troubles(given)}


def _sweep_entry(nodes: NodeValues, node_id: str) -> Entry:
    """Tell of a sweep: its cells, and what they will cost."""
    inputs = nodes.inputs(node_id)
    entry: Entry = {
        "kind": "sweep",
        "shape": None,
        "cells": None,
        "stored": None,
        "model_loads": None,
        "steps": None,
        "evaluations": None,
        "shared": None,
        "sheets": [],
        "seconds": None,
        "rough": False,
        **_shape(inputs),
    }
    unknown = next(iter(inputs.unknown.values()), "")
    if inputs.mistakes or unknown:
        return {**entry, **_troubles(Given(mistakes=inputs.mistakes, unknown=unknown))}
    missing = nodes.missing_before(node_id)
    try:
        request = nodes.bound(node_id).request(inputs.values)
        _ = request.folder, request.sweep  # asking for them is what finds the mistakes
        outlook = Outlook(unknown=missing) if missing else request.outlook()
    except PeriplusError as error:
        return {**entry, **_troubles(Given(mistakes=(nodes.mistake(node_id, error),)))}
    return {**entry, **_told(outlook), **_troubles(Given(unknown=outlook.unknown))}


def _told(outlook: Outlook) -> Entry:
    told: Entry = {
        "stored": outlook.stored,
        "sheets": [line.removeprefix(SHEET) for line in outlook.sheets],
    }
    if outlook.cost:
        told |= asdict(outlook.cost)
    if outlook.guess:
        told |= {"seconds": outlook.guess.seconds, "rough": outlook.guess.is_rough}
    return told


def _shape(inputs: Inputs) -> Entry:
    """The lengths of the axes in use and their product, where all axes are known."""
    if any(axis in inputs.unknown for axis in AXES):
        return {}
    shape = [len(inputs.values[axis].points) for axis in AXES if inputs.values.get(axis)]
    cells = 1
    for length in shape:
        cells *= length
    return {"shape": shape, "cells": cells}


def _troubles(given: Given) -> Entry:
    return {"unknown": given.unknown, "errors": [_mistake(m) for m in given.mistakes]}


def _mistake(mistake: Mistake) -> Entry:
    return {"input": mistake.input, "message": mistake.message}
