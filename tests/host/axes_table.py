"""Compare every axis with the native graph: ``python -m tests.host.axes_table``.

Runs the cases of axes_cases.py on a real ComfyUI, on the CPU, and writes a Markdown table with one
row for each. Needs a Python that has the development tools; ``test_axes_table.py`` asserts the
same rows.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import provision

from .axes_cases import CASES, Case, save_files
from .graphs import Graph, cell_pixels, manifest, saved_pixels, succeed
from .opened import NotOpenedError, add_opened, open_cell

HEADINGS = (
    "axis",
    "values",
    "cells",
    "largest difference",
    "all cells differ",
    "equal as workflows",
    "why not 0",
)


@dataclass(frozen=True)
class Row:
    """How the cells of a case compare with the pictures of its native graphs."""

    case: Case
    cells: int
    difference: int
    """The largest, in levels of 0 to 255."""
    pixels: int
    """How many of all cells differ at all."""
    distinct: bool
    """Whether no two native pictures are equal: otherwise equal cells would prove nothing."""
    as_workflows: int
    """How many cells, opened as workflows, make their picture again, within the tolerance."""

    @property
    def is_right(self) -> bool:
        """Whether the row shows what it should."""
        is_close = self.difference <= self.case.tolerance
        return self.distinct and is_close and self.as_workflows == self.cells - self.case.unsaid

    def __str__(self) -> str:
        difference = f"{self.difference} (pixels: {self.pixels})" if self.pixels else "0"
        distinct = "yes" if self.distinct else "NO"
        why = self.case.reason if self.pixels else ""
        columns = (
            self.case.name,
            f"`{self.case.axis}`",
            str(self.cells),
            difference,
            distinct,
            str(self.as_workflows),
            why,
        )
        return f"| {' | '.join(columns)} |"


def measure(server: ComfyServer, case: Case) -> Row:
    """Run the sweep of a case and its native graphs, and compare them.

    Raises:
        AssertionError: one of them fails, or the sweep has another number of cells or sizes.
    """
    graph = Graph()
    case.sweep(graph, graph.loader(), case.axis.add(graph))
    found = manifest(succeed(server, graph))
    name = "".join(filter(str.isalnum, case.name))
    prefixes = [f"{name}_{index}" for index in range(len(case.natives))]
    natives = Graph()
    models = natives.loader()
    for prefix, add in zip(prefixes, case.natives, strict=True):
        add(natives, models, prefix)
    reopened = {}
    for cell, prefix in zip(found["cells"], prefixes, strict=True):
        with suppress(NotOpenedError):
            workflow = open_cell(server, found, cell)["prompt"]
            reopened[prefix] = f"again_{prefix}"
            add_opened(natives, workflow, reopened[prefix])
    succeed(server, natives)
    assert found["counts"]["done"] == len(case.natives), found["counts"]
    pictures, differences, as_workflows = [], [], 0
    for cell, prefix in zip(found["cells"], prefixes, strict=True):
        (ours,) = cell_pixels(found, cell["x"], cell["y"], cell["z"])
        (picture,) = saved_pixels(server, prefix)
        pictures.append(picture)
        differences.append(_difference(ours, picture))
        if prefix in reopened:
            (again,) = saved_pixels(server, reopened[prefix])
            as_workflows += bool(_difference(ours, again).max() <= case.tolerance)
    levels = np.concatenate(differences)
    return Row(
        case,
        cells=len(pictures),
        difference=int(levels.max()),
        pixels=int(np.count_nonzero(levels)),
        distinct=len({picture.tobytes() for picture in pictures}) == len(pictures),
        as_workflows=as_workflows,
    )


def _difference(ours: Any, picture: Any) -> Any:
    """The largest difference of each pixel, in levels."""
    assert ours.shape == picture.shape
    return np.abs(ours.astype(int) - picture).max(axis=-1).ravel()


def main() -> int:
    """Write the table; return 0 if every row is right."""
    installation = provision(development=True)
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small"),
        packs={"periplus": ROOT},
    ) as server:
        save_files(server)
        system = server.get("/system_stats")["system"]
        write(f"ComfyUI {system['comfyui_version']}, torch {system['pytorch_version']}, CPU.\n")
        write(f"| {' | '.join(HEADINGS)} |\n|{' --- |' * len(HEADINGS)}")
        rows = []
        for case in CASES:
            rows.append(measure(server, case))
            write(str(rows[-1]))
    return 0 if all(row.is_right for row in rows) else 1


def write(line: str) -> None:
    """Write a line at once, so that the table grows while it is made."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
