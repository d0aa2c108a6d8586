"""What the sweep nodes and their internal nodes have in common."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder

from ..periplus.host import paths
from ..periplus.host.node_request import SameSweep
from .common import AxisType, RunType, SweepType

NAME = "periplus"
"""The folder where a prompt names none."""


def axis_inputs(source: str = "") -> list[io.Input]:
    """The inputs for the axes; ``source`` says where they come from, as in ", from a node"."""
    return [
        AxisType.Input(f"{letter}_axis", optional=True, tooltip=f"What varies {where}{source}.")
        for letter, where in (
            ("x", "from column to column"),
            ("y", "from row to row"),
            ("z", "from page to page"),
        )
    ]


def name_input() -> io.Input:
    """The input for the folder."""
    return io.String.Input(
        "name",
        default=NAME,
        optional=True,
        tooltip="The folder for the cells, in ComfyUI's output folder.",
    )


def sweep_output() -> io.Output:
    """The output of a sweep node."""
    return SweepType.Output(
        "sweep",
        display_name="sweep",
        tooltip="The finished cells, for Grid Compose and others.",
    )


def run_input() -> io.Input:
    """The input of an internal node for the running sweep."""
    return RunType.Input("run", tooltip="The running sweep.")


def run_output() -> io.Output:
    """The output of an internal node for the running sweep."""
    return RunType.Output("next_run", display_name="next_run", tooltip="The running sweep.")


def wait_for(twin: SameSweep) -> io.NodeOutput:
    """Give what another node will give, once it has; two at once would do all the work twice."""
    told = {
        "periplus": [paths.manifest_reference(twin.manifest)],
        "text": [f"the same sweep as that of node {twin.node_id}, which makes it"],
    }
    return io.NodeOutput([twin.node_id, 0], expand={}, ui=told)


def expand_chain(run: Any, class_type: str, count: int) -> io.NodeOutput:
    """Expand a sweep node into a chain of internal nodes, numbered from 0, and the sweep's end."""
    graph = GraphBuilder()
    link: Any = run
    for index in range(count):
        link = graph.node(class_type, run=link, index=index).out(0)
    end = graph.node("PeriplusSweepEnd", run=link)
    return io.NodeOutput(end.out(0), expand=graph.finalize())
