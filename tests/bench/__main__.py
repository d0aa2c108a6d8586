"""Measure the pack on a real ComfyUI: ``python -m tests.bench [row ...]``.

Provides what it needs first (see scripts/provision.py), then compares every row's sweep with the
same cells queued as native graphs, and with a bare loop that samples, decodes and saves them with
everything loaded before. What is compared is measured turn by turn in one run, and the tables on
stdout hold ratios: a machine's own speed is not in them. Needs Python 3.10 and nothing else.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from scripts.comfy_server import ComfyServer
from scripts.provision import Installation, provision
from scripts.steps import CommandError, run_command

from .compare import Comparison, compare
from .growth import measure_growth
from .lockstep import measure_lockstep
from .provide import bench_server, provide_models
from .rows import FULL, SMALL, Row, Scale, rows, seeds_and_cfgs
from .table import comparison_lines, growth_table, lockstep_table

LOCKSTEP, GROWTH = "lockstep", "growth"
NOTE = (
    "Time is the sweep's by the other's: below 1 the sweep is faster; of the best round of each, "
    "and the range of the rounds. Processor time is the same of the server's processor time, "
    "which a busy machine disturbs less; waiting for a GPU or a disk is not in it. Saving the "
    "pictures is included on all sides. The native queue is one prompt a cell; the bare loop "
    "calls comfy.sample for each cell, shares nothing between cells and finds all models loaded "
    "and all texts encoded. Costs and memory are of a cold run, as sweep / native queue."
)


def main() -> int:
    """Run the rows that the command line names; return 0."""
    arguments = parse_arguments()
    scale = FULL if arguments.full_size else SMALL
    known = {row.name: row for row in rows(scale, arguments.quick)}
    if arguments.list:
        sys.stdout.writelines(f"{name}: {title}\n" for name, title in titles(known).items())
        return 0
    chosen = arguments.rows or list(titles(known))
    if unknown := [name for name in chosen if name not in titles(known)]:
        raise CommandError(f"There is no row {unknown[0]!r}; see --list")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    installation = provision(arguments.home, arguments.comfyui)
    setup = Setup(installation, scale, arguments.device, arguments.rounds, arguments.quick)
    if compared := [known[name] for name in chosen if name in known]:
        show(f"{NOTE}\n")
        for line in comparison_lines(comparisons(setup, compared)):
            show(line)
    if LOCKSTEP in chosen:
        show("\n" + lockstep(setup))
    if GROWTH in chosen:
        show("\n" + growth(setup))
    return 0


@dataclass(frozen=True)
class Setup:
    """What all rows are measured with; the fields are the command line's."""

    installation: Installation
    scale: Scale
    device: str
    rounds: int
    quick: bool

    def server(self, measured: Iterable[Row], arguments: Sequence[str] = ()) -> ComfyServer:
        """Return a server that has the rows' models, not started."""
        provide_models(self.installation, (cell for row in measured for cell in row.cells))
        return bench_server(self.installation, self.scale, self.device, arguments)


def comparisons(setup: Setup, compared: Sequence[Row]) -> Iterator[Comparison]:
    """Measure rows; those that follow one another share a server where they want the same."""
    for arguments, group in groupby(compared, lambda row: row.server):
        alike = list(group)
        with setup.server(alike, arguments) as server:
            for row in alike:
                yield compare(server, row, setup.rounds)


def lockstep(setup: Setup) -> str:
    """Measure lockstep batching and return its table."""
    sizes = (1, 2, 4, 8, 16) if setup.scale == FULL else (1, 4, 8)
    row = seeds_and_cfgs(setup.scale, seeds=16, cfgs=1, steps=20)
    if setup.quick:
        sizes, row = (1, 2), seeds_and_cfgs(setup.scale, seeds=2, cfgs=1, steps=2)
    with setup.server([row]) as server:
        return lockstep_table(row.title, measure_lockstep(server, row, sizes, setup.rounds))


def growth(setup: Setup) -> str:
    """Measure growing sweeps and return their table."""
    sides = (2, 3) if setup.quick else (4, 8, 16, 32)
    grids = [seeds_and_cfgs(setup.scale, seeds=side, cfgs=side, steps=1) for side in sides]
    with setup.server(grids) as server:
        return growth_table(measure_growth(server, grids))


def show(text: str) -> None:
    """Write a text to stdout at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(prog="tests.bench", description="Measure Periplus.")
    parser.add_argument("rows", nargs="*", metavar="row", help="a row's name (default: all)")
    parser.add_argument("--list", action="store_true", help="list the rows and end")
    parser.add_argument("--quick", action="store_true", help="few cells: only to see that it works")
    parser.add_argument("--rounds", type=int, default=3, help="timed rounds a row (default: 3)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--full-size",
        action="store_true",
        help="models of Stable Diffusion 1.5's full size (20 GB on disk), pictures of 512 x 512",
    )
    parser.add_argument("--comfyui", type=Path, metavar="PATH", help="use this ComfyUI")
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep everything needed here")
    return parser.parse_args()


def titles(known: Mapping[str, Row]) -> dict[str, str]:
    """Return what each name on the command line measures."""
    return {
        **{name: row.title for name, row in known.items()},
        LOCKSTEP: "seeds x CFG, several cells in one forward pass",
        GROWTH: "16, 64, 256 and 1,024 cells",
    }


if __name__ == "__main__":
    run_command(main)
