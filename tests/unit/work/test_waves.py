"""Waves: which sampler runs of a segment can go in step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.work.plan import make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import Decode, Encode, Enlarge, Sample, Stage, stages_before
from periplus.work.waves import Wave, in_waves

BASE = Recipe("a cat", "blurry", 1, 20, 7.0, "euler", "normal", ckpt_name="base")


def segments(recipes: Iterable[Recipe]) -> list[list[Stage | Wave]]:
    plan = make_plan([decode_stage(recipe, Links()) for recipe in recipes])
    return [in_waves(segment.stages) for segment in plan.segments]


def waves(work: Iterable[Stage | Wave]) -> list[Wave]:
    return [item for item in work if isinstance(item, Wave)]


def flat(work: Iterable[Stage | Wave]) -> list[Stage]:
    return [stage for item in work for stage in (item.stages if isinstance(item, Wave) else [item])]


def test_all_runs_of_a_plain_grid_are_one_wave_and_each_is_decoded_after_it() -> None:
    [work] = segments(replace(BASE, cfg=cfg, steps=n) for cfg in (2.0, 4.0) for n in (5, 10))
    [wave] = waves(work)
    assert len(wave.runs) == 4
    for run in wave.runs:
        [decode] = wave.after[run]
        assert isinstance(decode, Decode)
        assert decode.latent == run


def test_texts_come_before_the_wave() -> None:
    [work] = segments(replace(BASE, positive=text) for text in ("a", "b", "c"))
    assert [type(item) for item in work] == [Encode] * 4 + [Wave]


def test_second_passes_are_a_wave_of_their_own_after_all_first_passes() -> None:
    hires = [HiresRecipe("latent: nearest-exact", denoise=d) for d in (0.3, 0.6)]
    [work] = segments(replace(BASE, seed=seed, hires=h) for seed in (1, 2) for h in hires)
    first, second = waves(work)
    assert [run.start for run in first.runs] == [None, None]
    assert all(isinstance(stage, Enlarge) for run in first.runs for stage in first.after[run])
    assert len(second.runs) == 4
    assert all(isinstance(run.start, Enlarge) for run in second.runs)


def test_refiner_runs_are_a_wave_on_their_model() -> None:
    refined = replace(BASE, refiner=RefinerRecipe("refiner"))
    base, refiner, decodes = segments(replace(refined, seed=seed) for seed in (1, 2, 3))
    assert [len(wave.runs) for wave in waves(base)] == [3]
    assert [len(wave.runs) for wave in waves(refiner)] == [3]
    assert all(isinstance(stage, Decode) for stage in decodes)


def test_runs_with_other_loras_are_another_wave() -> None:
    loras = [(), (LoraRecipe("ink", 1.0, 0.0),), (LoraRecipe("ink", 0.5, 0.0),)]
    [work] = segments(replace(BASE, loras=lora, seed=seed) for seed in (1, 2) for lora in loras)
    assert [len(wave.runs) for wave in waves(work)] == [2, 2, 2]
    assert all(len({run.loras for run in wave.runs}) == 1 for wave in waves(work))


def test_runs_of_another_size_are_another_wave_since_they_share_no_call() -> None:
    sizes = [(512, 512), (512, 768), (768, 512)]
    [work] = segments(
        replace(BASE, width=width, height=height, seed=seed)
        for seed in (1, 2)
        for width, height in sizes
    )
    assert [len(wave.runs) for wave in waves(work)] == [2, 2, 2]
    assert all(len({run.width / run.height for run in wave.runs}) == 1 for wave in waves(work))


def test_every_stage_comes_once_and_after_what_it_needs() -> None:
    hires = [None, HiresRecipe("latent: bilinear"), HiresRecipe("pixels: lanczos", denoise=0.2)]
    refiners = [None, RefinerRecipe("refiner"), RefinerRecipe("base", 0.5)]
    loras = [(), (LoraRecipe("ink"),)]
    recipes = [
        replace(BASE, hires=h, refiner=r, loras=lora, seed=seed, ckpt_name=name)
        for h in hires
        for r in refiners
        for lora in loras
        for seed in (1, 2)
        for name in ("base", "other")
    ]
    done: set[Stage] = set()
    plan = make_plan([decode_stage(recipe, Links()) for recipe in recipes])
    for segment in plan.segments:
        order = flat(in_waves(segment.stages))
        assert sorted(map(hash, order)) == sorted(map(hash, segment.stages))
        for item in in_waves(segment.stages):
            if isinstance(item, Wave):
                assert not any(run.start in item.runs for run in item.runs)
                assert {s for s in item.runs if isinstance(s, Sample)} == set(item.runs)
        for stage in order:
            assert done.issuperset(stages_before(stage)), stage
            done.add(stage)
