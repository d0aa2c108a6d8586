"""Long proofs on a real ComfyUI: ``python -m tests.endurance kills`` and ``... long``.

``kills``: one sweep whose server is killed at random instants, started again and the sweep queued
again, compared with the same sweep left alone. ``long``: one sweep of thousands of cells, with the
server's memory and open files as it goes on. Provides what it needs first (see
scripts/provision.py); run it by the Python that runs the tests. The verdict comes last on stdout.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, provision
from scripts.steps import run_command

from . import kills, long_run


def main() -> int:
    """Run the proof that the command line names; return 1 where it fails."""
    parser = argparse.ArgumentParser(prog="tests.endurance", description="Prove what takes long.")
    parser.add_argument("proof", choices=("kills", "long"))
    parser.add_argument("--kills", type=int, default=50, help="of the server (default: 50)")
    parser.add_argument("--seed", type=int, default=0, help="another one kills at other instants")
    parser.add_argument("--cells", type=int, default=2000, help="of the long run (default: 2000)")
    parser.add_argument("--comfyui", type=Path, metavar="PATH", help="use this ComfyUI")
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep everything needed here")
    arguments = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    installation = provision(arguments.home, arguments.comfyui, development=True)
    with endurance_server(installation) as server:
        if arguments.proof == "kills":
            told = kills.prove(server, kills.sixty_cells(), arguments.kills, arguments.seed)
        else:
            told = long_run.prove(server, arguments.cells)
    show(told.lines)
    return 1 if told.faults else 0


def endurance_server(installation: Installation) -> ComfyServer:
    """Return a server with the pack and the small checkpoints, not started."""
    return ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small"),
        packs={"periplus": ROOT},
    )


def show(lines: Sequence[str]) -> None:
    """Write lines to stdout."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    run_command(main)
