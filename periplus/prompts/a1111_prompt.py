"""AUTOMATIC1111's prompt language as a whole, turned into a script for the sampler."""

from __future__ import annotations

import re
from functools import lru_cache

from ..errors import PeriplusError
from .a1111_attention import comfy_chunks
from .a1111_schedule import schedule
from .script import Part, Script, Turn

_AND = re.compile(r"\bAND\b")
_WEIGHT = re.compile(r"\s*([+-]?(?:[0-9]{1,9}\.?|[0-9]{0,9}\.[0-9]+))\s*")
_NETWORK = re.compile(r"<(?:lora|lyco|hypernet):[^<>]*>", re.IGNORECASE)


def refuse_networks(prompt: str) -> None:
    """Refuse tags that load a network, which a text encoder would read as words.

    Raises:
        PeriplusError: there is one.
    """
    tag = _NETWORK.search(prompt)
    if tag:
        raise PeriplusError(
            f"{tag[0]} in the prompt loads nothing here: take it out, and use an Axis: LoRA node, "
            "or a LoRA loader between the checkpoint loader and the sweep"
        )


@lru_cache(maxsize=4096)
def read_script(prompt: str, calls: int, calls_before: int = 0, *, composed: bool) -> Script:
    """Read a prompt as A1111 1.6 does; whatever is malformed is plain text, as it is there.

    Args:
        prompt: a prompt in A1111's syntax.
        calls: how many calls of the denoiser the schedules of the prompt are for: steps times
            :func:`periplus.prompts.script.calls_per_step`, since A1111 counts calls too.
        calls_before: for a second pass, how many calls the schedules give to the first.
        composed: whether ``AND`` makes parts; in a negative prompt it is a mere word.
    """
    parts = map(_weighted, _AND.split(prompt)) if composed else [(prompt, 1.0)]
    return Script(tuple(Part(weight, _turns(text, calls, calls_before)) for text, weight in parts))


def _turns(text: str, calls: int, calls_before: int) -> tuple[Turn, ...]:
    pieces = schedule(text, calls, calls_before)
    # A1111 counts its steps from 1 but looks them up from 0: a text that lasts to step 3 steers
    # four calls, 0 to 3.
    ends = [end + 1 for end, _ in pieces[:-1]]
    spans = zip([0, *ends], [*ends, None], pieces, strict=True)
    return tuple(Turn(first, end, comfy_chunks(piece)) for first, end, (_, piece) in spans)


def _weighted(part: str) -> tuple[str, float]:
    """Split ``text :1.2`` into text and weight."""
    text, colon, number = part.rpartition(":")
    weight = _WEIGHT.fullmatch(number)
    return (text.rstrip(), float(weight[1])) if colon and weight else (part, 1.0)
