"""AUTOMATIC1111's infotext: prompts and settings as one text, which other tools read as well.

::

    a castle, red
    and a second line of the prompt
    Negative prompt: fog
    Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, Version: v1.6.0

The settings are the last line that looks like them; lines below it, which some extensions add, do
not count. A value with a comma, a colon, a quote or a new line in it is written as a JSON string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..axes.values import split_lines
from ..errors import PeriplusError

MAX_LENGTH = 1_000_000
"""Characters of an infotext; a longer one is none."""

NEGATIVE = "Negative prompt:"

FIRST_SETTING = "Steps"
"""AUTOMATIC1111 and those who follow it begin the settings with it."""

_LEAST_SETTINGS = 3
"""A line with fewer belongs to a prompt."""

# Bounded, so that no line of words makes the search long.
_SETTING = re.compile(
    r"""(?P<name>\w[\w\ \-/]{0,80}) : \s*
        (?P<value> "(?:\\.|[^\\"])*" (?=\s*(?:,|\Z)) | [^,]*) \s* (?:,|\Z)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Infotext:
    """What an infotext says."""

    positive: str = ""
    negative: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Values as they are written, without their quotes, by name, in their order."""


def parse_infotext(text: str) -> Infotext:
    """Read an infotext; one without settings is a prompt alone.

    Spaces around the prompts do not count.

    Raises:
        PeriplusError: the text is too long.
    """
    if len(text) > MAX_LENGTH:
        raise PeriplusError(f"an infotext has {len(text):,} characters, more than {MAX_LENGTH:,}")
    lines, settings = split_lines(text), {}
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].lstrip().startswith(f"{FIRST_SETTING}:"):
            settings = _settings(lines[number])
            if len(settings) >= _LEAST_SETTINGS:
                lines = lines[:number]
                break
            settings = {}
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith(NEGATIVE)]
    middle = starts[0] if starts else len(lines)
    negative = "\n".join(lines[middle:]).strip().removeprefix(NEGATIVE)
    return Infotext("\n".join(lines[:middle]).strip(), negative.strip(), settings)


def format_infotext(infotext: Infotext) -> str:
    """Write an infotext, which :func:`parse_infotext` reads as the same.

    That holds where the first setting is Steps, there are three or more, and no line of the
    positive prompt begins as the negative one does, for which the format has no way.
    """
    settings = [f"{name}: {_quoted(value)}" for name, value in infotext.settings.items()]
    lines = [infotext.positive] if infotext.positive else []
    lines += [f"{NEGATIVE} {infotext.negative}"] if infotext.negative else []
    return "\n".join([*lines, ", ".join(settings)])


def _settings(line: str) -> dict[str, str]:
    return {
        match["name"].strip(): _unquoted(match["value"].strip())
        for match in _SETTING.finditer(line)
    }


def _quoted(value: str) -> str:
    plain = value == value.strip() and not any(sign in value for sign in ',:"\n\r')
    return value if plain else json.dumps(value, ensure_ascii=False)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value, strict=False))
    except ValueError:  # a quote that belongs to the value
        return value
