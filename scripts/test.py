"""Run every check and every test: ``python scripts/test.py [pytest arguments...]``.

Provides what they need first (see provision.py), then runs ruff, pyright and pytest. All of them
run even if one fails; the status is 0 only if none did.
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

    def passes(*arguments: str) -> bool:
        status = subprocess.run([python, "-m", *arguments], cwd=ROOT, env=environment).returncode
        return status == 0

    checks = {
        "ruff check": ("ruff", "check"),
        "ruff format": ("ruff", "format", "--check"),
        "pyright": ("pyright", "--pythonpath", python),
    }
    failed = []
    for name, arguments in checks.items():
        print(f"\n{name}", flush=True)
        if not passes(*arguments):
            failed.append(name)
    if failed:
        print(f"\n{'!' * 70}\n!!  FAILED: {', '.join(failed)}\n{'!' * 70}", flush=True)
    print("\npytest", flush=True)
    tests_pass = passes("pytest", *sys.argv[1:])
    return 0 if tests_pass and not failed else 1


if __name__ == "__main__":
    run_command(main)
