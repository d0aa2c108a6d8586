"""The LoRA axis: ``name``, ``name:0.8``, ``name:0.8:0.6``, several joined by ``+``, or ``none``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..recipe import MAX_LORA_STRENGTH, LoraRecipe
from .axis import Axis, Point, SetLoras
from .axis_kinds import errors_of, short_names
from .names import resolve_list, resolve_name, spelled
from .values import Item, format_number

NONE = "none"
"""Stands for a point without LoRAs."""

_NUMBER = re.compile(r"-?(?:[0-9]{1,9}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")


def lora_axis(values: str, options: Sequence[str]) -> Axis:
    """Make an axis of LoRAs, one or several at each point.

    Args:
        values: the values text; empty for every LoRA by itself.
        options: the LoRAs that ComfyUI knows.

    Raises:
        ValuesError: a LoRA is not known, or its strength is out of bounds.
    """
    with errors_of("LoRA"):
        points = resolve_list(
            values,
            options,
            what="LoRA",
            read=lambda item: _read_loras(item, options),
            names=lambda loras: tuple(lora.name for lora in loras),
        )
    used = tuple(dict.fromkeys(lora.name for loras in points for lora in loras))
    short = dict(zip(used, short_names(used), strict=True))
    return Axis(
        "LoRA",
        tuple(
            Point(
                " + ".join(short[lora.name] + _strengths(lora) for lora in loras) or NONE,
                (SetLoras(loras, _text(loras)),),
            )
            for loras in points
        ),
    )


def _read_loras(item: Item, options: Sequence[str]) -> tuple[LoraRecipe, ...]:
    if item.text.casefold() == NONE:
        return ()
    # A file's name may have a + in it.
    whole = spelled(item.text, options) or spelled(_split(item.text)[0], options)
    parts = [item.text] if whole else item.text.split("+")
    return tuple(_read_lora(Item(part.strip(), item.position), options) for part in parts)


def _read_lora(item: Item, options: Sequence[str]) -> LoraRecipe:
    if spelled(item.text, options):  # a file's name may end like a strength
        return LoraRecipe(resolve_name(item, options, what="LoRA"))
    named, strengths = _split(item.text)
    for strength in strengths:
        if abs(strength) > MAX_LORA_STRENGTH:
            raise item.refusal(
                f"has a strength of {format_number(strength)}",
                hint=f"it must be between -{MAX_LORA_STRENGTH} and {MAX_LORA_STRENGTH}",
            )
    name = resolve_name(Item(named, item.position), options, what="LoRA")
    model, clip = (strengths * 2 or [1.0, 1.0])[:2]
    return LoraRecipe(name, model, clip)


def _split(text: str) -> tuple[str, list[float]]:
    """Split the name, which may be anything, from at most two strengths behind it."""
    name, strengths = text.strip(), []
    while len(strengths) < 2:
        head, _, number = name.rpartition(":")
        if not (head and _NUMBER.fullmatch(number.strip())):
            break
        name, strengths = head.rstrip(), [float(number), *strengths]
    return name, strengths


def _text(loras: Sequence[LoraRecipe]) -> str:
    return "+".join(lora.name + _strengths(lora) for lora in loras) or NONE


def _strengths(lora: LoraRecipe) -> str:
    strengths = [format_number(lora.strength_model), format_number(lora.strength_clip)]
    if strengths[0] == strengths[1]:
        strengths = [] if strengths[0] == "1" else strengths[:1]
    return "".join(f":{strength}" for strength in strengths)
