"""What is fuzzed, and how: many cases through one function, within a time, inside a folder."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from periplus.errors import PeriplusError

SECONDS = 10
"""Of processor time, since others may use the machine; a case that takes longer hangs."""

SHOWN = 200
"""Characters of a case in a finding."""

_READABLE = tuple(
    Path(root).resolve()
    for root in (sys.prefix, sys.base_prefix, Path(__file__).parents[2], "/usr/share/fonts")
)
"""What the code itself lies in; it may be read, never written."""

_FILE_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove")


@dataclass(frozen=True)
class Target:
    """A function that reads untrusted text."""

    name: str
    cases: SearchStrategy[Any]
    run: Callable[[Any], object]
    """May raise PeriplusError; anything else is a finding, and so is a file outside the folder."""
    worst: Sequence[Any] = ()
    """Cases that are tried first, those that once went wrong among them."""


@dataclass
class Outcome:
    """What came of a target."""

    target: Target
    cases: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    """Processor time of the slowest case."""
    findings: dict[str, str] = field(default_factory=dict)
    """An example by what went wrong and where."""


class HangError(BaseException):
    """A case took more than SECONDS; no ``except Exception`` stops it."""


class OutsideError(BaseException):
    """A file outside the folder was touched."""


@dataclass
class _Watch:
    """Looks at every file that Python touches while a case runs."""

    folder: Path | None = None

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None or event not in _FILE_EVENTS:
            return
        folder, self.folder = self.folder, None  # what is asked here is not looked at
        try:
            self._refuse_outside(folder, event, arguments)
        finally:
            self.folder = folder

    def _refuse_outside(self, folder: Path, event: str, arguments: tuple[Any, ...]) -> None:
        if not isinstance(arguments[0], str | bytes | Path):
            return  # a file that is open already
        path = Path(arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0])
        reads = event == "open" and arguments[1] in ("r", "rb", None)
        roots = (folder, *_READABLE) if reads else (folder,)
        if "\0" not in str(path) and not any(map(path.resolve().is_relative_to, roots)):
            raise OutsideError(f"{event} {path}")


_WATCH = _Watch()


def fuzz(target: Target, cases: int, number: int = 0) -> Outcome:
    """Run a target on its worst cases and on so many others.

    Args:
        target: the target.
        cases: how many, at least.
        number: another one tries other cases.
    """
    outcome = Outcome(target)
    started = time.perf_counter()
    for case in target.worst:
        _try(outcome, case)
    while outcome.cases < cases:
        before = outcome.cases

        @seed(number)
        @settings(
            max_examples=min(cases - outcome.cases, 5000),
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
        )
        @given(target.cases)
        def one(case: Any) -> None:
            _try(outcome, case)

        one()
        number += 1
        if outcome.cases == before:
            break
    outcome.seconds = time.perf_counter() - started
    return outcome


def sandbox() -> Path:
    """The folder that the running case may write to; it is empty, and gone afterwards."""
    assert _WATCH.folder is not None, "asked for by a target that does not run"
    return _WATCH.folder


def _try(outcome: Outcome, case: Any) -> None:
    outcome.cases += 1
    started = time.process_time()
    try:
        with tempfile.TemporaryDirectory() as folder, _watched(Path(folder).resolve()), _limited():
            outcome.target.run(case)
    except PeriplusError as error:
        str(error)
    except (Exception, HangError, OutsideError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        frame = next((f for f in reversed(frames) if f.filename != __file__), frames[-1])
        where = f"{type(error).__name__} in {Path(frame.filename).name}:{frame.lineno}"
        outcome.findings.setdefault(where, f"{str(error)[:SHOWN]} <- {repr(case)[:SHOWN]}")
    outcome.slowest = max(outcome.slowest, time.process_time() - started)


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    _install()
    _WATCH.folder = folder
    try:
        yield
    finally:
        _WATCH.folder = None


def _install(installed: list[bool] = []) -> None:  # noqa: B006 - a hook stays, so one is enough
    if not installed:
        sys.addaudithook(_WATCH)
        installed.append(True)


@contextmanager
def _limited() -> Iterator[None]:
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return

    def stop(_: int, __: FrameType | None) -> None:
        raise HangError(f"took more than {SECONDS} s")

    old = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
