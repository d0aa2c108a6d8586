"""Families: runs that begin alike follow one another, wherever their axes lie."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby, permutations

import pytest

from periplus.axes.axis_kinds import name_axis, number_axis, seed_axis
from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe
from periplus.sweep import expand
from periplus.work.families import family_of, start_of
from periplus.work.plan import make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import Sample, stages_before

BASE = Recipe("a cat", "", 1, 20, 7.0, "euler", "normal", ckpt_name="base")
REFINED = replace(BASE, refiner=RefinerRecipe("refiner"))


def first_run(recipe: Recipe) -> Sample:
    run = decode_stage(recipe, Links()).latent
    return run.start if isinstance(run.start, Sample) else run


@pytest.mark.parametrize(
    ("other", "is_family", "is_start"),
    [
        (REFINED.refined(switch_at=0.5), True, True),
        (BASE, True, True),
        (replace(BASE, cfg=5.0), False, True),
        (replace(BASE, steps=30), False, True),
        (replace(BASE, sampler_name="heun"), False, True),
        (replace(BASE, scheduler="beta"), False, True),
        (replace(BASE, seed=2), False, False),
        (replace(BASE, positive="a dog"), False, False),
        (replace(BASE, ckpt_name="other"), False, False),
        (replace(BASE, width=640), False, False),
        (replace(BASE, denoise=0.5), False, False),
    ],
)
def test_what_runs_have_in_common(other: Recipe, is_family: bool, is_start: bool) -> None:
    run, other_run = first_run(REFINED), first_run(other)
    assert run != other_run
    assert (family_of(run) == family_of(other_run)) == is_family
    assert (start_of(run) == start_of(other_run)) == is_start


@pytest.mark.parametrize("letters", list(permutations("xyz")))
def test_a_family_stays_together_wherever_its_axes_lie(letters: tuple[str, ...]) -> None:
    axes = (
        number_axis("switch_at", "0.25, 0.5, 0.75"),
        number_axis("cfg", "5, 7"),
        seed_axis("1, 2", 0, 0, "increment", 0),
    )
    by_letter = dict(zip(letters, axes, strict=True))
    sweep = expand(REFINED, *(by_letter[letter] for letter in "xyz"))
    plan = make_plan(decode_stage(cell.recipe, Links()) for cell in sweep.cells)
    bases = [run for run in plan.runs if run.role == "base"]
    assert len(bases) == 12
    for shared, count in ((family_of, 4), (start_of, 2)):
        assert len(list(groupby(bases, key=shared))) == count


def test_runs_with_equal_starts_stay_in_their_order() -> None:
    sweep = expand(BASE, name_axis("sampler_name", "sampler", "", ["euler", "heun"]), None, None)
    plan = make_plan(decode_stage(cell.recipe, Links()) for cell in sweep.cells)
    assert [run.sampler_name for run in plan.runs] == ["euler", "heun"]


def test_what_is_made_of_a_run_stays_behind_it() -> None:
    hires = HiresRecipe("latent: bilinear")
    recipes = [
        replace(BASE, seed=seed, cfg=cfg, hires=hires) for cfg in (5.0, 7.0) for seed in (1, 2)
    ]
    (segment,) = make_plan(decode_stage(recipe, Links()) for recipe in recipes).segments
    for index, stage in enumerate(segment.stages):
        assert set(segment.stages[:index]).issuperset(stages_before(stage))
    seeds = [stage.seed for stage in segment.stages if isinstance(stage, Sample)]
    assert seeds == [1, 1, 1, 1, 2, 2, 2, 2]
