"""Steps and calls of sampler runs, counted before they run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from periplus.recipe import CONTINUOUS, Recipe, RefinerRecipe
from periplus.work.calls import calls_of, shared_calls, steps_of
from periplus.work.stages import Sample

from .plans import BASE, HIRES, plan_of, samples_of


def run_of(**changes: object) -> Sample:
    """The only run of a recipe."""
    (run,) = samples_of(plan_of([replace(BASE, **changes)]))
    return run


@pytest.mark.parametrize(
    ("sampler", "calls"),
    [
        # Of 5 steps, of the first 3 of them, of 1 step, and of 2, as ComfyUI's samplers made them.
        ("euler", (5, 3, 1, 2)),
        ("heun", (9, 6, 1, 3)),
        ("heunpp2", (12, 6, 1, 3)),
        ("dpm_2", (9, 6, 1, 3)),
        ("dpm_fast", (5, 3, 1, 2)),
        ("dpmpp_2s_ancestral_cfg_pp", (9, 6, 1, 3)),
        ("dpmpp_sde", (9, 6, 1, 3)),
        ("seeds_2", (9, 6, 1, 3)),
        ("seeds_3", (13, 9, 1, 4)),
        ("sa_solver_pece", (9, 5, 1, 3)),
        ("uni_pc", (5, 3, 1, 2)),
    ],
)
def test_calls_are_counted_as_each_sampler_makes_them(sampler: str, calls: tuple[int, ...]) -> None:
    run = run_of(sampler_name=sampler, steps=5)
    runs = [run, replace(run, last_step=3), replace(run, steps=1), replace(run, steps=2)]

    assert tuple(map(calls_of, runs)) == calls


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        ({"steps": 12}, 12),
        ({"steps": 12, "denoise": 0.3}, 12),
        ({"steps": 12, "denoise": 0.0}, 0),
        ({"steps": 20, "denoise": 0.75, "denoise_steps": "a1111"}, 16),
        ({"steps": 12, "scheduler": "ddim_uniform"}, 13),
        ({"steps": 12, "scheduler": "ddim_uniform", "sampler_name": "uni_pc"}, 13),
        ({"steps": 20, "scheduler": "ddim_uniform"}, 20),
        ({"steps": 12, "scheduler": "ddim_uniform", "denoise": 0.5}, 12),
    ],
)
def test_steps_are_those_of_the_schedule(changes: dict[str, object], steps: int) -> None:
    assert steps_of(run_of(**changes)).count == steps


def test_base_and_refiner_share_the_steps() -> None:
    recipe = replace(BASE, refiner=RefinerRecipe("refiner", 0.8), sampler_name="heun")

    base, refiner = samples_of(plan_of([recipe]))

    assert (steps_of(base).count, steps_of(refiner).count) == (16, 4)
    assert (calls_of(base), calls_of(refiner)) == (32, 7)


def test_a_run_that_is_handed_over_is_counted_once() -> None:
    refiner = RefinerRecipe("refiner", 0.3, handoff=CONTINUOUS)
    recipe = replace(BASE, refiner=refiner, sampler_name="heun", steps=5)

    first, rest = samples_of(plan_of([recipe]))

    assert (calls_of(first), calls_of(rest)) == (3, 6)
    assert steps_of(first).count + steps_of(rest).count == 5


def test_a_second_pass_makes_all_of_its_steps() -> None:
    first, second = samples_of(plan_of([HIRES]))

    assert steps_of(first).count == steps_of(second).count == HIRES.steps


def shared(*recipes: Recipe) -> int:
    """How many calls are shared among the runs of these recipes."""
    return shared_calls(samples_of(plan_of(recipes)))


def test_runs_that_differ_in_their_end_share_the_calls_of_the_shorter_ones() -> None:
    cuts = [replace(BASE, refiner=RefinerRecipe("refiner", at)) for at in (0.25, 0.5, 1.0)]
    sde = [replace(recipe, sampler_name="dpmpp_2m_sde") for recipe in cuts]

    assert shared(*cuts) == 5 + 10
    assert shared(*sde) == 2, "its noise depends on the last sigma, so the first call alone"


def test_runs_that_begin_alike_share_one_call() -> None:
    begins = [
        BASE,
        replace(BASE, cfg=3.0),
        replace(BASE, sampler_name="heun", scheduler="sgm_uniform", steps=7),
    ]

    assert shared(*begins) == 2
    assert shared(*begins, replace(BASE, cfg=1.0)) == 2, "it does not ask for the negative"
    assert shared(BASE, replace(BASE, scheduler="karras")) == 0
    assert shared(BASE, replace(BASE, seed=8)) == 0


def test_a_partly_noised_start_is_shared_only_at_the_same_steps() -> None:
    part = replace(BASE, denoise=0.5)

    assert shared(part, replace(part, cfg=3.0)) == 1
    assert shared(part, replace(part, steps=7)) == 0
