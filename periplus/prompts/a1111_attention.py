"""AUTOMATIC1111's emphasis, read from a prompt and written as ComfyUI's.

``(x)`` is 1.1, ``[x]`` is 1 / 1.1, ``(x:1.3)`` is 1.3, nested weights multiply, a backslash makes a
bracket a plain character, and ``BREAK`` ends a chunk of 75 tokens. ComfyUI has none of ``[x]``,
multiplied weights and ``BREAK``; what a weight does to a text is left to ComfyUI.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

MAX_OPEN = 100
"""Further brackets while so many of their kind are open are plain characters."""

_ROUND, _SQUARE = 1.1, 1 / 1.1
_WEIGHT = r":\s*([+-]?(?:[0-9]{1,9}(?:\.[0-9]*)?|\.[0-9]+))\s*\)"
_TOKEN = re.compile(rf"\\[\\()\[\]]?|[(\[)\]]|{_WEIGHT}|[^\\()\[\]:]+|:")
_BREAK = re.compile(r"\bBREAK\b")


class Weighted(NamedTuple):
    """A piece of a text and its weight."""

    text: str
    weight: float


_END_OF_CHUNK = Weighted("BREAK", -1.0)
"""A1111's own mark: brackets around it change its weight, and then it is the mere word."""


def comfy_chunks(prompt: str) -> tuple[str, ...]:
    """Write an A1111 prompt as texts that ComfyUI's tokenizers weight equally.

    Args:
        prompt: a prompt without ``AND`` and prompt editing.

    Returns:
        The chunks between ``BREAK``, at least one.
    """
    chunks: list[list[Weighted]] = [[]]
    for piece in read_attention(prompt):
        if piece == _END_OF_CHUNK:
            chunks.append([])
        else:
            chunks[-1].append(piece)
    if len(chunks) > 1 and not any(text.strip() for text, _ in chunks[-1]):
        chunks.pop()
    return tuple(map(_comfy_text, chunks))


def read_attention(prompt: str) -> list[Weighted]:
    """The pieces of a prompt with their weights, as A1111 1.6 reads them; a chunk's end is one."""
    texts: list[str] = []
    weights: list[float] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}

    def close(bracket: str, multiplier: float) -> None:
        for index in range(opened[bracket].pop(), len(weights)):
            weights[index] *= multiplier

    def add(text: str, weight: float = 1.0) -> None:
        texts.append(text)
        weights.append(weight)

    for token in _TOKEN.finditer(prompt):
        text, weight = token[0], token[1]
        if text.startswith("\\"):
            add(text[1:])
        elif text in opened and len(opened[text]) < MAX_OPEN:
            opened[text].append(len(weights))
        elif weight and opened["("]:
            close("(", float(weight))
        elif text == ")" and opened["("]:
            close("(", _ROUND)
        elif text == "]" and opened["["]:
            close("[", _SQUARE)
        else:
            for piece in _broken(text):
                add(*piece)
    while opened["("]:
        close("(", _ROUND)
    while opened["["]:
        close("[", _SQUARE)
    pieces = groupby(map(Weighted, texts, weights), key=lambda piece: piece.weight)
    return [Weighted("".join(text for text, _ in run), weight) for weight, run in pieces]


def _broken(text: str) -> Iterator[Weighted]:
    """A text without brackets as pieces with chunk ends between, which swallow the blanks."""
    first, *others = _BREAK.split(text)
    yield Weighted(first.rstrip() if others else first, 1.0)
    for index, other in enumerate(others, start=1):
        yield _END_OF_CHUNK
        yield Weighted(other.strip() if index < len(others) else other.lstrip(), 1.0)


def _comfy_text(pieces: Iterable[Weighted]) -> str:
    written = ""
    for text, weight in pieces:
        if not text:
            continue
        plain = text.replace("(", "\\(").replace(")", "\\)")
        if weight == 1.0:
            written += plain
        else:
            # The blank, which no tokenizer counts, keeps a backslash from escaping our bracket.
            blank = " " if written.endswith("\\") else ""
            written += f"{blank}({plain}:{weight!r})"
    return written
