"""Lockstep batching: how much several cells in one forward pass gain, and could gain at most."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from scripts.comfy_server import ComfyServer

from .compare import take_turns
from .rows import Row
from .sides import Measurement, run_loop, run_native, run_sweep

log = logging.getLogger("bench")


@dataclass(frozen=True)
class Lockstep:
    """What one size of batch took, each a ratio to one cell at a time.

    Args:
        batch: cells in one forward pass.
        sweep: the sweep's time by its time with lockstep off; None where this pack has no such
            input.
        loop: the bare loop's time, with whole batches given to the sampler, by its time with one
            cell at a time: what any batching can gain at most.
        native: the sweep's time by the native queue's; None as ``sweep``.
        evaluations: calls to the denoiser of the sweep; None likewise.
        gpu: the most bytes that the sweep took on the GPU; None likewise.
    """

    batch: int
    sweep: float | None
    loop: float
    native: float | None
    evaluations: int | None
    gpu: int | None


def has_lockstep(server: ComfyServer) -> bool:
    """Say whether the sweep node can batch cells."""
    inputs = server.object_info("PeriplusSweepKSampler")["PeriplusSweepKSampler"]["input"]
    return "batching" in inputs["optional"]


def measure_lockstep(
    server: ComfyServer, row: Row, sizes: Sequence[int], rounds: int
) -> list[Lockstep]:
    """Measure a row of seeds (x) by CFG scales with each size of batch in turn.

    Args:
        sizes: cells in one forward pass, 1 first; each divides the number of seeds.
    """
    loops = [partial(run_loop, server, row.cells, size) for size in sizes]
    sweeps = []
    if has_lockstep(server):
        names = ["off", *map(str, sizes[1:])]
        sweeps = [partial(run_sweep, server, row, batching=name) for name in names]
        sweeps.append(partial(run_native, server, row.cells))
    sides = [*loops, *sweeps]
    log.info("%s", row.title)
    # In the first turn kernels are chosen and memory is taken for each size of batch.
    found = take_turns(sides, rounds + 1)[1:]

    best = [min(turn[index].seconds for turn in found) for index in range(len(sides))]
    table = []
    for index, size in enumerate(sizes):
        at = len(sizes) + index
        sweep: Measurement | None = found[0][at] if sweeps else None
        table.append(
            Lockstep(
                size,
                best[at] / best[len(sizes)] if sweep else None,
                best[index] / best[0],
                best[at] / best[-1] if sweep else None,
                sweep.costs.denoiser_evaluations if sweep else None,
                sweep.gpu if sweep else None,
            )
        )
    return table
