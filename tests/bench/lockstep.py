"""Lockstep batching: how much several cells in one forward pass gain, and could gain at most."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from scripts.comfy_server import ComfyServer

from .compare import take_turns
from .rows import Row
from .sides import run_loop, run_native, run_sweep

log = logging.getLogger("bench")


AUTO = "auto"


@dataclass(frozen=True)
class Lockstep:
    """What one choice of batching took, each a ratio to one cell at a time.

    Args:
        batching: cells in one pass of the model, or AUTO.
        sweep: the sweep's time by its time with one cell at a time.
        loop: the bare loop's time, with whole batches given to the sampler, by its time with one
            cell at a time: what any batching can gain at most; None for AUTO.
        native: the sweep's time by the native queue's.
        passes: calls of the model.
        gpu: the most bytes that the sweep took on the GPU.
    """

    batching: str
    sweep: float
    loop: float | None
    native: float
    passes: int
    gpu: int


def measure_lockstep(
    server: ComfyServer, row: Row, sizes: Sequence[int], rounds: int
) -> list[Lockstep]:
    """Measure a row of seeds (x) by CFG scales with each size of batch in turn, and with AUTO.

    Args:
        sizes: cells in one pass of the model, 1 first; each divides the number of seeds.
    """
    choices = ["off", *map(str, sizes[1:]), AUTO]
    sweeps = [partial(run_sweep, server, row, batching=choice) for choice in choices]
    loops = [partial(run_loop, server, row.cells, size) for size in sizes]
    sides = [*sweeps, *loops, partial(run_native, server, row.cells)]
    log.info("%s", row.title)
    # In the first turn kernels are chosen and memory is taken for each size of batch.
    found = take_turns(sides, rounds + 1)[1:]

    best = [min(turn[index].seconds for turn in found) for index in range(len(sides))]
    of_sweeps, of_loops, of_native = best[: len(sweeps)], best[len(sweeps) : -1], best[-1]
    return [
        Lockstep(
            choice.replace("off", "1"),
            of_sweeps[index] / of_sweeps[0],
            of_loops[index] / of_loops[0] if index < len(loops) else None,
            of_sweeps[index] / of_native,
            found[0][index].costs.denoiser_evaluations,
            found[0][index].gpu,
        )
        for index, choice in enumerate(choices)
    ]
