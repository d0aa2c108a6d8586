"""The values syntax: one line of text to a list of strings, whole numbers or numbers.

The text is CSV rows in which a newline counts as a comma. Blanks between commas are skipped, quotes
protect commas, newlines, outer spaces and emptiness. In number lists an item may be a range:

==============  ==================================================================
``5-10``        5 6 7 8 9 10; ``10-5`` counts down
``1-2 (+0.5)``  1 1.5 2; the sign is optional, the direction follows from the ends
``2-1 (-0.4)``  2 1.6 1.2; a step never leads past the end
``0-1 [5]``     five evenly spaced values, both ends included
==============  ==================================================================

It is the syntax of AUTOMATIC1111's X/Y/Z plot, and a text that did something sensible there does
the same here. Ranges are computed in fractions, so that steps of 0.1 give 0.3 and not
0.30000000000000004.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from ..errors import ValuesError

MAX_VALUES = 100_000
"""The most values one list may hold; a slip like ``0-1000 (0.001)`` must not fill the memory."""

COMMENT = "#"
"""Begins a comment line, in the kinds of values that have comments."""

_Number = TypeVar("_Number", int, float)

# One item and the comma, newline or end behind it. A text that opens with a quote and fits only
# `plain` has no closing quote.
_ITEM = re.compile(
    r"""
    [^\S\n]*
    (?: "(?P<quoted> (?:[^"]|"")* )"(?!") (?P<tail>[^,\n]*)
      | (?P<plain>[^,\n]*)
    )
    (?:[,\n]|\Z)
    """,
    re.VERBOSE,
)

# The counts of digits are limited so that no typed number is costly to compute with.
_WHOLE = r"[0-9]{1,40}(?:\.0{0,40})?"
_DECIMAL = r"(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,2})?"


@dataclass(frozen=True)
class Item:
    """One item of a values text.

    Args:
        text: the item without its quotes; empty only if it was typed as ``""``.
        position: the item's place among the non-blank items, counted from 1.
    """

    text: str
    position: int

    def refusal(self, reason: str, *, hint: str = "") -> ValuesError:
        """The error that names this item; see :class:`ValuesError` for ``reason`` and ``hint``."""
        return ValuesError(reason, item=self.text, position=self.position, hint=hint)


@dataclass(frozen=True)
class _Grammar:
    """How one kind of number is written, alone and as a range, and what to say if it is not."""

    number: re.Pattern[str]
    range: re.Pattern[str]
    reason: str
    hint: str

    @classmethod
    def of(cls, unsigned: str, *, reason: str, hint: str) -> _Grammar:
        """The grammar of numbers whose digits fit the pattern ``unsigned``."""
        range_pattern = rf"""
            \s* (?P<start>[+-]?{unsigned}) \s*-\s* (?P<end>[+-]?{unsigned})
            (?: \s* \( \s* (?:(?P<sign>[+-])\s*)? (?P<step>{unsigned}) \s* \)
              | \s* \[ \s* (?P<count>[0-9]{{1,40}}) \s* \]
            )? \s*
        """
        return cls(
            number=re.compile(rf"\s*[+-]?{unsigned}\s*"),
            range=re.compile(range_pattern, re.VERBOSE),
            reason=reason,
            hint=hint,
        )


_INTS = _Grammar.of(
    _WHOLE,
    reason="is not a whole number or a range of them",
    hint="write it like 20, 10-30 (+5) or 10-30 [5]",
)
_FLOATS = _Grammar.of(
    _DECIMAL,
    reason="is not a number or a range",
    hint="write it like 7.5, 5-10 (+0.5) or 5-10 [6]",
)


@dataclass(frozen=True)
class _Run:
    """Evenly spaced values, not yet built; a single number is a run of one."""

    start: Fraction
    step: Fraction = Fraction(0)
    count: int = 1

    def __iter__(self) -> Iterator[Fraction]:
        return (self.start + i * self.step for i in range(self.count))


def split_lines(text: str) -> list[str]:
    """Split a text at its newlines, of whatever system it comes from; none is left out."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def split_values(text: str) -> tuple[Item, ...]:
    """Split a values text at its commas and newlines.

    Unquoted items lose their outer spaces and are skipped when nothing is left. A quoted item is
    kept as it stands, be it empty; ``""`` inside it is a quote.

    Raises:
        ValuesError: a quote is opened and never closed, or there are more than ``MAX_VALUES``.
    """
    items: list[Item] = []
    for match in _ITEM.finditer("\n".join(split_lines(text))):
        position = len(items) + 1
        quoted, tail, plain = match["quoted"], match["tail"], match["plain"]
        if quoted is not None:
            items.append(Item(quoted.replace('""', '"') + tail.rstrip(), position))
        elif plain.startswith('"'):
            raise Item(plain.rstrip(), position).refusal(
                "opens a quote that is never closed", hint='add the missing "'
            )
        elif plain.strip():
            items.append(Item(plain.strip(), position))
        if len(items) > MAX_VALUES:
            raise items[-1].refusal(f"brings the list above {MAX_VALUES:,} values")
    return tuple(items)


def parse_ints(
    text: str, *, minimum: int | None = None, maximum: int | None = None, multiple: int = 0
) -> tuple[int, ...]:
    """Parse a list of whole numbers and ranges of them; empty text gives an empty tuple.

    ``5.0`` counts as 5. The values of a count range (``1-10 [5]``) are truncated toward zero, as
    AUTOMATIC1111 does: 1, 3, 5, 7, 10.

    Args:
        minimum: the lowest value allowed, if there is one.
        maximum: the highest value allowed, if there is one.
        multiple: what all values must be multiples of; 0 for anything.

    Raises:
        ValuesError: an item is no whole number or range, is out of bounds or no multiple, or makes
            the list longer than ``MAX_VALUES``.
    """
    return _parse(text, _INTS, int, minimum, maximum, multiple)


def parse_floats(
    text: str, *, minimum: float | None = None, maximum: float | None = None
) -> tuple[float, ...]:
    """Parse a list of finite numbers and ranges of them; empty text gives an empty tuple.

    Scientific notation is read as a number: ``1e-3`` is 0.001, not a range.

    Args:
        minimum: the lowest value allowed, if there is one.
        maximum: the highest value allowed, if there is one.

    Raises:
        ValuesError: an item is no number or range, is out of bounds, or makes the list longer
            than ``MAX_VALUES``.
    """
    return _parse(text, _FLOATS, float, minimum, maximum)


def written(text: str) -> str:
    """Write an item so that :func:`split_values` gives just its text again."""
    plain = text == text.strip() and text and not text.startswith('"')
    if plain and not any(sign in text for sign in ",\n\r"):
        return text
    return '"' + text.replace('"', '""') + '"'


def format_number(value: int | float) -> str:
    """Write a number as it is read best: at most 8 decimals, no trailing zeros, no exponent."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _parse(
    text: str,
    grammar: _Grammar,
    convert: Callable[[Fraction], _Number],
    minimum: float | None,
    maximum: float | None,
    multiple: int = 0,
) -> tuple[_Number, ...]:
    values: list[_Number] = []
    for item in split_values(text):
        run = _read(item, grammar)
        if len(values) + run.count > MAX_VALUES:
            raise item.refusal(
                f"brings the list above {MAX_VALUES:,} values",
                hint="take a larger step or name a count, as in 1-10 [5]",
            )
        numbers = [convert(value) for value in run]
        _check_bounds(item, numbers, minimum, maximum)
        _check_multiples(item, numbers, multiple)
        values += numbers
    return tuple(values)


def _read(item: Item, grammar: _Grammar) -> _Run:
    """Read an item as a number or, failing that, as a range."""
    if grammar.number.fullmatch(item.text):
        return _Run(Fraction(item.text.strip()))
    match = grammar.range.fullmatch(item.text)
    if match is None:
        raise item.refusal(grammar.reason, hint=grammar.hint)
    return _read_step(item, match) if match["count"] is None else _read_count(item, match)


def _read_count(item: Item, match: re.Match[str]) -> _Run:
    start, end, count = Fraction(match["start"]), Fraction(match["end"]), int(match["count"])
    if count == 0:
        raise item.refusal("asks for 0 values", hint="write at least [1]")
    return _Run(start, (end - start) / max(count - 1, 1), count)


def _read_step(item: Item, match: re.Match[str]) -> _Run:
    start, end, step = (
        Fraction(match["start"]),
        Fraction(match["end"]),
        Fraction(match["step"] or 1),
    )
    if step == 0:
        raise item.refusal("has a step of 0", hint="leave the step out or make it larger")
    way, sign = ("up", "+") if start <= end else ("down", "-")
    if match["sign"] not in (None, sign) and start != end:
        raise item.refusal(
            f"counts {way} but its step is {match['sign']}{match['step']}",
            hint=f"write {match['start']}-{match['end']} ({sign}{match['step']})",
        )
    count = abs(end - start) // step + 1
    return _Run(start, step if start <= end else -step, count)


def _check_bounds(
    item: Item, numbers: list[_Number], minimum: float | None, maximum: float | None
) -> None:
    low, high = min(numbers), max(numbers)
    if minimum is not None and low < minimum:
        wrong, bound = low, f"below the minimum {format_number(minimum)}"
    elif maximum is not None and high > maximum:
        wrong, bound = high, f"above the maximum {format_number(maximum)}"
    else:
        return
    raise item.refusal(f"{_gives(wrong, numbers)}is {bound}")


def _check_multiples(item: Item, numbers: Sequence[float], multiple: int) -> None:
    wrong = next((number for number in numbers if multiple and number % multiple), None)
    if wrong is not None:
        raise item.refusal(
            f"{_gives(wrong, numbers)}is not a multiple of {multiple}",
            hint=f"nearest: {round(wrong / multiple) * multiple}",
        )


def _gives(number: float, numbers: Sequence[float]) -> str:
    """Say which number of an item is meant, where it gives several."""
    return f"gives {format_number(number)}, which " if len(numbers) > 1 else ""
