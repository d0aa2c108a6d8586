"""The internal nodes that the sweep nodes expand into; nobody wires them by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from comfy_api.latest import io
from comfy_execution.graph_utils import GraphBuilder

from ..periplus.host import compat
from ..periplus.host.requests.node_request import NodeRequest
from ..periplus.host.runs.graph_run import GraphRun
from ..periplus.host.runs.record import SweepRecord
from ..periplus.host.runs.run import SweepRun
from ..periplus.host.runs.segment import run_segment
from ..periplus.records.manifest import SweepHandle
from .common import CATEGORY, RequestType, RunType, SweepType
from .sweep_schema import expand_sweep, sweep_output


class SweepTurn(io.ComfyNode):
    """A sweep that waits until another node has made other cells of the same sweep."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusSweepTurn",
            "Sweep Turn",
            [
                RequestType.Input("request", tooltip="What a sweep node asks for."),
                SweepType.Input("after", tooltip="The sweep to wait for."),
            ],
            sweep_output(),
            enable_expand=True,
        )

    @classmethod
    def execute(cls, request: NodeRequest[Any], after: SweepHandle) -> io.NodeOutput:
        """Expand into what the sweep node would have expanded into."""
        return expand_sweep(request)


class SweepSegment(io.ComfyNode):
    """One segment of a sweep: the work on one loaded model."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusSweepSegment",
            "Sweep Segment",
            [_run(), _index("segment"), _after()],
            _next_run(),
        )

    @classmethod
    def execute(cls, run: SweepRun, index: int, after: Any = None) -> io.NodeOutput:
        """Run the segment."""
        report = run_segment(run, index)
        return io.NodeOutput(run, ui=report)


class SweepEnd(io.ComfyNode):
    """The end of a sweep: closes its manifest and reports."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema("PeriplusSweepEnd", "Sweep End", [_run(), _after()], sweep_output())

    @classmethod
    def execute(cls, run: SweepRecord, after: Any = None) -> io.NodeOutput:
        """Close the sweep."""
        handle = run.finish()
        return io.NodeOutput(handle, ui=run.report())


class GraphGroup(io.ComfyNode):
    """Some cells of a graph sweep: most often one."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        inputs = [_run(), _index("group of cells"), _after()]
        return _schema("PeriplusGraphGroup", "Graph Group", inputs, _next_run(), enable_expand=True)

    @classmethod
    def execute(cls, run: GraphRun, index: int, after: Any = None) -> io.NodeOutput:
        """Expand into the nodes of the cells."""
        graph = GraphBuilder()
        last = run.add_group(graph, index)
        return io.NodeOutput(last, expand=graph.finalize())


class GraphCell(io.ComfyNode):
    """The end of a cell of a graph sweep: stores its pictures."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        image = io.Image.Input("image", tooltip="The cell's pictures.")
        inputs = [image, _run(), _index("cell"), _after()]
        return _schema("PeriplusGraphCell", "Graph Cell", inputs, _next_run(), is_input_list=True)

    @classmethod
    def execute(
        cls,
        image: Sequence[Any],
        run: Sequence[GraphRun],
        index: Sequence[int],
        after: Sequence[Any] = (),
    ) -> io.NodeOutput:
        """Store the pictures: of a list too, which is why every input is a list."""
        run[0].keep(index[0], image)
        return io.NodeOutput(run[0])


def _schema(
    node_id: str, name: str, inputs: list[io.Input], output: io.Output, **more: bool
) -> io.Schema:
    return compat.schema(
        node_id=node_id,
        display_name=f"{name} (internal)",
        category=f"{CATEGORY}/internal",
        description="Made by the sweep nodes while they run; not for wiring by hand.",
        inputs=inputs,
        outputs=[output],
        **more,
        **compat.hidden_from_menus(),
    )


def _run() -> io.Input:
    return RunType.Input("run", tooltip="The running sweep.")


def _index(what: str) -> io.Input:
    return io.Int.Input("index", min=0, tooltip=f"Which {what}, counted from 0.")


def _after() -> io.Input:
    """What comes before in the chain; ComfyUI does not ask for its value.

    So a node of the workflow that blocks the one before does not block what follows.
    """
    return RunType.Input(
        "after", optional=True, extra_dict={"rawLink": True}, tooltip="What comes before."
    )


def _next_run() -> io.Output:
    return RunType.Output("next_run", display_name="next_run", tooltip="The running sweep.")


NODES: list[type[io.ComfyNode]] = [SweepTurn, SweepSegment, SweepEnd, GraphGroup, GraphCell]
