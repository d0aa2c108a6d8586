"""Results live from the stage that makes them to the last one that takes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.plan import Plan, make_plan
from periplus.recipe import Recipe, RefinerRecipe
from periplus.recipe_stages import Links, decode_stage
from periplus.results import Results
from periplus.stages import Encode, stages_before


def plan_of(*recipes: Recipe) -> Plan:
    return make_plan(decode_stage(recipe, Links()) for recipe in recipes)


def recipe(seed: int = 1, negative: str = "blurry", ascore: float = 6.0) -> Recipe:
    refiner = RefinerRecipe("refiner", ascore=ascore)
    return Recipe(
        "a cat", negative, seed, 20, 7.0, "euler", "normal", ckpt_name="base", refiner=refiner
    )


def test_a_text_is_given_to_every_run_that_needs_it_and_then_forgotten() -> None:
    results = Results(plan_of(recipe(seed=1), recipe(seed=2), recipe(seed=3)))
    text = Encode("base", "a cat")
    results.put(text, "conditioning")
    assert [results.take(text) for _ in range(3)] == ["conditioning"] * 3
    assert len(results) == 0
    with pytest.raises(KeyError):
        results.take(text)


def test_a_text_that_is_positive_and_negative_of_a_run_is_taken_twice() -> None:
    results = Results(plan_of(recipe(negative="a cat")))
    text = Encode("base", "a cat")
    results.put(text, "conditioning")
    assert results.take(text) == results.take(text)
    assert len(results) == 0


def test_a_base_latent_waits_for_all_of_its_refiner_runs() -> None:
    one, other = recipe(ascore=4.0), recipe(ascore=8.0)
    results = Results(plan_of(one, other))
    base = decode_stage(one, Links()).latent.start
    assert base is not None
    results.put(base, "latent")
    results.take(base)
    assert len(results) == 1
    results.take(base)
    assert len(results) == 0


def test_a_result_that_no_stage_asks_for_is_not_kept() -> None:
    results = Results(plan_of(recipe()))
    results.put(decode_stage(recipe(), Links()), "pictures")
    results.put(Encode("base", "of another plan"), "conditioning")
    assert len(results) == 0


def test_nothing_can_be_taken_before_it_is_made() -> None:
    with pytest.raises(KeyError):
        Results(plan_of(recipe())).take(Encode("base", "a cat"))


def test_clear_forgets_everything() -> None:
    results = Results(plan_of(recipe()))
    results.put(Encode("base", "a cat"), "conditioning")
    results.clear()
    assert len(results) == 0


recipes = st.builds(
    recipe,
    seed=st.integers(0, 2),
    negative=st.sampled_from(["blurry", "a cat"]),
    ascore=st.sampled_from([4.0, 8.0]),
)


@given(st.lists(recipes, max_size=8))
def test_nothing_is_left_when_a_plan_has_run(sweep: list[Recipe]) -> None:
    plan = plan_of(*sweep)
    results = Results(plan)
    for segment in plan.segments:
        for stage in segment.stages:
            assert [results.take(needed) for needed in stages_before(stage)] == [
                *stages_before(stage)
            ]
            results.put(stage, stage)
    assert len(results) == 0
