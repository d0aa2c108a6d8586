"""Fuzz everything that reads untrusted text: ``python -m tests.fuzz [--cases 100000]``.

The table on stdout has a line for each target: cases, seconds, processor seconds of the slowest
case, findings. A finding is any error but the pack's own, a case that takes more than ten seconds
of processor time, or a file outside of the case's folder that is read or written. Needs hypothesis,
numpy and Pillow; no ComfyUI.
"""

from __future__ import annotations

import argparse
import sys
from math import ceil

from .target import fuzz
from .targets import TARGETS


def main() -> int:
    """Fuzz the targets that the command line names; return 1 if there are findings."""
    parser = argparse.ArgumentParser(prog="tests.fuzz", description="Fuzz Periplus.")
    parser.add_argument("targets", nargs="*", metavar="target", help="a name (default: all)")
    parser.add_argument("--cases", type=int, default=100_000, help="of all targets together")
    parser.add_argument("--seed", type=int, default=0, help="another one tries other cases")
    arguments = parser.parse_args()
    chosen = [one for one in TARGETS if not arguments.targets or one.name in arguments.targets]
    outcomes = []
    show("| target | cases | seconds | slowest case | findings |\n|---|---|---|---|---|")
    for target in chosen:
        outcome = fuzz(target, ceil(arguments.cases / len(chosen)), arguments.seed)
        times = f"{outcome.seconds:.1f} | {outcome.slowest:.2f}"
        show(f"| {target.name} | {outcome.cases:,} | {times} | {len(outcome.findings)} |")
        outcomes.append(outcome)
    total, seconds = sum(o.cases for o in outcomes), sum(o.seconds for o in outcomes)
    slowest = max((o.slowest for o in outcomes), default=0.0)
    found = [
        f"{o.target.name}: {where}: {example}"
        for o in outcomes
        for where, example in o.findings.items()
    ]
    show(f"| all | {total:,} | {seconds:.1f} | {slowest:.2f} | {len(found)} |")
    for line in found:
        show(line.encode("ascii", "backslashreplace").decode())
    return 1 if found else 0


def show(text: str) -> None:
    """Write a text to stdout at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
