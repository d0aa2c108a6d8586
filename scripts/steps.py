"""A provisioning step: done once, redone when it was killed half way, one calm line each."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LOG_TAIL_LINES = 40


class CommandError(Exception):
    """Something the user must know about, told in full; shown without a traceback."""


@dataclass(frozen=True)
class Step:
    """One thing to provide.

    Args:
        title: what it provides, as users read it.
        stamp: the file that is written last and says that the step is done.
        key: what was asked for, as :func:`fingerprint` of it; another key redoes the step.
        makes: files that must exist for the step to count as done.
        build: does the work; must not rely on anything that a killed run left behind.
    """

    title: str
    stamp: Path
    key: str
    makes: tuple[Path, ...]
    build: Callable[[], None]

    def is_done(self) -> bool:
        """Say whether nothing is left to do; reads one small file."""
        if not all(path.exists() for path in self.makes):
            return False
        return self.stamp.is_file() and self.stamp.read_text(encoding="utf-8") == self.key

    def run(self) -> None:
        """Do the work unless it is done, and say how long it took."""
        if self.is_done():
            return
        self.stamp.unlink(missing_ok=True)
        begin = time.monotonic()
        print(f"  {self.title} ...", end="", flush=True)
        self.build()
        self.stamp.parent.mkdir(parents=True, exist_ok=True)
        self.stamp.write_text(self.key, encoding="utf-8")
        print(f" {time.monotonic() - begin:.0f} s", flush=True)


def fingerprint(*parts: str) -> str:
    """Return a short hash of some texts: 12 hexadecimal digits."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def run_logged(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> None:
    """Run a command with its output in a log file and a dot a few seconds as sign of life.

    Raises:
        CommandError: it failed; carries the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            # The child is to inherit the provisioning lock, see lock.py.
            close_fds=False,
        )
        try:
            status = _wait_with_dots(process)
        finally:
            process.kill()
    if status != 0:
        raise CommandError(
            f"{' '.join(map(str, command[:6]))} ... ended with status {status}. "
            f"The end of {log}:\n\n{tail(log)}"
        )


def _wait_with_dots(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            print(".", end="", flush=True)


def tail(log: Path, lines: int = LOG_TAIL_LINES) -> str:
    """Return the last lines of a log file."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return "\n".join(text.splitlines()[-lines:])


def run_command(main: Callable[[], int]) -> None:
    """Run a command's main function and end the process with its status.

    A :class:`CommandError` is shown as it stands, with status 1; Ctrl-C ends with status 130.
    """
    try:
        status = main()
    except CommandError as error:
        print(f"\n{error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        status = 130
    sys.exit(status)
