"""The whole recipe of a cell, as its picture's text or the manifest has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar

from ..axes.axis_kinds import SETTINGS, check_setting
from ..errors import PeriplusError
from ..recipe import (
    DENOISE_STEPS,
    HANDOFFS,
    MAX_LORA_STRENGTH,
    PROMPT_SYNTAXES,
    HiresRecipe,
    LoraRecipe,
    Recipe,
    RefinerRecipe,
)
from ..tiling import VAE_TILING

MAX_LORAS = 1000
"""In one recipe."""

_CHOICES = {
    "denoise_steps": DENOISE_STEPS,
    "handoff": HANDOFFS,
    "prompt_syntax": PROMPT_SYNTAXES,
    "vae_tiling": VAE_TILING,
}
_BOUNDS = {
    "strength_model": MAX_LORA_STRENGTH,
    "strength_clip": MAX_LORA_STRENGTH,
    "ascore": 1000,
    "negative_ascore": 1000,
}
"""Of numbers that no axis sets: how far from 0 they may be."""

_Kind = TypeVar("_Kind", Recipe, RefinerRecipe, LoraRecipe, HiresRecipe)


def recipe_of(content: Any) -> Recipe:
    """Give the recipe that was written down.

    Args:
        content: what is written, of whatever origin.

    Raises:
        PeriplusError: it is no recipe; the text names what is wrong.
    """
    return _built(Recipe, content, "")


def _built(kind: type[_Kind], content: Any, part: str) -> _Kind:
    """Build a recipe or a part of one, whose settings are named with ``part`` before."""
    if not isinstance(content, Mapping):
        raise PeriplusError(f"the recipe of the cell is {content!r:.80}, which is none")
    values = {}
    for field in fields(kind):
        if field.name in content:
            values[field.name] = _value(field.name, content[field.name], part)
        elif field.default is MISSING:
            raise PeriplusError(f"the recipe of the cell has no {part}{field.name}")
    return kind(**values)


def _value(name: str, value: Any, part: str) -> Any:
    if name == "loras":
        if not isinstance(value, list) or len(value) > MAX_LORAS:
            raise PeriplusError(f"the LoRAs of the cell's recipe are {value!r:.80}")
        return tuple(_built(LoraRecipe, lora, "lora ") for lora in value)
    if name in ("refiner", "hires") and value is None:
        return None
    if name == "refiner":
        return _built(RefinerRecipe, value, "refiner_")
    if name == "hires":
        return _built(HiresRecipe, value, "hires_")
    setting = next((n for n in (f"{part}{name}", name) if n in SETTINGS), None)
    if setting:
        check_setting(setting, value)
    elif name in _BOUNDS:
        _check_bounds(name, value, _BOUNDS[name])
    elif not isinstance(value, str) or value not in _CHOICES.get(name, (value,)):
        raise PeriplusError(f"{part}{name} of the cell's recipe is {value!r:.80}")
    return value


def _check_bounds(name: str, value: Any, bound: float) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not -bound <= value <= bound:
        raise PeriplusError(
            f"{name} of the cell's recipe is {value!r:.80}; it must be a number between {-bound} "
            f"and {bound}"
        )
