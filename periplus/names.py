"""Names that users type, resolved to the names that ComfyUI knows.

ComfyUI's own nodes take samplers, schedulers and model files from lists. A values text is typed,
so it may differ from the list in upper and lower case, in the kind of slash, and, for files, by
leaving out the folder or the extension. What fits exactly one name means that name; everything
else is refused with the nearest one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from .errors import PeriplusError, ValuesError
from .values import Item, split_values

_SHOWN = 5
"""How many names an error lists before it stops."""

# AUTOMATIC1111 writes "model.safetensors [31e35c80fc]".
_HASH = re.compile(r"\s*\[[0-9a-f]{8,64}\]$")


def nearest(name: str, options: Sequence[str]) -> str | None:
    """The option that ``name`` is most likely a misspelling or a part of; None if there is none.

    Case does not count, and files are compared with and without their folder and extension.
    """
    folded = _fold(name)
    spellings = {spelling: option for option in options for spelling in _spellings(option)}
    close = difflib.get_close_matches(folded, spellings, n=1)
    if close:
        return spellings[close[0]]
    return next((option for option in options if folded and folded in _fold(option)), None)


def resolve_name(item: Item, options: Sequence[str], *, what: str) -> str:
    """The one option that the item means.

    An exact match wins, then one that differs in case or kind of slash, then a file named without
    its folder, extension or both.

    Args:
        options: the names that ComfyUI knows.
        what: what is named, for the error: "sampler", "scheduler", "checkpoint".

    Raises:
        ValuesError: nothing fits, several fit, or ``options`` is empty.
    """
    _refuse_empty(options, what)
    if item.text in options:
        return item.text
    folded = _fold(item.text)
    matches = [option for option in options if _fold(option) == folded] or [
        option for option in options if folded in _spellings(option)
    ]
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
    """The options that a values text lists, in its order; all options if the text is empty.

    Raises:
        ValuesError: as :func:`resolve_name`, or the text has an unclosed quote.
    """
    _refuse_empty(options, what)
    items = split_values(text)
    return tuple(resolve_name(item, options, what=what) for item in items) or tuple(options)


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
    near = nearest(name, options)
    hint = f"nearest: {near}" if near else f"valid: {_some([o for o in options if o])}"
    raise PeriplusError(f"{what} '{name}' is not in its list; {hint}")


def _refuse_empty(options: Sequence[str], what: str) -> None:
    if not options:
        raise ValuesError(f"no {what} found in ComfyUI's models folder")


def _fold(name: str) -> str:
    """The name without what users need not get right: case, kind of slash, A1111's hash."""
    return _HASH.sub("", name.strip().replace("\\", "/").casefold())


def _spellings(option: str) -> set[str]:
    """Every folded spelling that may stand for the option."""
    path = PurePosixPath(_fold(option))
    return {str(path), path.name, path.stem, str(path.parent / path.stem)}


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
