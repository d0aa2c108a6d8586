"""What shares calls of the model, and what does not, in sweeps and question by question."""

from __future__ import annotations

import json

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import COAST, HARBOUR, Graph, succeed
from .natives import BLUE, RED, masked, save_loras
from .test_lockstep import TOLERANCE, assert_same_but_for_rounding, both_ways


def test_an_answer_is_the_same_together_as_alone(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    node = graph.node("StackedQuestions", model=models["model"], clip=models["clip"])
    found = json.loads(succeed(fresh, graph).outputs[node]["text"][0])
    stacking = ["plain", "other length", "third length", "two pictures", "mask of noise", "wide"]
    assert found["stacks"] == [*stacking, "without negative"]
    assert len(found["differences"]) == 12
    assert max(found["differences"].values()) < TOLERANCE, found["differences"]
    # All of one size in one, the wide one, the two pictures, and the five others by themselves.
    assert found["passes"] == 1 + 1 + 1 + 5


@pytest.mark.parametrize("kind", ["Sampler", "Scheduler"])
def test_every_choice_of_a_sweep(fresh: ComfyServer, kind: str) -> None:
    graph = Graph()
    axis = graph.axis(kind, values="")
    alone, in_step = both_ways(
        fresh, graph, "16", **graph.loader(), x_axis=axis, sampler_name="dpmpp_2m", steps=3
    )
    names = fresh.object_info("KSampler")["KSampler"]["input"]["required"]
    assert len(in_step["cells"]) == len(
        names["sampler_name" if kind == "Sampler" else "scheduler"][0]
    )
    # On a CPU the _gpu samplers are those without: more than 7 of 10 must differ.
    assert_same_but_for_rounding(alone, in_step, distinct=int(0.7 * len(alone["cells"])) + 1)
    assert in_step["account"]["denoiser_passes"] * 4 < alone["account"]["denoiser_passes"]


def test_loras_that_change_model_and_texts(fresh: ComfyServer) -> None:
    save_loras(fresh)
    graph = Graph()
    alone, in_step = both_ways(
        fresh,
        graph,
        "4",
        **graph.loader(),
        x_axis=graph.axis("Lora", values=f"{RED}:0.5, {RED}:1, {BLUE}:1"),
        y_axis=graph.axis("Seed", values="1, 2, 3"),
    )
    assert_same_but_for_rounding(alone, in_step)
    assert in_step["account"]["denoiser_passes"] == 3 * 3, "three steps with each choice"
    patches = fresh.get("/counters")["lora_patches"]
    assert patches == 2 * 3 * 2, "in both sweeps, each choice once for the CLIP and the model"


@pytest.mark.parametrize("handoff", ["native", "continuous"])
def test_a_linked_refiner(fresh: ComfyServer, handoff: str) -> None:
    graph = Graph()
    linked = graph.loader(HARBOUR)
    refiner = graph.add(
        "PeriplusRefiner",
        **{name: linked[name] for name in ("model", "clip")},
        handoff=handoff,
        switch_at=0.5,
    )
    alone, in_step = both_ways(
        fresh,
        graph,
        "4",
        **graph.loader(COAST),
        x_axis=graph.axis("Seed", values="1, 2, 3"),
        refiner=refiner,
        steps=4,
    )
    assert_same_but_for_rounding(alone, in_step)
    assert in_step["account"]["denoiser_passes"] < alone["account"]["denoiser_passes"]


@pytest.mark.parametrize("refined", [False, True])
def test_a_mask_of_noise(fresh: ComfyServer, refined: bool) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    refiner = {"ckpt_name": HARBOUR, "handoff": "continuous", "switch_at": 0.5}
    alone, in_step = both_ways(
        fresh,
        graph,
        "4",
        **models,
        x_axis=graph.axis("Sampler", values="euler, ddim, dpmpp_2m_sde, uni_pc"),
        latent_image=masked(graph, models),
        steps=4,
        **({"refiner": graph.add("PeriplusRefiner", **refiner)} if refined else {}),
    )
    assert_same_but_for_rounding(alone, in_step)
    assert in_step["account"]["denoiser_passes"] < alone["account"]["denoiser_passes"]


def test_guidance_that_remembers_the_call_before_goes_alone(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    momentum = {"eta": 1.0, "norm_threshold": 0.0, "momentum": -0.9}
    models["model"] = graph.add("APG", model=models["model"], **momentum)
    axis = graph.axis("Seed", values="1, 2, 3")
    alone, in_step = both_ways(fresh, graph, "3", **models, x_axis=axis, steps=5)
    assert_same_but_for_rounding(alone, in_step)
    assert in_step["account"]["denoiser_passes"] == alone["account"]["denoiser_passes"]
