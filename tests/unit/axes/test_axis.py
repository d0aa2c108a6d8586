"""What the points of an axis do to a recipe, and what an axis tells of itself."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from periplus.axes.axis import NO_AXIS, Axis, Point, ReplaceText, SetField, SetRefiner, SetUpscaler
from periplus.errors import PeriplusError
from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe

RECIPE = Recipe("a cat, a cat", "a dog", 1, 20, 7.0, "euler", "normal")
REFINED = replace(
    RECIPE, refiner=RefinerRecipe("refiner.safetensors", positive="cat fur", negative="cat hair")
)


@pytest.mark.parametrize(
    ("field", "value"), [("steps", 30), ("cfg", 0.5), ("sampler_name", "heun"), ("ckpt_name", "a")]
)
def test_set_field_sets_that_field_only(field: str, value: str | float) -> None:
    override = SetField(field, value)
    assert override.apply(REFINED) == replace(REFINED, **{field: value})
    assert override.sets == field


def test_switch_at_is_set_in_the_refiner() -> None:
    assert SetField("switch_at", 0.5).apply(REFINED) == REFINED.refined(switch_at=0.5)


def test_switch_at_without_a_refiner_is_refused_with_the_way_out() -> None:
    with pytest.raises(PeriplusError, match=r"switch_at = 0\.5 needs a refiner: link a"):
        SetField("switch_at", 0.5).apply(RECIPE)


def test_a_refiner_is_set_by_name_or_taken_away() -> None:
    assert SetRefiner("other").apply(REFINED) == REFINED.refined(ckpt_name="other")
    assert SetRefiner("").apply(REFINED) == RECIPE


@pytest.mark.parametrize("name", ["other", ""])
def test_a_refiner_is_set_only_where_one_is_named(name: str) -> None:
    with pytest.raises(PeriplusError, match="needs a refiner: link a Sweep Refiner node"):
        SetRefiner(name).apply(RECIPE)
    with pytest.raises(PeriplusError, match=r"has a linked model, .* choose a ckpt_name there"):
        SetRefiner(name).apply(REFINED.refined(ckpt_name=""))


def test_an_upscaler_is_set_or_the_second_pass_is_taken_away() -> None:
    hires = replace(RECIPE, hires=HiresRecipe("latent: area", scale=1.5))
    larger = replace(RECIPE, hires=HiresRecipe("2x", scale=1.5))
    assert SetUpscaler("2x").apply(hires) == larger
    assert SetUpscaler("").apply(hires) == RECIPE


@pytest.mark.parametrize("name", ["2x", ""])
def test_an_upscaler_needs_a_second_pass(name: str) -> None:
    with pytest.raises(PeriplusError, match="an upscaler axis needs a second pass: link a Sweep"):
        SetUpscaler(name).apply(RECIPE)


@pytest.mark.parametrize(
    ("search", "replacement", "target", "positive", "negative"),
    [
        ("cat", "fox", "both", "a fox, a fox", "a dog"),
        ("a ", "the ", "both", "the cat, the cat", "the dog"),
        ("a ", "the ", "positive", "the cat, the cat", "a dog"),
        ("a ", "the ", "negative", "a cat, a cat", "the dog"),
        (", a cat", "", "both", "a cat", "a dog"),
        ("cat", "cat cat", "both", "a cat cat, a cat cat", "a dog"),
        ("cat", r"\1 $1 {}", "both", r"a \1 $1 {}, a \1 $1 {}", "a dog"),
    ],
)
def test_replace_text_replaces_every_occurrence_literally(
    search: str, replacement: str, target: str, positive: str, negative: str
) -> None:
    changed = ReplaceText(search, replacement, target).apply(RECIPE)
    assert changed == replace(RECIPE, positive=positive, negative=negative)


@pytest.mark.parametrize(
    ("search", "prompt", "expected"),
    [
        ("cat", "a cat, a catalogue, bobcat, CAT", "a <>, a catalogue, bobcat, CAT"),
        ("cat", "(cat:1.2), cat's, cat-like", "(<>:1.2), <>'s, <>-like"),
        ("cat", "cat_ears, cat2, cat", "cat_ears, cat2, <>"),
        ("кот", "котлета, скот, кот", "котлета, скот, <>"),
        ("ёж", "ёжик и ёж", "ёжик и <>"),
        ("猫", "一只猫在海边, 猫咪", "一只<>在海边, <>咪"),
        ("ねこ", "かわいいねこです", "かわいい<>です"),
        ("cat", "一只cat在海边, 一只cats", "一只<>在海边, 一只cats"),
        ("red cat", "a red cat, a red cats", "a <>, a red cats"),
        ("{hero}", "a{hero}b, {hero}", "a<>b, <>"),
        ("a.c", "abc a.c", "abc <>"),
    ],
)
def test_a_whole_word_is_found_only_where_no_letter_goes_on(
    search: str, prompt: str, expected: str
) -> None:
    changed = ReplaceText(search, "<>", match="word").apply(replace(RECIPE, positive=prompt))
    assert changed.positive == expected


@pytest.mark.parametrize("match", ["any", "word"])
def test_what_was_put_in_is_not_searched_again(match: str) -> None:
    changed = ReplaceText("a cat", "a cat, a cat", match=match).apply(RECIPE)
    assert changed.positive == "a cat, a cat, a cat, a cat"


def test_a_text_that_is_only_within_words_is_no_word() -> None:
    told = "the search text 'ca' (item 1) is not in the positive prompt 'a cat, a cat'; it must "
    with pytest.raises(PeriplusError, match=re.escape(told + "be there, as a whole word, ")):
        ReplaceText("ca", "x", "positive", match="word").apply(RECIPE)


def test_a_placeholder_that_is_in_no_prompt_is_refused_as_such() -> None:
    with pytest.raises(
        PeriplusError, match=r"the placeholder '\{hero\}' is neither in the positive"
    ):
        ReplaceText("{hero}", "x", is_placeholder=True).apply(RECIPE)


@pytest.mark.parametrize(
    ("target", "positive", "negative"),
    [
        ("both", "fox fur", "fox hair"),
        ("positive", "fox fur", "cat hair"),
    ],
)
def test_replace_text_also_replaces_in_the_refiners_own_prompts(
    target: str, positive: str, negative: str
) -> None:
    changed = ReplaceText("cat", "fox", target).apply(REFINED)
    assert changed.positive == "a fox, a fox"
    assert changed.refiner is not None
    assert (changed.refiner.positive, changed.refiner.negative) == (positive, negative)


def test_a_text_that_only_the_refiners_prompt_has_is_found() -> None:
    changed = ReplaceText("fur", "skin").apply(REFINED)
    assert changed == REFINED.refined(positive="cat skin")


def test_an_own_prompt_of_which_nothing_is_left_does_not_become_the_bases() -> None:
    changed = ReplaceText("cat fur", "").apply(REFINED)
    assert changed.refiner is not None
    assert changed.refiner.positive == " "
    own = HiresRecipe("latent: area", positive="cat")
    for base, left in (("a cat", " "), ("cat", "")):
        recipe = replace(RECIPE, positive=base, hires=own)
        assert ReplaceText("cat", "").apply(recipe).hires == replace(own, positive=left)


@pytest.mark.parametrize(
    ("search", "target", "told"),
    [
        ("bird", "both", "is neither in the positive prompt 'a cat, a cat' nor the negative"),
        ("Cat", "both", "spelled with the same capitals"),
        ("cat", "negative", "is not in the negative prompt 'a dog'"),
        ("dog", "positive", "is not in the positive prompt 'a cat, a cat'"),
    ],
)
def test_a_search_text_that_is_in_no_prompt_is_refused(search: str, target: str, told: str) -> None:
    with pytest.raises(PeriplusError) as error:
        ReplaceText(search, "fox", target).apply(RECIPE)
    assert f"the search text '{search}' (item 1)" in str(error.value)
    assert told in str(error.value)


def test_a_long_prompt_is_not_told_whole() -> None:
    with pytest.raises(PeriplusError) as error:
        ReplaceText("bird", "fox", "positive").apply(replace(RECIPE, positive="a cat, " * 10_000))
    assert "the positive prompt 'a cat, a cat" in str(error.value)
    assert len(str(error.value)) < 400


def test_an_axis_tells_labels_values_notes_and_fields() -> None:
    axis = Axis(
        "mixed",
        (
            Point("Euler", (SetField("sampler_name", "euler"), SetField("scheduler", "normal"))),
            Point("UniPC", (SetField("sampler_name", "uni_pc"),), "other last sigma"),
            Point("fox", (ReplaceText("cat", "fox"),)),
        ),
    )
    assert axis.labels == ("Euler", "UniPC", "fox")
    assert axis.values == ("euler", "uni_pc", "fox")
    assert axis.notes == ("UniPC: other last sigma",)
    assert axis.fields == {"sampler_name", "scheduler"}


def test_no_axis_is_one_point_that_changes_nothing() -> None:
    assert [point.overrides for point in NO_AXIS.points] == [()]
    assert NO_AXIS.fields == frozenset()


def test_a_replacement_that_would_make_a_prompt_huge_is_refused() -> None:
    override = ReplaceText("a", "b" * 10_001)
    assert len(override.apply(replace(RECIPE, positive="a" * 99)).positive) == 99 * 10_001
    with pytest.raises(PeriplusError, match="more than 1,000,000 characters"):
        override.apply(replace(RECIPE, positive="a" * 100))
