"""How time, memory and the work around the sampling grow with the number of cells."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.comfy_server import ComfyServer

from .rows import Row
from .sides import Measurement, run_sweep

log = logging.getLogger("bench")


@dataclass(frozen=True)
class Growth:
    """What a sweep of some cells took.

    Args:
        cells: how many.
        sweep: what they took.
    """

    cells: int
    sweep: Measurement

    @property
    def processor(self) -> float:
        """Seconds of processor time for each cell."""
        return self.sweep.processor / self.cells

    @property
    def around(self) -> float:
        """Those of them outside the models and PNG encoding."""
        return self.sweep.around / self.cells


def measure_growth(server: ComfyServer, grids: Sequence[Row]) -> list[Growth]:
    """Measure sweeps one after another, the smallest first."""
    run_sweep(server, grids[0])  # loads the model and warms everything up
    found = []
    for row in grids:
        log.info("%s", row.title)
        found.append(Growth(len(row.cells), run_sweep(server, row)))
    return found
