"""How long the work of a sweep takes, measured for the forecasts of later ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...records.manifest import Account
from ...records.pace import Spent
from ...work.effort import Effort, Efforts
from ...work.load_order import Place
from ...work.stages import Encode, EncodePixels, Enlarge, Sample, Stage
from ..system.pace_file import add_to_pace


class Measured:
    """What was measured of efforts, on its way to the file."""

    def __init__(self) -> None:
        self._spent: dict[Effort, Spent] = {}

    def add(self, effort: Effort, seconds: float, count: int = 1) -> None:
        """Note how long an effort took that was made so often."""
        if count:
            before = self._spent.get(effort, Spent(0.0, 0))
            self._spent[effort] = Spent(before.seconds + seconds, before.count + count)

    def keep(self) -> None:
        """Keep what was measured so far."""
        if self._spent:
            add_to_pace(self._spent)
            self._spent = {}


class Stopwatch:
    """Measures the work of one run.

    Args:
        efforts: tells which work is alike.
        account: of the run; what it counts is what is measured.
    """

    def __init__(self, efforts: Efforts, account: Account) -> None:
        self._efforts = efforts
        self._account = account
        self._measured = Measured()

    @contextmanager
    def measuring(self, stage: Stage) -> Iterator[None]:
        """Measure a stage, or several sampler runs that are alike, by what is counted meanwhile.

        What fails is not counted, and of runs only the calls that the memo could not answer.
        """
        kind = _kind(stage)
        seconds, count = self._account.seconds[kind], self._count(stage)
        yield
        seconds, count = self._account.seconds[kind] - seconds, self._count(stage) - count
        self._measured.add(self._efforts.stage(stage), seconds, count)

    def loaded(self, place: Place, seconds: float) -> None:
        """Note that a file was loaded."""
        self._measured.add(self._efforts.load(place), seconds)

    def keep(self) -> None:
        """Keep what was measured so far."""
        self._measured.keep()

    def _count(self, stage: Stage) -> int:
        account = self._account
        if isinstance(stage, Sample):
            return account.denoiser_evaluations
        if isinstance(stage, Encode):
            return account.text_encodes
        if isinstance(stage, EncodePixels):
            return account.vae_encodes
        return account.vae_decodes


def _kind(stage: Stage) -> str:
    if isinstance(stage, (Encode, EncodePixels)):
        return "encode"
    if isinstance(stage, Sample):
        return "sample"
    return "enlarge" if isinstance(stage, Enlarge) else "decode"
