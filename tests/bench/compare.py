"""One row measured on all sides, turn by turn in one run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.comfy_server import ComfyServer

from .cells import Costs, least
from .rows import Row
from .sides import Measurement, forget, run_loop, run_native, run_sweep

log = logging.getLogger("bench")


Round = tuple[Measurement, ...]
"""The sides measured in one turn: the sweep, the native queue, the bare loop."""

Quantity = Callable[[Measurement], float]


@dataclass(frozen=True)
class Ratio:
    """How one side stands to another.

    Args:
        best: of the best rounds of both: what else the machine did only ever adds to a time.
        lowest, highest: of the two in one round.
    """

    best: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        spread = f" ({self.lowest:.2f} to {self.highest:.2f})"
        return f"{self.best:.2f}{'' if self.lowest == self.highest else spread}"


@dataclass(frozen=True)
class Comparison:
    """What came out.

    Args:
        row: what was compared.
        rounds: the timed rounds.
        sweep: the sweep's cold run, by which costs and memory are known.
        native: the native queue's.
    """

    row: Row
    rounds: tuple[Round, ...]
    sweep: Measurement
    native: Measurement

    @property
    def least(self) -> Costs:
        """What the row costs at least."""
        return least(self.row.cells)

    def to_native(self, quantity: Quantity) -> Ratio:
        """Return the sweep's by the native queue's."""
        return ratio([(quantity(sweep), quantity(native)) for sweep, native, _ in self.rounds])

    def to_loop(self, quantity: Quantity) -> Ratio:
        """Return the sweep's by the bare loop's."""
        return ratio([(quantity(sweep), quantity(loop)) for sweep, _, loop in self.rounds])


def ratio(pairs: Sequence[tuple[float, float]]) -> Ratio:
    """Compare two sides by what they took in each round."""
    ours, theirs = (min(values) for values in zip(*pairs, strict=True))
    each = [one / other for one, other in pairs]
    return Ratio(ours / theirs, min(each), max(each))


def compare(server: ComfyServer, row: Row, rounds: int) -> Comparison:
    """Measure a row.

    A first, cold run of each side is counted, not timed. The timed rounds follow, in which the
    sides take turns and a model that all of them use stays loaded.
    """
    sides: tuple[Callable[[], Measurement], ...] = (
        lambda: run_sweep(server, row),
        lambda: run_native(server, row.cells),
        lambda: run_loop(server, row.cells),
    )
    log.info("%s", row.title)
    cold: list[Measurement] = []
    for side in sides[:2]:
        forget(server)
        cold.append(side())
    found = take_turns(sides, rounds)
    return Comparison(row, tuple(found), *cold)


def take_turns(sides: Sequence[Callable[[], Measurement]], rounds: int) -> list[Round]:
    """Run the sides one after another, each round beginning with another one.

    No side follows itself where there are three or more: ComfyUI's cache would then do its work.

    Returns:
        For each round its measurements, in the order of ``sides``.
    """
    found = []
    for turn in range(rounds):
        order = [(turn + index) % len(sides) for index in range(len(sides))]
        taken = {index: sides[index]() for index in order}
        found.append(tuple(taken[index] for index in range(len(sides))))
    return found
