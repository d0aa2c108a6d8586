"""One run of one sweep, handed from segment to segment: its results, its record, its cost."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..errors import PeriplusError
from ..manifest import Account, CellState, Manifest, SweepHandle
from ..plan import Plan
from ..results import Results
from ..stages import Decode
from ..store import CellStore, Pixels
from ..sweep import Cell
from ..unchanged import unchanged_axes, unchanged_note
from .models import NO_MODELS, Models
from .paths import manifest_reference
from .progress import SweepProgress
from .retries import remember

WRITE_SECONDS = 2.0
WRITE_SHARE = 0.02
"""While cells finish, the manifest is rewritten at most so often, in seconds and as a share of the
time that writing takes; the cells themselves are safe before."""


@dataclass(frozen=True)
class Linked:
    """What is linked to the sweep node and to its refiner."""

    base: Models = NO_MODELS
    refiner: Models = NO_MODELS
    latent: dict[str, Any] | None = None
    conditionings: Mapping[str, Any] = field(default_factory=dict)
    """By the name of the input."""


class SweepRun:
    """What the segments of a sweep share while it runs.

    Args:
        plan: what to do.
        cells: the cells that each decode finishes.
        manifest: the record to keep.
        store: where finished cells go.
        linked: the linked models, latent and conditionings.
        texts: text chunks for every picture.
        node_id: the sweep node, which shows the progress.
    """

    def __init__(
        self,
        plan: Plan,
        cells: Mapping[Decode, list[Cell]],
        manifest: Manifest,
        store: CellStore,
        linked: Linked,
        texts: Mapping[str, str],
        node_id: str,
    ) -> None:
        self.plan = plan
        self.manifest = manifest
        self.linked = linked
        self.results = Results(plan)
        self.vaes: dict[str, Any] = {}
        """VAEs of checkpoints that are gone, kept for the decodes at the end."""
        self.progress = SweepProgress(node_id, plan.weight)
        self._cells = cells
        self._store = store
        self._texts = texts
        self._next_write = 0.0

    @property
    def account(self) -> Account:
        """What the run has cost so far."""
        return self.manifest.account

    def keep(self, decode: Decode, images: list[Pixels], seconds: float) -> None:
        """Store the pictures of the cells that this decode finishes, and say so."""
        cells = self._cells[decode]  # of one key: equal work has equal keys
        texts = {**self._texts, **self.manifest.texts(cells[0])} if self._texts else {}
        key = self.manifest.keys[cells[0]]
        stored = self._store.put(key, images, seconds, texts)
        self.account.cells_computed += len(cells)
        self._record(cells, CellState("done", stored))

    def fail(self, decode: Decode, reason: str) -> None:
        """Mark the cells that this decode should have finished as failed."""
        self._record(self._cells[decode], CellState("failed", reason=reason))

    def announce(self, cells: Iterable[Cell]) -> None:
        """Tell the page how these cells stand."""
        for cell in cells:
            self.progress.announce(self.manifest.place(cell))

    def close(self, state: str) -> None:
        """End the run: ``done``, ``interrupted`` or ``failed``; what is finished stays."""
        # ComfyUI's cache keeps this object until the next prompt: the models must not stay with it.
        self.linked = Linked()
        self.results.clear()
        self.vaes.clear()
        self.manifest.state = state
        self.manifest.write()

    def finish(self) -> SweepHandle:
        """Close the run after its last segment and give what flows on.

        Raises:
            PeriplusError: not one cell could be made; the text gives the first reason.
        """
        self.manifest.unchanged = self._unchanged()
        self.close("done")
        made = self.manifest.count("done") + self.manifest.count("reused")
        remember(self.manifest.path, complete=made == len(self.manifest.cells))
        failed = [state for state in self.manifest.cells.values() if state.status == "failed"]
        if len(failed) == len(self.manifest.cells):
            raise PeriplusError(
                f"none of the {len(failed)} cells could be made; the first: {failed[0].reason}"
            )
        return SweepHandle(self.manifest.path)

    def report(self) -> dict[str, list[Any]]:
        """What the sweep node tells its page: the manifest's place, the account, and a line."""
        manifest = self.manifest
        counts = {status: n for status, n in manifest.counts.items() if status != "missing"}
        line = "cells: " + ", ".join(f"{n} {status}" for status, n in counts.items() if n)
        axes = manifest.sweep.axes
        unchanged = [unchanged_note(letter, axes[letter].name) for letter in manifest.unchanged]
        return {
            "periplus": [
                {
                    **manifest_reference(manifest.path),
                    "account": asdict(self.account),
                    "cells": len(manifest.cells),
                    **counts,
                    "unchanged": manifest.unchanged,
                }
            ],
            "text": [line, *manifest.sweep.notes, *unchanged],
        }

    def _unchanged(self) -> list[str]:
        cells = self.manifest.cells
        finished = {cell.place: state.stored for cell, state in cells.items() if state.stored}
        return unchanged_axes(finished, self._store.digests)

    def _record(self, cells: list[Cell], state: CellState) -> None:
        for cell in cells:
            self.manifest.set(cell, state)
        self.announce(cells)
        started = time.monotonic()
        if started >= self._next_write:
            self.manifest.write()
            took = time.monotonic() - started
            self._next_write = started + max(WRITE_SECONDS, took / WRITE_SHARE)

    def __repr__(self) -> str:
        return f"SweepRun({self.manifest.path.name})"
