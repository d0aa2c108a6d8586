"""One sweep whose server is killed again and again, against the same sweep left alone."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

import numpy as np
from PIL import Image

from scripts.comfy_run import Message, Run
from scripts.comfy_server import ComfyServer
from scripts.steps import CommandError

from ..host.graphs import Graph, manifest_in
from .proof import Proof

log = logging.getLogger("endurance")

ALONE, KILLED = "endurance/alone", "endurance/slain"
"""Names of equal length, so that nothing else about the two sweeps differs."""

Place = tuple[int, int, int]
Content = tuple[bytes, tuple[int, ...], dict[str, str]]
Build = Callable[[str], Graph]
"""Gives the graph of the sweep of a name, with its sheet as the last node."""


def sixty_cells() -> Build:
    """Three checkpoints, five seeds, four CFG scales, each with a hires fix."""
    return cells(seeds=5, cfgs="3, 5, 7, 9", hires_steps=8)


def cells(seeds: int, cfgs: str, hires_steps: int) -> Build:
    """Sweeps of three checkpoints; the second pass is where most of the time goes."""

    def build(name: str) -> Graph:
        graph = Graph()
        sweep = graph.sweep(
            x_axis=graph.axis("Checkpoint", values="coast, harbour, lagoon"),
            y_axis=graph.axis("Seed", values=f"1-{seeds}"),
            z_axis=graph.axis("Number", parameter="cfg", values=cfgs),
            hires=graph.add(
                "PeriplusHiresFix",
                upscaler="latent: bilinear",
                scale=1.5,
                steps=hires_steps,
                denoise=0.7,
            ),
            steps=3,
            name=name,
        )
        graph.add("PeriplusGridCompose", sweep=sweep, title="endurance", z_layout="row")
        return graph

    return build


@dataclass
class Seen:
    """What a page has been told of the cells, over all kills."""

    announced: set[Place] = field(default_factory=set)
    """Cells that were said to be there."""
    faults: list[str] = field(default_factory=list)

    def tell(self, message: Message) -> None:
        """Note a message."""
        if message.kind != "periplus.cell":
            return
        place = (message.data["x"], message.data["y"], message.data["z"])
        if message.data["status"] not in ("done", "reused"):
            self.faults.append(f"cell {place} is {message.data['status']}")
        elif message.data["status"] == "done" and place in self.announced:
            self.faults.append(f"cell {place} was announced, and made again")
        self.announced.add(place)


@dataclass(frozen=True)
class Alone:
    """The sweep that nothing disturbs.

    Args:
        sheets: the pictures of its Grid Compose.
        first: seconds until its first cell.
        between: seconds from one cell to the next, on average.
    """

    sheets: list[Content]
    first: float
    between: float


def prove(server: ComfyServer, build: Build, kills: int, seed: int) -> Proof:
    """Kill the server at ``kills`` random instants of a sweep and compare what comes out.

    Args:
        server: running; it runs again afterwards.
        build: the sweep.
        kills: how many.
        seed: chooses the instants.
    """
    alone = undisturbed(server, build(ALONE))
    total = len(manifest_in(server, ALONE)["cells"])
    seen = Seen()
    instants = random.Random(seed)
    graph = build(KILLED)
    for number in range(1, kills + 1):
        # A random number of cells further on, but never so far that the sweep ends too early.
        before = len(seen.announced)
        goal = instants.randint(before, max(before, total * 5 // 6 * number // kills))
        delay = instants.uniform(0, alone.first if goal == before else alone.between)
        if not killed(server, graph, seen, goal, delay):
            seen.faults.append(f"the sweep ended after {number - 1} kills")
            break
        log.info("kill %d: %d of %d cells announced", number, len(seen.announced), total)
        server.start()
    before = len(seen.announced)
    last = server.run(graph.prompt, on_message=seen.tell)
    assert last.status == "success", last.error
    made = manifest_in(server, KILLED)["account"]["cells_computed"]
    faults = [*seen.faults, *differences(server)]
    if sheets(server, last) != alone.sheets:
        faults.append("the sheets differ")
    if made > total - before:
        faults.append(f"the last run made {made} cells, though {total - before} were missing")
    left = sum(1 for _ in (server.output / KILLED).rglob("*.part"))
    report = (
        f"{total} cells; {kills} kills at random instants (seed {seed}); {before} cells were "
        f"announced before the last start, which made the other {made}",
        f"temporary files that the kills left: {left}",
    )
    return Proof(report, tuple(faults), "equal to the last bit; no announced cell was made again")


def undisturbed(server: ComfyServer, graph: Graph) -> Alone:
    """Run the sweep without a kill."""
    times = [time.monotonic()]

    def note(message: Message) -> None:
        if message.kind == "periplus.cell":
            times.append(time.monotonic())

    run = server.run(graph.prompt, on_message=note)
    assert run.status == "success", run.error
    start, first, *_, last = times
    return Alone(sheets(server, run), first - start, (last - first) / (len(times) - 2))


def killed(server: ComfyServer, graph: Graph, seen: Seen, goal: int, delay: float) -> bool:
    """Run the sweep until so many cells are announced, wait, and kill the server.

    Returns:
        Whether the sweep was still running then.
    """
    timers: list[Timer] = []

    def on_message(message: Message) -> None:
        seen.tell(message)
        counts = message.kind in ("execution_start", "periplus.cell")
        if counts and not timers and len(seen.announced) >= goal:
            timers.append(Timer(delay, server.kill))
            timers[0].start()

    try:
        server.run(graph.prompt, on_message=on_message)
    except CommandError:
        return True
    finally:
        for timer in timers:
            timer.join()
    return False


def differences(server: ComfyServer) -> Iterator[str]:
    """Compare the cells of the two sweeps, all but the names."""
    alone, killed = manifest_in(server, ALONE), manifest_in(server, KILLED)
    for expected, found in zip(alone["cells"], killed["cells"], strict=True):
        place = found["x"], found["y"], found["z"]
        for entry in ("x", "y", "z", "labels", "key", "recipe", "sizes"):
            if expected[entry] != found[entry]:
                yield f"cell {place}: {entry} is {found[entry]!r}, not {expected[entry]!r}"
        # The files' names differ, since they tell of the bytes, which contain the sweep's name.
        for one, other in zip(expected["files"], found["files"], strict=True):
            if content(alone["folder"] / one) != content(killed["folder"] / other):
                yield f"cell {place}: {other} differs"


def sheets(server: ComfyServer, run: Run) -> list[Content]:
    """The sheets that a run shows."""
    shown = [image for output in run.outputs.values() for image in output.get("images", ())]
    assert shown
    return [content(server.base / "temp" / image["filename"]) for image in shown]


def content(path: Path) -> Content:
    """Everything in a picture's file: pixels, their shape, and the texts but for the name."""
    with Image.open(path) as picture:
        pixels = np.asarray(picture)
        texts = {name: str(text).replace(KILLED, ALONE) for name, text in picture.info.items()}
    return pixels.tobytes(), pixels.shape, texts
