"""The benchmark's tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from operator import attrgetter

from .compare import Comparison
from .growth import Growth
from .lockstep import Lockstep

MEGABYTE = 1e6
UNKNOWN = "-"


SECONDS, PROCESSOR = attrgetter("seconds"), attrgetter("processor")

COMPARISON_HEAD = (
    *("row", "cells", "to native queue", "processor", "goal", "to bare loop", "processor"),
    *("loads", "encodes", "evaluations", "decodes", "peak MB", "peak GPU MB"),
)


def comparison_lines(comparisons: Iterable[Comparison]) -> Iterator[str]:
    """Yield the head, then a line for each row as it comes; costs are sweep / native queue."""
    yield from _head(COMPARISON_HEAD)
    for comparison in comparisons:
        yield _line(_comparison(comparison))


def _comparison(one: Comparison) -> tuple[str, ...]:
    costs = zip(astuple(one.sweep.costs), astuple(one.native.costs), strict=True)
    return (
        one.row.title,
        str(len(one.row.cells)),
        str(one.to_native(SECONDS)),
        str(one.to_native(PROCESSOR)),
        f"{one.row.goal:.2f}",
        str(one.to_loop(SECONDS)),
        str(one.to_loop(PROCESSOR)),
        *(
            f"{ours} / {native}" + ("" if ours <= fewest else f", **least {fewest}**")
            for (ours, native), fewest in zip(costs, astuple(one.least), strict=True)
        ),
        f"{_megabytes(one.sweep.memory)} / {_megabytes(one.native.memory)}",
        f"{_megabytes(one.sweep.gpu)} / {_megabytes(one.native.gpu)}",
    )


def lockstep_table(title: str, steps: Sequence[Lockstep]) -> str:
    """Return a line for each size of batch."""
    lines = [
        (
            one.batching,
            _ratio(one.sweep),
            _ratio(one.loop),
            _ratio(one.native),
            str(one.passes),
            _megabytes(one.gpu),
        )
        for one in steps
    ]
    head = (
        *("batching", "sweep, to one at a time", "bare loop in batches, to one at a time"),
        *("sweep, to native queue", "passes", "peak GPU MB"),
    )
    return f"Lockstep, {title}:\n\n{_table(head, lines)}"


def growth_table(found: Sequence[Growth]) -> str:
    """Return a line for each number of cells, compared with the first and the second."""
    first, base = found[0], found[min(1, len(found) - 1)]
    lines = [
        (
            str(one.cells),
            f"{one.processor / first.processor:.2f}",
            f"{one.around * 1000:.1f}",
            f"{one.sweep.memory / base.sweep.memory:.2f}" if base.sweep.memory else UNKNOWN,
        )
        for one in found
    ]
    return _table(
        (
            *("cells", f"processor time a cell, to {first.cells} cells"),
            "ms of it outside the models and PNG encoding",
            f"peak memory, to {base.cells} cells",
        ),
        lines,
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join((*_head(head), *map(_line, rows)))


def _head(names: Sequence[str]) -> tuple[str, str]:
    return _line(names), _line(["---"] * len(names))


def _line(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _ratio(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.0f}" if size else UNKNOWN
