"""One run of one sweep, handed from segment to segment: its results, its record, its cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from ...recipe import Recipe
from ...records.manifest import Account, Manifest
from ...records.standing import Standing
from ...records.store import CellStore, Pixels
from ...sweep import Cell
from ...tiling import Tiling, tiling_notes
from ...work.batch_size import OFF
from ...work.effort import Efforts
from ...work.kept import Kept
from ...work.load_order import Place
from ...work.memo import Memo
from ...work.plan import Plan
from ...work.read_ahead import ReadAhead
from ...work.results import Results
from ...work.stages import Decode, Stage
from ..models.loading import NO_MODELS, Models
from ..models.vae import VaeMemory
from ..prompt.running_node import RunningNode
from ..sampling.outcomes import Failed, StageFailed
from ..sampling.sampler_run import SamplerRun
from .record import SweepRecord
from .shown_work import ShownWork
from .stopwatch import Stopwatch


@dataclass(frozen=True)
class Linked:
    """What is linked to the sweep node and to its refiner."""

    base: Models = NO_MODELS
    refiner: Models = NO_MODELS
    latent: dict[str, Any] | None = None
    image: torch.Tensor | None = None
    conditionings: Mapping[str, Any] = field(default_factory=dict)
    """By the name of the input."""


class SweepRun(SweepRecord):
    """What the segments of a sweep share while it runs.

    Args:
        plan: what to do.
        cells: the cells that each decode finishes.
        manifest: the record to keep.
        standing: how the cells stand, and which are to be made.
        store: where finished cells go.
        linked: the linked models, latent or picture, and conditionings.
        texts: text chunks for every picture.
        node: the sweep node, which shows the progress.
        efforts: tells which work is alike.
        batching: how many runs go in step, see ``batch_size.BATCHING``.
    """

    LINK = "PeriplusSweepSegment"

    def __init__(
        self,
        plan: Plan,
        cells: Mapping[Decode, list[Cell]],
        manifest: Manifest,
        standing: Standing[Recipe],
        store: CellStore,
        linked: Linked,
        texts: Mapping[str, str],
        node: RunningNode,
        efforts: Efforts,
        batching: str = OFF,
    ) -> None:
        self.account = Account()
        self.stopwatch = Stopwatch(efforts, self.account)
        super().__init__(manifest, self.account, standing, store, texts, node, plan.weight)
        self.plan = plan
        self.work = ShownWork(self.progress, node, cells)
        self.batching = batching
        self.linked = linked
        self.results = Results(plan)
        self.memo = Memo(plan.runs)
        self.vaes: dict[Place, Any] = {}
        """VAEs that later segments work with, by the file that they came from."""
        self.vae_memory = VaeMemory()
        self.paused: list[SamplerRun[Any, Any]] = []
        """Runs that wait for their refiner."""
        self.kept = Kept[Models]()
        """Models that a later segment needs again."""
        self.read_ahead = ReadAhead()
        self._cells = cells

    @property
    def links(self) -> int:
        """One for each segment."""
        return len(self.plan.segments)

    def result(self, stage: Stage) -> Any:
        """The result of a stage.

        Raises:
            StageFailed: there is none.
        """
        value = self.results.get(stage)
        if isinstance(value, Failed):
            raise StageFailed(value.reason)
        return value

    def keep(
        self, decode: Decode, images: list[Pixels], seconds: float, tiling: Tiling | None
    ) -> None:
        """Store the pictures of the cells that this decode finishes, and say so when that is done.

        Raises:
            UnwritableError: an earlier picture could not be written.
        """
        # Of one key: equal work, equal keys.
        self.keep_cells(self._cells[decode], images, seconds, tiling)

    def fail(self, decode: Decode, reason: str) -> None:
        """Mark the cells that this decode should have finished as failed.

        Raises:
            UnwritableError: an earlier picture could not be written.
        """
        self.fail_cells(self._cells[decode], reason)

    def report(self) -> dict[str, list[Any]]:
        """As for every sweep; it also says which cells were decoded in tiles."""
        report = super().report()
        states = self.manifest.cells.values()
        report["text"] += tiling_notes(state.tiling for state in states)
        return report

    def close(self, state: str) -> None:
        """End the run: ``done``, ``interrupted`` or ``failed``; what is finished stays."""
        # ComfyUI's cache keeps this object until the next prompt: the models must not stay with it.
        self.linked = Linked()
        self._close_paused()
        self.results.clear()
        self.memo = Memo([])
        self.vaes.clear()
        self.kept.clear()
        self.read_ahead.end()
        self.stopwatch.keep()
        super().close(state)

    def _close_paused(self) -> None:
        for run in self.paused:
            run.close()
        self.paused.clear()

    def __del__(self) -> None:
        """Leave no run paused where the prompt ended between two segments, so nobody closed it."""
        self._close_paused()
