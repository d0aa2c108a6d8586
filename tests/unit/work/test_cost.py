"""The cost of a plan, and its efforts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from periplus.recipe import HiresRecipe, RefinerRecipe
from periplus.work.cost import Cost, cost_of
from periplus.work.effort import ALONE, DECODE, ENCODE, ENLARGE, IN_STEP, LOAD, Effort, Efforts
from periplus.work.keys import used_inputs
from periplus.work.plan import Plan

from .plans import BASE, HIRES, REFINED, plan_of, stages_of


def efforts(plan: Plan, **options: Any) -> dict[Effort, int]:
    """The efforts of a plan, with the names of models as their identities."""
    names = used_inputs(stages_of(plan))
    return Efforts({name: name for name in names}, lambda place: 7, **options).plan(plan)


def test_the_work_of_a_grid_is_counted() -> None:
    plan = plan_of(
        replace(BASE, ckpt_name=name, cfg=cfg, sampler_name="heun")
        for name in ("a", "b")
        for cfg in (3.0, 5.0, 7.0)
    )

    assert cost_of(plan) == Cost(model_loads=2, steps=120, evaluations=6 * 39, shared=4)


def test_a_model_that_is_needed_twice_is_loaded_once() -> None:
    recipes = [
        replace(HIRES, ckpt_name=name, refiner=RefinerRecipe("refiner", 0.5)) for name in ("a", "b")
    ]

    assert cost_of(plan_of(recipes)).model_loads == 3


def test_nothing_costs_nothing() -> None:
    assert cost_of(plan_of([])) == Cost(0, 0, 0, 0)
    assert efforts(plan_of([])) == {}


def test_efforts_are_told_by_model_and_size() -> None:
    large = replace(BASE, width=1024, height=768)

    assert efforts(plan_of([BASE, large])) == {
        Effort(LOAD, "checkpoint base", 7): 1,
        Effort(ENCODE, "checkpoint base"): 2,
        Effort(ALONE, "checkpoint base", 512 * 512): 20,
        Effort(ALONE, "checkpoint base", 1024 * 768): 20,
        Effort(DECODE, "checkpoint base", 512 * 512): 1,
        Effort(DECODE, "checkpoint base", 1024 * 768): 1,
    }


def test_calls_that_the_memo_answers_are_no_effort() -> None:
    found = efforts(plan_of([REFINED, replace(REFINED, refiner=RefinerRecipe("refiner", 0.5))]))

    assert found[Effort(ALONE, "checkpoint base", 512 * 512)] == 16
    assert found[Effort(ALONE, "checkpoint refiner", 512 * 512)] == 4 + 10


def test_pictures_of_a_batch_and_runs_in_step_are_told_apart() -> None:
    found = efforts(plan_of([BASE]), pictures=4, in_step=True)

    assert found[Effort(IN_STEP, "checkpoint base", 4 * 512 * 512)] == 20


def test_only_enlarging_pictures_is_an_effort() -> None:
    pixels = replace(HIRES, hires=HiresRecipe("pixels: area", 1.5))
    model = replace(HIRES, hires=HiresRecipe("4x.pth", 1.5))

    assert ENLARGE not in {effort.kind for effort in efforts(plan_of([HIRES]))}
    assert efforts(plan_of([pixels]))[Effort(ENLARGE, "checkpoint base", 768 * 480)] == 1
    assert efforts(plan_of([model]))[Effort(ENLARGE, "upscale_model 4x.pth", 768 * 480)] == 1
