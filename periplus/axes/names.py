"""Names that users type, resolved to the names that ComfyUI knows.

ComfyUI's own nodes take samplers, schedulers and model files from lists. A values text is typed,
so it may differ from the list in upper and lower case, in the kind of slash, and, for files, by
leaving out the folder or the extension; a part that only one name has is enough. What fits exactly
one name means that name; everything else is refused with the nearest one. In lists of names:

==========  ======================================================================
``*``       all names, in ComfyUI's order, but for those listed before it
``!text``   leaves out the name that it means, or else every name with this text
``# text``  at the start of a line: a comment
==========  ======================================================================

A name that begins with one of these signs still means itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from ..errors import PeriplusError, ValuesError
from .values import COMMENT, Item, split_lines, split_values

T = TypeVar("T")

ALL, NOT = "*", "!"

_SHOWN = 5
"""How many names an error lists before it stops."""

_LONGEST_MISSPELT = 300
"""A longer text is no misspelling of anything, and comparing it would take long."""

# AUTOMATIC1111 writes "model.safetensors [31e35c80fc]".
_HASH = re.compile(r"\[[0-9a-f]{8,64}\]$")


class _Index(NamedTuple):
    """A list of names, made ready for looking up many."""

    folded: Mapping[str, str]
    """Each name without what need not be right."""
    by_folded: Mapping[str, list[str]]
    by_spelling: Mapping[str, list[str]]


def nearest(name: str, options: Sequence[str]) -> str | None:
    """The option that ``name`` is most likely a misspelling or a part of; None if there is none.

    Case does not count, and files are compared with and without their folder and extension.
    """
    folded = _fold(name)
    spellings = {spelling: option for option in options for spelling in _spellings(option)}
    if len(folded) <= _LONGEST_MISSPELT:
        close = difflib.get_close_matches(folded, spellings, n=1)
        if close:
            return spellings[close[0]]
    return next(iter(_containing(name, options)), None)


def resolve_name(item: Item, options: Sequence[str], *, what: str) -> str:
    """The one option that the item means.

    An exact match wins, then one that differs in case or kind of slash, then a file named without
    its folder, extension or both, then the only name that contains the text.

    Args:
        options: the names that ComfyUI knows.
        what: what is named, for the error: "sampler", "scheduler", "checkpoint".

    Raises:
        ValuesError: nothing fits, several fit, or ``options`` is empty.
    """
    _refuse_empty(options, what)
    matches = spelled(item.text, options) or _containing(item.text, options)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise item.refusal(
            f"fits more than one {what}", hint=f"write one in full: {_some(matches)}"
        )
    near = nearest(item.text, options)
    article = "an" if what[0] in "aeiou" else "a"
    raise item.refusal(
        f"is not {article} {what} of this ComfyUI",
        hint=f"nearest: {near}" if near is not None else f"valid: {_some(options)}",
    )


def resolve_names(text: str, options: Sequence[str], *, what: str) -> tuple[str, ...]:
    """The options that a values text lists, in its order; all options if it lists none.

    Raises:
        ValuesError: as :func:`resolve_list`.
    """
    return resolve_list(
        text,
        options,
        what=what,
        read=lambda item: resolve_name(item, options, what=what),
        names=lambda name: (name,),
    )


def resolve_list(
    text: str,
    options: Sequence[str],
    *,
    what: str,
    read: Callable[[Item], T],
    names: Callable[[T], tuple[str, ...]],
) -> tuple[T, ...]:
    """What a values text of names lists, with ``*``, ``!text`` and comments carried out.

    Args:
        text: the values text; one that lists nothing means all options.
        options: the names that ComfyUI knows.
        what: what is named, for errors.
        read: gives what an item means; every option, in full, must be such an item.
        names: gives the options that such a meaning is made of.

    Raises:
        ValuesError: ``read`` refuses an item, everything is left out, all options are meant and
            there are none, or the text has an unclosed quote.
    """
    items = split_names(text, options)
    names_none = all(_leaves_out(item, options) for item in items)
    if names_none or any(item.text == ALL for item in items):
        _refuse_empty(options, what)
    listed: list[T] = []
    known: set[tuple[str, ...]] = set()
    left_out: set[str] = set()

    def add(value: T) -> None:
        listed.append(value)
        known.add(names(value))

    for item in items:
        if item.text == ALL and not spelled(item.text, options):
            for option in [option for option in options if (option,) not in known]:
                add(read(Item(option, item.position)))
        elif _leaves_out(item, options):
            left_out.update(_left_out(item, options))
        else:
            add(read(item))
    if names_none:
        listed = [read(Item(option, 1)) for option in options]
    kept = tuple(value for value in listed if left_out.isdisjoint(names(value)))
    if not kept:
        raise ValuesError(f"every {what} is left out", hint=f"take away one of the {NOT} items")
    return kept


def spelled(text: str, options: Sequence[str]) -> list[str]:
    """The options that the text is a spelling of: itself, or else all that differ in case or kind
    of slash, or else all files that it names without folder, extension or both.
    """
    if text in options:
        return [text]
    folded, index = _fold(text), _index(tuple(options))
    return index.by_folded.get(folded) or index.by_spelling.get(folded, [])


def split_names(text: str, options: Sequence[str]) -> tuple[Item, ...]:
    """Split a values text of names as :func:`split_values` does, without its comment lines.

    Raises:
        ValuesError: the text has an unclosed quote.
    """

    def is_comment(line: str) -> bool:
        first = line.partition(",")[0].strip()
        return first.startswith(COMMENT) and not spelled(first, options)

    return split_values("\n".join(line for line in split_lines(text) if not is_comment(line)))


def check_name(name: str | None, options: Sequence[str], *, what: str) -> None:
    """Refuse a choice that is not in its list, which not every ComfyUI does for a node's input.

    Args:
        name: what was chosen; None where it is linked and not known yet.
        options: the names in the list.
        what: the input, for the error.

    Raises:
        PeriplusError: the name is not in the list; the text gives the nearest one.
    """
    if name is None or name in options:
        return
    near = nearest(str(name), options)
    hint = f"nearest: {near}" if near else f"valid: {_some([o for o in options if o])}"
    raise PeriplusError(f"{what} '{name}' is not in its list; {hint}")


def _refuse_empty(options: Sequence[str], what: str) -> None:
    if not options:
        raise ValuesError(f"no {what} found in ComfyUI's models folder")


def _leaves_out(item: Item, options: Sequence[str]) -> bool:
    return item.text.startswith(NOT) and not spelled(item.text, options)


def _left_out(item: Item, options: Sequence[str]) -> list[str]:
    text = item.text.removeprefix(NOT)
    if not text.strip():
        raise item.refusal("leaves out nothing", hint="write a name behind it, such as !name")
    return spelled(text, options) or _containing(text, options)


def _containing(text: str, options: Sequence[str]) -> list[str]:
    searched = _fold(text)
    folded = _index(tuple(options)).folded.items()
    return [option for option, name in folded if searched and searched in name]


@lru_cache(maxsize=16)
def _index(options: tuple[str, ...]) -> _Index:
    by_folded: dict[str, list[str]] = {}
    by_spelling: dict[str, list[str]] = {}
    for option in options:
        by_folded.setdefault(_fold(option), []).append(option)
        for spelling in _spellings(option):
            by_spelling.setdefault(spelling, []).append(option)
    return _Index({option: _fold(option) for option in options}, by_folded, by_spelling)


def _fold(name: str) -> str:
    """The name without what users need not get right: case, kind of slash, A1111's hash."""
    return _HASH.sub("", name.strip().replace("\\", "/").casefold()).rstrip()


def _spellings(option: str) -> set[str]:
    """Every folded spelling that may stand for the option."""
    path = PurePosixPath(_fold(option))
    return {str(path), path.name, path.stem, str(path.parent / path.stem)}


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
