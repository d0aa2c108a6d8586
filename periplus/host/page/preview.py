"""What the axes and sweeps of a prompt will come to, told before it is queued."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ...errors import PeriplusError
from ..requests.node_request import Outlook
from ..system.paths import output_reference
from .choices import choices_of, named_items, typed_items
from .node_values import AXIS, HIRES, REFINER, Inputs, Mistake, NodeValues

MAX_LABELS = 200
MAX_ITEMS = 2_000
"""The most that is told of an axis; a page shows fewer."""

SWEEPS = frozenset({"PeriplusSweepKSampler", "PeriplusSweepGraph"})
"""The types of the sweep nodes."""

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
        given = nodes.given(node_id)
        return {"kind": "pass", **_troubles(given.mistakes, given.unknown)}
    if nodes.prompt[node_id]["class_type"] in SWEEPS:
        return _sweep_entry(nodes, node_id)
    return None


def _axis_entry(nodes: NodeValues, node_id: str) -> Entry:
    """Tell of an axis: what its values text means, or what is wrong with it."""
    given = nodes.given(node_id)
    class_type, inputs = nodes.prompt[node_id]["class_type"], nodes.inputs(node_id).values
    known = choices_of(class_type, inputs, nodes.prompt)
    entry: Entry = {
        "kind": "axis",
        "axis": "",
        "count": None,
        "labels": [],
        "items": typed_items(known, inputs.get("values"))[:MAX_ITEMS] if known else [],
        "notes": [],
        **_troubles(given.mistakes, given.unknown),
    }
    if not given.outputs:
        return entry
    axis, *texts = given.outputs
    return {
        **entry,
        "axis": axis.name,
        "count": len(axis.points),
        "labels": list(axis.labels[:MAX_LABELS]),
        "items": named_items(known, axis, texts[0])[:MAX_ITEMS] if known else [],
        "notes": list(axis.notes),
    }


def _sweep_entry(nodes: NodeValues, node_id: str) -> Entry:
    """Tell of a sweep: its cells, and what they will cost."""
    inputs = nodes.inputs(node_id)
    entry: Entry = {
        "kind": "sweep",
        "shape": None,
        "cells": None,
        "chosen": None,
        "stored": None,
        "making": None,
        "model_loads": None,
        "steps": None,
        "evaluations": None,
        "shared": None,
        "sampler_runs": None,
        "sheets": [],
        "seconds": None,
        "rough": False,
        "manifest": None,
        **_shape(inputs),
    }
    unknown = inputs.first_unknown or nodes.missing_before(node_id)
    if inputs.mistakes or unknown:
        return {**entry, **_troubles(inputs.mistakes, unknown)}
    try:
        outlook = nodes.bound(node_id).request(inputs.values).outlook()
    except PeriplusError as error:
        return {**entry, **_troubles([nodes.mistake(node_id, error)])}
    return {**entry, **_told(outlook), **_troubles([], outlook.unknown)}


def _told(outlook: Outlook) -> Entry:
    told: Entry = {
        "sheets": [line.removeprefix(SHEET) for line in outlook.sheets],
    }
    if standing := outlook.standing:
        told |= {
            "chosen": standing.count(standing.chosen),
            "stored": standing.stored,
            "making": standing.count(standing.making),
        }
    if outlook.cost:
        told |= asdict(outlook.cost)
    if outlook.guess:
        told |= {"seconds": outlook.guess.seconds, "rough": outlook.guess.is_rough}
    # By it the page knows which of its nodes makes a sweep.
    if outlook.manifest and outlook.manifest.is_file():
        told["manifest"] = output_reference(outlook.manifest)
    return told


def _shape(inputs: Inputs) -> Entry:
    """The lengths of the axes in use and their product, where all axes are known."""
    if any(axis in inputs.unknown for axis in AXES):
        return {}
    shape = [len(inputs.values[axis].points) for axis in AXES if inputs.values.get(axis)]
    return {"shape": shape, "cells": math.prod(shape)}


def _troubles(mistakes: Iterable[Mistake], unknown: str = "") -> Entry:
    return {"unknown": unknown, "errors": [asdict(mistake) for mistake in mistakes]}
