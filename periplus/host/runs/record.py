"""The record of a running sweep: cells go to the store, their state to the manifest and page."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from threading import Event, Lock, Timer
from typing import Any, ClassVar

from ...errors import PeriplusError
from ...files.durable import remove_left_over
from ...files.unwritable import writing_to
from ...files.writer import Writer
from ...records.black import black_notes
from ...records.cleaning import NO_LIMITS, clean
from ...records.manifest import (
    CellAccount,
    CellState,
    Manifest,
    SweepHandle,
    axes_entry,
    kept_notes,
)
from ...records.named_pictures import NamedPictures
from ...records.standing import Standing
from ...records.store import CellStore, Pixels, StoredCell
from ...records.thumbnail import data_uri, thumbnail
from ...records.unchanged import unchanged_axes, unchanged_note
from ...sweep import Cell
from ...tiling import Tiling
from ..prompt import under_way
from ..prompt.progress import SweepProgress
from ..prompt.prompt_end import watch
from ..prompt.running_node import CELL_EVENT, SWEEP_EVENT, RunningNode
from ..sheets.partial_sheet import leave_sheet
from ..system import settings
from ..system.paths import manifest_reference, output_reference
from ..system.retries import manifests_of_session, outdate, remember

log = logging.getLogger("periplus")

WRITE_SECONDS = 2.0
WRITE_SHARE = 0.02
"""While cells finish, the manifest is rewritten at most so often, in seconds and as a share of the
time that writing takes, and no later after a cell; the cells themselves are safe before."""


class SweepRecord(ABC):
    """What is kept and told of a sweep while it runs.

    Attributes:
        LINK: the internal node that the sweep node expands into a chain of.

    Args:
        manifest: the record to keep.
        account: what the run costs; becomes the manifest's.
        standing: how the cells stand, and which are to be made.
        store: where finished cells go.
        texts: text chunks for every picture.
        node: the sweep node, which shows the progress.
        weight: length of the progress bar.
    """

    LINK: ClassVar[str]

    def __init__(
        self,
        manifest: Manifest,
        account: CellAccount,
        standing: Standing[Any],
        store: CellStore,
        texts: Mapping[str, str],
        node: RunningNode,
        weight: int,
    ) -> None:
        self.manifest = manifest
        self.manifest.account = account
        self.progress = SweepProgress(node.node_id, weight)
        self.node = node
        self._run = under_way.Run(manifest.path, node.node_id, node.dynprompt, standing.making)
        self._standing = standing
        self._store = store
        self._texts = texts
        self._writing = Lock()
        """Held while the manifest is written, so that an older one never replaces a newer one."""
        self._next_write = 0.0
        self._late_write: Timer | None = None
        named = settings.readable_names()
        self._named = NamedPictures(manifest.path, manifest.sweep) if named else None
        self._writer = Writer()
        """By its thread alone is anything recorded once the run has begun."""
        self._is_over = Event()

    def begin(self) -> None:
        """Begin the record: with what is in the store already, and what has failed before."""
        under_way.begin(self._run)
        if self._standing.making:
            outdate(self.manifest.path)
        watch(self.node.prompt_id, self._is_over, self._abandon)
        for cell, found in self._standing.found.items():
            self.manifest.set(cell, CellState("reused", found))
        for cell, reason in self._standing.failed.items():
            self.manifest.set(cell, CellState("failed", reason=reason))
        self.write({"axes": axes_entry(self.manifest.sweep)})
        self.node.foretell(self.manifest.forecast)
        known = self.manifest.cells.items()
        self._announce(cell for cell, state in known if state.status != "missing")
        self._writer.put(0, partial(self._give_names, self._standing.found))
        # A large folder is long looked through: not before the first cell, but beside it.
        self._writer.put(0, partial(remove_left_over, self.manifest.path.parent, time.time()))

    @property
    @abstractmethod
    def links(self) -> int:
        """Length of the chain of internal nodes that the sweep node expands into."""

    def ends_at(self, end: Any) -> None:
        """Say where the chain ends: a link to what the sweep gives."""
        self._run.end = end

    def keep_cells(
        self,
        cells: list[Cell[Any]],
        images: list[Pixels],
        seconds: float,
        tiling: Tiling | None = None,
    ) -> None:
        """Store the pictures of cells of one key, and say so when that is done.

        Raises:
            UnwritableError: an earlier picture could not be written.
        """

        def store() -> None:
            with self.manifest.account.timed("store"):
                self._store_cells(cells, images, seconds, tiling)

        self._writer.put(sum(image.nbytes for image in images), store)

    def fail_cells(self, cells: list[Cell[Any]], reason: str) -> None:
        """Mark cells of one key as failed; one that was to be made anew keeps its picture.

        Raises:
            UnwritableError: an earlier picture could not be written.
        """
        old = self._standing.found.get(cells[0])
        state = CellState("failed", reason=reason)
        if old:
            state = CellState("reused", old, f"not made anew: {reason}")
        self._writer.put(0, partial(self._record, cells, state))

    def write_soon(self) -> None:
        """Have the manifest written as it stands.

        Raises:
            UnwritableError: an earlier picture could not be written.
        """
        self._writer.put(0, self.write)

    def settle(self) -> None:
        """Wait until all that is finished is stored.

        Raises:
            UnwritableError: a picture could not be written.
        """
        self._writer.drain()

    def _store_cells(
        self, cells: list[Cell[Any]], images: list[Pixels], seconds: float, tiling: Tiling | None
    ) -> None:
        texts = {**self._texts, **self.manifest.texts(cells[0], tiling)} if self._texts else {}
        with writing_to(self._store.folder):
            stored = self._store.put(self.manifest.keys[cells[0]], images, seconds, texts, tiling)
        self._give_names(dict.fromkeys(cells, stored))
        self.manifest.account.cells_computed += len(cells)
        self._record(cells, CellState("done", stored), images)

    def _record(
        self, cells: list[Cell[Any]], state: CellState, images: Sequence[Pixels] = ()
    ) -> None:
        """Say how cells stand, to the page at once and to the manifest soon.

        Args:
            cells: of one key.
            state: how they stand.
            images: their pictures, where they are at hand.
        """
        for cell in cells:
            self.manifest.set(cell, state)
        self._announce(cells, images)
        wait = self._next_write - time.monotonic()
        if wait <= 0:
            self.write()
        elif self._late_write is None or not self._late_write.is_alive():
            # The next cell may be long in coming.
            self._late_write = Timer(wait, self._write_late)
            self._late_write.daemon = True
            self._late_write.start()

    def _write_late(self) -> None:
        try:
            if not self._is_over.is_set():
                self.write()
        except PeriplusError as error:
            log.warning("cannot note how the sweep stands: %s", error)  # its end will say so again

    def close(self, state: str) -> None:
        """End the run: ``done``, ``interrupted`` or ``failed``; what is finished stays."""
        self._is_over.set()
        if self._late_write:
            self._late_write.cancel()
        self._writer.end()
        self.manifest.state = state
        try:
            self.write()
        finally:
            under_way.end(self._run)

    def write(self, more: Mapping[str, Any] | None = None) -> None:
        """Write the manifest, unless it is that of a later run of this sweep by now; tell the page.

        Args:
            more: what else the page should know.

        Raises:
            UnwritableError: the folder cannot be written.
        """
        with self._writing:
            self.manifest.account.cells_reused = self.manifest.count("reused")
            started = time.monotonic()
            if under_way.find(self.manifest.path) is self._run:
                with writing_to(self._store.folder):
                    self.manifest.write()
            took = time.monotonic() - started
            self._next_write = started + max(WRITE_SECONDS, took / WRITE_SHARE)
        told = {
            "manifest": output_reference(self.manifest.path),
            "state": self.manifest.state,
            "counts": self.manifest.counts,
            "forecast": self.manifest.forecast,
        }
        self.node.tell(SWEEP_EVENT, {**told, **(more or {})})

    def end_early(
        self, state: str, on_cell: Callable[[], None] = lambda: None
    ) -> dict[str, list[Any]]:
        """End the run before its last cell, and draw a sheet of what there is, if there is any.

        What cannot be written is logged: what ended the run matters more.

        Args:
            state: ``interrupted`` or ``failed``.
            on_cell: see :func:`periplus.host.sheets.partial_sheet.leave_sheet`.

        Returns:
            What the sweep node should tell of the sheet; nothing without one.
        """
        try:
            self.close(state)
        except PeriplusError as error:
            log.warning("cannot note that the sweep is %s: %s", state, error)
        if not any(cell.stored for cell in self.manifest.cells.values()):
            return {}
        try:
            return leave_sheet(self.manifest, self.node, self._texts, on_cell)
        except (OSError, PeriplusError) as error:
            log.warning("cannot draw the sheet of what there is: %s", error)
            return {}

    def _abandon(self, is_cancelled: bool) -> None:
        """End a run whose prompt has ended elsewhere, where nobody told the run."""
        self.end_early("interrupted" if is_cancelled else "failed")

    def finish(self) -> SweepHandle:
        """Close the run after its last cell and give what flows on.

        Raises:
            PeriplusError: not one cell could be made; the text gives the first reason.
            UnwritableError: a picture could not be written.
        """
        self.settle()
        self._miss_deleted()
        self.manifest.unchanged = self._unchanged()
        self.close("done")
        states = self.manifest.cells.items()
        unwanted = sum(s.status == "missing" and not self._is_chosen(cell) for cell, s in states)
        counts = self.manifest.counts
        remember(self.manifest.path, {**counts, "missing": counts["missing"] - unwanted})
        self._clean()
        states = self.manifest.cells.values()
        failed = [state for state in states if state.status == "failed"]
        if failed and not any(state.stored for state in states):
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
        black = black_notes(state.warning for state in manifest.cells.values())
        kept = kept_notes(manifest.cells.values())
        return {
            "periplus": [
                {
                    **manifest_reference(manifest.path),
                    "account": asdict(manifest.account),
                    "cells": len(manifest.cells),
                    **counts,
                    "forecast": manifest.forecast,
                    "unchanged": manifest.unchanged,
                }
            ],
            "text": [line, *manifest.sweep.notes, *unchanged, *black, *kept],
        }

    def _is_chosen(self, cell: Cell[Any]) -> bool:
        return self._standing.keys[cell] in self._standing.chosen

    def _miss_deleted(self) -> None:
        """Mark finished cells whose pictures somebody has deleted meanwhile."""
        for cell, state in self.manifest.cells.items():
            if state.stored and not self._store.has(state.stored):
                reason = "its picture was deleted while the sweep ran"
                self.manifest.set(cell, CellState(reason=reason))

    def _clean(self) -> None:
        """Keep the limits that the user has set for what is stored."""
        limits = settings.limits()
        if limits == NO_LIMITS:
            return
        folder = self.manifest.path.parent
        try:
            removed = clean(folder, limits, manifests_of_session(folder), time.time())
        except OSError as error:
            log.warning("cannot remove old cells: %s", error)
        else:
            log.info("removed %d cells that were not used for long", removed)

    def _give_names(self, finished: Mapping[Cell[Any], StoredCell]) -> None:
        """Let pictures be found by names that a person can read; the sweep goes on without."""
        for cell, stored in finished.items():
            if self._named is None:
                return
            try:
                self.manifest.named[cell] = self._named.add(cell, stored)
            except OSError as error:
                log.warning("pictures get no readable names any more: %s", error)
                self._named = None

    def _unchanged(self) -> list[str]:
        cells = self.manifest.cells
        finished = {cell.place: state.stored for cell, state in cells.items() if state.stored}
        return unchanged_axes(finished, lambda stored: stored.digests)

    def _announce(self, cells: Iterable[Cell[Any]], images: Sequence[Pixels] = ()) -> None:
        if not self.node.is_followed:
            return
        shown = {"thumbnail": data_uri(thumbnail(images))} if images else {}
        for cell in cells:
            told = {**self.manifest.place(cell), "bar": self.progress.bar, **shown}
            self.node.tell(CELL_EVENT, told)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.manifest.path.name})"
