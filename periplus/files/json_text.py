"""JSON: dataclasses as it has them; and that of whatever origin, looked at before it is parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

MAX_BYTES = 16 * 2**20
"""The size of a JSON text, unless its reader allows another."""

MAX_DEPTH = 100
"""Lists and objects inside one another; workflows have about 15."""

# A text that is never closed is one up to the end, so that no search is made twice.
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = b"[{]}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


def parse_json(text: str | bytes, max_bytes: int = MAX_BYTES) -> Any:
    """Parse a JSON text.

    Args:
        text: the text; bytes are UTF-8.
        max_bytes: the most that it may have.

    Raises:
        ValueError: it is larger, nested deeper than MAX_DEPTH, or not JSON.
    """
    # Half an emoji, which JSON may contain, has no UTF-8.
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(data) > max_bytes:
        raise ValueError(f"it has more than {max_bytes:,} bytes")
    brackets = _TEXT.sub(b"", data).translate(None, _OTHERS)
    if any(depth > MAX_DEPTH for depth in accumulate(map(_STEPS.__getitem__, brackets))):
        raise ValueError(f"it is nested more than {MAX_DEPTH} deep")
    return json.loads(data.decode("utf-8", "surrogatepass"))


def read_json(path: Path, max_bytes: int = MAX_BYTES) -> Any:
    """Read a JSON file in UTF-8.

    Raises:
        OSError: the file cannot be read.
        ValueError: see :func:`parse_json`.
    """
    with path.open("rb") as file:
        return parse_json(file.read(max_bytes + 1), max_bytes)


def json_value(value: Any, written: Callable[[Any], Any] = lambda value: value) -> Any:
    """Turn frozen dataclasses into objects of their fields, and tuples into lists, at any depth.

    This is ``asdict`` in a quarter of its time: what cannot change need not be copied.

    Args:
        value: a dataclass, a tuple of them, a text, a number or None.
        written: what to write for a field's value.
    """
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, tuple):
        return [json_value(item, written) for item in value]
    names = _field_names(type(value))
    return {name: written(json_value(getattr(value, name), written)) for name in names}


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))
