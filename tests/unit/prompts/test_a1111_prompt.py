"""A whole prompt as a script: its parts, their turns by call of the denoiser, and its stages."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.errors import PeriplusError
from periplus.prompts.a1111_prompt import read_script, refuse_networks
from periplus.prompts.script import Part, Script, Turn, calls_per_step
from periplus.recipe import A1111, HiresRecipe, Recipe, RefinerRecipe
from periplus.work.plan import make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.results import Results
from periplus.work.stages import (
    Encode,
    LinkedConditioning,
    Sample,
    Scripted,
    stages_before,
    texts_of,
)

RECIPE = Recipe("a", "b", 1, 10, 7.0, "euler", "normal", ckpt_name="base", prompt_syntax=A1111)
UNLINKED = Links()


def script(prompt: str, calls: int = 10) -> Script:
    return read_script(prompt, calls, composed=True)


def texts_by_call(part: Part, calls: int) -> str:
    """The texts, each one letter, in the order of the calls."""
    return "".join(
        turn.chunks[0]
        for call in range(calls)
        for turn in part.turns
        if turn.first_call <= call and (turn.end_call is None or call < turn.end_call)
    )


# As AUTOMATIC1111 1.6 was seen to do it: the first text lasts one call longer than it says.
@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("[a:b:5]", "aaaaaabbbb"),
        ("[a:b:0.5]", "aaaaaabbbb"),
        ("[a:b:0]", "bbbbbbbbbb"),
        ("[a:b:9]", "aaaaaaaaaa"),
        ("[a:b:1.0]", "aaaaaaaaaa"),
        ("[a|b]", "aabababab" + "a"),
        ("[a|b|c]", "aabcabcabc"),
    ],
)
def test_text_of_each_call(prompt: str, expected: str) -> None:
    (part,) = script(prompt).parts

    assert texts_by_call(part, 10) == expected


def test_the_last_text_stays_for_a_sampler_that_calls_more_often_than_expected() -> None:
    (part,) = script("[a:b:0.5]", calls=4).parts

    assert texts_by_call(part, 8) == "aaabbbbb"


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a ship", [("a ship", 1.0)]),
        ("a AND b", [("a ", 1.0), (" b", 1.0)]),
        ("a :1.2 AND b:-0.5", [("a", 1.2), (" b", -0.5)]),
        ("a\nAND\nb : 2. ", [("a\n", 1.0), ("\nb", 2.0)]),
        ("a:.5", [("a", 0.5)]),
        ("GRAND a and b", [("GRAND a and b", 1.0)]),
        ("a AND", [("a ", 1.0), ("", 1.0)]),
        ("a:1e5 AND b:c", [("a:1e5 ", 1.0), (" b:c", 1.0)]),
        (f"a:{'9' * 400}", [(f"a:{'9' * 400}", 1.0)]),
    ],
)
def test_and_makes_parts_with_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    parts = script(prompt).parts

    assert [(part.turns[0].chunks[0], part.weight) for part in parts] == expected


def test_each_part_has_turns_of_its_own() -> None:
    first, second = script("[a:b:4] :2 AND [c|d] BREAK e", 3).parts

    assert first == Part(2.0, (Turn(0, None, ("a",)),))
    assert [turn.chunks for turn in second.turns] == [(" c", "e"), (" d", "e"), (" c", "e")]
    assert [turn.first_call for turn in second.turns] == [0, 2, 3]


def test_in_a_negative_prompt_and_is_a_word() -> None:
    read = read_script("a AND b :2", 10, composed=False)

    assert read.only_text == "a AND b :2"


@pytest.mark.parametrize("prompt", ["a AND b", "a:2", "[a|b]", "a BREAK b"])
def test_a_script_of_more_than_a_text_has_no_only_text(prompt: str) -> None:
    assert script(prompt).only_text is None


PREDICTIONS = (0.3, -0.7, 1.9)


@pytest.mark.parametrize(
    "weights", [(1,), (2,), (0,), (1, 1), (1.2, -0.5), (1, -1), (0.1, 0.2, -0.3)]
)
def test_the_mean_of_the_parts_scaled_up_is_their_weighted_sum(weights: tuple[float, ...]) -> None:
    cfg, negative = 7.0, -0.25
    parts = [*zip(PREDICTIONS, weights, strict=False)]
    composed = script(" AND ".join(f"x :{weight}" for weight in weights))
    strengths = [*parts, (negative, composed.balance)]
    mean = sum(p * w for p, w in strengths) / sum(w for _, w in strengths)
    guided = negative + cfg * composed.cfg_factor * (mean - negative)

    expected = negative + sum(w * cfg * (p - negative) for p, w in parts)

    assert guided == pytest.approx(expected, rel=1e-9)


@given(st.text(max_size=60), st.integers(1, 30))
def test_any_text_is_a_script_of_turns_without_gaps(prompt: str, calls: int) -> None:
    for part in script(prompt, calls).parts:
        ends = [turn.end_call for turn in part.turns]
        assert [turn.first_call for turn in part.turns] == [0, *ends[:-1]]
        assert ends[-1] is None


@pytest.mark.parametrize("tag", ["<lora:ink:0.8>", "<LoRA:ink>", "<lyco:x:1>", "<hypernet:y:1>"])
def test_tags_of_networks_are_refused(tag: str) -> None:
    with pytest.raises(PeriplusError, match=f"^{tag} in the prompt .* Axis: LoRA"):
        refuse_networks(f"a ship, {tag}, at sea")


@pytest.mark.parametrize("prompt", ["a lora: ink", "<3", "<lora>", "a <b:c> d"])
def test_what_only_looks_like_a_tag_is_not(prompt: str) -> None:
    refuse_networks(prompt)


def sample(recipe: Recipe, links: Links = UNLINKED) -> Sample:
    return decode_stage(recipe, links).latent


def test_a_plain_prompt_is_the_same_work_in_both_syntaxes() -> None:
    plain = replace(RECIPE, positive="a (red:1.2) ship \\(ink\\)", negative="fog, 3:4 x")

    assert decode_stage(plain, UNLINKED) == decode_stage(
        replace(plain, prompt_syntax="comfy"), UNLINKED
    )


def test_schedules_of_different_lengths_share_their_texts() -> None:
    recipes = [
        replace(RECIPE, positive="a [red:blue:0.5] ship", steps=steps, sampler_name=sampler)
        for steps, sampler in product((4, 10, 20), ("euler", "heun"))
    ]

    (segment,) = make_plan(decode_stage(recipe, UNLINKED) for recipe in recipes).segments

    assert [stage.text for stage in segment.stages if isinstance(stage, Encode)] == [
        "a red ship",
        "a blue ship",
        "b",
    ]


def test_every_text_of_a_script_is_there_until_its_run_is_done() -> None:
    recipe = replace(RECIPE, positive="[a|c] AND a", negative="[a|b]")
    plan = make_plan([decode_stage(recipe, UNLINKED)])
    results = Results(plan)
    (segment,) = plan.segments
    for stage in segment.stages:
        results.put(stage, stage)

    for text in stages_before(sample(recipe)):
        assert results.get(text) == text
    results.release(sample(recipe))

    assert len(results) == 1  # the latent, for the decode


@pytest.mark.parametrize(
    ("sampler_name", "expected"), [("euler", 1), ("heun", 2), ("dpmpp_sde_gpu", 2), ("other", 1)]
)
def test_a_script_counts_calls_of_the_denoiser(sampler_name: str, expected: int) -> None:
    recipe = replace(RECIPE, positive="[a:b:0.5]", sampler_name=sampler_name)
    run = sample(recipe)

    assert calls_per_step(sampler_name) == expected
    assert isinstance(run.positive, Scripted)
    assert run.positive.script == script("[a:b:0.5]", calls=10 * expected)


def test_the_refiner_goes_on_in_the_script_where_the_base_stopped() -> None:
    refiner = RefinerRecipe("refiner", switch_at=0.6, sampler_name="heun", negative="[c|d]")
    run = sample(replace(RECIPE, positive="[a:b:0.8]", refiner=refiner))

    assert isinstance(run.positive, Scripted)
    assert isinstance(run.negative, Scripted)
    assert isinstance(run.start, Sample)
    assert run.start.first_call == 0
    assert run.first_call == 12
    assert run.positive.script == script("[a:b:0.8]", calls=20)
    assert [text.text for text in run.negative.texts] == ["c", "d"]
    assert {text.source for text in run.positive.texts} == {"refiner"}


def test_the_second_pass_goes_on_in_the_timeline_with_its_own_sampler_and_steps() -> None:
    hires = HiresRecipe("latent: area", steps=5, sampler_name="heun", negative="[c:d:16]")
    run = sample(replace(RECIPE, positive="[a:b:1.5]", sampler_name="dpm_2", hires=hires))

    assert isinstance(run.positive, Scripted)
    assert isinstance(run.negative, Encode)
    assert run.positive.script == read_script("[a:b:1.5]", 10, 20, composed=True)
    (part,) = run.positive.script.parts
    assert texts_by_call(part, 10) == "aaaaaabbbb"
    assert run.negative.text == "d"
    assert run.first_call == 0


@pytest.mark.parametrize(
    ("prompt", "first", "second"),
    [("[a:b:0.5]", ["a", "b"], "b"), ("[a:b:1.0]", ["a"], "b"), ("[a:b:2.0]", ["a"], "a")],
)
def test_an_edit_falls_into_one_of_two_passes(prompt: str, first: list[str], second: str) -> None:
    recipe = replace(RECIPE, positive=prompt)
    run = sample(replace(recipe, hires=HiresRecipe("latent: area")))

    assert [text.text for text in texts_of(sample(recipe).positive)] == first
    assert [text.text for text in texts_of(run.positive)] == [second]


def test_a_composition_scales_cfg_and_leaves_a_plain_prompt_alone() -> None:
    assert sample(RECIPE).cfg_scale == 7.0
    assert sample(replace(RECIPE, positive="a AND b :0.5")).cfg_scale == 10.5
    assert sample(replace(RECIPE, positive="a AND b :-1")).balance == 1.0


def test_a_linked_conditioning_wins_over_the_syntax() -> None:
    run = sample(replace(RECIPE, positive="[a|b]"), Links(positive_conditioning=True))

    assert run.positive == LinkedConditioning("positive_conditioning")
