"""What was found in a picture: settings, where they were, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..axes.axis_kinds import SETTINGS, check_setting
from ..axes.values import parse_floats, parse_ints
from ..errors import PeriplusError

TEXTS = ("positive", "negative")
NAMES = ("sampler_name", "scheduler", "ckpt_name")

FIELDS = (
    *("positive", "negative", "seed", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    *("width", "height", "ckpt_name"),
)
"""The settings that are looked for, as KSampler and its neighbours call them."""


@dataclass(frozen=True)
class Found:
    """What one text of a picture says."""

    values: Mapping[str, Any] = field(default_factory=dict)
    """Settings by field: numbers, texts, and names as the picture has them."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Where each value was."""
    gaps: Mapping[str, str] = field(default_factory=dict)
    """Why a field has no value, where there is a reason to tell."""
    notes: tuple[str, ...] = ()
    """What else there is to know of the picture."""


class Finds:
    """A :class:`Found` in the making.

    Args:
        source: where all of it is, for the report.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        self._values: dict[str, Any] = {}
        self._places: dict[str, str] = {}
        self._gaps: dict[str, str] = {}
        self.notes: list[str] = []

    def set(self, name: str, value: object, place: str = "") -> None:
        """Keep the value of a field; one that a sweep could not take becomes a gap."""
        try:
            self._values[name] = _checked(name, value)
        except PeriplusError as error:
            self.miss(name, f"{error!s:.300} ({place or self._source})")
        else:
            self._places[name] = f"{self._source}, {place}" if place else self._source

    def miss(self, name: str, reason: str) -> None:
        """Keep the reason why a field has no value."""
        self._gaps[name] = reason

    def result(self) -> Found:
        """Everything that was kept."""
        return Found(self._values, self._places, self._gaps, tuple(self.notes))


def first_of(found: Sequence[Found]) -> Found:
    """Take each field from the first that has it, and the notes of those that gave any field."""
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    gaps: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    for one in found:
        new = one.values.keys() - values.keys()
        values |= {name: one.values[name] for name in new}
        places |= {name: one.places[name] for name in new}
        gaps = {**one.gaps, **gaps}
        notes += one.notes if new else ()
    gaps = {name: reason for name, reason in gaps.items() if name not in values}
    return Found(values, places, gaps, notes)


def _checked(name: str, value: Any) -> Any:
    """A value as a sweep takes it.

    Raises:
        PeriplusError: it could not.
    """
    if name not in SETTINGS:
        if not isinstance(value, str):
            raise PeriplusError(f"{name} is {value!r:.80}, which is not a text")
        return value
    number = SETTINGS[name]
    if isinstance(value, str):
        numbers = (parse_ints if number.whole else parse_floats)(value)
        if len(numbers) != 1:
            raise PeriplusError(f"{name} is {value!r:.80}, which is not one number")
        value = numbers[0]
    if number.whole and isinstance(value, float) and value.is_integer():
        value = int(value)
    check_setting(name, value)
    return value if number.whole else float(value)
