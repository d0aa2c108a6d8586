"""The faults: what is injected, when, and what a sweep should make of it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from scripts.comfy_server import ComfyServer

from ..host.graphs import HARBOUR, LAGOON, Graph, save_misfit_vae, save_vae_of
from ..host.natives import save_lora
from .case import STEPS, Action, Case

SECOND = {"first": STEPS + 1}
"""The first evaluation of the second cell."""

CHECKPOINTS = {
    "cells": 3,
    "failed": 1,
    "axis": ("Checkpoint", {"values": "coast, harbour, fault"}),
    "link": lambda _graph: {},
}
FAULTY = "fault.safetensors"
"""The file that a fault strikes."""


def failing(what: str, how: str, **which: int) -> Action:
    """Let calls of models or VAEs fail, see the pack."""
    body = {"what": what, "how": how, **which}
    return lambda server, _name: server.post("/failing", body)


def mend(server: ComfyServer, _name: str) -> None:
    """Let all calls and all writing succeed again."""
    server.post("/failing")
    server.post("/disk")


def disk(server: ComfyServer, _name: str, *, error: str) -> None:
    """Let the disk take two cells."""
    server.post("/disk", {"room": 2, "error": error})


def checkpoint(server: ComfyServer) -> Path:
    """Where the checkpoint is that a fault strikes."""
    return server.base / "models" / "checkpoints" / FAULTY


def whole(server: ComfyServer, _name: str) -> None:
    """Provide that checkpoint."""
    file = checkpoint(server)
    file.unlink(missing_ok=True)
    file.symlink_to((file.parent / LAGOON).resolve())


def half(server: ComfyServer, _name: str) -> None:
    """Provide that checkpoint as a broken download leaves it."""
    file = checkpoint(server)
    file.unlink(missing_ok=True)
    with (file.parent / LAGOON).open("rb") as begin:
        file.write_bytes(begin.read(200_000))


def delete(server: ComfyServer, _name: str) -> None:
    """Delete that checkpoint."""
    checkpoint(server).unlink()


def half_a_lora(server: ComfyServer, _name: str) -> None:
    """Save a LoRA as a broken download leaves it."""
    folder = server.base / "models" / "loras"
    save_lora(folder, Path(FAULTY).stem, 1)
    os.truncate(folder / FAULTY, 100)


def whole_lora(server: ComfyServer, _name: str) -> None:
    """Save a LoRA in its place."""
    save_lora(server.base / "models" / "loras", Path(FAULTY).stem, 1)


def misfit(server: ComfyServer, _name: str) -> None:
    """Save a VAE for latents of 16 channels."""
    save_misfit_vae(server, FAULTY)


def fitting(server: ComfyServer, _name: str) -> None:
    """Save a VAE that fits in its place."""
    save_vae_of(server, HARBOUR, FAULTY)


def put_a_file_in_its_place(server: ComfyServer, name: str) -> None:
    """Make a file where the sweep's folder should be."""
    path = server.output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no folder")


def take_it_away(server: ComfyServer, name: str) -> None:
    """Delete that file."""
    (server.output / name).unlink()


def cut_a_picture(server: ComfyServer, name: str) -> None:
    """Cut off the end of one finished picture."""
    picture = min((server.output / name / "cells").glob("*/*.png"))
    os.truncate(picture, picture.stat().st_size // 2)


def queue_a_failing_sweep(server: ComfyServer, name: str) -> None:
    """Queue another sweep, of which no cell can be made."""
    half(server, name)
    graph = Graph()
    graph.sweep(x_axis=graph.axis("Checkpoint", values="fault"), name=f"{name}_failing")
    server.submit(graph.prompt)


def cancel(server: ComfyServer, _name: str) -> None:
    """Cancel as the user does."""
    server.interrupt()


def kill(server: ComfyServer, _name: str) -> None:
    """End the server as a crash would (SIGKILL)."""
    server.kill()


def end(server: ComfyServer, _name: str) -> None:
    """End the server as a restart does."""
    server.end()


def start(server: ComfyServer, _name: str) -> None:
    """Start the server again."""
    server.start()


LONG = {"cells": 12, "axis": ("Seed", {"values": "1-12"})}
"""More cells than are made between a cell's message and the answer to it."""

RESTARTS = (
    Case("kill -9, then restart", "running", **LONG, stops="lost", strike=kill, mend=start),
    Case("ComfyUI is restarted", "running", **LONG, stops="lost", strike=end, mend=start),
)
"""Those that end the server."""

CASES = (
    Case("cancel", "interrupted", **LONG, stops="interrupted", strike=cancel),
    Case(
        "disk full",
        "No space left on device. What is finished is kept; make room on the disk",
        stops="error",
        begin=partial(disk, error="ENOSPC"),
        mend=mend,
    ),
    Case(
        "output becomes read-only",
        "Read-only file system. What is finished is kept; make the folder writable",
        stops="error",
        begin=partial(disk, error="EROFS"),
        mend=mend,
    ),
    Case(
        "output cannot be written from the start",
        "cannot write to",
        stops="error",
        begin=put_a_file_in_its_place,
        mend=take_it_away,
    ),
    Case(
        "out of memory, once",
        "done",
        begin=failing("model", "memory", **SECOND),
        mend=mend,
    ),
    Case(
        "out of memory, again when tried alone",
        "cannot sample: out of memory",
        failed=1,
        begin=failing("model", "memory", **SECOND, count=2),
        mend=mend,
    ),
    Case(
        "out of memory in step",
        "done",
        settings={"batching": "2"},
        # The third and fourth cell together, then the third alone.
        begin=failing("model", "memory", first=2 * STEPS - 1, count=2),
        mend=mend,
    ),
    Case(
        "no room for a batch",
        "done",
        settings={"batching": "2"},
        begin=failing("room", "memory"),
        mend=mend,
    ),
    Case(
        "out of memory in a VAE",
        "cannot decode: out of memory",
        failed=1,
        settings={"vae_tiling": "off"},
        begin=failing("vae", "memory", first=2, count=2),
        mend=mend,
    ),
    Case(
        "NaN from a model",
        "the sampler euler gave NaN",
        failed=1,
        begin=failing("model", "nan", **SECOND),
        mend=mend,
    ),
    Case(
        "NaN from a VAE",
        "the linked VAE gave NaN",
        failed=1,
        begin=failing("vae", "nan", first=2),
        mend=mend,
    ),
    Case(
        "a black picture",
        "all black",
        begin=failing("vae", "black", first=2),
        mend=mend,
    ),
    Case(
        "a sampler that raises",
        "cannot sample: the sampler has capsized",
        failed=1,
        begin=failing("sampler", "error", first=2),
        mend=mend,
    ),
    Case(
        "an unreadable model",
        f"cannot load {FAULTY}: ",
        **CHECKPOINTS,
        begin=half,
        mend=whole,
        end=delete,
    ),
    Case(
        "an unreadable LoRA",
        "cannot apply the LoRA fault.safetensors: ",
        cells=2,
        failed=1,
        axis=("Lora", {"values": "none, fault"}),
        begin=half_a_lora,
        mend=whole_lora,
    ),
    Case(
        "a model deleted in mid run",
        f"cannot load {FAULTY}: ",
        **CHECKPOINTS,
        begin=whole,
        strike=delete,
        mend=whole,
        end=delete,
    ),
    Case(
        "a VAE that does not fit",
        f"the VAE {FAULTY} takes latents of 16 channels, but this latent has 4",
        cells=2,
        failed=1,
        axis=("VAE", {"values": "baked, fault"}),
        begin=misfit,
        mend=fitting,
    ),
    Case("a damaged cell file", "done", mend=cut_a_picture, ruined=1),
    Case("another sweep of the queue fails", "done", begin=queue_a_failing_sweep, end=delete),
)
"""Those after which the server goes on."""
