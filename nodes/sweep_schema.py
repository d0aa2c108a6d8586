"""What the sweep nodes have in common."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder

from ..periplus.host import compat
from ..periplus.host.requests.node_request import NodeRequest, SameSweep
from ..periplus.host.system import paths
from ..periplus.host.system.retries import retry_token
from .common import AxisType, SweepType

NAME = "periplus"
"""The folder where a prompt names none."""

ONLY, REMAKE = "", False
"""Which cells are made where a prompt does not say: those that are missing."""


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


def choice_inputs() -> list[io.Input]:
    """The inputs that say which cells to make."""
    return [
        io.String.Input(
            "only",
            default=ONLY,
            optional=True,
            tooltip="Which cells to make, counted from 1: x3 y2, x2-4, y2 z1, separated by commas "
            "or new lines. The others stay as they are. Empty: all.",
            **compat.advanced(),
        ),
        io.Boolean.Input(
            "remake",
            default=REMAKE,
            optional=True,
            tooltip="Whether these cells are made anew though they are stored. Each keeps its old "
            "picture until the new one is finished.",
            **compat.advanced(),
        ),
    ]


def fingerprint(
    name: str | None,
    *,
    retry_failed: bool | None = True,
    remake: bool | None = REMAKE,
) -> str:
    """Let ComfyUI run a sweep again, instead of its cached result, where it has cells to make.

    Args:
        name: the sweep node's input; None for one that is linked, so that it is not known yet.
        retry_failed: likewise.
        remake: likewise.
    """
    folder = paths.sweep_folder(NAME if name is None else name)
    may_retry, may_remake = retry_failed is not False, remake is not False
    return retry_token(folder, retry_failed=may_retry, remake=may_remake)


def sweep_output() -> io.Output:
    """The output of a sweep node."""
    return SweepType.Output(
        "sweep",
        display_name="sweep",
        tooltip="The finished cells, for Grid Compose and others.",
    )


def expand_sweep(request: NodeRequest[Any]) -> io.NodeOutput:
    """Expand a sweep node into what makes its cells.

    That is a chain of internal nodes, numbered from 0, and the sweep's end. Where the same sweep is
    under way, it keeps the manifest and perhaps makes the same cells: then the node waits for it.
    """
    graph = GraphBuilder()
    if twin := request.twin():
        if twin.makes_all:
            return _wait_for(twin)
        turn = graph.node("PeriplusSweepTurn", request=request.anew(), after=twin.end)
        return io.NodeOutput(turn.out(0), expand=graph.finalize())
    run = request.start()
    after: Any = None
    for index in range(run.links):
        after = graph.node(run.LINK, run=run, index=index, after=after).out(0)
    end = graph.node("PeriplusSweepEnd", run=run, after=after).out(0)
    run.ends_at(end)
    return io.NodeOutput(end, expand=graph.finalize())


def _wait_for(twin: SameSweep) -> io.NodeOutput:
    """Give what another node will give, once it has; two at once would do all the work twice."""
    told = {
        "periplus": [paths.manifest_reference(twin.manifest)],
        "text": [f"the same sweep as that of node {twin.node_id}, which makes it"],
    }
    return io.NodeOutput(twin.end, expand={}, ui=told)
