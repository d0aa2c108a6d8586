"""Showing what goes on in a sweep: its bar moves, and the page sees the cells that it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

from ...sweep import Cell
from ...work.stage_cells import cells_by_stage
from ...work.stages import Decode, Enlarge, Sample, Stage
from ..prompt.progress import SweepProgress
from ..prompt.running_node import RunningNode
from ..sampling.sampler import OnStep


class ShownWork:
    """The stages that are at work. It knows no sweep, since a paused run would keep it alive.

    Args:
        progress: the bar.
        node: the sweep node, whose page is told.
        cells: the cells that each decode finishes.
    """

    def __init__(
        self, progress: SweepProgress, node: RunningNode, cells: Mapping[Decode, list[Cell]]
    ) -> None:
        self._progress = progress
        self._node = node
        self._cells = cells
        self._at_work: list[Stage] = []

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[OnStep]:
        """Show a stage while it is done. Several may be open at once.

        Yields:
            See :meth:`SweepProgress.stage`.
        """
        self._at_work.append(stage)
        # A decode follows its run at once, and a text is done in no time: neither is worth telling.
        if isinstance(stage, (Sample, Enlarge)) and self._node.is_followed:
            shown = (self._cells_by_stage.get(at_work, ()) for at_work in self._at_work)
            self._node.tell_work(cell for cells in shown for cell in cells)
        try:
            with self._progress.stage(stage.weight) as on_step:
                yield on_step
        finally:
            self._at_work.remove(stage)

    @cached_property
    def _cells_by_stage(self) -> dict[Stage, list[Cell]]:
        return cells_by_stage(self._cells)
