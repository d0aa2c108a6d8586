"""From values text to an axis of one input of one node, by what that input takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..axes.axis import Axis, Point, Value
from ..axes.axis_kinds import short_names
from ..axes.names import resolve_names
from ..axes.values import format_number, parse_floats, parse_ints, split_values
from ..errors import PeriplusError, ValuesError
from .graph_sweep import SetInput

EXAMPLES = {"INT": "20, 25, 30", "FLOAT": "5, 7.5, 10", "STRING": "a cat, a dog"}
"""Values for the types that have no list of them to choose from."""

_FILE = re.compile(r".+\.[A-Za-z][A-Za-z0-9]+")
"""Choices of this form are files, which a sheet prints without folder and extension."""


@dataclass(frozen=True)
class NodeInput:
    """One input of one node, and what it takes."""

    node: str
    """The node's id."""
    title: str
    name: str
    type: str
    """As ComfyUI names it: INT, FLOAT, STRING, BOOLEAN, COMBO; no other can be typed."""
    options: tuple[Value, ...] = ()
    """The choices of a COMBO."""
    minimum: Any = None
    """The lowest number allowed; None for any."""
    maximum: Any = None

    @property
    def label(self) -> str:
        """The axis's name: ``KSampler cfg``."""
        return f"{self.title} {self.name}"


def input_axis(target: NodeInput, values: str) -> Axis:
    """Make an axis of values for an input.

    Args:
        target: the input.
        values: the values text; may be empty for all choices of a COMBO or BOOLEAN.

    Raises:
        PeriplusError: values of this type cannot be typed.
        ValuesError: a value does not fit the input, or there is none.
    """
    try:
        found = _parse(target, values)
    except ValuesError as error:
        raise error.of_axis(f"node {target.node} ({target.title}), {target.name}") from None
    texts = [value_text(value) or "(nothing)" for value in found]
    if target.type == "COMBO" and all(map(_FILE.fullmatch, texts)):
        texts = short_names(texts)
    points = (
        Point(text, (SetInput(target.node, target.name, value),))
        for text, value in zip(texts, found, strict=True)
    )
    return Axis(target.label, tuple(points))


def value_text(value: Value) -> str:
    """A value as it would be typed."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else format_number(value)


def _parse(target: NodeInput, values: str) -> Sequence[Value]:
    if target.type in ("BOOLEAN", "COMBO"):
        options = target.options if target.type == "COMBO" else (True, False)
        by_text = {value_text(option): option for option in options}
        if not by_text:
            raise ValuesError("has an empty list of choices here")
        return [by_text[name] for name in resolve_names(values, tuple(by_text), what=target.name)]
    if target.type == "INT":
        found = parse_ints(values, minimum=target.minimum, maximum=target.maximum)
    elif target.type == "FLOAT":
        found = parse_floats(values, minimum=target.minimum, maximum=target.maximum)
    elif target.type == "STRING":
        found = [item.text for item in split_values(values)]
    else:
        raise PeriplusError(
            f"input '{target.name}' of node {target.node} ({target.title}) takes {target.type}, "
            "which cannot be typed; choose an input that takes a number, a text, true or false, or "
            "one of a list"
        )
    if not found:
        raise ValuesError(f"values is empty; give at least one, such as {EXAMPLES[target.type]}")
    return found
