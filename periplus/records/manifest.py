"""The manifest: the record of a sweep beside its cells, and the account of what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..axes.axis import Axis
from ..files.durable import write_durably
from ..files.json_text import json_value
from ..reading.infotext_recipe import recipe_infotext
from ..recipe import Recipe
from ..sweep import Cell, Sweep
from ..tiling import Tiling
from ..work.batch_size import EXACT, FAST
from ..work.keys import digest
from .black import black_note
from .store import StoredCell

FORMAT = 1
"""Version of the manifest's layout; raised when a reader must change."""

STATUSES = ("done", "reused", "failed", "missing")


KINDS_OF_WORK = ("load", "encode", "sample", "enlarge", "decode", "store")
"""What the account of Sweep KSampler sums the seconds of."""


@dataclass
class CellAccount:
    """What any run of a sweep counts."""

    cells_computed: int = 0
    cells_reused: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    """Seconds per kind of work; to store goes on beside the others."""

    @contextmanager
    def timed(self, kind: str) -> Iterator[Callable[[], float]]:
        """Add the time of a block to a kind of work; gives what asks for the seconds so far."""
        started = time.perf_counter()
        try:
            yield lambda: time.perf_counter() - started
        finally:
            self.seconds[kind] += time.perf_counter() - started


@dataclass
class Account(CellAccount):
    """What a run of Sweep KSampler did, counted where it is done."""

    model_loads: int = 0
    """Checkpoints and VAE files."""
    text_encodes: int = 0
    denoiser_evaluations: int = 0
    """Those that were computed."""
    denoiser_passes: int = 0
    """Calls of the model; fewer than evaluations where several shared one."""
    evaluations_shared: int = 0
    """Those that an earlier sampler run had asked for in the same way, to the last bit."""
    vae_decodes: int = 0
    vae_encodes: int = 0
    vae_tiled: int = 0
    """Decodes and encodes that were done in tiles."""
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(KINDS_OF_WORK, 0.0))


@dataclass(frozen=True)
class CellState:
    """How a cell stands."""

    status: str = "missing"
    """One of STATUSES."""
    stored: StoredCell | None = None
    reason: str = ""
    """Why it failed; with pictures, why it was not made anew."""

    @property
    def warning(self) -> str:
        """What is strange about its pictures, where anything is."""
        return black_note(self.stored) if self.stored else ""

    @property
    def tiling(self) -> Tiling | None:
        """How its pictures went through VAEs; None where nothing is known of that."""
        return self.stored.tiling if self.stored else None


def kept_notes(states: Iterable[CellState]) -> list[str]:
    """Tell the user of cells that should have been made anew, but were not."""
    kept = [state.reason for state in states if state.stored and state.reason]
    cells = "cell keeps its" if len(kept) == 1 else "cells keep their"
    return [f"{len(kept)} {cells} old picture; the first was {kept[0]}"] if kept else []


@dataclass(frozen=True)
class SweepHandle:
    """A sweep as it flows from node to node: where its manifest is, never its pictures."""

    manifest: Path


class Manifest:
    """The state of one sweep, kept in memory and written to its file."""

    def __init__(
        self,
        path: Path,
        name: str,
        sweep: Sweep[Any],
        keys: Mapping[Cell[Any], str],
        linked: Mapping[str, str] | None = None,
    ) -> None:
        self.path = path
        self.name = name
        self.sweep = sweep
        self.keys = keys
        self.linked = dict(linked or {})
        """What is linked and so replaces what the recipes say, by input: a word on its source."""
        self.origin: dict[str, Any] = {}
        """What the texts of cells tell of what is linked, see LINKS and START_SIZE."""
        self.fast_keys: frozenset[str] = frozenset()
        """Keys of the cells that are made in step with others, or were."""
        self.account: CellAccount = Account()
        self.state = "running"
        self.forecast: list[str] = []
        """What was told before the first cell: how many there are, how large the sheet will be."""
        self.unchanged: list[str] = []
        """Letters of the axes that changed nothing, known once the sweep is done."""
        self.cells: dict[Cell[Any], CellState] = {cell: CellState() for cell in sweep.cells}
        self.named: dict[Cell[Any], list[str]] = {}
        """Readable names of pictures, see ``named_pictures``; relative to the manifest."""
        self._created = _now()

    def set(self, cell: Cell[Any], state: CellState) -> None:
        """Say how a cell stands; :meth:`write` puts it on disk."""
        self.cells[cell] = state

    def count(self, status: str) -> int:
        """Number of cells of this status."""
        return sum(state.status == status for state in self.cells.values())

    @property
    def counts(self) -> dict[str, int]:
        """Number of cells of each status."""
        return {status: self.count(status) for status in STATUSES}

    def entry(self, cell: Cell[Any]) -> dict[str, Any]:
        """Everything the manifest says of one cell; file names are relative to the manifest."""
        state = self.cells[cell]
        crc32s = [picture.crc32 for picture in state.stored.pictures] if state.stored else []
        files = {"named": self.named.get(cell, []), "crc32": crc32s}
        return {**self.place(cell), **files, **self._making(cell, state.tiling)}

    def texts(self, cell: Cell[Any], tiling: Tiling | None = None) -> dict[str, str]:
        """The text chunks that tell whoever opens a picture's file how it was made."""
        making = {**self._making(cell, tiling), "linked": sorted(self.linked)}
        texts = {"periplus": json.dumps(making | self.origin)}
        if isinstance(cell.recipe, Recipe):
            infotext = recipe_infotext(cell.recipe, self.linked)
            texts |= {"parameters": infotext} if infotext else {}
        return texts

    def _making(self, cell: Cell[Any], tiling: Tiling | None) -> dict[str, Any]:
        return {
            "key": self.keys[cell],
            "recipe": json_value(cell.recipe),
            "tile_size": tiling.side if tiling else None,
            "mode": FAST if self.keys[cell] in self.fast_keys else EXACT,
        }

    def place(self, cell: Cell[Any]) -> dict[str, Any]:
        """The part of :meth:`entry` that a page needs to draw the cell."""
        state = self.cells[cell]
        files = [picture.file for picture in state.stored.pictures] if state.stored else []
        sizes = [[p.width, p.height] for p in state.stored.pictures] if state.stored else []
        return {
            "x": cell.x,
            "y": cell.y,
            "z": cell.z,
            "labels": self.sweep.labels(cell),
            "status": state.status,
            "reason": state.reason,
            "warning": state.warning,
            "file": files[0] if files else None,
            "files": files,
            "sizes": sizes,
            "seconds": state.stored.seconds if state.stored else None,
        }

    def write(self) -> None:
        """Write the file; a reader sees the old one or the new one, never a part."""
        content = {
            "periplus": FORMAT,
            "name": self.name,
            "created": self._created,
            "updated": _now(),
            "state": self.state,
            "axes": axes_entry(self.sweep),
            "linked": self.linked,
            "account": asdict(self.account),
            "counts": self.counts,
            "forecast": self.forecast,
            "unchanged": self.unchanged,
            "cells": [self.entry(cell) for cell in self.sweep.cells],
        }
        write_durably(self.path, manifest_bytes(content))


def manifest_bytes(content: Mapping[str, Any]) -> bytes:
    """Write down what a manifest says, as its file has it: each of its cells in a line."""
    # Only what is not indented is written by the fast one of Python's encoders.
    cells = ",\n".join(json.dumps(cell, ensure_ascii=False) for cell in content["cells"])
    rest = {name: value for name, value in content.items() if name != "cells"}
    head = json.dumps(rest, ensure_ascii=False, indent=1).removesuffix("\n}")
    text = f'{head},\n "cells": [\n{cells}\n]\n}}'
    # Half an emoji has no UTF-8; escaped with a backslash it is good JSON.
    return text.encode("utf-8", "backslashreplace")


def manifest_name(sweep: Sweep[Any], keys: Mapping[Cell[Any], str]) -> str:
    """Name the manifest's file after the sweep, so that the same sweep continues the same file."""
    shape = [[axis.name, list(axis.labels)] for axis in sweep.axes.values()]
    return f"sweep-{digest([shape, [keys[cell] for cell in sweep.cells]])[:12]}.json"


def axes_entry(sweep: Sweep[Any]) -> dict[str, Any]:
    """What the manifest says of the axes, by letter."""
    return {letter: _axis_entry(axis) for letter, axis in sweep.axes.items()}


def _axis_entry(axis: Axis) -> dict[str, Any]:
    entry = {"name": axis.name, "labels": list(axis.labels), "notes": list(axis.notes)}
    return {**entry, "groups": json_value(axis.groups)} if axis.groups else entry


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")
