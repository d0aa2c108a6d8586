"""Recipes as infotexts, and infotexts as recipes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.a1111 import A1111_SAMPLERS, find_pair, label_of
from periplus.errors import PeriplusError
from periplus.reading.infotext import NEGATIVE
from periplus.reading.infotext_recipe import read_infotext, recipe_infotext
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

RECIPE = Recipe("a cat", "a dog", 5, 20, 6.5, "dpmpp_2m", "karras", width=640, height=512)
TAIL = ", CFG scale: 6.5, Seed: 5, Size: 640x512"


def settings_of(recipe: Recipe) -> str:
    return recipe_infotext(recipe, ()).rpartition("\n")[2]


def read(settings: str) -> dict[str, Any]:
    return dict(read_infotext(f"a cat\nSteps: 20, Seed: 5, {settings}").values)


# Writing


def test_a_recipe_as_an_infotext() -> None:
    assert recipe_infotext(RECIPE, ()) == (
        "a cat\nNegative prompt: a dog\n"
        f"Steps: 20, Sampler: DPM++ 2M Karras{TAIL}, Version: Periplus"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ckpt_name": "sd\\v1-5.safetensors"}, "Model: v1-5"),
        ({"vae_name": "ft/mse.pt"}, "VAE: mse.pt"),
        ({"denoise": 0.5}, "Denoising strength: 0.5"),
        ({"clip_skip": 2}, "Clip skip: 2"),
        ({"refiner": RefinerRecipe("xl/r.ckpt")}, "Refiner: r, Refiner switch at: 0.8"),
        (
            {"hires": HiresRecipe("4x.pth", 1.5, 9, 0.4)},
            "Denoising strength: 0.4, Hires upscale: 1.5, Hires steps: 9, Hires upscaler: 4x.pth",
        ),
    ],
)
def test_what_else_a_recipe_has_is_said(changes: dict[str, Any], expected: str) -> None:
    assert settings_of(replace(RECIPE, **changes)).endswith(
        f"{TAIL}, {expected}, Version: Periplus"
    )


def test_a_sampler_without_an_equal_label_keeps_its_name() -> None:
    for sampler_name, scheduler in (("euler_cfg_pp", "beta"), ("uni_pc", "normal")):
        recipe = replace(RECIPE, sampler_name=sampler_name, scheduler=scheduler)
        assert f"Sampler: {sampler_name}, Schedule type: {scheduler}," in settings_of(recipe)


def test_loras_become_tags() -> None:
    loras = (LoraRecipe("a/ink.safetensors", 0.8, 0.8), LoraRecipe("fog.pt", 0.5, 0))
    text = recipe_infotext(replace(RECIPE, loras=loras), ())
    assert text.startswith("a cat <lora:ink:0.8> <lora:fog:0:0.5>\n")


@pytest.mark.parametrize(
    ("changes", "linked"),
    [
        ({}, ["positive_conditioning"]),
        ({}, ["model", "negative_conditioning"]),
        ({"denoise": 0.5, "hires": HiresRecipe("bicubic latent")}, []),
        ({"positive": f"a\n {NEGATIVE} b"}, []),
        ({"refiner": RefinerRecipe("")}, []),
        ({"refiner": RefinerRecipe("r.ckpt", positive="own")}, []),
        ({"refiner": RefinerRecipe("r.ckpt", cfg=3.0)}, []),
    ],
)
def test_what_the_format_cannot_say_is_not_said(changes: Any, linked: list[str]) -> None:
    assert recipe_infotext(replace(RECIPE, **changes), linked) == ""


def test_a_refiner_that_never_runs_is_not_named() -> None:
    recipe = replace(RECIPE, refiner=RefinerRecipe("r.ckpt", 1.0))
    assert "Refiner" not in settings_of(recipe)


# Reading

PAIRS = sorted(
    {(p.sampler_name, p.scheduler) for p in A1111_SAMPLERS.values()}
    | {("euler_cfg_pp", "beta"), ("dpmpp_2m_sde", "simple"), ("euler", "kl_optimal")}
)


@given(
    st.builds(
        Recipe,
        positive=st.text(max_size=20).map(str.strip),
        negative=st.text(max_size=20).map(str.strip),
        seed=st.integers(0, 2**64 - 1),
        steps=st.integers(1, 10_000),
        cfg=st.integers(0, 1000).map(lambda n: n / 10),
        sampler_name=st.just(""),
        scheduler=st.just(""),
        denoise=st.integers(0, 20).map(lambda n: n / 20),
        width=st.integers(2, 2048).map(lambda n: n * 8),
        height=st.integers(2, 2048).map(lambda n: n * 8),
        ckpt_name=st.sampled_from(["", "coast", "v1-5, pruned"]),
    ),
    st.sampled_from(PAIRS),
)
def test_a_recipe_comes_back(recipe: Recipe, pair: tuple[str, str]) -> None:
    if "\r" in recipe.positive + recipe.negative:
        return
    recipe = replace(recipe, sampler_name=pair[0], scheduler=pair[1])
    found = read_infotext(recipe_infotext(recipe, ())).values
    assert {name: getattr(recipe, name) or "" for name in found} == {
        name: value or "" for name, value in found.items()
    }
    assert found.keys() >= {"seed", "steps", "cfg", "denoise", "width", "height", "scheduler"}


@pytest.mark.parametrize(
    ("sampler", "expected"),
    [
        ("Sampler: Euler a", ("euler_ancestral", "normal")),
        ("Sampler: DPM++ 2M Karras", ("dpmpp_2m", "karras")),
        ("Sampler: DPM++ 2M, Schedule type: Karras", ("dpmpp_2m", "karras")),
        ("Sampler: DPM++ 2M, Schedule type: SGM Uniform", ("dpmpp_2m", "sgm_uniform")),
        ("Sampler: DPM++ 2M", ("dpmpp_2m", "normal")),
        ("Sampler: DPM++ 2M, Schedule type: Automatic", ("dpmpp_2m", "karras")),
        ("Sampler: DPM++ 3M SDE, Schedule type: Automatic", ("dpmpp_3m_sde_gpu", "exponential")),
        ("Sampler: Euler, Schedule type: Automatic", ("euler", "normal")),
        ("Sampler: Restart, Schedule type: Karras", ("heun", "karras")),
        ("Sampler: Euler, Schedule type: Align Your Steps", ("euler", "Align Your Steps")),
        ("Sampler: euler_cfg_pp, Schedule type: beta", ("euler_cfg_pp", "beta")),
        ("Sampler: Zzz", ("Zzz", None)),
        ("Model: x", (None, None)),
    ],
)
def test_samplers_are_named_as_comfyui_names_them(
    sampler: str, expected: tuple[str | None, str | None]
) -> None:
    values = read(sampler)
    assert (values.get("sampler_name"), values.get("scheduler")) == expected


def test_every_label_with_an_equal_pair_is_written_as_itself() -> None:
    labels = {label_of(pair.sampler_name, pair.scheduler) for pair in A1111_SAMPLERS.values()}
    assert labels - {""} == {pair.label for pair in A1111_SAMPLERS.values() if not pair.note}
    for label in labels - {""}:
        assert find_pair(label) == A1111_SAMPLERS[label]


def test_the_denoise_of_a_hires_fix_is_not_that_of_the_first_pass() -> None:
    assert read("Size: 8x8")["denoise"] == 1.0
    assert read("Denoising strength: 0.4")["denoise"] == 0.4
    assert read("Denoising strength: 0.4, Hires upscale: 2")["denoise"] == 1.0


def test_what_cannot_be_a_setting_is_a_gap_with_its_reason() -> None:
    found = read_infotext("x\nSteps: 0, CFG scale: high, Seed: 1-5, Size: big")
    assert found.values.keys() == {"positive", "negative", "denoise"}
    assert "must be between 1 and 10000" in found.gaps["steps"]
    assert "is not a number" in found.gaps["cfg"]
    assert "not one number" in found.gaps["seed"]


def test_settings_without_an_output_are_told() -> None:
    found = read_infotext("<lora:ink:1>\nSteps: 5, Seed: 1, Clip skip: 2, Version: v1.6.0")
    assert any("LoRAs" in note for note in found.notes)
    assert "the infotext also says Clip skip: 2, Version: v1.6.0" in found.notes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("  \n", "is empty"),
        ('{"prompt": "a cat", "steps": 30, "metadata_scheme": "fooocus"}', "no infotext but JSON"),
        ('{\n  "sui_image_params": {\n    "prompt": "a cat"\n  }\n}', "no infotext but JSON"),
    ],
)
def test_what_other_programs_leave_in_its_place_is_no_prompt(text: str, reason: str) -> None:
    with pytest.raises(PeriplusError, match=reason):
        read_infotext(text)


def test_a_prompt_that_happens_to_be_json_is_a_prompt() -> None:
    assert read_infotext("2077").values["positive"] == "2077"


def test_a_prompt_alone_says_nothing_else() -> None:
    found = read_infotext("a cat")
    assert (found.values, found.gaps) == ({"positive": "a cat", "negative": ""}, {})
