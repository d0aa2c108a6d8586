"""Which parts of a checkpoint are loaded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from periplus.recipe import HiresRecipe, LoraRecipe, Recipe
from periplus.work.parts import WHOLE, Parts
from periplus.work.stages import LINKED, Encode, Sample

from .plans import BASE, REFINED, plan_of
from .test_plan_properties import recipes


def parts_of(recipe: Recipe) -> list[tuple[str, Parts]]:
    """What each segment loads, in order."""
    return [(segment.source, segment.parts) for segment in plan_of([recipe]).segments]


def test_a_checkpoint_alone_is_loaded_whole() -> None:
    assert parts_of(BASE) == [("base", WHOLE)]


def test_a_refiners_vae_is_left_out() -> None:
    first, second, last = parts_of(REFINED)
    assert (first, second) == (("base", WHOLE), ("refiner", Parts(vae=False)))
    assert last == ("base", Parts(model=False, clip=False)), "the kept VAE"


def test_a_vae_is_left_out_where_a_file_takes_its_place() -> None:
    first, _ = parts_of(replace(BASE, vae_name="other"))
    assert first == ("base", Parts(vae=False))


def test_a_second_pass_after_a_refiner_needs_no_texts_again() -> None:
    recipe = replace(REFINED, hires=HiresRecipe("latent: bilinear"))
    assert parts_of(recipe)[-1] == ("base", Parts(clip=False))


def test_a_lora_is_given_model_and_clip() -> None:
    recipe = replace(REFINED, hires=HiresRecipe("latent: bilinear"), loras=(LoraRecipe("whale"),))
    assert parts_of(recipe)[-1] == ("base", WHOLE)


@given(st.lists(recipes, max_size=12))
def test_every_stage_finds_its_part(sweep: list[Recipe]) -> None:
    for segment in plan_of(sweep).segments:
        for stage in segment.stages:
            if stage.source != LINKED:
                named = "clip" if isinstance(stage, Encode) else "vae"
                assert getattr(segment.parts, "model" if isinstance(stage, Sample) else named)
