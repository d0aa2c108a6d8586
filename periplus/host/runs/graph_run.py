"""One run of a graph sweep: it wires the nodes of each cell and stores what they make."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comfy_execution.graph_utils import GraphBuilder

from ...graphs.graph_sweep import GraphRecipe
from ...graphs.node_efforts import keeping
from ...graphs.variants import Source, Variant, VariantGraph
from ...records.manifest import CellAccount, Manifest, SweepHandle
from ...records.standing import Standing
from ...records.store import CellStore, Pixels
from ...sweep import Cell
from ...work.effort import Effort
from .. import compat
from ..models.finite import are_finite
from ..models.pixels import saved_pixels
from ..prompt.graph import NodeInputs
from ..prompt.running_node import RunningNode
from ..sheets.forecast import Forecast
from .node_stopwatch import NodeStopwatch
from .record import SweepRecord

MAX_GROUPS = 250
"""The longest chain of groups. ComfyUI walks up a chain by recursion, which Python limits."""

CHANNELS = (3, 4)
"""Of the pictures that can be stored."""


@dataclass(frozen=True)
class GraphJob:
    """Cells of one key, and where their picture comes from."""

    cells: list[Cell[GraphRecipe]]
    image: Source


class GraphRun(SweepRecord):
    """What the nodes of a graph sweep share while it runs.

    Args:
        jobs: the missing cells, in the order of work.
        graph: the nodes of the prompt under overrides.
        efforts: what it is to run each of them.
        manifest, standing, store, texts, node: see :class:`SweepRecord`.
        forecast: says how large the sheet will be, once there is a picture, and how long it takes.
    """

    LINK = "PeriplusGraphGroup"

    def __init__(
        self,
        jobs: Sequence[GraphJob],
        graph: VariantGraph,
        efforts: Mapping[Variant, Effort],
        manifest: Manifest,
        standing: Standing[GraphRecipe],
        store: CellStore,
        texts: Mapping[str, str],
        node: RunningNode,
        forecast: Forecast,
    ) -> None:
        account = CellAccount(seconds={"make": 0.0, "store": 0.0})
        chosen = standing.count(standing.chosen)
        super().__init__(manifest, account, standing, store, texts, node, chosen)
        self._done_before = chosen - standing.count(standing.making)
        self._jobs = jobs
        self._graph = graph
        self._efforts = efforts
        self._stopwatch = NodeStopwatch(f"periplus {node.node_id}")
        self._forecast = forecast
        self._node_ids: dict[Variant, str] = {}
        """The nodes for those that have one: of the prompt, or added so far."""
        self._waiting: list[int] = []
        """Numbers of jobs that were added and have given no picture yet."""
        self._is_size_said = bool(standing.found)
        self._last_end = time.perf_counter()
        # Nodes that are added with a cell are run for this cell before any of the next one exists,
        # so its picture is stored first whatever ComfyUI prefers to run. Where results are not
        # kept for later, cells that are added together are the only ones that share them.
        self._stride = math.ceil(len(jobs) / MAX_GROUPS) or 1
        size = self._stride if compat.keeps_results() else len(jobs)
        starts = range(0, len(jobs), max(size, 1))
        self.groups = [range(start, min(start + size, len(jobs))) for start in starts]
        """Numbers of jobs: what is added to the prompt at a time."""

    @property
    def links(self) -> int:
        """One for each group."""
        return len(self.groups)

    def add_group(self, graph: GraphBuilder, index: int) -> Any:
        """Add the nodes of a group of cells to a graph, one cell after the other.

        Returns:
            A link to the last of them.
        """
        self._fail_blocked()
        after: Any = None
        for number in self.groups[index]:
            self._waiting.append(number)
            image = self._wire(graph, self._jobs[number].image)
            # In this order ComfyUI comes to the nodes of earlier cells first.
            cell = graph.node("PeriplusGraphCell", image=image, run=self, index=number, after=after)
            made = self._efforts[self._jobs[number].image.variant]
            self._stopwatch.expect(cell.id, keeping(made))
            after = cell.out(0)
        return after

    def keep(self, index: int, images: Sequence[Any]) -> None:
        """Store the pictures of a job; a job without pictures, or of NaN, has failed.

        Args:
            index: which job.
            images: IMAGE tensors: pictures x height x width x channels, 0 to 1; None for none.

        Raises:
            UnwritableError: the folder cannot be written.
        """
        self._waiting.remove(index)
        cells = self._jobs[index].cells
        pictures = [picture for batch in images if batch is not None for picture in batch]
        fault = _fault(pictures)
        pixels = [saved_pixels(picture) for picture in pictures if not fault]
        made = time.perf_counter()
        seconds = made - self._last_end
        if fault:
            self.fail_cells(cells, f"the workflow gave {fault}")
        else:
            self.keep_cells(cells, pixels, seconds)
            self._say_size(cells, pixels)
        if index % self._stride == 0:
            self.write_soon()  # an error in the next cell is not ours to note
        self.manifest.account.seconds["make"] += seconds
        self._last_end = made
        self._advance(len(cells))
        self._show_next(index + 1)

    def finish(self) -> SweepHandle:
        """Close the run as every sweep; cells that have not come have failed."""
        self._fail_blocked()
        return super().finish()

    def begin(self) -> None:
        """Begin the record: with what is in the store already, and what has failed before."""
        super().begin()
        for variant, effort in self._efforts.items():
            if not variant.overrides:
                self._stopwatch.expect(variant.node, effort)
        self._stopwatch.begin()
        self._advance(self._done_before)
        self._show_next(0)

    def close(self, state: str) -> None:
        """End the run: ``done``, ``interrupted`` or ``failed``; what is finished stays."""
        self._stopwatch.end()
        super().close(state)

    def report(self) -> dict[str, list[Any]]:
        """As for every sweep; it also says which links gave way to values."""
        report = super().report()
        cells: Sequence[Cell[GraphRecipe]] = self.manifest.sweep.cells
        for sets, override in {o.sets: o for c in cells for o in c.recipe.overrides}.items():
            inputs = NodeInputs(self.node.dynprompt, override.node)
            if inputs.link(override.input):
                source = inputs.describe_source(override.input)
                report["text"].append(f"{sets}: the values replace the link from {source}")
        return report

    def _say_size(self, cells: Sequence[Cell[GraphRecipe]], pictures: Sequence[Pixels]) -> None:
        """Say how large the sheet will be, by the first cells that there are."""
        if self._is_size_said:
            return
        sizes = tuple((pixels.shape[1], pixels.shape[0]) for pixels in pictures)
        self.manifest.forecast = self._forecast.lines({cell.place: sizes for cell in cells})
        self.node.foretell(self.manifest.forecast)
        self._is_size_said = True

    def _fail_blocked(self) -> None:
        """Mark the cells as failed that were waited for and have not come."""
        for number in self._waiting:
            cells = self._jobs[number].cells
            self.fail_cells(cells, "a node of the workflow blocked it before there was a picture")
            self._advance(len(cells))
        self._waiting.clear()

    def _show_next(self, index: int) -> None:
        self.node.tell_work(cell for job in self._jobs[index : index + 1] for cell in job.cells)

    def _advance(self, cells: int) -> None:
        self.progress.enter_segment()
        self.progress.advance(cells)

    def _wire(self, graph: GraphBuilder, source: Source) -> list[Any]:
        """Link to an output, adding the nodes for it that are not there yet."""
        for variant in self._graph.upstream(source.variant, self._node_ids):
            own = variant.overrides
            self._node_ids[variant] = self._add(graph, variant) if own else variant.node
        return self._link(source)

    def _add(self, graph: GraphBuilder, variant: Variant) -> str:
        """Add the node of a variant, all of whose sources are there, and give its id."""
        node = graph.node(self.node.dynprompt.get_node(variant.node)["class_type"])
        node.inputs = {
            name: self._link(value) if isinstance(value, Source) else value
            for name, value in self._graph.inputs(variant).items()
        }
        node.set_override_display_id(variant.node)  # where the user looks for its progress
        self._stopwatch.expect(node.id, self._efforts[variant])
        return node.id

    def _link(self, source: Source) -> list[Any]:
        return [self._node_ids[source.variant], source.output]


def _fault(pictures: Sequence[Any]) -> str:
    """What is wrong with what a workflow gave; empty where it is pictures."""
    if not pictures:
        return "no picture"
    for picture in pictures:
        if picture.ndim != 3 or picture.shape[2] not in CHANNELS or 0 in picture.shape:
            shape = " x ".join(map(str, picture.shape))
            return f"a picture of the shape {shape}, and not of height x width x 3 or 4"
    return "" if all(map(are_finite, pictures)) else "a picture of NaN"
