"""The recipe: its refiner, and where that takes over."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from periplus.recipe import Recipe, RefinerRecipe, first_step, switch_step

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


def test_refined_changes_the_refiner_only() -> None:
    changed = RECIPE.refined(switch_at=0.5)
    assert changed == replace(RECIPE, refiner=replace(REFINER, switch_at=0.5))


def test_refined_without_a_refiner_is_an_error() -> None:
    with pytest.raises(ValueError, match="no refiner"):
        replace(RECIPE, refiner=None).refined(switch_at=0.5)


# How many steps A1111's img2img runs, by denoise, for 20 and for 30 steps.
IMG2IMG = {
    20: {0.1: 3, 0.2: 5, 0.25: 6, 0.3: 7, 0.4: 9, 0.5: 11, 0.55: 12, 0.6: 13, 0.7: 15}
    | {0.75: 16, 0.8: 17, 0.9: 19, 1.0: 20, 0.0: 1},
    30: {0.3: 10, 0.35: 11, 0.4: 13, 0.5: 16, 0.7: 22, 0.75: 23, 0.8: 25, 0.9: 28},
}


@pytest.mark.parametrize(
    ("steps", "denoise", "run"),
    [(steps, denoise, run) for steps, row in IMG2IMG.items() for denoise, run in row.items()],
)
def test_first_step_agrees_with_a1111(steps: int, denoise: float, run: int) -> None:
    assert steps - first_step(steps, denoise) == run
