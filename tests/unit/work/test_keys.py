"""Keys: equal work has equal keys, and nothing that changes pixels is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.work.keys import digest, stage_key, used_inputs
from periplus.work.recipe_stages import Links, decode_stage

REFINER = RefinerRecipe("refiner.safetensors")
RECIPE = Recipe(
    positive="a [white|red] lighthouse, ночь",
    negative="blurry",
    seed=7,
    steps=20,
    cfg=7.5,
    sampler_name="euler",
    scheduler="karras",
    denoise=0.9,
    ckpt_name="base.safetensors",
    refiner=REFINER,
)
IDENTITIES = {
    "checkpoint base.safetensors": "aa",
    "checkpoint refiner.safetensors": "bb",
    "checkpoint other.safetensors": "cc",
    "latent_image": "dd",
    "VAE sepia.safetensors": "gg",
    "lora whale.safetensors": "ee",
    "lora glass.safetensors": "ff",
}
HOST = {"torch": "2.9.1", "device": "cpu"}

OTHER_VALUES = {
    "positive": "a lighthouse",
    "negative": "",
    "seed": 8,
    "steps": 21,
    "cfg": 7.25,
    "sampler_name": "heun",
    "scheduler": "normal",
    "denoise": 0.5,
    "width": 768,
    "height": 768,
    "ckpt_name": "other.safetensors",
    "denoise_steps": "a1111",
    "vae_name": "sepia.safetensors",
    "clip_skip": 2,
    "loras": (LoraRecipe("whale.safetensors"),),
    "refiner": None,
    "hires": HiresRecipe("latent: bilinear"),
    "prompt_syntax": "a1111",
    "vae_tiling": "on",
}
OTHER_REFINER_VALUES = {
    "ckpt_name": "other.safetensors",
    "switch_at": 0.75,
    "positive": "sharp",
    "negative": "soft",
    "ascore": 7.0,
    "negative_ascore": 1.0,
    "sampler_name": "heun",
    "scheduler": "normal",
    "cfg": 5.0,
}

OTHER_HIRES_VALUES = {
    "upscaler": "pixels: lanczos",
    "scale": 1.5,
    "steps": 5,
    "denoise": 0.6,
    "sampler_name": "heun",
    "scheduler": "normal",
    "cfg": 5.0,
    "positive": "sharp",
    "negative": "soft",
}


def key(
    recipe: Recipe, identities: dict[str, str] = IDENTITIES, host: dict[str, str] = HOST
) -> str:
    return stage_key(decode_stage(recipe, Links()), identities, host)


KEY = key(RECIPE)


def test_a_key_is_what_it_was_in_earlier_versions() -> None:
    # Or nothing that is stored would be found any more.
    assert KEY == "8f32cf2d5f4e9ada7245c1a2a58bcc46d6992f04bd01f207c514ef14dc4f44d4"


def test_equal_recipes_have_equal_keys() -> None:
    twin = replace(RECIPE, refiner=replace(REFINER))
    assert key(twin, dict(reversed(IDENTITIES.items())), dict(HOST)) == KEY


@pytest.mark.parametrize(("whole", "point"), [(7, 7.0), (0.0, -0.0)])
def test_numbers_that_are_equal_have_equal_keys_however_they_are_spelled(
    whole: float, point: float
) -> None:
    one, other = (
        replace(RECIPE, cfg=cfg, refiner=replace(REFINER, cfg=cfg)) for cfg in (whole, point)
    )
    assert one == other
    assert key(one) == key(other)


def test_every_field_of_the_recipe_changes_the_key() -> None:
    assert OTHER_VALUES.keys() == {field.name for field in fields(Recipe)}
    changed = [replace(RECIPE, **{name: value}) for name, value in OTHER_VALUES.items()]
    keys = {key(recipe) for recipe in changed}
    assert len(keys | {KEY}) == len(changed) + 1


def test_every_field_of_the_refiner_changes_the_key() -> None:
    # There is one way to hand over so far.
    names = {field.name for field in fields(RefinerRecipe)} - {"handoff"}
    assert OTHER_REFINER_VALUES.keys() == names
    changed = [RECIPE.refined(**{name: value}) for name, value in OTHER_REFINER_VALUES.items()]
    keys = {key(recipe) for recipe in changed}
    assert len(keys | {KEY}) == len(changed) + 1


def test_every_field_of_the_second_pass_changes_the_key() -> None:
    assert OTHER_HIRES_VALUES.keys() == {field.name for field in fields(HiresRecipe)}
    hires = HiresRecipe("latent: bilinear")
    passes = [hires, *(replace(hires, **{n: v}) for n, v in OTHER_HIRES_VALUES.items())]
    keys = {key(replace(RECIPE, hires=second)) for second in passes}
    assert len(keys | {KEY}) == len(passes) + 1


def test_a_text_that_moves_from_one_field_to_another_changes_the_key() -> None:
    swapped = replace(RECIPE, positive=RECIPE.negative, negative=RECIPE.positive)
    assert key(swapped) != KEY


@pytest.mark.parametrize("name", sorted(used_inputs([decode_stage(RECIPE, Links())])))
def test_another_file_behind_a_used_name_changes_the_key(name: str) -> None:
    assert key(RECIPE, IDENTITIES | {name: "changed"}, HOST) != KEY


def test_a_checkpoint_that_the_recipe_does_not_name_is_not_in_the_key() -> None:
    assert key(RECIPE, IDENTITIES | {"checkpoint other.safetensors": "changed"}) == KEY


def test_another_vae_file_changes_the_key() -> None:
    recipe = replace(RECIPE, vae_name="sepia.safetensors")
    assert key(recipe, IDENTITIES | {"VAE sepia.safetensors": "changed"}) != key(recipe)


def test_a_picture_to_start_from_is_in_the_key() -> None:
    def key_from(picture: str, recipe: Recipe = RECIPE) -> str:
        decode = decode_stage(recipe, Links(image=True))
        return stage_key(decode, IDENTITIES | {"image": picture}, HOST)

    assert "latent_image" not in used_inputs([decode_stage(RECIPE, Links(image=True))])
    larger = replace(RECIPE, width=768)
    assert len({KEY, key_from("hh"), key_from("ii"), key_from("hh", larger)}) == 4


def test_a_vae_file_and_a_checkpoint_of_one_name_have_two_keys() -> None:
    same = replace(RECIPE, vae_name="base.safetensors")
    assert key(same, IDENTITIES | {"VAE base.safetensors": "aa"}) != KEY


WHALE, GLASS = (LoraRecipe(f"{name}.safetensors") for name in ("whale", "glass"))


def test_names_order_and_strengths_of_loras_are_in_the_key() -> None:
    choices = [
        (WHALE,),
        (GLASS,),
        (WHALE, GLASS),
        (GLASS, WHALE),
        (replace(WHALE, strength_model=0.5),),
        (replace(WHALE, strength_clip=0.5),),
        (replace(WHALE, strength_model=0),),
    ]
    keys = {key(replace(RECIPE, loras=loras)) for loras in choices}
    assert len(keys | {KEY}) == len(choices) + 1


@pytest.mark.parametrize("without", ["strength_model", "strength_clip"])
def test_another_file_of_a_lora_changes_the_key_wherever_it_is_applied(without: str) -> None:
    recipe = replace(RECIPE, loras=(replace(WHALE, **{without: 0}),))
    changed = IDENTITIES | {"lora whale.safetensors": "changed"}
    assert key(recipe, changed) != key(recipe)
    assert key(RECIPE, changed) == KEY


def test_a_lora_of_no_strength_is_no_lora() -> None:
    none = replace(WHALE, strength_model=0.0, strength_clip=0.0)
    assert key(replace(RECIPE, loras=(none,))) == KEY


def test_recipes_that_mean_the_same_work_have_one_key() -> None:
    # 0.79 and 0.8 of 20 steps are 16 steps; a refiner that never runs is no refiner.
    assert key(RECIPE.refined(switch_at=0.79)) == KEY
    never = RECIPE.refined(switch_at=1.0)
    assert key(never) == key(never.refined(ascore=9.0)) == key(replace(RECIPE, refiner=None))


def test_half_an_emoji_in_a_prompt_has_a_key() -> None:
    assert key(replace(RECIPE, positive="\ud83d")) != key(replace(RECIPE, positive=""))
    assert len(digest("\ud83d")) == 64


@pytest.mark.parametrize("name", HOST)
def test_another_version_or_device_changes_the_key(name: str) -> None:
    assert key(RECIPE, IDENTITIES, HOST | {name: "other"}) != KEY


def test_a_new_key_version_changes_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("periplus.work.keys.KEY_VERSION", 0)
    assert key(RECIPE) != KEY


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_key_is_the_same_in_another_process(hash_seed: str) -> None:
    program = (
        "from periplus.work.keys import stage_key\n"
        "from periplus.work.recipe_stages import Links, decode_stage\n"
        "from periplus.recipe import Recipe, RefinerRecipe\n"
        f"decode = decode_stage({RECIPE!r}, Links())\n"
        f"print(stage_key(decode, {IDENTITIES!r}, {HOST!r}))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert result.stdout.strip() == KEY


def test_an_embedding_that_a_prompt_names_is_in_the_key() -> None:
    recipe = replace(RECIPE, refiner=None, negative="blurry, (embedding:bad-hands:1.2)")
    stage = decode_stage(recipe, Links())
    assert "embedding bad-hands" in used_inputs([stage])
