"""One fault: what it does to a sweep on a real server, and what the next run makes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.comfy_run import Message, Run
from scripts.comfy_server import ComfyServer
from scripts.steps import CommandError

from ..host.graphs import Graph, counted, forget, manifest, manifest_in, succeed

STEPS = 2
"""Of every cell, and so its evaluations of the denoiser."""

FINISHED = frozenset({"done", "reused"})

HEADINGS = (
    "fault",
    "cells before",
    "done after",
    "failed after",
    "cells lost",
    "next run made only the rest (evaluations)",
    "what is told",
)

Action = Callable[[ComfyServer, str], None]
"""Does something to a server and to the sweep of this name."""

_numbers = itertools.count(1)


def nothing(_server: ComfyServer, _name: str) -> None:
    """Leave all as it is."""


@dataclass(frozen=True)
class Case:
    """A sweep of a few cells, and what goes wrong with it."""

    name: str
    says: str
    """Part of what the manifest tells of a failed or strange cell, or the node of the prompt."""
    cells: int = 4
    failed: int = 0
    """How many cells fail."""
    stops: str = ""
    """How the prompt ends, where the fault stops it: error, interrupted or lost."""
    axis: tuple[str, Mapping[str, Any]] = ("Seed", {"values": "1-4"})
    """The end of the axis node's name, and its inputs."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Other inputs of the sweep."""
    link: Callable[[Graph], Mapping[str, Any]] = Graph.loader
    """Adds what is linked to the sweep."""
    begin: Action = nothing
    """Before the sweep runs."""
    strike: Action = nothing
    """When the first cell is finished."""
    mend: Action = nothing
    """Before the sweep runs again."""
    end: Action = nothing
    """When all is compared."""
    ruined: int = 0
    """Finished cells that are what the fault destroys."""


@dataclass(frozen=True)
class Row:
    """What came of a case."""

    case: Case
    ended: str
    before: int
    """Cells that were finished when the first one failed, or the prompt ended."""
    done: int
    failed: int
    lost: int
    """Finished cells that the next run did not find, or found changed."""
    missing_again: int
    """Cells that the next run left undone."""
    made_again: int
    evaluations: int
    """Of the next run, counted in the server."""
    told: str

    @property
    def only_the_rest(self) -> bool:
        """Whether the next run made all that was left, and no more."""
        rest = self.case.cells - self.done + self.case.ruined
        all_made = self.missing_again == 0 and self.made_again == rest
        return all_made and self.evaluations == STEPS * rest

    @property
    def holds(self) -> bool:
        """Whether the row shows what it should."""
        return (
            self.ended == (self.case.stops or "success")
            and self.failed == self.case.failed
            and (bool(self.case.stops) or self.done + self.failed == self.case.cells)
            and self.lost == 0
            and self.only_the_rest
            and self.case.says in self.told
        )

    def __str__(self) -> str:
        rest = f"{'yes' if self.only_the_rest else 'NO'} ({self.evaluations})"
        numbers = (self.before, self.done, self.failed, self.lost)
        columns = (self.case.name, *map(str, numbers), rest, self.told.replace("|", "/"))
        return f"| {' | '.join(columns)} |"


def measure(server: ComfyServer, case: Case) -> Row:
    """Run the sweep of a case into its fault, then again without, and compare."""
    forget(server)
    name = f"fault/{next(_numbers)}"
    graph = Graph()
    kind, inputs = case.axis
    axis = graph.axis(kind, **inputs)
    settings = {"steps": STEPS, "name": name, **case.link(graph), **case.settings}
    graph.sweep(x_axis=axis, **settings)

    case.begin(server, name)
    run, announced = _run(server, graph, lambda: case.strike(server, name))
    stopped = _manifest(server, name)
    finished = {cell["x"]: cell["file"] for cell in announced if cell["status"] in FINISHED}
    pictures = {x: (server.output / name / file).read_bytes() for x, file in finished.items()}
    statuses = [cell["status"] for cell in announced]
    first_failed = statuses.index("failed") if "failed" in statuses else len(statuses)

    case.mend(server, name)
    forget(server)
    again = manifest(succeed(server, graph))

    found = {cell["x"]: cell for cell in again["cells"] if cell["status"] == "reused"}
    kept = [
        x
        for x, picture in pictures.items()
        if x in found and (again["folder"] / found[x]["file"]).read_bytes() == picture
    ]
    case.end(server, name)
    counts = stopped["counts"] if stopped else dict.fromkeys(("done", "reused", "failed"), 0)
    return Row(
        case,
        ended=run.status if run else "lost",
        before=first_failed,
        # A cell is stored before the manifest tells of it.
        done=max(counts["done"] + counts["reused"], len(found) + case.ruined),
        failed=counts["failed"],
        lost=len(finished) - len(kept) - case.ruined,
        missing_again=case.cells - again["counts"]["done"] - again["counts"]["reused"],
        made_again=again["counts"]["done"],
        evaluations=counted(server)["denoiser_evaluations"],
        told=_told(run, stopped),
    )


def _run(
    server: ComfyServer, graph: Graph, strike: Callable[[], None]
) -> tuple[Run | None, list[dict[str, Any]]]:
    """Run a graph; gives None where the server is lost, and what was told of cells."""
    announced: list[dict[str, Any]] = []

    def on_message(message: Message) -> None:
        if message.kind == "periplus.cell":
            announced.append(message.data)
            if len(announced) == 1:
                strike()

    try:
        return server.run(graph.prompt, on_message=on_message), announced
    except CommandError:
        return None, announced


def _manifest(server: ComfyServer, name: str) -> dict[str, Any] | None:
    """The manifest of a sweep, if it has come to one."""
    folder = server.output / name
    return manifest_in(server, name) if any(folder.glob("sweep-*.json")) else None


def _told(run: Run | None, found: dict[str, Any] | None) -> str:
    """What a user reads of the fault: of the cells, of the prompt, or of the sweep."""
    cells = found["cells"] if found else []
    of_cells = next((text for cell in cells if (text := cell["reason"] or cell["warning"])), "")
    of_prompt = run.error.split("\n\n")[0] if run else ""
    of_sweep = f"state: {found['state']}" if found else ""
    return of_cells or of_prompt.partition("Error: ")[2] or of_sweep
