"""The pace of a machine: how long its efforts took in earlier sweeps, and so how long they take."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..files.durable import write_durably
from ..files.json_text import read_json
from ..graphs.node_efforts import NODE
from ..work.effort import SAMPLING, Effort

FORMAT = 1
"""Version of the file's layout."""

MAX_ENTRIES = 500
"""Of nodes, and of other efforts; of them the oldest go."""

MAX_BYTES = 2**20
"""A larger file is none of ours."""


@dataclass(frozen=True)
class Spent:
    """What was measured of an effort."""

    seconds: float
    count: float
    """How often it was made in that time."""

    @property
    def each(self) -> float:
        """Seconds for one."""
        return self.seconds / self.count

    def then(self, newer: Spent) -> Spent:
        """Both together, where half of what is older is forgotten."""
        return Spent(self.seconds / 2 + newer.seconds, self.count / 2 + newer.count)


@dataclass(frozen=True)
class Guess:
    """How long something will take."""

    seconds: float
    is_rough: bool = False
    """Whether it rests on another model or size, or leaves something out."""


class Pace:
    """What was measured on one device.

    Args:
        spent: by effort, those measured last at the end.
    """

    def __init__(self, spent: Mapping[Effort, Spent] | None = None) -> None:
        self.spent = dict(spent or {})

    def add(self, newer: Mapping[Effort, Spent]) -> None:
        """Add what was measured now."""
        for effort, spent in newer.items():
            older = self.spent.pop(effort, None)
            self.spent[effort] = older.then(spent) if older else spent

    def guess(
        self, efforts: Mapping[Effort, int], needed: Collection[str] = SAMPLING
    ) -> Guess | None:
        """How long these efforts take; None where too little is known.

        Where a model or a size was never measured, the nearest size counts, of the same model or
        else of any, in proportion; of several that near, the one measured last.

        Args:
            efforts: how often each is made.
            needed: the kinds of those without which there is no guess.
        """
        guesses = {effort: self._each(effort) for effort, count in efforts.items() if count}
        known = {effort: guess for effort, guess in guesses.items() if guess}
        if any(effort.kind in needed and effort not in known for effort in guesses):
            return None
        seconds = sum(guess.seconds * efforts[effort] for effort, guess in known.items())
        is_rough = len(known) < len(guesses) or any(guess.is_rough for guess in known.values())
        return Guess(seconds, is_rough)

    def _each(self, effort: Effort) -> Guess | None:
        if effort in self.spent:
            return Guess(self.spent[effort].each)
        alike = [other for other in self.spent if other.kind == effort.kind]
        alike = [other for other in alike if other.model == effort.model] or alike
        if not alike:
            return None
        nearest = min(reversed(alike), key=lambda other: abs(math.log(other.size / effort.size)))
        return Guess(self.spent[nearest].each * effort.size / nearest.size, is_rough=True)


def read_pace(path: Path, device: str) -> Pace:
    """Read what was measured on a device; nothing of a file that is missing or damaged."""
    return Pace({effort: spent for name, effort, spent in _read(path) if name == device})


def write_pace(path: Path, device: str, newer: Mapping[Effort, Spent]) -> None:
    """Add what was measured on a device to the file.

    Raises:
        OSError: it cannot be written.
    """
    entries = list(_read(path))
    pace = Pace({effort: spent for name, effort, spent in entries if name == device})
    pace.add(newer)
    others = [entry for entry in entries if entry[0] != device]
    kept = [*others, *((device, effort, spent) for effort, spent in pace.spent.items())]
    # A sweep of a workflow may measure many, which should not drive out those of other sweeps.
    nodes = [entry for entry in kept if entry[1].kind.startswith(NODE)]
    stages = [entry for entry in kept if not entry[1].kind.startswith(NODE)]
    rows = [
        {"device": name, **asdict(effort), **asdict(spent)}
        for name, effort, spent in (*stages[-MAX_ENTRIES:], *nodes[-MAX_ENTRIES:])
    ]
    write_durably(path, json.dumps({"periplus": FORMAT, "efforts": rows}, indent=1).encode())


def _read(path: Path) -> Iterable[tuple[str, Effort, Spent]]:
    try:
        rows = read_json(path, MAX_BYTES)["efforts"]
        return [_entry(row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return []


def _entry(row: Mapping[str, Any]) -> tuple[str, Effort, Spent]:
    effort = Effort(str(row["kind"]), str(row["model"]), int(row["size"]))
    spent = Spent(float(row["seconds"]), float(row["count"]))
    if not (effort.size > 0 and spent.count > 0 and 0 <= spent.seconds < math.inf):
        raise ValueError("no measurement")
    return str(row["device"]), effort, spent
