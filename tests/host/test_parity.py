"""Every cell is, to the last bit, what the native nodes make of the same settings."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import COAST, HARBOUR, Graph, cell_pixels, manifests, save_ramp, saved_pixels

RECIPES = 24
REFINED = 6

PROMPTS = (
    "a (red:1.3) ship at sea",
    "((lighthouse)) at night, (storm:0.6)",
    "an island, \\(drawn\\) in ink",
    "",
    "a very long prompt " + "with many many words " * 30,
)
SIZES = ((64, 64), (72, 64), (104, 88), (64, 120), (56, 40))
STOCHASTIC = ("euler_ancestral", "dpmpp_sde", "dpmpp_2m_sde", "dpmpp_3m_sde_gpu", "lcm", "seeds_2")
"""Always among the drawn samplers: their own noise must be the native one too."""


def draw_recipes(samplers: list[str], schedulers: list[str]) -> list[dict[str, Any]]:
    source = random.Random(20)
    names = [*STOCHASTIC, *source.sample(samplers, RECIPES - len(STOCHASTIC))]
    recipes = []
    for index, sampler in enumerate(names):
        width, height = source.choice(SIZES)
        recipes.append(
            {
                "positive": source.choice(PROMPTS),
                "negative": source.choice(PROMPTS),
                "seed": source.randrange(2**64),
                "steps": source.randint(2, 6),
                "cfg": source.choice((1.0, 1.5, 4.5, 7.25, 12.0)),
                "sampler_name": sampler,
                "scheduler": source.choice(schedulers),
                "denoise": source.choice((0.35, 0.6, 0.8)) if index % 4 == 0 else 1.0,
                "width": width,
                "height": height,
            }
        )
    return recipes


def options(server: ComfyServer, name: str) -> list[str]:
    return server.object_info("KSampler")["KSampler"]["input"]["required"][name][0]


def test_cells_equal_the_native_graph_pixel_for_pixel(fresh: ComfyServer) -> None:
    recipes = draw_recipes(options(fresh, "sampler_name"), options(fresh, "scheduler"))
    graph = Graph()
    models = graph.loader()
    sweeps = []
    for index, recipe in enumerate(recipes):
        start = {}
        if recipe["denoise"] < 1:
            save_ramp(fresh.base / "input" / f"{index}.png", recipe["width"], recipe["height"])
            image = graph.add("LoadImage", image=f"{index}.png")
            start["latent_image"] = graph.add("VAEEncode", pixels=image, vae=models["vae"])
        pair = f"{recipe['sampler_name']}/{recipe['scheduler']}"
        swept = {key: recipe[key] for key in ("positive", "negative", "width", "height", "denoise")}
        sweep = graph.sweep(
            **models,
            **swept,
            **start,
            x_axis=graph.axis("SamplerScheduler", values=pair),
            y_axis=graph.axis("Number", parameter="cfg", values=str(recipe["cfg"])),
            z_axis=graph.axis("Seed", values=str(recipe["seed"])),
            steps=recipe["steps"],
        )
        sweeps.append(sweep[0])
        graph.native(models, f"native_{index}", **recipe, **start)

    run = fresh.run(graph.prompt)

    assert run.status == "success", run.error
    found = manifests(run)
    assert len(found) == len(recipes) == RECIPES
    distinct = {cell_pixels(found[sweep])[0].tobytes() for sweep in sweeps}
    assert len(distinct) == RECIPES, "equal pictures would prove nothing"
    for index, (recipe, sweep) in enumerate(zip(recipes, sweeps, strict=True)):
        (expected,) = saved_pixels(fresh, f"native_{index}")
        (actual,) = cell_pixels(found[sweep])
        assert actual.shape == expected.shape, recipe
        assert np.array_equal(actual, expected), recipe


@pytest.mark.parametrize("linked", [False, True], ids=["by name", "linked"])
def test_refined_cells_equal_two_advanced_samplers(fresh: ComfyServer, linked: bool) -> None:
    samplers, schedulers = options(fresh, "sampler_name"), options(fresh, "scheduler")
    source = random.Random(10 + linked)
    graph = Graph()
    base, refiner = graph.loader(COAST), graph.loader(HARBOUR)
    sweeps, recipes = [], []
    for index in range(REFINED):
        steps, switch_at = source.choice(((4, 0.5), (5, 0.8), (6, 0.28), (10, 0.7), (3, 0.34)))
        recipe = {
            "seed": source.randrange(2**53),
            "steps": steps,
            "cfg": source.choice((1.0, 4.0, 8.0)),
            "sampler_name": source.choice(samplers),
            "scheduler": source.choice(schedulers),
        }
        own = {"positive": "sharp sails", "negative": "blur"} if index % 2 else {}
        other = {"sampler_name": "heun", "cfg": 2.0} if index == 3 else {}
        model = (
            {"model": refiner["model"], "clip": refiner["clip"]}
            if linked
            else {"ckpt_name": HARBOUR}
        )
        sweep = graph.sweep(
            **base,
            **recipe,
            refiner=graph.add("PeriplusRefiner", switch_at=switch_at, **model, **own, **other),
        )
        sweeps.append(sweep[0])
        recipes.append((recipe, switch_at))
        native_pair(graph, base, refiner, recipe, switch_at, own, other, f"pair_{linked}_{index}")

    run = fresh.run(graph.prompt)

    assert run.status == "success", run.error
    found = manifests(run)
    for index, (recipe, sweep) in enumerate(zip(recipes, sweeps, strict=True)):
        (expected,) = saved_pixels(fresh, f"pair_{linked}_{index}")
        (actual,) = cell_pixels(found[sweep])
        assert np.array_equal(actual, expected), recipe


def native_pair(
    graph: Graph,
    base: dict[str, Any],
    refiner: dict[str, Any],
    recipe: dict[str, Any],
    switch_at: float,
    own: dict[str, Any],
    other: dict[str, Any],
    prefix: str,
) -> None:
    """Two KSamplerAdvanced with leftover noise handed over, as DESIGN and A1111 cut the steps."""
    step = {(4, 0.5): 2, (5, 0.8): 4, (6, 0.28): 2, (10, 0.7): 7, (3, 0.34): 2}[
        recipe["steps"], switch_at
    ]
    settings = {**recipe, "own": own, "other": other}
    graph.native_refined(base, refiner, step, prefix, **settings)
