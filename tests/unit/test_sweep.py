"""Spanning the grid: the order of the cells, and what is refused before anything runs."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import permutations

import pytest

from periplus.axes.axis import Axis, Point, SetField, SetRefiner
from periplus.axes.axis_kinds import (
    file_axis,
    number_axis,
    prompt_axis,
    prompt_sr_axis,
    sampler_scheduler_axis,
    seed_axis,
)
from periplus.axes.lora_axis import lora_axis
from periplus.errors import PeriplusError
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.sweep import DEFAULT_MAX_CELLS, VARY_SEED, Sweep, expand

BASE = Recipe("a cat on a dog", "", 1, 20, 7.0, "euler", "normal")
REFINED = replace(BASE, refiner=RefinerRecipe("refiner", positive="cat fur"))
STEPS = number_axis("steps", "10, 20, 30")
CFG = number_axis("cfg", "5, 7")
WIDTH = number_axis("width", "512, 768")


def test_cells_come_x_fastest_then_y_then_z() -> None:
    sweep = expand(BASE, STEPS, CFG, WIDTH)
    found = [(*cell.place, cell.recipe) for cell in sweep.cells]
    assert found == [
        (ix, iy, iz, replace(BASE, steps=steps, cfg=cfg, width=width))
        for iz, width in enumerate((512, 768))
        for iy, cfg in enumerate((5.0, 7.0))
        for ix, steps in enumerate((10, 20, 30))
    ]


def test_labels_name_the_axes_in_use_only() -> None:
    sweep = expand(BASE, STEPS, z=WIDTH)
    assert sweep.labels(sweep.cells[-1]) == {"x": "30", "z": "768"}


def test_without_axes_the_base_is_the_only_cell() -> None:
    sweep = expand(BASE)
    assert [(cell.place, cell.recipe) for cell in sweep.cells] == [((0, 0, 0), BASE)]
    assert sweep.labels(sweep.cells[0]) == {}


def test_notes_are_those_of_all_axes() -> None:
    pairs = sampler_scheduler_axis("UniPC", ["uni_pc"], ["normal"])
    note = pairs.points[0].note
    assert expand(BASE, CFG, z=pairs).notes == (f"UniPC: {note}",)


@pytest.mark.parametrize(
    ("letters", "last_prompt"),
    [
        # On a later axis, the search finds what an earlier one put in.
        ("xy", "a fox on a fox"),
        ("xz", "a fox on a fox"),
        ("yz", "a fox on a fox"),
        ("yx", "a dog on a fox"),
        ("zx", "a dog on a fox"),
        ("zy", "a dog on a fox"),
    ],
)
def test_search_and_replace_chains_in_the_order_x_y_z(letters: str, last_prompt: str) -> None:
    to_dog = prompt_sr_axis("cat, dog", "both")
    to_fox = prompt_sr_axis("dog, fox", "both")
    axes = dict(zip(letters, (to_dog, to_fox), strict=True))
    sweep = expand(BASE, axes.get("x"), axes.get("y"), axes.get("z"))
    assert sweep.cells[-1].recipe.positive == last_prompt


def test_placeholders_chain_too_so_that_one_may_hold_another() -> None:
    base = replace(BASE, positive="{hero} at sea")
    heroes = prompt_sr_axis('a knight, "{colour} ship"', "both", "{hero}")
    colours = prompt_sr_axis("red, blue", "both", "{colour}")
    with pytest.raises(PeriplusError, match=r"y_axis \(\{colour\}\), value 1 'red'.*'a knight at"):
        expand(base, heroes, colours)
    cells = expand(base, prompt_sr_axis('"{colour} ship"', "both", "{hero}"), colours).cells
    assert [cell.recipe.positive for cell in cells] == ["red ship at sea", "blue ship at sea"]


def test_three_search_and_replace_axes_chain() -> None:
    axes = [prompt_sr_axis(values, "both") for values in ("cat, dog", "dog, fox", "fox, cow")]
    base = replace(BASE, positive="a cat, a dog, a fox")
    assert expand(base, *axes).cells[-1].recipe.positive == "a cow, a cow, a cow"


@pytest.mark.parametrize("replace_first", [True, False])
def test_search_and_replace_searches_whole_prompts_whichever_axis_comes_first(
    replace_first: bool,
) -> None:
    whole = prompt_axis("a cat in rain\na cat at sea", "positive")
    replaced = prompt_sr_axis("cat, dog", "positive")
    sweep = expand(BASE, *((replaced, whole) if replace_first else (whole, replaced)))
    prompts = {cell.recipe.positive for cell in sweep.cells}
    assert prompts == {"a cat in rain", "a dog in rain", "a cat at sea", "a dog at sea"}
    assert sweep.cells[1].recipe.positive == ("a dog in rain" if replace_first else "a cat at sea")


def test_search_and_replace_sees_the_second_passs_own_prompt() -> None:
    base = replace(BASE, hires=HiresRecipe("latent: bilinear", negative="cow fur"))
    sweep = expand(base, prompt_sr_axis("cow, hen", "both"))
    found = [cell.recipe.hires.negative for cell in sweep.cells if cell.recipe.hires]
    assert found == ["cow fur", "hen fur"]
    assert {cell.recipe.positive for cell in sweep.cells} == {BASE.positive}


def test_search_and_replace_sees_the_refiners_own_prompt() -> None:
    cells = expand(REFINED, prompt_sr_axis("fur, skin", "both")).cells
    assert [cell.recipe for cell in cells] == [REFINED, REFINED.refined(positive="cat skin")]


def test_a_search_text_in_no_prompt_names_axis_value_position_and_prompts() -> None:
    with pytest.raises(PeriplusError) as error:
        expand(replace(BASE, negative="low res"), STEPS, prompt_sr_axis("bird, cat", "both"))
    text = str(error.value)
    assert text.startswith("y_axis (prompt S/R), value 1 'bird': the search text 'bird' (item 1)")
    assert "the positive prompt 'a cat on a dog'" in text
    assert "the negative prompt 'low res'" in text


def test_a_search_text_that_an_earlier_axis_took_away_is_refused() -> None:
    with pytest.raises(PeriplusError, match=r"z_axis \(prompt S/R\), value 1 'cat'.*'a dog on a"):
        expand(BASE, prompt_sr_axis("cat, dog", "both"), z=prompt_sr_axis("cat, fox", "both"))


def test_switch_at_without_a_refiner_is_refused_with_axis_and_value() -> None:
    with pytest.raises(PeriplusError, match=r"x_axis \(switch_at\), value 1 '0\.5'.*a refiner"):
        expand(BASE, number_axis("switch_at", "0.5, 0.8"))


def test_switch_at_goes_to_the_refiner() -> None:
    cells = expand(REFINED, number_axis("switch_at", "0.5, 0.8")).cells
    assert [cell.recipe for cell in cells] == [
        REFINED.refined(switch_at=0.5),
        REFINED.refined(switch_at=0.8),
    ]


def test_two_axes_that_set_one_field_are_refused_naming_both() -> None:
    pairs = sampler_scheduler_axis("heun/karras", ["heun"], ["karras"])
    schedulers = Axis("scheduler", (Point("simple", (SetField("scheduler", "simple"),)),))
    with pytest.raises(
        PeriplusError, match=re.escape("x_axis (sampler) and z_axis (scheduler) both set scheduler")
    ):
        expand(BASE, pairs, CFG, schedulers)


REFINERS = file_axis("refiner", "none, r1, r2", ["r1", "r2"], SetRefiner, without="none")


@pytest.mark.parametrize("letters", list(permutations("xyz")))
def test_fields_and_prompts_of_a_refiner_may_vary_while_a_point_does_without_it(
    letters: tuple[str, ...],
) -> None:
    axes = (REFINERS, number_axis("switch_at", "0.5, 0.8"), prompt_sr_axis("fur, skin", "both"))
    by_letter = dict(zip(letters, axes, strict=True))
    sweep = expand(REFINED, by_letter["x"], by_letter["y"], by_letter["z"])
    found = {cell.recipe.refiner for cell in sweep.cells}
    assert found == {
        None,
        *(
            RefinerRecipe(name, switch_at, f"cat {text}")
            for name in ("r1", "r2")
            for switch_at in (0.5, 0.8)
            for text in ("fur", "skin")
        ),
    }


LORAS = lora_axis("none, whale:0.5:0.2, glass+whale", ["whale", "glass"])
STRENGTHS = number_axis("lora_strength", "-1, 0.8")


@pytest.mark.parametrize("strength_first", [True, False])
def test_a_strength_is_that_of_all_loras_whichever_axis_comes_first(strength_first: bool) -> None:
    sweep = expand(BASE, *((STRENGTHS, LORAS) if strength_first else (LORAS, STRENGTHS)))
    by_labels = {tuple(sweep.labels(cell).values()): cell.recipe.loras for cell in sweep.cells}
    for strength in (-1.0, 0.8):
        for label, names in (
            ("none", ()),
            ("whale:0.5:0.2", ("whale",)),
            ("glass + whale", ("glass", "whale")),
        ):
            labels = (f"{strength:g}", label) if strength_first else (label, f"{strength:g}")
            expected = tuple(LoraRecipe(name, strength, strength) for name in names)
            assert by_labels[labels] == expected


def test_a_strength_without_a_lora_axis_is_refused_with_the_way_out() -> None:
    with pytest.raises(PeriplusError, match=r"y_axis \(lora_strength\) needs LoRAs .* Axis: LoRA"):
        expand(BASE, CFG, STRENGTHS)


def test_two_axes_of_strengths_are_refused() -> None:
    with pytest.raises(PeriplusError, match="both set lora_strength"):
        expand(BASE, STRENGTHS, LORAS, STRENGTHS)


def test_an_empty_axis_is_refused() -> None:
    with pytest.raises(PeriplusError, match=r"y_axis \(cfg\) is empty"):
        expand(BASE, STEPS, Axis("cfg", ()))


def test_more_cells_than_the_limit_are_refused_with_their_count() -> None:
    with pytest.raises(PeriplusError, match="3 x 2 x 2 = 12 cells are more than the limit of 11"):
        expand(BASE, STEPS, CFG, WIDTH, max_cells=11)
    assert len(expand(BASE, STEPS, CFG, WIDTH, max_cells=12).cells) == 12


def test_the_limit_is_checked_before_a_cell_is_built() -> None:
    huge = number_axis("steps", "1-10000")
    with pytest.raises(PeriplusError, match="1000000000000 cells"):
        expand(BASE, huge, Axis("cfg", CFG.points * 5_000), Axis("width", WIDTH.points * 5_000))


def seeds(sweep: Sweep) -> dict[tuple[int, int, int], int]:
    return {cell.place: cell.recipe.seed for cell in sweep.cells}


@pytest.mark.parametrize(
    ("vary_seed", "varies"),
    [("no", ""), ("per column", "x"), ("per row", "y"), ("per page", "z"), ("per cell", "xyz")],
)
def test_a_seed_varies_along_the_chosen_axes_only(vary_seed: str, varies: str) -> None:
    found = seeds(expand(BASE, STEPS, CFG, WIDTH, vary_seed=vary_seed))
    alike: dict[tuple[int, ...], set[int]] = {}
    for place, seed in found.items():
        where = tuple(place["xyz".index(letter)] for letter in varies)
        alike.setdefault(where, set()).add(seed)
    assert all(len(group) == 1 for group in alike.values())
    assert len(set(found.values())) == len(alike)
    assert found[0, 0, 0] == BASE.seed


@pytest.mark.parametrize("vary_seed", VARY_SEED)
def test_a_longer_axis_leaves_the_other_seeds_as_they_were(vary_seed: str) -> None:
    longer = number_axis("steps", "10, 20, 30, 40")
    before = seeds(expand(BASE, STEPS, CFG, WIDTH, vary_seed=vary_seed))
    assert before.items() <= seeds(expand(BASE, longer, CFG, WIDTH, vary_seed=vary_seed)).items()


def test_every_cell_of_a_long_sweep_has_a_seed_of_its_own() -> None:
    many = number_axis("steps", "1-5000")
    found = seeds(expand(replace(BASE, seed=2**64 - 1), many, CFG, vary_seed="per cell"))
    assert len(set(found.values())) == len(found) == DEFAULT_MAX_CELLS
    assert max(found.values()) < 2**64


def test_seeds_of_an_axis_do_not_vary_besides() -> None:
    with pytest.raises(PeriplusError, match=r"vary_seed is 'per row', but y_axis \(seed\)"):
        expand(BASE, CFG, seed_axis("1, 2", 0, -1, "increment", 0), vary_seed="per row")
