"""The sides that a benchmark compares, on a real server: sweep, native queue, bare loop."""

from __future__ import annotations

import itertools
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from scripts.comfy_run import Run
from scripts.comfy_server import HOST, ComfyServer, follow
from scripts.steps import CommandError, tail
from scripts.web_socket import WebSocket

from .cells import Cell, Costs
from .prompts import loop_prompt, native_prompt
from .rows import Row, sweep_prompt

log = logging.getLogger("bench")

SILENCE = 600.0
"""Seconds without any message after which a prompt counts as lost."""

_names = itertools.count(1)


@dataclass(frozen=True)
class Measurement:
    """What one side took.

    Args:
        seconds: from the start of its first prompt to the end of its last; of the bare loop, the
            loop's own.
        processor: seconds of the server's processor time meanwhile, of all threads; other programs
            on the machine disturb it little, but waiting for a GPU or a disk is not in it.
        around: those of them outside loading, encoding, sampling, decoding and PNG encoding.
        costs: what was loaded, encoded, evaluated and decoded meanwhile.
        memory: the most bytes that the server took in memory; 0 where that is not known.
        gpu: the most bytes that it took on the GPU.
        report: what the side says of itself: the sweep's account, the loop's seconds.
    """

    seconds: float
    processor: float
    around: float
    costs: Costs
    memory: int
    gpu: int
    report: Mapping[str, Any]


def run_sweep(server: ComfyServer, row: Row, **more: str) -> Measurement:
    """Run the row as one sweep, in a folder that holds no cell yet.

    Args:
        more: inputs for the sweep node beside the row's.
    """
    usage = Usage(server, " ".join(("sweep", *more.values())))
    runs = _run(server, [sweep_prompt(row, name=f"bench/{next(_names)}", **more)])
    (report,) = (report for output in runs[0].outputs.values() for report in output["periplus"])
    if report.get("failed"):
        raise CommandError(f"{report['failed']} cells of {row.name} failed. {tail(server.log)}")
    return usage.measurement(_seconds(runs), report["account"])


def run_native(server: ComfyServer, cells: Sequence[Cell]) -> Measurement:
    """Queue a native graph for each cell, one prompt each, and wait for the last."""
    name = next(_names)
    prompts = [native_prompt(cell, f"native/{name}/{n}") for n, cell in enumerate(cells)]
    usage = Usage(server, "native queue")
    return usage.measurement(_seconds(_run(server, prompts)), {})


def run_loop(server: ComfyServer, cells: Sequence[Cell], batch: int = 1) -> Measurement:
    """Run the bare loop over the cells, with everything loaded before."""
    usage = Usage(server, f"bare loop, batch {batch}")
    (run,) = _run(server, [loop_prompt(cells, batch)])
    (report,) = (report for output in run.outputs.values() for report in output["bench"])
    return usage.measurement(report["seconds"], report, report["processor"])


def forget(server: ComfyServer) -> None:
    """Leave nothing loaded and nothing cached, as after a start."""
    server.free()
    # ComfyUI may overhear the wish while it waits for work, but not once it has run a prompt.
    image = {"width": 8, "height": 8, "batch_size": 1, "color": 0}
    blank = {
        "1": {"class_type": "EmptyImage", "inputs": image},
        "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
    }
    _run(server, [blank])


def _run(server: ComfyServer, prompts: Sequence[Mapping[str, Any]]) -> list[Run]:
    """Queue the prompts at once and return their runs when the last has ended."""
    client_id = uuid.uuid4().hex
    # All are heard to the end by one client, as a page hears what it queued: that costs as well.
    with WebSocket(HOST, server.port, f"/ws?clientId={client_id}") as connection:
        queued = [server.submit(prompt, client_id=client_id) for prompt in prompts]
        for _ in follow(connection, queued[-1], SILENCE):
            pass
    runs = [Run(prompt_id, (), server.history(prompt_id)) for prompt_id in queued]
    for run in runs:
        if run.status != "success":
            raise CommandError(f"a prompt of the benchmark ended with {run.status}. {run.error}")
    return runs


def _seconds(runs: Sequence[Run]) -> float:
    return (_moment(runs[-1], "execution_success") - _moment(runs[0], "execution_start")) / 1000


def _moment(run: Run, event: str) -> int:
    """Milliseconds, as the server noted them."""
    (found,) = (data for name, data in run.history["status"]["messages"] if name == event)
    return found["timestamp"]


class Usage:
    """What a server takes from now on.

    Args:
        what: what it does, for the log.
    """

    def __init__(self, server: ComfyServer, what: str) -> None:
        self._server = server
        self._what = what
        server.post("/counters/reset")
        server.post("/bench/usage/reset")
        self._before = server.get("/bench/usage")

    def measurement(
        self, seconds: float, report: Mapping[str, Any], processor: float | None = None
    ) -> Measurement:
        """Return what was taken until now.

        Args:
            processor: seconds of processor time, where a side knows its own.
        """
        counts, usage = self._server.get("/counters"), self._server.get("/bench/usage")
        taken, inner = (usage[key] - self._before[key] for key in ("processor", "inner"))
        log.info("  %s: %.2f s", self._what, seconds)
        return Measurement(
            seconds,
            taken if processor is None else processor,
            taken - inner,
            Costs(**{field.name: counts.get(field.name, 0) for field in fields(Costs)}),
            usage["memory"],
            usage["gpu"],
            report,
        )
