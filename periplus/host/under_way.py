"""Which sweeps run in this process: two runs of one sweep would keep one manifest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .record import SweepRecord

_latest: dict[Path, SweepRecord] = {}
"""By manifest: the run that began last, until it has ended."""


def begin(run: SweepRecord) -> None:
    """Say that a run has begun."""
    _latest[run.manifest.path] = run


def end(run: SweepRecord) -> None:
    """Say that a run has ended."""
    if find(run.manifest.path) is run:
        del _latest[run.manifest.path]


def find(manifest: Path) -> SweepRecord | None:
    """Give the run that keeps a manifest now."""
    return _latest.get(manifest)
