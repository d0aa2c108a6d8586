"""From a picture's file to a recipe: which text is believed, and which names are known here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.reading.recipe_reader import PictureRecipe, read_recipe

from .pictures import save_comment, save_png, save_tags
from .test_graph_recipe import EXPECTED, base, ksampler, workflow

NAMES = {
    "sampler_name": ["euler", "euler_ancestral", "dpmpp_2m"],
    "scheduler": ["normal", "karras"],
    "ckpt_name": ["sd/coast.safetensors", "xl/harbour.safetensors", "a/twin.pt", "b/twin.pt"],
}
INFOTEXT = (
    "a ship\nNegative prompt: fog\nSteps: 9, Sampler: Euler a, CFG scale: 4, Seed: 3, "
    "Size: 64x64, Model: COAST"
)
SHIP = {
    **{"positive": "a ship", "negative": "fog", "steps": 9, "cfg": 4.0, "seed": 3, "denoise": 1.0},
    **{"sampler_name": "euler_ancestral", "scheduler": "normal", "width": 64, "height": 64},
    "ckpt_name": "sd/coast.safetensors",
}


def read(tmp_path: Path, **texts: Any) -> PictureRecipe:
    return read_recipe(save_png(tmp_path / "a.png", texts), NAMES)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_an_infotext_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save = save_comment if path.suffix != ".png" else lambda p, t: save_png(p, {"parameters": t})
    recipe = read_recipe(save(path, INFOTEXT), NAMES)
    assert (recipe.values, recipe.gaps) == (SHIP, {})
    lines = recipe.report.split("\n")
    assert lines[0] == name
    assert "steps: 9 (the infotext)" in lines
    assert "ckpt_name: sd/coast.safetensors (the infotext), there spelled COAST" in lines


def test_a_prompt_is_read_and_a_workflow_where_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, prompt=base(run=ksampler()), workflow=[]).values == EXPECTED
    assert read(tmp_path, workflow=workflow()).values == EXPECTED
    tagged = save_tags(tmp_path / "a.webp", base(run=ksampler()), workflow())
    assert read_recipe(tagged, NAMES).values == EXPECTED


def test_the_most_exact_text_is_believed_and_others_fill_gaps(tmp_path: Path) -> None:
    cell = {"recipe": {"steps": 7, "positive": "a cell"}}
    prompt = base(run=ksampler(seed=["gone", 0], steps=8))
    recipe = read(tmp_path, periplus=cell, prompt=prompt, parameters=INFOTEXT)
    assert recipe.values == {**EXPECTED, "steps": 7, "positive": "a cell", "seed": 3}
    assert recipe.gaps == {}
    assert "seed: 3 (the infotext)" in recipe.report


def test_a_text_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    recipe = read(tmp_path, prompt="[" * 1000, parameters=INFOTEXT)
    assert recipe.values == SHIP
    assert "not read: prompt: it is nested more than 100 deep" in recipe.report


@pytest.mark.parametrize("texts", [{}, {"Comment": "x"}])
def test_a_picture_without_a_recipe_is_refused(tmp_path: Path, texts: dict[str, str]) -> None:
    with pytest.raises(PeriplusError, match=r"a\.png carries no recipe"):
        read(tmp_path, **texts)


def test_a_picture_with_nothing_readable_is_refused_with_all_reasons(tmp_path: Path) -> None:
    with pytest.raises(PeriplusError) as caught:
        read(tmp_path, prompt={}, periplus="[]")
    text = str(caught.value)
    assert text.startswith("no recipe can be read in a.png: periplus: ")
    assert "; prompt: " in text


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sd/cost.safetensors", "this ComfyUI has no checkpoint sd/cost.safetensors; nearest: sd"),
        ("coa", "this ComfyUI has no checkpoint coa; nearest: sd/coast.safetensors"),
        ("twin", "twin fits more than one checkpoint here: a/twin.pt, b/twin.pt"),
        ("", "this ComfyUI has no checkpoint "),
    ],
)
def test_a_name_that_is_not_here_is_a_gap_and_never_replaced(
    tmp_path: Path, name: str, reason: str
) -> None:
    prompt = base(run=ksampler())
    prompt["ckpt"]["inputs"]["ckpt_name"] = name
    recipe = read(tmp_path, prompt=prompt)
    assert "ckpt_name" not in recipe.values
    assert recipe.gaps["ckpt_name"].startswith(reason)
    assert f"ckpt_name: not read, {reason}" in recipe.report


def test_a_name_of_another_system_is_found(tmp_path: Path) -> None:
    prompt = base(run=ksampler(sampler_name="DPMPP_2M"))
    prompt["ckpt"]["inputs"]["ckpt_name"] = "SD\\Coast.safetensors"
    values = read(tmp_path, prompt=prompt).values
    assert (values["ckpt_name"], values["sampler_name"]) == ("sd/coast.safetensors", "dpmpp_2m")


def test_the_report_stays_short(tmp_path: Path) -> None:
    loras = {
        str(i): {"class_type": "Lora", "inputs": {"model": [str(i + 1), 0]}} for i in range(500)
    }
    prompt = base(
        run=ksampler(model=["0", 0]), p={"class_type": "E", "inputs": {"text": "x" * 9999}}
    )
    report = read(tmp_path, prompt={**prompt, **loras}).report
    assert len(report) < 5000
    assert json.dumps("x" * 100)[1:-1] + "…" in report
