"""Loaded models stay while there is room; what is needed last goes first."""

from __future__ import annotations

from dataclasses import replace

from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe
from periplus.work.kept import Kept
from periplus.work.load_order import Place
from periplus.work.plan import Plan, make_plan
from periplus.work.recipe_stages import Links, decode_stage

A, B, C = (Place(name) for name in "abc")
BASE = Recipe("a cat", "", 1, 4, 7.0, "euler", "normal", ckpt_name="a")
REFINED = replace(BASE, refiner=RefinerRecipe("r", 0.5))


def plan_of(*recipes: Recipe) -> Plan:
    return make_plan(decode_stage(recipe, Links()) for recipe in recipes)


def test_what_is_kept_is_given_back_once() -> None:
    kept = Kept[str]()
    kept.put(A, "model a")
    assert A in kept
    assert kept.take(A) == "model a"
    assert kept.take(A) is None


def test_with_room_everything_stays() -> None:
    kept = Kept[str]()
    kept.put(A, "model a")
    kept.make_room([A], lambda: True)
    assert A in kept


def test_without_room_the_last_needed_goes_first_and_no_more_than_must() -> None:
    kept = Kept[str]()
    for place in (B, A, C):
        kept.put(place, place.source)
    kept.make_room([B, Place("d"), C, A], lambda: A not in kept)
    assert [place in kept for place in (A, B, C)] == [False, True, True]
    kept.make_room([B, C], lambda: False)
    assert [place in kept for place in (B, C)] == [False, False]


def test_a_plan_keeps_the_models_of_second_passes_after_a_refiner() -> None:
    recipe = replace(REFINED, hires=HiresRecipe("latent: bilinear"))
    plan = plan_of(recipe, replace(recipe, ckpt_name="b"))
    found = [(segment.source, segment.keeps_models) for segment in plan.segments]
    assert found == [("a", True), ("b", True), ("r", False), ("a", False), ("b", False)]
    assert plan.loads_after(0) == [Place("b"), Place("r"), Place("a")]
    assert plan.loads_after(4) == []


def test_a_plan_keeps_no_models_for_a_decode() -> None:
    first, *_ = plan_of(REFINED).segments
    assert first.keeps_vae
    assert not first.keeps_models
