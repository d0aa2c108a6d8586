"""Inject faults into sweeps on a real ComfyUI: ``python -m tests.faults``.

Every fault strikes a sweep of a few cells, on the CPU; then the sweep is queued again. The table
says what was finished, what failed and what was lost, and whether the next run made only the rest,
by the evaluations that the server counts. Ends with 1 if a row does not hold. Needs a Python that
has the development tools; ``tests/host/test_fault_table.py`` asserts most of the same rows.

A power cut is no row: what a disk forgets cannot be forced from here. The tests of the store
simulate it.
"""

from __future__ import annotations

import sys

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import provision

from . import mounts
from .case import HEADINGS, measure
from .cases import CASES, RESTARTS

PACKS = ROOT / "tests" / "host" / "packs"


def main() -> int:
    """Write the table; return 0 if every row holds."""
    installation = provision(development=True)
    packs = {name: PACKS / name for name in ("counters", "disk", "failing")}
    server = ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small"),
        packs={"periplus": ROOT, **packs},
    )
    cases = [*RESTARTS, *CASES, *(mounts.CASES if mounts.can_mount() else ())]
    with server:
        write(f"| {' | '.join(HEADINGS)} |\n|{' --- |' * len(HEADINGS)}")
        rows = []
        for case in cases:
            rows.append(measure(server, case))
            write(f"{rows[-1]}{'' if rows[-1].holds else ' **does not hold**'}")
    return 0 if all(row.holds for row in rows) else 1


def write(line: str) -> None:
    """Write a line at once, so that the table grows while it is made."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
