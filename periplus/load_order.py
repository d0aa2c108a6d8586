"""The order in which models are taken up, so that as few as can be are taken up twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple


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


def visits(works: Sequence[Work]) -> Iterator[set[int]]:
    """Say which works to do together, one place after the other.

    A place where nothing that loads stays behind comes first: it must be visited once, and later
    would be no better. Of several, and where there is none, that with the least rank: which
    is best for bases and refiners, but not always for second passes on top of them.

    Args:
        works: each after those that it needs.

    Yields:
        The numbers of works at one place; each number once.
    """
    waiting: dict[Place, list[int]] = {}
    for number, work in enumerate(works):
        waiting.setdefault(work.place, []).append(number)
    done: set[int] = set()

    def turn(place: Place) -> tuple[bool, int, int]:
        left = waiting[place]
        comes_back = any(works[number].loads for number in left if number not in ready[place])
        return (comes_back, *min((works[number].rank, number) for number in left))

    while waiting:
        found = {place: _ready(works, left, done) for place, left in waiting.items()}
        ready = {place: numbers for place, numbers in found.items() if numbers}
        place = min(ready, key=turn)
        yield ready[place]
        done |= ready[place]
        waiting[place] = [number for number in waiting[place] if number not in done]
        if not waiting[place]:
            del waiting[place]


def _ready(works: Sequence[Work], waiting: Sequence[int], done: set[int]) -> set[int]:
    """What can be done at a place now; some of it only after other works there."""
    ready: set[int] = set()
    for number in waiting:
        if all(needed in done or needed in ready for needed in works[number].needs):
            ready.add(number)
    return ready
