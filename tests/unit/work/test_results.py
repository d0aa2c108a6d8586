"""Results live from the stage that makes them to the last one that needs them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.recipe import Recipe, RefinerRecipe
from periplus.work.plan import Plan, make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.results import Results
from periplus.work.stages import Encode, stages_before


def plan_of(*recipes: Recipe) -> Plan:
    return make_plan(decode_stage(recipe, Links()) for recipe in recipes)


def recipe(seed: int = 1, negative: str = "blurry", ascore: float = 6.0) -> Recipe:
    refiner = RefinerRecipe("refiner", ascore=ascore)
    return Recipe(
        "a cat", negative, seed, 20, 7.0, "euler", "normal", ckpt_name="base", refiner=refiner
    )


def test_a_text_is_there_until_the_last_run_that_needs_it_is_done() -> None:
    recipes = [recipe(seed=seed) for seed in (1, 2, 3)]
    results = Results(plan_of(*recipes))
    text = Encode("base", "a cat")
    results.put(text, "conditioning")
    for one in recipes:
        assert results.get(text) == results.get(text) == "conditioning"
        base = decode_stage(one, Links()).latent.start
        assert base is not None
        results.release(base)
    with pytest.raises(KeyError):
        results.get(text)
    assert len(results) == 0


def test_a_text_that_is_positive_and_negative_of_a_run_is_forgotten_with_it() -> None:
    one = recipe(negative="a cat")
    results = Results(plan_of(one))
    results.put(Encode("base", "a cat"), "conditioning")
    base = decode_stage(one, Links()).latent.start
    assert base is not None
    results.release(base)
    assert len(results) == 0


def test_a_base_latent_waits_for_all_of_its_refiner_runs() -> None:
    refined = [decode_stage(recipe(ascore=ascore), Links()).latent for ascore in (4.0, 8.0)]
    results = Results(plan_of(recipe(ascore=4.0), recipe(ascore=8.0)))
    base = refined[0].start
    assert base is not None
    results.put(base, "latent")
    results.release(refined[0])
    assert results.get(base) == "latent"
    results.release(refined[1])
    assert len(results) == 0


def test_a_result_that_no_stage_asks_for_is_not_kept() -> None:
    results = Results(plan_of(recipe()))
    results.put(decode_stage(recipe(), Links()), "pictures")
    results.put(Encode("base", "of another plan"), "conditioning")
    assert len(results) == 0


def test_there_is_nothing_before_it_is_made() -> None:
    with pytest.raises(KeyError):
        Results(plan_of(recipe())).get(Encode("base", "a cat"))


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
            before = [*stages_before(stage)]
            assert [results.get(needed) for needed in before] == before
            results.release(stage)
            results.put(stage, stage)
    assert len(results) == 0
