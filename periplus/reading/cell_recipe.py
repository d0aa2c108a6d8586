"""The recipe in the text that every cell of a sweep carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..errors import PeriplusError
from ..recipe import Recipe
from .found import FIELDS, Finds, Found

SOURCE = "the cell's recipe"

LINKS = "links"
"""In a cell's text: where the sweep node's inputs come from, in the picture's workflow, by name."""

START_SIZE = "start_size"
"""In a cell's text: width and height, in pixels, of the linked picture that it began with."""

_REPLACED = "{}_conditioning"
_DEFAULTS = {field.name: field.default for field in fields(Recipe) if field.name not in FIELDS}
"""What a cell may have besides, and where it has nothing special."""

_STARTS = ("latent_image", "image")


def read_cell(content: Any) -> Found:
    """Give the recipe that a cell of Sweep KSampler carries, of whatever origin.

    What was linked is not in it, and left for other texts to say.

    Raises:
        PeriplusError: it is none of a cell.
    """
    recipe = _recipe(content)
    linked = content.get("linked")
    finds = Finds(SOURCE)
    for name in FIELDS:
        replaced = _REPLACED.format(name)
        if isinstance(linked, list) and replaced in linked:
            finds.miss(name, f"{replaced} was linked and replaced it")
        elif name in recipe and (name != "ckpt_name" or recipe[name]):
            finds.set(name, recipe[name])
    others = [
        name if isinstance(recipe[name], list | Mapping) else f"{name} {recipe[name]!s:.40}"
        for name, default in _DEFAULTS.items()
        if recipe.get(name) not in (default, None, [])
    ]
    if others:
        finds.notes.append(f"the cell also has {', '.join(others)}")
    if isinstance(linked, list) and any(start in linked for start in _STARTS):
        finds.notes.append("the cell began with a picture that was linked, not with noise alone")
    return finds.result()


def with_overrides(content: Any, prompt: Any) -> Any:
    """Give a prompt with what the cell of a graph sweep sets in it; other cells set nothing.

    Raises:
        PeriplusError: the text is none of a cell, or the prompt is none.
    """
    if not isinstance(prompt, Mapping):
        raise PeriplusError("the workflow in it is no list of nodes")
    changed = {
        node_id: {**node, "inputs": {**node["inputs"]}}
        for node_id, node in prompt.items()
        if isinstance(node, Mapping) and isinstance(node.get("inputs"), Mapping)
    }
    overrides = _recipe(content).get("overrides")
    for override in overrides if isinstance(overrides, list) else ():
        if isinstance(override, Mapping) and str(override.get("node")) in changed:
            inputs = changed[str(override["node"])]["inputs"]
            inputs[str(override.get("input"))] = override.get("value")
    return changed


def _recipe(content: Any) -> Mapping[str, Any]:
    recipe = content.get("recipe") if isinstance(content, Mapping) else None
    if not isinstance(recipe, Mapping):
        raise PeriplusError("the text of a cell in it has no recipe")
    return recipe
