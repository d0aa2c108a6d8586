"""The plan: every stage once, after what it needs, with as few loads as there can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import permutations

import pytest

from periplus.axes.axis import Axis, SetField
from periplus.axes.axis_kinds import file_axis, name_axis, number_axis
from periplus.axes.lora_axis import lora_axis
from periplus.axes.upscaler_axis import upscaler_axis
from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe
from periplus.work.plan import LOAD_WEIGHT, Plan, make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import LINKED, Decode, Encode, EncodePixels, Enlarge, Sample

from .plans import (
    BASE,
    HIRES,
    REFINED,
    UNLINKED,
    inputs_of,
    kinds,
    loads,
    plan_of,
    recipes_of,
    samples_of,
    stages_of,
)


def steps_done(plan: Plan) -> list[tuple[str, int | None, int | None]]:
    return [(run.source, run.start_step, run.last_step) for run in samples_of(plan)]


def test_a_clip_skip_axis_encodes_anew_and_loads_once() -> None:
    plan = plan_of(recipes_of(BASE, x=number_axis("clip_skip", "0, 1, 2")))
    assert loads(plan) == ["base"]
    assert kinds(stages_of(plan)) == {Encode: 6, Sample: 3, Decode: 3}


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
    assert "vae" not in inputs_of(recipes, Links(vae=True))
    assert inputs_of(recipes) >= {"VAE v1", "VAE v2", "model", "clip"}


# A picture to start from


def test_a_picture_is_encoded_once_for_all_cells_of_a_vae() -> None:
    recipes, links = recipes_of(BASE, x=number_axis("cfg", "5, 6, 7")), Links(image=True)
    (segment,) = plan_of(recipes, links).segments
    assert kinds(segment.stages) == {Encode: 2, EncodePixels: 1, Sample: 3, Decode: 3}
    assert [type(stage) for stage in segment.stages[:3]] == [Encode, Encode, EncodePixels]
    assert inputs_of(recipes, links) == {"checkpoint base", "image"}


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
    recipes, links = recipes_of(BASE, x=checkpoints), Links(image=True, vae=True)
    plan = plan_of(recipes, links)
    assert loads(plan) == ["one", "two"]
    assert plan.segments[0].stages == (EncodePixels(LINKED, 512, 512),)
    assert {"image", "vae"} < inputs_of(recipes, links)


def test_a_base_that_only_encodes_the_picture_is_loaded_once_before_the_refiner() -> None:
    plan = plan_of([REFINED.refined(switch_at=0.0)], Links(image=True))
    assert [(s.source, s.loads, kinds(s.stages)) for s in plan.segments] == [
        ("base", True, {EncodePixels: 1}),
        ("refiner", True, {Encode: 2, Sample: 1}),
        ("base", False, {Decode: 1}),
    ]


# LoRAs


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
    assert inputs_of([recipe], links) & sweep_inputs == expected


def test_nothing_is_linked_for_cells_that_need_no_work() -> None:
    assert inputs_of([]) == set()


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


def test_all_upscalers_and_denoise_values_share_the_first_pass() -> None:
    upscalers = upscaler_axis("", ["2x", "4x"])
    recipes = recipes_of(HIRES, x=upscalers, y=number_axis("hires_denoise", "0.2, 0.4"))
    plan = plan_of(recipes)
    assert loads(plan) == ["base"]
    assert len(plan.segments) == 1
    count = len(upscalers.points)
    assert kinds(stages_of(plan)) == {
        Encode: 2,
        Sample: 1 + 2 * count,
        Enlarge: count,
        Decode: 2 * count,
    }
    assert {"upscale_model 2x", "upscale_model 4x"} < inputs_of(recipes)


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
