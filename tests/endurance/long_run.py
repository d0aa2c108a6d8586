"""One sweep of thousands of cells: what it does to the server's memory and open files."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.comfy_run import Message
from scripts.comfy_server import ComfyServer

from ..host.graphs import Graph
from .proof import Proof

log = logging.getLogger("endurance")

SETTLED = 0.1
"""The share of the cells after which nothing should grow any more: 200 of 2,000."""
TOLERANCE = 1.05
"""Of the memory."""
MIB = 2**20


@dataclass(frozen=True)
class Use:
    """What a process holds at a moment."""

    cells: int
    memory: int
    """Bytes that are resident."""
    handles: int
    threads: int


def use(pid: int, cells: int) -> Use:
    """Ask Linux what a process holds."""
    process = Path("/proc") / str(pid)
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    values = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    handles = sum(1 for _ in (process / "fd").iterdir())
    return Use(cells, int(values["VmRSS"][0]) * 1024, handles, int(values["Threads"][0]))


def sweep(cells: int) -> Graph:
    """Two checkpoints and a refiner, so that there are several segments, and many seeds."""
    graph = Graph()
    made = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("Number", parameter="switch_at", values="0.5, 1"),
        z_axis=graph.axis("Seed", values=f"1-{cells // 4}"),
        refiner=graph.add("PeriplusRefiner", ckpt_name="small/lagoon.safetensors"),
        steps=2,
        name="endurance/long",
    )
    graph.add("PeriplusGridCompose", sweep=made, z_layout="row")
    return graph


def prove(server: ComfyServer, cells: int) -> Proof:
    """Make a sweep of so many cells; the server must hold no more for the last than for the first.

    Args:
        server: running, on Linux.
        cells: how many, by four.
    """
    assert sys.platform == "linux", "it reads /proc"
    every = max(cells // 20, 1)
    uses: list[Use] = []
    done = 0

    def look(message: Message) -> None:
        nonlocal done
        if message.kind == "periplus.cell":
            done += 1
            if done % every == 0:
                uses.append(use(server.pid, done))
                log.info("%d cells", done)

    run = server.run(sweep(cells).prompt, on_message=look)
    uses.append(use(server.pid, done))
    assert run.status == "success", run.error
    table = ["| cells | memory (MiB) | open handles | threads |", "|---|---|---|---|"]
    table += [f"| {u.cells:,} | {u.memory / MIB:.0f} | {u.handles} | {u.threads} |" for u in uses]
    return Proof(tuple(table), tuple(faults(uses, cells)), verdict(uses, cells))


def faults(uses: list[Use], cells: int) -> list[str]:
    """What has grown since the beginning."""
    settled, *later = (u for u in uses if u.cells >= SETTLED * cells)
    found = []
    if (most := max(u.memory for u in later)) > TOLERANCE * settled.memory:
        found.append(f"memory grew from {settled.memory / MIB:.0f} to {most / MIB:.0f} MiB")
    if (count := max(u.handles for u in later)) > settled.handles:
        found.append(f"open handles grew from {settled.handles} to {count}")
    return found


def verdict(uses: list[Use], cells: int) -> str:
    """Say how flat it is."""
    settled, *later = (u for u in uses if u.cells >= SETTLED * cells)
    share = max(u.memory for u in later) / settled.memory - 1
    low, high = min(u.handles for u in later), max(u.handles for u in later)
    return f"flat: memory at most {share:+.1%} after {settled.cells} cells, {low} to {high} handles"
