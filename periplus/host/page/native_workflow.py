"""What ComfyUI's page asks for to open a cell as a workflow of ComfyUI's own nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import PeriplusError
from ...native.cell_graph import FinishedCell, native_graph
from ...reading.picture_texts import read_texts
from ...records.manifest_reader import read_cell
from .. import compat
from ..models.upscaling import load_upscale_model
from ..sampling.outcomes import Failed, attempt_once
from ..system.paths import output_file


def tell_workflow(question: Mapping[str, Any]) -> dict[str, Any]:
    """Give the workflow that makes one cell of a sweep again, with the very pixels on the CPU.

    Args:
        question: ``manifest``, a file as ``/view`` takes it, and ``cell``, a list of x, y and z,
            each counted from 0.

    Returns:
        ``prompt``, in API format; ``title``, what the cell shows; ``notes``, a list of texts.

    Raises:
        PeriplusError: there is no such cell, or it cannot be said in ComfyUI's own nodes; the text
            says why, and how else.
    """
    cell = read_cell(output_file(question.get("manifest")), question.get("cell"))
    made = FinishedCell(cell.entry, cell.linked, read_texts(cell.file))
    graph = native_graph(made, _scale_of)
    types = dict.fromkeys(node["class_type"] for node in graph.prompt.values())
    notes = [
        f"{name} gives a list, and the workflow makes a picture of each item"
        for name in filter(compat.gives_list, types)
    ]
    return {"prompt": graph.prompt, "title": cell.label, "notes": [*graph.notes, *notes]}


def _scale_of(name: str) -> float:
    """How many times larger an upscale model makes a picture.

    Raises:
        PeriplusError: its file cannot be loaded.
    """
    loaded = attempt_once(f"cannot load {name}", lambda: load_upscale_model(name))
    if isinstance(loaded, Failed):
        raise PeriplusError(loaded.reason)
    return float(loaded.scale)
