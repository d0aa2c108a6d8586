"""The plan: every stage once, after what it needs, with as few loads as there can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axis import Axis, SetField
from periplus.axis_kinds import file_axis, name_axis, number_axis
from periplus.lora_axis import lora_axis
from periplus.plan import LOAD_WEIGHT, Plan, make_plan
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.recipe_stages import Links, decode_stage
from periplus.stages import (
    LINKED,
    AppliedLora,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    LinkedConditioning,
    Sample,
    Stage,
    stages_before,
)
from periplus.sweep import expand
from periplus.upscaler_axis import upscaler_axis

BASE = Recipe("a cat", "blurry", 1, 20, 7.0, "euler", "normal", ckpt_name="base")
REFINED = replace(BASE, refiner=RefinerRecipe("refiner"))
UNLINKED = Links()


def plan_of(recipes: Iterable[Recipe], links: Links = UNLINKED) -> Plan:
    return make_plan(decode_stage(recipe, links) for recipe in recipes)


def stages_of(plan: Plan) -> list[Stage]:
    return [stage for segment in plan.segments for stage in segment.stages]


def samples_of(plan: Plan) -> list[Sample]:
    return [stage for stage in stages_of(plan) if isinstance(stage, Sample)]


def kinds(stages: Iterable[Stage]) -> Counter[type]:
    return Counter(map(type, stages))


def loads(plan: Plan) -> list[str]:
    return [segment.source for segment in plan.segments if segment.loads]


def recipes_of(
    base: Recipe, x: Axis | None = None, y: Axis | None = None, z: Axis | None = None
) -> list[Recipe]:
    return [cell.recipe for cell in expand(base, x, y, z).cells]


def steps_done(plan: Plan) -> list[tuple[str, int | None, int | None]]:
    return [(run.source, run.start_step, run.last_step) for run in samples_of(plan)]


# One recipe


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


def test_a_clip_skip_axis_encodes_anew_and_loads_once() -> None:
    plan = plan_of(recipes_of(BASE, x=number_axis("clip_skip", "0, 1, 2")))
    assert loads(plan) == ["base"]
    assert kinds(stages_of(plan)) == {Encode: 6, Sample: 3, Decode: 3}


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


# Checkpoints


def checkpoint_recipes(letters: Iterable[str]) -> list[Recipe]:
    checkpoints = name_axis("ckpt_name", "checkpoint", "", ["one", "two", "three"])
    samplers = name_axis("sampler_name", "sampler", "", ["euler", "heun"])
    return recipes_of(BASE, **dict(zip(letters, (checkpoints, samplers), strict=True)))


@pytest.mark.parametrize("letters", list(permutations("xyz", 2)))
def test_each_checkpoint_is_loaded_once_wherever_its_axis_lies(letters: tuple[str, str]) -> None:
    plan = plan_of(checkpoint_recipes(letters))
    assert loads(plan) == ["one", "two", "three"]
    assert len(plan.segments) == 3
    assert kinds(stages_of(plan)) == {Encode: 6, Sample: 6, Decode: 6}
    assert plan == plan_of(checkpoint_recipes("xy"))


def test_a_segment_encodes_first_and_decodes_each_cell_as_soon_as_it_is_sampled() -> None:
    for segment in plan_of(checkpoint_recipes("xy")).segments:
        order = [type(stage) for stage in segment.stages]
        assert order == [Encode, Encode, Sample, Decode, Sample, Decode]
        assert not segment.keeps_vae


def test_equal_cells_are_done_once() -> None:
    seeds = number_axis("steps", "20, 30, 20")
    cfgs = number_axis("cfg", "7, 7")
    plan = plan_of(recipes_of(BASE, x=seeds, y=cfgs))
    assert kinds(stages_of(plan)) == {Encode: 2, Sample: 2, Decode: 2}


def test_cells_that_differ_in_the_refiner_share_the_base() -> None:
    scores = [REFINED.refined(ascore=score) for score in (4.0, 6.0, 8.0)]
    plan = plan_of(scores)
    assert steps_done(plan) == [("base", 0, 16), *[("refiner", 16, None)] * 3]
    assert kinds(stages_of(plan)) == {Encode: 2 + 4, Sample: 4, Decode: 3}


def test_switch_points_that_round_to_the_same_step_are_one_cell() -> None:
    plan = plan_of(REFINED.refined(switch_at=at) for at in (0.8, 0.79, 0.76))
    assert kinds(samples_of(plan)) == {Sample: 2}


def test_nothing_to_do_is_an_empty_plan() -> None:
    assert make_plan([]) == Plan(())
    assert make_plan([]).weight == 0


# VAEs


def vae_axis(values: str) -> Axis:
    set_vae = partial(SetField, "vae_name")
    return file_axis("VAE", values, ["one", "v1", "v2", "v3"], set_vae, without="baked")


def test_a_vae_file_decodes_in_place_of_any_other() -> None:
    recipe = replace(REFINED, vae_name="v1")
    latent = decode_stage(REFINED, UNLINKED).latent
    for links in (Links(), Links(vae=True)):
        assert decode_stage(recipe, links) == Decode("v1", latent, vae_file=True)


@pytest.mark.parametrize("letters", list(permutations("xyz", 2)))
def test_two_checkpoints_and_three_vaes_take_two_loads_and_three(letters: tuple[str, str]) -> None:
    checkpoints = name_axis("ckpt_name", "checkpoint", "", ["one", "two"])
    axes = (checkpoints, vae_axis("baked, v1, v2, v3"))
    plan = plan_of(recipes_of(BASE, **dict(zip(letters, axes, strict=True))))
    assert loads(plan) == ["one", "two", "v1", "v2", "v3"]
    assert [kinds(segment.stages) for segment in plan.segments] == [
        *[{Encode: 2, Sample: 1, Decode: 1}] * 2,
        *[{Decode: 2}] * 3,
    ]
    assert [segment.vae_file for segment in plan.segments] == [False] * 2 + [True] * 3
    assert not any(segment.keeps_vae for segment in plan.segments)


def test_a_vae_file_is_told_from_a_checkpoint_of_the_same_name() -> None:
    plan = plan_of(recipes_of(replace(REFINED, ckpt_name="one"), x=vae_axis("baked, one")))
    ends = [(s.source, s.vae_file, s.loads, len(s.stages)) for s in plan.segments[2:]]
    assert ends == [("one", False, False, 1), ("one", True, True, 1)]


def test_a_vae_is_kept_past_a_vae_file_of_its_checkpoints_name() -> None:
    plan = plan_of(recipes_of(replace(REFINED, ckpt_name="one"), x=vae_axis("one, baked")))
    ends = [(s.source, s.vae_file, s.loads) for s in plan.segments[2:]]
    assert ends == [("one", True, True), ("one", False, False)]
    assert [segment.keeps_vae for segment in plan.segments] == [True, False, False, False]


def test_vae_files_need_no_linked_vae() -> None:
    recipes = recipes_of(replace(BASE, ckpt_name=""), x=vae_axis("v1, v2"))
    assert "vae" not in plan_of(recipes, Links(vae=True)).inputs
    assert plan_of(recipes).inputs >= {"VAE v1", "VAE v2", "model", "clip"}


# A picture to start from


def test_a_picture_is_encoded_once_for_all_cells_of_a_vae() -> None:
    plan = plan_of(recipes_of(BASE, x=number_axis("cfg", "5, 6, 7")), Links(image=True))
    (segment,) = plan.segments
    assert kinds(segment.stages) == {Encode: 2, EncodePixels: 1, Sample: 3, Decode: 3}
    assert [type(stage) for stage in segment.stages[:3]] == [Encode, Encode, EncodePixels]
    assert plan.inputs == {"checkpoint base", "image"}


def test_a_size_axis_encodes_the_picture_at_each_size() -> None:
    plan = plan_of(recipes_of(BASE, x=number_axis("width", "512, 768")), Links(image=True))
    sizes = [(s.width, s.height) for s in stages_of(plan) if isinstance(s, EncodePixels)]
    assert sizes == [(512, 512), (768, 512)]


@pytest.mark.parametrize("values", ["baked, v1, v2", "v1, baked, v2"])
def test_each_vae_encodes_the_picture_before_any_checkpoint_is_loaded(values: str) -> None:
    axes = {
        "x": vae_axis(values),
        "y": name_axis("ckpt_name", "checkpoint", "", ["one", "two"]),
    }
    plan = plan_of(recipes_of(BASE, **axes), Links(image=True))
    assert loads(plan) == ["v1", "v2", "one", "two"]
    assert [kinds(segment.stages) for segment in plan.segments] == [
        *[{EncodePixels: 1}] * 2,
        *[{Encode: 2, EncodePixels: 1, Sample: 3, Decode: 1}] * 2,
        *[{Decode: 2}] * 2,
    ]
    assert [segment.keeps_vae for segment in plan.segments] == [True] * 2 + [False] * 4


def test_a_linked_vae_encodes_the_picture_for_all_checkpoints() -> None:
    checkpoints = name_axis("ckpt_name", "checkpoint", "", ["one", "two"])
    plan = plan_of(recipes_of(BASE, x=checkpoints), Links(image=True, vae=True))
    assert loads(plan) == ["one", "two"]
    assert plan.segments[0].stages == (EncodePixels(LINKED, 512, 512),)
    assert {"image", "vae"} < plan.inputs


def test_a_base_that_only_encodes_the_picture_is_loaded_once_before_the_refiner() -> None:
    plan = plan_of([REFINED.refined(switch_at=0.0)], Links(image=True))
    assert [(s.source, s.loads, kinds(s.stages)) for s in plan.segments] == [
        ("base", True, {EncodePixels: 1}),
        ("refiner", True, {Encode: 2, Sample: 1}),
        ("base", False, {Decode: 1}),
    ]


# LoRAs


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


@pytest.mark.parametrize("letters", list(permutations("xyz", 3)))
def test_the_work_with_each_lora_is_done_together_wherever_its_axis_lies(
    letters: tuple[str, ...],
) -> None:
    axes = (
        lora_axis("none, whale, glass", ["whale", "glass"]),
        number_axis("lora_strength", "0.5, 1"),
        number_axis("cfg", "5, 7"),
    )
    plan = plan_of(recipes_of(BASE, **dict(zip(letters, axes, strict=True))))
    assert loads(plan) == ["base"]
    assert kinds(stages_of(plan)) == {Encode: 2 + 4 * 2, Sample: 2 + 4 * 2, Decode: 2 + 4 * 2}
    order = [stage.loras for stage in stages_of(plan) if isinstance(stage, (Encode, Sample))]
    changes = [
        loras for loras, before in zip(order, [None, *order], strict=False) if loras != before
    ]
    assert Counter(changes) == Counter(set(order)), "each choice of LoRAs is applied once"
    files = [loras[0].name if loras else "" for loras in changes]
    assert len([f for f, before in zip(files, [None, *files], strict=False) if f != before]) == 3


def test_a_lora_that_leaves_clip_alone_shares_the_texts() -> None:
    plan = plan_of(recipes_of(BASE, x=lora_axis("none, whale:1:0, whale:0.5:0", ["whale"])))
    assert kinds(stages_of(plan)) == {Encode: 2, Sample: 3, Decode: 3}


# Base and refiner


def test_base_and_refiner_take_two_loads_for_any_number_of_cells() -> None:
    cells = recipes_of(REFINED, x=number_axis("cfg", "5, 6, 7"), y=number_axis("steps", "10, 20"))
    bases, refiners, decodes = plan_of(cells).segments
    assert [(s.source, s.loads, s.keeps_vae) for s in (bases, refiners, decodes)] == [
        ("base", True, True),
        ("refiner", True, False),
        ("base", False, False),
    ]
    assert [type(stage) for stage in bases.stages] == [Encode] * 2 + [Sample] * 6
    assert [type(stage) for stage in refiners.stages] == [Encode] * 2 + [Sample] * 6
    assert [type(stage) for stage in decodes.stages] == [Decode] * 6


def test_checkpoints_and_a_refiner_take_one_load_each() -> None:
    checkpoints = name_axis("ckpt_name", "checkpoint", "", ["one", "two", "three"])
    plan = plan_of(recipes_of(REFINED, x=number_axis("cfg", "5, 6"), y=checkpoints))
    assert loads(plan) == ["one", "two", "three", "refiner"]
    assert [(s.source, len(s.stages)) for s in plan.segments[4:]] == [
        ("one", 2),
        ("two", 2),
        ("three", 2),
    ]


def test_several_refiners_take_one_load_each_and_share_the_base() -> None:
    refiners = ("r1", "r2", "r1", "r3")
    plan = plan_of(REFINED.refined(ckpt_name=name, cfg=i) for i, name in enumerate(refiners, 1))
    assert loads(plan) == ["base", "r1", "r2", "r3"]
    assert steps_done(plan).count(("base", 0, 16)) == 1


def test_a_switch_axis_from_refiner_only_to_base_only() -> None:
    recipes = recipes_of(REFINED, x=number_axis("switch_at", "0, 0.5, 1"))
    plan = plan_of(recipes)
    assert loads(plan) == ["base", "refiner"]
    assert steps_done(plan) == [
        ("base", 0, 10),
        ("base", None, None),
        ("refiner", None, None),
        ("refiner", 10, None),
    ]
    assert [run.adds_noise for run in samples_of(plan)] == [True, True, True, False]
    refiner_only, half, base_only = (decode_stage(recipe, UNLINKED) for recipe in recipes)
    assert base_only in plan.segments[0].stages
    assert plan.segments[2].stages == (refiner_only, half)


def test_with_a_switch_at_the_end_the_refiner_is_never_loaded() -> None:
    assert plan_of([REFINED.refined(switch_at=1.0)]) == plan_of([BASE])


def test_with_a_switch_at_the_start_the_base_is_loaded_for_its_vae_alone() -> None:
    plan = plan_of([REFINED.refined(switch_at=0.0)])
    assert [(s.source, s.loads, kinds(s.stages)) for s in plan.segments] == [
        ("refiner", True, {Encode: 2, Sample: 1}),
        ("base", True, {Decode: 1}),
    ]


def test_a_linked_vae_decodes_every_cell_and_none_is_kept() -> None:
    plan = plan_of([BASE, REFINED], Links(vae=True))
    assert loads(plan) == ["base", "refiner"]
    assert not any(segment.keeps_vae for segment in plan.segments)
    decodes = [stage for stage in stages_of(plan) if isinstance(stage, Decode)]
    assert [decode.source for decode in decodes] == [LINKED, LINKED]


@pytest.mark.parametrize(
    ("changes", "refiner", "links", "expected"),
    [
        ({}, None, Links(), set()),
        ({}, None, Links(vae=True), {"vae"}),
        ({"ckpt_name": ""}, None, Links(), {"model", "clip", "vae"}),
        (
            {"ckpt_name": ""},
            None,
            Links(positive_conditioning=True),
            {"model", "clip", "vae", "positive_conditioning"},
        ),
        (
            {"ckpt_name": ""},
            None,
            Links(False, True, True),
            {"model", "vae", "positive_conditioning", "negative_conditioning"},
        ),
        ({"ckpt_name": ""}, RefinerRecipe("refiner"), Links(), {"model", "clip", "vae"}),
        ({"ckpt_name": ""}, RefinerRecipe("refiner", switch_at=0.0), Links(), {"vae"}),
        # The refiner's own links are not inputs of the sweep node.
        ({}, RefinerRecipe(LINKED), Links(), set()),
        ({"ckpt_name": ""}, RefinerRecipe(LINKED, switch_at=0.0), Links(), {"vae"}),
    ],
)
def test_linked_inputs_are_exactly_those_that_a_stage_needs(
    changes: dict[str, str], refiner: RefinerRecipe | None, links: Links, expected: set[str]
) -> None:
    recipe = replace(BASE, refiner=refiner, **changes)
    sweep_inputs = {"model", "clip", "vae", "positive_conditioning", "negative_conditioning"}
    assert plan_of([recipe], links).inputs & sweep_inputs == expected


def test_nothing_is_linked_for_cells_that_need_no_work() -> None:
    assert make_plan([]).inputs == frozenset()


# The length of the progress bar


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (BASE, LOAD_WEIGHT + 2 + 20 + 1),
        (replace(BASE, ckpt_name=""), 2 + 20 + 1),
        (REFINED, (LOAD_WEIGHT + 2 + 16) + (LOAD_WEIGHT + 2 + 4) + 1),
        (REFINED.refined(switch_at=0.0), (LOAD_WEIGHT + 2 + 20) + (LOAD_WEIGHT + 1)),
    ],
)
def test_weights_add_up_to_the_work(recipe: Recipe, expected: int) -> None:
    plan = plan_of([recipe])
    assert plan.weight == expected
    assert plan.weight == sum(segment.weight for segment in plan.segments)


# Second passes


HIRES = replace(BASE, width=512, height=320, hires=HiresRecipe("latent: bislerp", 1.5))


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


def test_all_upscalers_and_denoise_values_share_the_first_pass() -> None:
    upscalers = upscaler_axis("", ["2x", "4x"])
    plan = plan_of(recipes_of(HIRES, x=upscalers, y=number_axis("hires_denoise", "0.2, 0.4")))
    assert loads(plan) == ["base"]
    assert len(plan.segments) == 1
    count = len(upscalers.points)
    assert kinds(stages_of(plan)) == {
        Encode: 2,
        Sample: 1 + 2 * count,
        Enlarge: count,
        Decode: 2 * count,
    }
    assert {"upscale_model 2x", "upscale_model 4x"} < plan.inputs


@pytest.mark.parametrize("letters", ["xy", "yx"])
def test_without_an_upscaler_there_is_no_second_pass_whatever_another_axis_sets(
    letters: str,
) -> None:
    axes = (upscaler_axis("none, 2x", ["2x"]), number_axis("hires_denoise", "0.2, 0.4"))
    recipes = recipes_of(HIRES, **dict(zip(letters, axes, strict=True)))
    decodes = {decode_stage(recipe, UNLINKED) for recipe in recipes}
    assert decode_stage(replace(HIRES, hires=None), UNLINKED) in decodes
    assert len(decodes) == 3


def test_second_passes_come_after_all_refiners_and_load_each_base_once_more() -> None:
    checkpoints = name_axis("ckpt_name", "checkpoint", "", ["one", "two"])
    base = replace(REFINED, hires=HiresRecipe("pixels: lanczos"))
    plan = plan_of(recipes_of(base, x=checkpoints, y=number_axis("cfg", "5, 6")))
    assert loads(plan) == ["one", "two", "refiner", "one", "two"]
    assert not any(segment.keeps_vae for segment in plan.segments)


def test_a_vae_file_enlarges_what_it_decodes() -> None:
    base = replace(BASE, vae_name="v1", hires=HiresRecipe("pixels: lanczos"))
    plan = plan_of([base])
    assert [(s.source, s.vae_file, kinds(s.stages)) for s in plan.segments] == [
        ("base", False, {Encode: 2, Sample: 1}),
        ("v1", True, {Enlarge: 1}),
        ("base", False, {Sample: 1}),
        ("v1", True, {Decode: 1}),
    ]
    assert loads(plan) == ["base", "v1", "base"]
    assert [segment.keeps_vae for segment in plan.segments] == [False, True, False, False]


def test_a_latent_method_needs_no_vae_and_is_shared_by_all() -> None:
    vaes = file_axis("VAE", "", ["v1", "v2"], partial(SetField, "vae_name"), without="baked")
    plan = plan_of(recipes_of(HIRES, x=vaes))
    assert loads(plan) == ["base", "v1", "v2"]
    assert kinds(stages_of(plan)) == {Encode: 2, Sample: 2, Enlarge: 1, Decode: 2}


# Any set of recipes


refiner_recipes = st.builds(
    RefinerRecipe,
    ckpt_name=st.sampled_from(["", "r1", "r2", "c1"]),
    switch_at=st.sampled_from([0.0, 0.5, 0.6, 1.0]),
    positive=st.sampled_from(["", "fur"]),
)
hires_recipes = st.builds(
    HiresRecipe,
    upscaler=st.sampled_from(["latent: bilinear", "pixels: lanczos", "2x"]),
    denoise=st.sampled_from([0.4, 0.5]),
    positive=st.sampled_from(["", "fur"]),
)
recipes = st.builds(
    Recipe,
    positive=st.sampled_from(["a cat", "a dog"]),
    negative=st.sampled_from(["", "a cat"]),
    seed=st.integers(0, 1),
    steps=st.sampled_from([1, 4, 5]),
    cfg=st.just(7.0),
    sampler_name=st.just("euler"),
    scheduler=st.just("normal"),
    ckpt_name=st.sampled_from(["", "c1", "c2", "c3"]),
    vae_name=st.sampled_from(["", "", "v1", "v2", "c1"]),
    loras=st.lists(
        st.builds(
            LoraRecipe,
            name=st.sampled_from(["l1", "l2"]),
            strength_model=st.sampled_from([0.0, 1.0]),
            strength_clip=st.sampled_from([0.0, 0.5]),
        ),
        max_size=2,
    ).map(tuple),
    refiner=st.none() | refiner_recipes,
    hires=st.none() | hires_recipes,
)
links = st.builds(
    Links, vae=st.booleans(), positive_conditioning=st.booleans(), image=st.booleans()
)


def closure(stages: Iterable[Stage]) -> set[Stage]:
    found: set[Stage] = set()
    waiting = list(stages)
    while waiting:
        stage = waiting.pop()
        found.add(stage)
        waiting += stages_before(stage)
    return found


@given(st.lists(recipes, max_size=12), links)
def test_every_needed_stage_runs_once_and_after_all_that_it_needs(
    sweep: list[Recipe], linked: Links
) -> None:
    done: set[Stage] = set()
    for stage in stages_of(plan_of(sweep, linked)):
        assert stage not in done
        assert done.issuperset(stages_before(stage))
        done.add(stage)
    assert done == closure(decode_stage(recipe, linked) for recipe in sweep)


@given(st.lists(recipes, max_size=12), links)
def test_every_stage_finds_its_model(sweep: list[Recipe], linked: Links) -> None:
    kept: set[tuple[str, bool]] = set()
    for segment in plan_of(sweep, linked).segments:
        for stage in segment.stages:
            assert stage.source in (segment.source, LINKED)
            if stage.source != LINKED and not segment.loads:
                assert isinstance(stage, (Enlarge, Decode))
                assert (stage.source, stage.vae_file) in kept
        if segment.loads and segment.keeps_vae:
            kept.add(segment.file)


@given(st.lists(recipes, max_size=12), links)
def test_no_checkpoint_is_loaded_twice_for_the_same_kind_of_work(
    sweep: list[Recipe], linked: Links
) -> None:
    plan = plan_of(sweep, linked)
    kinds_of_work = {(work_of(stage), stage.source) for stage in stages_of(plan)}
    most = Counter(source for _, source in kinds_of_work if source != LINKED)
    assert Counter(loads(plan)) <= most
    assert set(loads(plan)) == set(most)


def work_of(stage: Stage) -> str:
    """Texts, pictures and decodes are done beside the runs, where there are any."""
    if isinstance(stage, (EncodePixels, Enlarge, Decode)) and stage.vae_file:
        return "VAE"
    if isinstance(stage, Enlarge):
        return "enlarge"
    if not isinstance(stage, Sample):
        return "beside"
    return "second pass" if isinstance(stage.start, Enlarge) else stage.role


@given(st.lists(recipes, max_size=12), links)
def test_only_vaes_that_a_later_segment_needs_are_kept(sweep: list[Recipe], linked: Links) -> None:
    segments = plan_of(sweep, linked).segments
    borrowed = {segment.file for segment in segments if not segment.loads and segment.source}
    kept = {segment.file for segment in segments if segment.keeps_vae}
    assert kept == borrowed
