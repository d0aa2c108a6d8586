"""A recipe as it was written down, read again, whoever wrote it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.reading.stored_recipe import recipe_of
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

RECIPE = Recipe(
    *("a cat", "", 2**64 - 1, 20, 7.5, "euler", "normal"),
    clip_skip=2,
    loras=(LoraRecipe("a", -1.5, 0.5), LoraRecipe("b")),
    refiner=RefinerRecipe("", 0.5, cfg=0.0, handoff="continuous"),
    hires=HiresRecipe("latent: area", steps=0),
)


@pytest.mark.parametrize("recipe", [RECIPE, Recipe("", "", 0, 1, 0.0, "lcm", "beta")])
def test_a_recipe_is_what_was_written(recipe: Recipe) -> None:
    assert recipe_of(json.loads(json.dumps(asdict(recipe)))) == recipe


def test_what_an_earlier_version_did_not_know_has_its_default() -> None:
    written = asdict(RECIPE)
    del written["vae_tiling"], written["refiner"]["handoff"]
    recipe = recipe_of(json.loads(json.dumps(written)))
    assert recipe.refiner is not None
    assert (recipe.vae_tiling, recipe.refiner.handoff) == ("auto", "native")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"steps": 10**9}, "steps is 1000000000"),
        ({"cfg": float("nan")}, "cfg is nan"),
        ({"width": "64"}, "width is '64'"),
        ({"positive": ["a"]}, "positive of the cell's recipe"),
        ({"prompt_syntax": "other"}, "prompt_syntax of the cell's recipe is 'other'"),
        ({"loras": [{"name": "a", "strength_clip": 1e9}]}, "strength_clip"),
        ({"loras": [{}] * 1001}, "LoRAs"),
        ({"loras": [{}]}, "no lora name"),
        ({"hires": {"upscaler": "a", "scale": 1e6}}, "hires_scale"),
        ({"refiner": {"ckpt_name": "a", "ascore": True}}, "ascore"),
        ({"refiner": 5}, "which is none"),
    ],
)
def test_a_recipe_that_no_sweep_takes_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(PeriplusError, match=why):
        recipe_of({**json.loads(json.dumps(asdict(RECIPE))), **changes})


@pytest.mark.parametrize("content", [None, [], {"positive": "a"}])
def test_what_is_no_recipe_is_refused(content: Any) -> None:
    with pytest.raises(PeriplusError, match="recipe of the cell"):
        recipe_of(content)
