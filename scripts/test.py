"""Run every check and every test: ``python scripts/test.py [pytest arguments...]``.

Provides what they need first (see provision.py), then runs ruff, and pyright beside pytest. All of
them run even if one fails; the status is 0 only if none did.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.provision import provision  # noqa: E402
from scripts.steps import run_command  # noqa: E402

WORKERS = 2
"""Processes that share the tests, each with ComfyUI servers of its own, which take up to 9 GB."""


def main() -> int:
    """Run the checks and the tests; return 0 if all of them passed."""
    installation = provision(development=True)
    python = str(installation.tools)
    environment = {
        **os.environ,
        # Torch's threads spin while they wait: more of them than idle cores are slower than one.
        "OMP_NUM_THREADS": "1",
        "PERIPLUS_HOME": str(installation.home),
        "PYRIGHT_PYTHON_CACHE_DIR": str(installation.home / "pyright"),
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    }

    def start(*arguments: str, output: int | None = None) -> subprocess.Popen[bytes]:
        command = [python, "-m", *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )

    failed = []
    for name, arguments in {"ruff check": ["check"], "ruff format": ["format", "--check"]}.items():
        print(f"\n{name}", flush=True)
        if start("ruff", *arguments).wait() != 0:
            failed.append(name)
    # It takes a minute: its output waits until the tests are through.
    types = start("pyright", "--pythonpath", python, output=subprocess.PIPE)
    print("\npytest", flush=True)
    shared = ("--numprocesses", str(WORKERS), "--dist", "worksteal")
    if start("pytest", *shared, *sys.argv[1:]).wait() != 0:
        failed.append("pytest")
    told, _ = types.communicate()
    print(f"\npyright\n{told.decode()}", flush=True)
    if types.returncode != 0:
        failed.append("pyright")
    if failed:
        print(f"\n{'!' * 70}\n!!  FAILED: {', '.join(failed)}\n{'!' * 70}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    run_command(main)
