"""From a recipe to stages: what is sampled, from what, and how it is decoded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from periplus.axes.axis_kinds import number_axis
from periplus.axes.upscaler_axis import upscaler_axis
from periplus.recipe import HiresRecipe, LoraRecipe, RefinerRecipe
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import (
    LINKED,
    AppliedLora,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    LinkedConditioning,
    Sample,
    stages_before,
)

from .plans import BASE, HIRES, REFINED, UNLINKED, plan_of, recipes_of, samples_of


def test_a_recipe_becomes_one_sampler_run_with_its_settings() -> None:
    recipe = replace(BASE, denoise=0.6, width=768, height=640)
    assert decode_stage(recipe, UNLINKED) == Decode(
        "base",
        Sample(
            source="base",
            positive=Encode("base", "a cat"),
            negative=Encode("base", "blurry"),
            seed=1,
            steps=20,
            cfg=7.0,
            sampler_name="euler",
            scheduler="normal",
            denoise=0.6,
            width=768,
            height=640,
        ),
    )


def test_a_refiner_goes_on_with_the_bases_leftover_noise() -> None:
    recipe = replace(REFINED, denoise=0.6, width=768, height=640)
    base = replace(
        decode_stage(replace(recipe, refiner=None), UNLINKED).latent, start_step=0, last_step=16
    )
    run = decode_stage(recipe, UNLINKED).latent
    assert run == replace(
        base,
        source="refiner",
        positive=Encode("refiner", "a cat", 6.0, 768, 640, role="refiner"),
        negative=Encode("refiner", "blurry", 2.5, 768, 640, role="refiner"),
        start=base,
        start_step=16,
        last_step=None,
        role="refiner",
    )
    assert base.adds_noise
    assert not run.adds_noise


def test_a_linked_picture_is_encoded_by_the_vae_that_decodes() -> None:
    for changes, own_vae in (({}, False), ({}, True), ({"vae_name": "v1"}, True)):
        recipe = replace(BASE, width=768, height=640, **changes)
        plain = decode_stage(recipe, Links(vae=own_vae))
        picture = EncodePixels(plain.source, 768, 640, plain.vae_file)
        run = replace(plain.latent, start=picture)
        assert decode_stage(recipe, Links(vae=own_vae, image=True)) == replace(plain, latent=run)
        assert run.adds_noise


def test_a_refiner_that_does_all_the_work_starts_from_the_picture() -> None:
    run = decode_stage(REFINED.refined(switch_at=0.0), Links(image=True)).latent
    assert (run.role, run.start) == ("refiner", EncodePixels("base", 512, 512))
    assert run.adds_noise


A1111_HALF = replace(BASE, denoise=0.5, denoise_steps="a1111")


def test_a1111s_image_to_image_runs_the_last_steps_of_the_whole_schedule() -> None:
    run = decode_stage(A1111_HALF, UNLINKED).latent
    whole = decode_stage(replace(A1111_HALF, denoise=1.0), UNLINKED).latent
    assert whole == decode_stage(BASE, UNLINKED).latent
    assert run == replace(whole, start_step=9)
    assert run.adds_noise
    assert run.weight == 11


@pytest.mark.parametrize(
    ("switch_at", "base", "refiner"),
    [(1.0, (9, None), None), (0.8, (9, 16), (16, None)), (0.45, None, (9, None))],
)
def test_a1111s_image_to_image_hands_over_at_the_same_step(
    switch_at: float, base: tuple[int, int | None] | None, refiner: tuple[int, int | None] | None
) -> None:
    recipe = replace(A1111_HALF, refiner=RefinerRecipe("refiner", switch_at))
    found = {run.role: (run.start_step, run.last_step) for run in samples_of(plan_of([recipe]))}
    assert found == {role: at for role, at in (("base", base), ("refiner", refiner)) if at}


def test_a_refiners_own_settings_count_for_its_run_only() -> None:
    own = {"positive": "fur", "negative": "hair", "sampler_name": "heun", "scheduler": "karras"}
    run = decode_stage(REFINED.refined(**own, cfg=4.0), UNLINKED).latent
    assert run.start == decode_stage(REFINED, UNLINKED).latent.start
    assert (run.sampler_name, run.scheduler, run.cfg) == ("heun", "karras", 4.0)
    texts = [text.text for text in stages_before(run) if isinstance(text, Encode)]
    assert texts == ["fur", "hair"]


def test_a_clip_skip_is_for_the_bases_texts_only() -> None:
    run = decode_stage(replace(REFINED, clip_skip=2), UNLINKED).latent
    assert isinstance(run.start, Sample)
    assert run.start.positive == Encode("base", "a cat", clip_skip=2)
    assert run.positive == decode_stage(REFINED, UNLINKED).latent.positive


def test_linked_conditionings_take_the_place_of_the_bases_texts_only() -> None:
    links = Links(positive_conditioning=True, negative_conditioning=True)
    run = decode_stage(REFINED, links).latent
    assert isinstance(run.start, Sample)
    assert run.start.positive == LinkedConditioning("positive_conditioning")
    assert run.start.negative == LinkedConditioning("negative_conditioning")
    assert stages_before(run.start) == ()
    assert isinstance(run.positive, Encode)
    assert isinstance(run.negative, Encode)


def test_stages_before_are_all_that_a_stage_works_on() -> None:
    decode = decode_stage(REFINED, UNLINKED)
    run = decode.latent
    assert stages_before(decode) == (run,)
    assert stages_before(run) == (run.positive, run.negative, run.start)
    assert isinstance(run.positive, Encode)
    assert stages_before(run.positive) == ()


def test_a_vae_file_decodes_in_place_of_any_other() -> None:
    recipe = replace(REFINED, vae_name="v1")
    latent = decode_stage(REFINED, UNLINKED).latent
    for links in (Links(), Links(vae=True)):
        assert decode_stage(recipe, links) == Decode("v1", latent, vae_file=True)


def test_a_lora_changes_the_bases_model_and_texts_and_nothing_else() -> None:
    loras = (LoraRecipe("whale", 0.8, 0.6), LoraRecipe("glass", 0.5, 0), LoraRecipe("fog", 0, 0.1))
    decode = decode_stage(replace(REFINED, loras=loras), UNLINKED)
    run = decode.latent
    plain = decode_stage(REFINED, UNLINKED).latent
    assert isinstance(run.start, Sample)
    assert run.start.loras == (AppliedLora("whale", 0.8), AppliedLora("glass", 0.5))
    clip_loras = (AppliedLora("whale", 0.6), AppliedLora("fog", 0.1))
    assert run.start.positive == Encode("base", "a cat", loras=clip_loras)
    assert run.start.negative == Encode("base", "blurry", loras=clip_loras)
    assert replace(run, start=plain.start) == plain
    assert decode.source == "base"


def test_a_second_pass_samples_the_enlarged_latent_with_noise_of_its_own() -> None:
    first = decode_stage(replace(HIRES, hires=None), UNLINKED).latent
    run = decode_stage(HIRES, UNLINKED).latent
    assert run == replace(
        first,
        denoise=0.45,
        width=768,
        height=480,
        start=Enlarge(LINKED, first, "latent: bislerp", 768, 480),
    )
    assert run.adds_noise


def test_a_second_passs_own_settings_count_for_it_only() -> None:
    hires = HiresRecipe("2x", 2.0, 7, 0.3, "heun", "karras", 4.0, "fur", "hair")
    run = decode_stage(replace(HIRES, hires=hires), UNLINKED).latent
    assert (run.steps, run.denoise, run.cfg) == (7, 0.3, 4.0)
    assert (run.sampler_name, run.scheduler) == ("heun", "karras")
    assert (run.positive, run.negative) == (Encode("base", "fur"), Encode("base", "hair"))
    assert run.start == Enlarge(
        "base", decode_stage(replace(HIRES, hires=None), UNLINKED).latent, "2x", 1024, 640
    )


@pytest.mark.parametrize("letters", ["xy", "yx"])
def test_without_an_upscaler_there_is_no_second_pass_whatever_another_axis_sets(
    letters: str,
) -> None:
    axes = (upscaler_axis("none, 2x", ["2x"]), number_axis("hires_denoise", "0.2, 0.4"))
    recipes = recipes_of(HIRES, **dict(zip(letters, axes, strict=True)))
    decodes = {decode_stage(recipe, UNLINKED) for recipe in recipes}
    assert decode_stage(replace(HIRES, hires=None), UNLINKED) in decodes
    assert len(decodes) == 3


def continuous(**changes: Any) -> tuple[Sample, Sample | None]:
    """The refiner's run of a continuous handoff and the base's; None where there is none."""
    refiner = RefinerRecipe("refiner", changes.pop("switch_at", 0.8), handoff="continuous")
    latent = decode_stage(replace(BASE, **changes, refiner=refiner), UNLINKED).latent
    assert isinstance(latent, Sample)
    return latent, latent.start if isinstance(latent.start, Sample) else None


def test_a_continuous_handoff_pauses_the_base_and_cuts_nothing() -> None:
    run, base = continuous()
    assert (run.source, run.role) == ("refiner", "refiner")
    assert base is not None
    assert (base.source, base.start_step, base.last_step) == ("base", None, None)
    assert base.handoff is not None
    assert base.handoff.call == run.first_call == 16
    assert (base.handoff.source, base.handoff.positive) == ("refiner", run.positive)


def test_a_continuous_handoff_counts_calls_as_a1111_does() -> None:
    _, base = continuous(sampler_name="heun", switch_at=0.63)
    assert base is not None
    assert base.handoff is not None
    assert base.handoff.call == 26  # of 40


def test_a_continuous_handoff_counts_the_calls_that_are_made() -> None:
    _, base = continuous(denoise=0.5, denoise_steps="a1111", switch_at=0.5)
    assert base is not None
    assert base.handoff is not None
    assert (base.start_step, base.handoff.call) == (9, 6)  # of 11


def test_a_continuous_handoff_at_the_end_or_the_start_leaves_one_run() -> None:
    run, base = continuous(switch_at=1.0)
    assert (run.source, run.handoff, base) == ("base", None, None)
    run, base = continuous(switch_at=0.0)
    assert (run.source, run.last_step, base) == ("refiner", None, None)


def test_a_run_that_is_handed_over_is_shared_by_no_two_refiners() -> None:
    def paused(**changes: Any) -> Sample | Enlarge | EncodePixels | None:
        refiner = RefinerRecipe(**{"ckpt_name": "refiner", "handoff": "continuous", **changes})
        latent = decode_stage(replace(BASE, refiner=refiner), UNLINKED).latent
        assert isinstance(latent, Sample)
        return latent.start

    ways = [paused(), paused(ckpt_name="other"), paused(cfg=2.0), paused(positive="a dog")]
    assert len(set(ways)) == len(ways)
    assert paused() == ways[0]
