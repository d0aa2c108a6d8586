"""Which sweeps run in this process: two runs of one sweep would keep one manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(eq=False)
class Run:
    """A run of a sweep, equal to no other."""

    manifest: Path
    node_id: str
    """Of its sweep node."""
    dynprompt: Any
    """ComfyUI's DynamicPrompt that the node is in."""
    making: frozenset[str]
    """Keys of the cells that it makes."""
    end: Any = None
    """A link to what it gives when it has ended, once that is known."""


_latest: dict[Path, Run] = {}
"""By manifest: the run that began last, until it has ended."""


def begin(run: Run) -> None:
    """Say that a run has begun."""
    _latest[run.manifest] = run


def end(run: Run) -> None:
    """Say that a run has ended."""
    if find(run.manifest) is run:
        del _latest[run.manifest]


def find(manifest: Path) -> Run | None:
    """Give the run that keeps a manifest now."""
    return _latest.get(manifest)
