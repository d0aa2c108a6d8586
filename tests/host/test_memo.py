"""The memo of denoiser evaluations: each is computed once, and no cell changes by a bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    SETTINGS,
    SIZE,
    Graph,
    Link,
    assert_cells_equal,
    cell_pixels,
    counted,
    manifest,
    manifests,
    spent,
    succeed,
)

STEPS = 10
CUTS = range(3, STEPS + 1)
SWITCHES = ", ".join(str(cut / STEPS) for cut in CUTS)


def evaluations(sampler: str, first: int, end: int) -> int:
    """How often a sampler asks the denoiser in these steps of ten."""
    twice = sampler == "heun"
    return (end - first) * (1 + twice) - (twice and end == STEPS)


@pytest.mark.parametrize("sampler", ["euler", "ddim", "dpmpp_2m", "lms", "heun"])
def test_an_axis_of_the_last_step_costs_its_longest_member(
    fresh: ComfyServer, sampler: str
) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="switch_at", values=SWITCHES),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
        sampler_name=sampler,
        steps=STEPS,
    )

    found = manifest(succeed(fresh, graph))

    refiners = sum(evaluations(sampler, cut, STEPS) for cut in CUTS if cut < STEPS)
    of_base = found["account"]["denoiser_evaluations"] - refiners
    assert of_base == (19 if sampler == "heun" else 10)
    assert of_base + found["account"]["evaluations_shared"] == (103 if sampler == "heun" else 52)
    assert counted(fresh)["denoiser_evaluations"] == of_base + refiners


def test_switch_points_and_cfg_cost_the_longest_members(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="cfg", values="1, 3, 5"),
        y_axis=graph.axis("Number", parameter="switch_at", values="0.3-0.9 (+0.2)"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
        steps=STEPS,
    )

    found = manifest(succeed(fresh, graph))

    # Nine steps for each cfg, but the first is one for the two that need the negative.
    bases = 3 * 9 - 1
    # Of a refiner no run starts as another: three cfgs make three latents of their own.
    refiners = 3 * sum(STEPS - cut for cut in range(3, 10, 2))
    assert found["account"]["denoiser_evaluations"] == bases + refiners
    assert counted(fresh)["denoiser_evaluations"] == bases + refiners


def test_the_first_evaluation_is_one_for_all_cfgs_samplers_and_step_counts(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5"),
        y_axis=graph.axis("SamplerScheduler", values="euler/simple, lms/simple, euler/beta"),
        z_axis=graph.axis("Number", parameter="steps", values="2, 3, 4"),
    )

    found = manifest(succeed(fresh, graph))

    asked = 2 * 3 * (2 + 3 + 4)
    assert found["account"]["denoiser_evaluations"] == asked - 17
    assert found["account"]["evaluations_shared"] == 17


def test_seeds_and_prompts_share_nothing(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Seed", values="1, 2"),
        y_axis=graph.axis("PromptSR", values="ship, island"),
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["evaluations_shared"] == 0
    assert found["account"]["denoiser_evaluations"] == 4 * SETTINGS["steps"]


def test_every_sampler_gives_the_same_with_the_memo_as_without(fresh: ComfyServer) -> None:
    steps, cut = 3, 2
    inputs = fresh.object_info("KSampler")["KSampler"]["input"]["required"]
    samplers = inputs["sampler_name"][0]
    graph = Graph()
    base, refiner = graph.loader(COAST), graph.loader(HARBOUR)
    sweep = graph.sweep(
        **base,
        x_axis=graph.axis("Number", parameter="switch_at", values="0.66, 1"),
        y_axis=graph.axis("Sampler", values=""),
        refiner=graph.add("PeriplusRefiner", model=refiner["model"], clip=refiner["clip"]),
        steps=steps,
    )
    for sampler in samplers:
        settings = {"steps": steps, "sampler_name": sampler}
        graph.native_refined(base, refiner, cut, f"memo_{sampler}_cut", **settings)
        graph.native(base, f"memo_{sampler}_whole", **settings)

    found = manifests(succeed(fresh, graph))[sweep[0]]

    assert [cell["recipe"]["sampler_name"] for cell in found["cells"][::2]] == samplers
    assert found["account"]["evaluations_shared"] > 2 * len(samplers)
    prefixes = [f"memo_{sampler}_{run}" for sampler in samplers for run in ("cut", "whole")]
    assert_cells_equal(fresh, found, prefixes, different=len(samplers))


@pytest.mark.parametrize("kind", ["masked", "timed", "areas"])
def test_a_conditioning_in_parts_is_known_by_all_of_them(fresh: ComfyServer, kind: str) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    positive = parts(graph, models["clip"], kind)
    latent = graph.add("EmptyLatentImage", **SIZE, batch_size=2)
    cfgs = (3.0, 5.0, 7.0)
    sweep = graph.sweep(
        **models,
        positive_conditioning=positive,
        latent_image=latent,
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5, 7"),
    )
    for cfg in cfgs:
        native = {**SETTINGS, "cfg": cfg, "model": models["model"], "positive": positive}
        native["negative"] = graph.text(models["clip"], SETTINGS["negative"])
        samples = graph.add("KSampler", **native, latent_image=latent)
        graph.save(models["vae"], samples, f"parts_{kind}_{cfg}")

    found = manifests(succeed(fresh, graph))[sweep[0]]

    assert found["account"]["evaluations_shared"] == 2
    assert_cells_equal(fresh, found, [f"parts_{kind}_{cfg}" for cfg in cfgs], batch=2)


def parts(graph: Graph, clip: Link, kind: str) -> Link:
    """A conditioning of two texts, the second for a part of the picture or of the steps."""
    first, second = graph.text(clip, "a ship"), graph.text(clip, "an island")
    if kind == "masked":
        mask = graph.add("SolidMask", value=0.6, width=32, height=64)
        second = graph.add(
            "ConditioningSetMask",
            conditioning=second,
            mask=mask,
            strength=0.8,
            set_cond_area="default",
        )
    elif kind == "timed":
        second = graph.add("ConditioningSetTimestepRange", conditioning=second, start=0.0, end=0.5)
    else:
        area = {"width": 0.5, "height": 0.7, "x": 0.1, "y": 0.2, "strength": 0.7}
        second = graph.add("ConditioningSetAreaPercentage", conditioning=second, **area)
    return graph.add("ConditioningCombine", conditioning_1=first, conditioning_2=second)


SCRIPT = "a [red:blue:0.3] ship at [sea|night] AND an island :0.7"


def test_a_script_with_a_switch_axis_gives_what_single_cells_do(fresh: ComfyServer) -> None:
    graph = Graph()
    base = graph.loader(COAST)
    common: dict[str, Any] = {
        **base,
        "positive": SCRIPT,
        "prompt_syntax": "a1111",
        "steps": 5,
    }
    together = graph.sweep(
        **common,
        x_axis=graph.axis("Number", parameter="switch_at", values="0.4, 0.6"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
    )
    alone = [
        graph.sweep(
            **common, refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=switch_at)
        )
        for switch_at in (0.4, 0.6)
    ]

    found = manifests(succeed(fresh, graph))

    singles = [found[sweep[0]] for sweep in alone]
    assert all(single["account"]["evaluations_shared"] == 0 for single in singles)
    assert found[together[0]]["account"]["evaluations_shared"] == 2
    for x, single in enumerate(singles):
        assert np.array_equal(cell_pixels(found[together[0]], x), cell_pixels(single))


@pytest.mark.parametrize("change", ["wrapper", "patch", "function"])
def test_a_model_with_a_memory_of_its_own_is_asked_every_time(
    fresh: ComfyServer, change: str
) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    model = graph.add("CountingModel", model=models["model"], change=change)
    graph.sweep(
        **{**models, "model": model},
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5, 7"),
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["evaluations_shared"] == 0
    assert found["account"]["denoiser_evaluations"] == 3 * SETTINGS["steps"]
    assert counted(fresh)["denoiser_evaluations"] == spent(found)["denoiser_evaluations"]
