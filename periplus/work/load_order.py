"""The order in which models are taken up, so that as few as can be are taken up twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from .stages import LINKED

SEARCHED, SEARCHABLE = 300, 150
"""States that a search for fewer loads looks at, and the most works among which it is tried: about
0.1 s. It saved 87 of the 3,151 loads of 400 random sweeps of up to seven models with refiners and
second passes; without a limit, 104. With more works a state takes longer, and more are needed."""


class Place(NamedTuple):
    """The models that a stage needs at hand."""

    source: str
    vae_file: bool = False
    """Whether the source is a VAE file."""
    role: str = ""
    """Of the linked models, where the source is LINKED."""


class Work(NamedTuple):
    """Stages that can be done at the same time: at one place, after the same other work."""

    place: Place
    rank: int
    """The earliest in the making of a picture is the least."""
    loads: bool
    """Whether the file must be loaded for it; a checkpoint's VAE is kept once it was loaded."""
    needs: frozenset[int]
    """The numbers of the works that come before."""


def visits(works: Sequence[Work]) -> list[set[int]]:
    """Say which works to do together, one place after the other, with the fewest loads.

    Args:
        works: each after those that it needs.

    Returns:
        The numbers of works at one place, visit by visit; each number once.
    """
    order = list(_visits_by_rule(works))
    is_best = _loads(works, order) == _least_loads(works, frozenset())
    if is_best or len(works) > SEARCHABLE:
        return order
    return _search(works) or order


def _visits_by_rule(works: Sequence[Work]) -> Iterator[set[int]]:
    """Order the visits by a rule that is quick, and nearly always best.

    A place where nothing that loads stays behind comes first: it must be visited once, and later
    would be no better. Of several, and where there is none, that with the least rank.
    """
    done: frozenset[int] = frozenset()

    def turn(place: Place) -> tuple[bool, int, int]:
        left = [number for number in waiting[place] if number not in done]
        comes_back = any(works[number].loads for number in left if number not in ready[place])
        return (comes_back, *min((works[number].rank, number) for number in left))

    waiting = _by_place(works)
    while len(done) < len(works):
        ready = _ready(works, waiting, done)
        place = min(ready, key=turn)
        yield ready[place]
        done |= ready[place]


def _search(works: Sequence[Work]) -> list[set[int]] | None:
    """Find visits with the fewest loads by trying orders of places; None for too many to try.

    An A* search: what is left costs at least one load for each place that must be loaded yet.
    """
    waiting = _by_place(works)
    known: set[frozenset[int]] = set()
    queue = [(0, 0, 0, frozenset[int](), list[set[int]]())]
    tie = 0
    while queue and len(known) < SEARCHED:
        _, _, _, done, order = heappop(queue)
        if len(done) == len(works):
            return order
        if done in known:
            continue
        known.add(done)
        for here in _ready(works, waiting, done).values():
            tie += 1
            after, longer = done | here, [*order, here]
            least = _loads(works, longer) + _least_loads(works, after)
            heappush(queue, (least, -len(after), tie, after, longer))
    return None


def _loads(works: Sequence[Work], order: Sequence[set[int]]) -> int:
    """How many visits load a file."""
    seen: set[Place] = set()
    loads = 0
    for visit in order:
        place = works[min(visit)].place
        loads += _visit_loads(place, [works[number] for number in visit], place in seen)
        seen.add(place)
    return loads


def _least_loads(works: Sequence[Work], done: frozenset[int]) -> int:
    """How many places must be loaded at least for what is left."""
    seen = {works[number].place for number in done}
    left = {
        place: [works[number] for number in numbers if number not in done]
        for place, numbers in _by_place(works).items()
    }
    return sum(_visit_loads(place, rest, place in seen) for place, rest in left.items() if rest)


def _visit_loads(place: Place, works: Sequence[Work], seen: bool) -> bool:
    """Whether a visit loads a file; the VAE of one that was seen before is kept."""
    if place.source == LINKED:
        return False
    return not seen or any(work.loads for work in works)


def _by_place(works: Sequence[Work]) -> dict[Place, list[int]]:
    waiting: dict[Place, list[int]] = {}
    for number, work in enumerate(works):
        waiting.setdefault(work.place, []).append(number)
    return waiting


def _ready(
    works: Sequence[Work], waiting: dict[Place, list[int]], done: frozenset[int]
) -> dict[Place, set[int]]:
    """What can be done at each place now; some of it only after other works there."""
    found: dict[Place, set[int]] = {}
    for place, numbers in waiting.items():
        ready: set[int] = set()
        for number in numbers:
            if number not in done and works[number].needs <= done | ready:
                ready.add(number)
        if ready:
            found[place] = ready
    return found
