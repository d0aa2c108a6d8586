"""How time, memory and the work around the sampling grow with the number of cells."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.comfy_server import ComfyServer

from .rows import Scale, seeds_and_cfgs
from .sides import run_loop, run_sweep

log = logging.getLogger("bench")

MODEL_WORK = ("load", "encode", "sample", "enlarge", "decode")
"""The kinds of work in a sweep's account that a bare loop does as well."""


@dataclass(frozen=True)
class Growth:
    """What a sweep of some cells took.

    Args:
        cells: how many.
        seconds: the whole sweep's.
        overhead: seconds for each cell beside the models' work and the PNG encoding.
        memory: the most bytes that the server took in memory.
    """

    cells: int
    seconds: float
    overhead: float
    memory: int


def measure_growth(server: ComfyServer, scale: Scale, sides: Sequence[int]) -> list[Growth]:
    """Measure sweeps of ``side`` seeds by as many CFG scales, one step each.

    Args:
        sides: cells along each axis, smallest first.
    """
    small = seeds_and_cfgs(scale, sides[0], sides[0], 1)
    run_sweep(server, small)  # the first run loads, and warms everything up
    found = []
    for side in sides:
        row = seeds_and_cfgs(scale, side, side, 1)
        sweep = run_sweep(server, row)
        # The loop writes the same kind of pictures; a few of them say what writing one takes.
        sample = row.cells[: sides[0] ** 2]
        png = run_loop(server, sample).report["png_seconds"] / len(sample)
        work = sum(sweep.report["seconds"].get(kind, 0.0) for kind in MODEL_WORK)
        cells = len(row.cells)
        overhead = (sweep.seconds - work) / cells - png
        found.append(Growth(cells, sweep.seconds, overhead, sweep.memory))
        log.info("%d cells: %.2f s, %.1f ms each around it", cells, sweep.seconds, overhead * 1e3)
    return found
