"""AUTOMATIC1111's prompt editing: which text a prompt stands for at each step.

``[a:b:when]``, ``[b:when]`` and ``[a::when]`` change at a step; ``[a|b|c]`` changes at every step.
Round brackets and square brackets around a single text only emphasise it and stay as they are, see
:mod:`periplus.prompts.a1111_attention`. Brackets that make none of these are plain characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from ..errors import PeriplusError

MAX_DEPTH = 100
"""Brackets that are nested deeper are plain characters."""

MAX_CHARACTERS = 5_000_000
"""Of all texts of one prompt together: as many as 1,000 steps of 5,000 characters have."""

_TOKEN = re.compile(r"(?:[^\\()\[\]:|]|\\.)+|[\\()\[\]:|]")
_WHEN = re.compile(r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*")
_CLOSING = {")": "(", "]": "["}


@dataclass(frozen=True)
class _Pass:
    """The steps that a prompt is read for."""

    steps: int
    steps_before: int

    def last_step(self, when: str) -> int:
        """The last step before an edit: 0 (none) to ``steps``."""
        value = float(when)
        if "." in when:
            due = (value - (1 if self.steps_before else 0)) * self.steps
        else:
            due = value - self.steps_before
        return int(min(max(due, 0), self.steps))


@dataclass(frozen=True)
class _Edit:
    """``[before:after:when]``"""

    before: tuple[_Node, ...]
    after: tuple[_Node, ...]
    when: str


@dataclass(frozen=True)
class _Alternation:
    """``[a|b|c]``"""

    options: tuple[tuple[_Node, ...], ...]


_Node = str | _Edit | _Alternation


@dataclass
class _Bracket:
    """An open bracket, and what stands in it so far."""

    opening: str
    parts: list[list[_Node]] = field(default_factory=lambda: [[]])
    separators: list[str] = field(default_factory=list)

    def separate(self, separator: str) -> None:
        self.separators.append(separator)
        self.parts.append([])

    def as_written(self) -> Iterator[_Node]:
        """The bracket as plain characters around what stands in it."""
        for mark, part in zip([self.opening, *self.separators], self.parts, strict=True):
            yield mark
            yield from part

    def closed(self) -> Iterable[_Node] | None:
        """What the bracket means now that it closes; None where it means nothing."""
        colons, bars = self.separators.count(":"), self.separators.count("|")
        parts = tuple(map(tuple, self.parts))
        if not bars and colons == 0:
            return [*self.as_written(), ")" if self.opening == "(" else "]"]
        if self.opening == "(":
            return [*self.as_written(), ")"] if colons == 1 and not bars else None
        if not colons:
            return [_Alternation(parts)]
        when = _WHEN.fullmatch(_plain(parts[-1]))
        if bars or colons > 2 or when is None:
            return None
        return [_Edit(parts[0] if colons == 2 else (), parts[-2], when[1])]


def schedule(prompt: str, steps: int, steps_before: int = 0) -> tuple[tuple[int, str], ...]:
    """What a prompt says at each step, as AUTOMATIC1111 1.6 reads it.

    Args:
        prompt: a prompt, or a part of one between ``AND``.
        steps: number of steps, at least 1. A ``when`` with a decimal point is a share of them.
        steps_before: for a second pass, the steps of the first. Both passes have one timeline:
            a ``when`` counts from the first step of the first, and 1.0 is where the second begins.

    Returns:
        Pairs of a step, counted from 1, and the text up to and including that step. The steps
        rise, the last is ``steps``, and neighbours differ in their texts.

    Raises:
        PeriplusError: the texts would have more than ``MAX_CHARACTERS``.
    """
    nodes = _parsed(prompt)
    if nodes is None:
        return ((steps, prompt),)
    run = _Pass(steps, steps_before)
    ends = sorted({steps, *_ends(nodes, run)} - {0})
    if len(ends) > 1 and len(ends) * len(prompt) > MAX_CHARACTERS:
        raise PeriplusError(
            f"a prompt of {len(prompt):,} characters that changes {len(ends):,} times is too much "
            "to read: shorten it, or take fewer steps"
        )
    pieces: list[tuple[int, str]] = []
    for end in ends:
        text = _text(nodes, end, run)
        if pieces and pieces[-1][1] == text:
            pieces.pop()
        pieces.append((end, text))
    return tuple(pieces)


def _parsed(prompt: str) -> list[_Node] | None:
    """The prompt's nodes; None where A1111's grammar refuses it and takes it as it is."""
    whole = _Bracket("")
    open_brackets = [whole]

    def close_none() -> None:
        # A bracket that means nothing takes those around it along: none of them may contain it.
        for bracket in open_brackets[1:]:
            whole.separators += [mark for mark in bracket.separators if mark == "|"]
            whole.parts[-1] += bracket.as_written()
        del open_brackets[1:]

    for token in _TOKEN.findall(prompt):
        innermost = open_brackets[-1]
        if token == "\\":
            return None
        if token in ("(", "["):
            if len(open_brackets) > MAX_DEPTH:
                close_none()
            open_brackets.append(_Bracket(token))
        elif token in _CLOSING:
            nodes = innermost.closed() if innermost.opening == _CLOSING[token] else None
            if nodes is None:
                close_none()
                whole.parts[-1].append(token)
            else:
                open_brackets.pop()
                open_brackets[-1].parts[-1] += nodes
        elif token == "|" or (token == ":" and innermost is not whole):
            innermost.separate(token)
        else:
            innermost.parts[-1].append(token)
    close_none()
    # A bar outside of any alternation is what the grammar has no place for.
    return None if whole.separators else whole.parts[0]


def _plain(nodes: tuple[_Node, ...]) -> str:
    """The text of nodes that are all text, else nothing."""
    texts = [node for node in nodes if isinstance(node, str)]
    return "".join(texts) if len(texts) == len(nodes) else ""


def _ends(nodes: Iterable[_Node], run: _Pass) -> set[int]:
    """The steps after which the text may change."""
    ends: set[int] = set()
    for node in nodes:
        if isinstance(node, _Edit):
            ends |= {run.last_step(node.when)} | _ends(chain(node.before, node.after), run)
        elif isinstance(node, _Alternation):
            return set(range(1, run.steps + 1))
    return ends


def _text(nodes: Iterable[_Node], step: int, run: _Pass) -> str:
    """The text at a step, which counts from 1."""
    texts = []
    for node in nodes:
        if isinstance(node, _Edit):
            now = node.before if step <= run.last_step(node.when) else node.after
            texts.append(_text(now, step, run))
        elif isinstance(node, _Alternation):
            texts.append(_text(node.options[(step - 1) % len(node.options)], step, run))
        else:
            texts.append(node)
    return "".join(texts)
