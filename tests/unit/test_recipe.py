"""The recipe: where the refiner takes over, and what names a picture."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from periplus.recipe import Recipe, RefinerRecipe, cell_key, switch_step

REFINER = RefinerRecipe("refiner.safetensors")
RECIPE = Recipe(
    positive="a lighthouse, ночь",
    negative="blurry",
    seed=7,
    steps=20,
    cfg=7.5,
    sampler_name="euler",
    scheduler="karras",
    ckpt_name="base.safetensors",
    refiner=REFINER,
)
IDENTITIES = {
    "checkpoint base.safetensors": "aa",
    "checkpoint refiner.safetensors": "bb",
    "vae": "cc",
}
HOST = {"torch": "2.9.1", "device": "cpu"}
KEY = cell_key(RECIPE, IDENTITIES, HOST)

OTHER_VALUES = {
    "positive": "a lighthouse",
    "negative": "",
    "seed": 8,
    "steps": 21,
    "cfg": 7.25,
    "sampler_name": "heun",
    "scheduler": "normal",
    "denoise": 0.5,
    "width": 768,
    "height": 768,
    "ckpt_name": "other.safetensors",
    "refiner": None,
}
OTHER_REFINER_VALUES = {
    "ckpt_name": "other.safetensors",
    "switch_at": 0.75,
    "positive": "sharp",
    "negative": "soft",
    "ascore": 7.0,
    "negative_ascore": 1.0,
    "sampler_name": "heun",
    "scheduler": "normal",
    "cfg": 5.0,
    "handoff": "continuous",
}

# A1111's switch points, by number of steps; a count equal to the steps means "never".
STEP_COUNTS = (10, 12, 15, 20, 24, 25, 30, 40, 50)
SWITCH_STEPS = {
    0.5: (5, 6, 8, 10, 12, 13, 15, 20, 25),
    0.6: (6, 8, 9, 12, 15, 15, 18, 24, 30),
    0.7: (7, 9, 11, 14, 17, 18, 21, 28, 35),
    0.75: (8, 9, 12, 15, 18, 19, 23, 30, 38),
    0.8: (8, 10, 12, 16, 20, 20, 24, 32, 40),
    0.9: (9, 11, 14, 18, 22, 23, 27, 36, 45),
    0.95: (10, 12, 15, 19, 23, 24, 29, 38, 48),
    1.0: STEP_COUNTS,
    1.5: STEP_COUNTS,
    0.0: (0,) * len(STEP_COUNTS),
}


@pytest.mark.parametrize(
    ("steps", "switch_at", "expected"),
    [
        (steps, switch_at, expected)
        for switch_at, row in SWITCH_STEPS.items()
        for steps, expected in zip(STEP_COUNTS, row, strict=True)
    ],
)
def test_switch_step_agrees_with_a1111(steps: int, switch_at: float, expected: int) -> None:
    assert switch_step(steps, switch_at) == expected


def test_switch_step_is_exact_where_binary_fractions_would_add_a_step() -> None:
    traps = []
    for steps in range(1, 151):
        for hundredths in range(1, 101):
            exact = -(-steps * hundredths // 100)  # rounded up, in whole numbers
            assert switch_step(steps, hundredths / 100) == exact
            if math.ceil(steps * (hundredths / 100)) != exact:
                traps.append((steps, hundredths))
    assert len(traps) == 18
    assert {(25, 28), (50, 56)} <= set(traps)


def test_equal_recipes_have_equal_keys() -> None:
    twin = replace(RECIPE, refiner=replace(REFINER))
    assert cell_key(twin, dict(reversed(IDENTITIES.items())), dict(HOST)) == KEY


@pytest.mark.parametrize(("whole", "point"), [(7, 7.0), (0.0, -0.0)])
def test_numbers_that_are_equal_have_equal_keys_however_they_are_spelled(
    whole: float, point: float
) -> None:
    one, other = (
        replace(RECIPE, cfg=cfg, refiner=replace(REFINER, cfg=cfg)) for cfg in (whole, point)
    )
    assert one == other
    assert cell_key(one, IDENTITIES, HOST) == cell_key(other, IDENTITIES, HOST)


def test_every_field_of_the_recipe_changes_the_key() -> None:
    assert OTHER_VALUES.keys() == {field.name for field in fields(Recipe)}
    changed = [replace(RECIPE, **{name: value}) for name, value in OTHER_VALUES.items()]
    keys = {cell_key(recipe, IDENTITIES, HOST) for recipe in changed}
    assert len(keys | {KEY}) == len(changed) + 1


def test_every_field_of_the_refiner_changes_the_key() -> None:
    assert OTHER_REFINER_VALUES.keys() == {field.name for field in fields(RefinerRecipe)}
    changed = [RECIPE.refined(**{name: value}) for name, value in OTHER_REFINER_VALUES.items()]
    keys = {cell_key(recipe, IDENTITIES, HOST) for recipe in changed}
    assert len(keys | {KEY}) == len(changed) + 1


def test_a_text_that_moves_from_one_field_to_another_changes_the_key() -> None:
    swapped = replace(RECIPE, positive=RECIPE.negative, negative=RECIPE.positive)
    assert cell_key(swapped, IDENTITIES, HOST) != KEY


@pytest.mark.parametrize("name", IDENTITIES)
def test_another_file_behind_a_used_name_changes_the_key(name: str) -> None:
    assert cell_key(RECIPE, IDENTITIES | {name: "dd"}, HOST) != KEY


def test_a_checkpoint_that_the_recipe_does_not_name_is_not_in_the_key() -> None:
    assert cell_key(RECIPE, IDENTITIES | {"checkpoint other.safetensors": "dd"}, HOST) == KEY


@pytest.mark.parametrize("name", HOST)
def test_another_version_or_device_changes_the_key(name: str) -> None:
    assert cell_key(RECIPE, IDENTITIES, HOST | {name: "other"}) != KEY


def test_a_new_key_version_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("periplus.recipe.KEY_VERSION", 0)
    assert cell_key(RECIPE, IDENTITIES, HOST) != KEY


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_key_is_the_same_in_another_process(hash_seed: str) -> None:
    program = (
        "from periplus.recipe import Recipe, RefinerRecipe, cell_key\n"
        f"print(cell_key({RECIPE!r}, {IDENTITIES!r}, {HOST!r}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert result.stdout.strip() == KEY


def test_refined_changes_the_refiner_only() -> None:
    changed = RECIPE.refined(switch_at=0.5)
    assert changed == replace(RECIPE, refiner=replace(REFINER, switch_at=0.5))


def test_refined_without_a_refiner_is_an_error() -> None:
    with pytest.raises(ValueError, match="no refiner"):
        replace(RECIPE, refiner=None).refined(switch_at=0.5)
