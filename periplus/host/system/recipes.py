"""The recipe in a picture, as the outputs of a node."""

from __future__ import annotations

from typing import Any

from comfy_execution.graph_utils import ExecutionBlocker

from ...reading.found import FIELDS
from ...reading.recipe_reader import read_recipe
from . import registries
from .paths import picture_file


def recipe_outputs(picture: str) -> list[Any]:
    """Give each of ``FIELDS`` and the report.

    A field without a value stops the nodes that are linked to it, with the reason, and no other.

    Args:
        picture: as LoadImage names it: ``a.png``, ``folder/a.png [output]``.

    Raises:
        PeriplusError: there is no such picture, or no recipe in it.
    """
    recipe = read_recipe(picture_file(picture), registries.names_by_input())
    values = [
        recipe.values[name]
        if name in recipe.values
        else ExecutionBlocker(f"{name} of {picture} is not known: {recipe.gaps[name]}")
        for name in FIELDS
    ]
    return [*values, recipe.report]
