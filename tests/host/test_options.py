"""No option of a sweep is forgotten by the store: with another value, no cell is reused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    SETTINGS,
    SIZE,
    Graph,
    Link,
    manifest,
    manifests,
    succeed,
)
from .natives import save_loras, with_clip_skip

Inputs = Mapping[str, Any]

Options = Callable[[Graph, dict[str, Link]], Mapping[str, Inputs]]
"""Adds what is linked; gives, by option, what is to be changed."""

SWEEP, REFINER, HIRES = "PeriplusSweepKSampler", "PeriplusRefiner", "PeriplusHiresFix"
INPUT_OF = {REFINER: "refiner", HIRES: "hires"}

CHOICES = {"sampler_name": "heun", "scheduler": "karras", "cfg": 2.0}
TEXTS = {"positive": "sharp sails", "negative": "blur"}

OF_THE_REFINER = {
    **{"ckpt_name": LAGOON, "switch_at": 0.7, "ascore": 7.0, "negative_ascore": 1.0},
    "handoff": "continuous",
    **CHOICES,
    **TEXTS,
}
OF_THE_HIRES_FIX = {
    **{"upscaler": "pixels: area", "scale": 1.25, "steps": 2, "denoise": 0.7},
    **CHOICES,
    **TEXTS,
}


def sweep_options(graph: Graph, models: dict[str, Link]) -> Mapping[str, Inputs]:
    """Another value of every input of the sweep node."""
    clip_skip = graph.axis("Number", parameter="clip_skip", values="2")
    text_part = graph.axis("Lora", values="red:0:0.5")
    cfgs = graph.axis("Number", parameter="cfg", values="9, 5")
    rescaled = graph.add("RescaleCFG", model=models["model"], multiplier=0.7)
    skipping = with_clip_skip(graph, models, 2)["clip"]
    latent = graph.add("EmptyLatentImage", **SIZE, batch_size=2)
    image = graph.add("EmptyImage", **SIZE, batch_size=1, color=0xC06030)
    island = graph.text(models["clip"], "an island")
    options = {
        **{"positive": "[a red] ship", "negative": "rain", "seed": 11, "steps": 4, "cfg": 4.0},
        **{"sampler_name": "heun", "scheduler": "karras", "denoise": 0.7},
        **{"width": 72, "height": 72, "latent_image": latent, "image": image},
        **{"denoise_steps": "a1111", "vae_tiling": "on"},
        **{"model": rescaled, "clip": skipping, "vae": graph.loader(LAGOON)["vae"]},
        **{"positive_conditioning": island, "negative_conditioning": island},
        **{"x_axis": clip_skip, "y_axis": text_part, "z_axis": graph.axis("Seed", values="12")},
        "refiner": graph.add(REFINER, ckpt_name=HARBOUR, switch_at=0.5),
        "hires": graph.add(HIRES, upscaler="latent: bilinear"),
    }
    return {
        **{name: {name: value} for name, value in options.items()},
        "prompt_syntax": {"positive": "[a red] ship", "prompt_syntax": "a1111"},
        # The last cell would be the first sweep's, but for its seed.
        "vary_seed": {"x_axis": cfgs, "vary_seed": "per column"},
    }


def refiner_options(graph: Graph, models: dict[str, Link]) -> Mapping[str, Inputs]:
    """Another value of every input of the refiner node, in place of it."""
    base = {"ckpt_name": HARBOUR, "switch_at": 0.5}
    linked = {"model": models["model"], "clip": models["clip"], "switch_at": 0.5}
    skipping = {**linked, "clip": with_clip_skip(graph, models, 2)["clip"]}
    others = {"model": linked, "clip": skipping}
    others |= {name: {**base, name: value} for name, value in OF_THE_REFINER.items()}
    return {name: {"refiner": graph.add(REFINER, **inputs)} for name, inputs in others.items()}


def hires_options(graph: Graph, _: dict[str, Link]) -> Mapping[str, Inputs]:
    """Another value of every input of the hires fix node, in place of it."""
    base = {"upscaler": "latent: bilinear", "scale": 1.5}
    return {
        name: {"hires": graph.add(HIRES, **{**base, name: value})}
        for name, value in OF_THE_HIRES_FIX.items()
    }


@pytest.mark.parametrize(
    ("node", "options", "base", "unseen"),
    [
        # A cell made alone is as good as one made in step; see test_lockstep.py.
        (SWEEP, sweep_options, {}, {"name", "batching", "retry_failed", "only", "remake"}),
        (REFINER, refiner_options, {"ckpt_name": HARBOUR, "switch_at": 0.5}, set()),
        (HIRES, hires_options, {"upscaler": "latent: bilinear", "scale": 1.5}, set()),
    ],
    ids=["sweep", "refiner", "hires"],
)
def test_another_value_of_any_option_reuses_no_cell(
    server: ComfyServer, node: str, options: Options, base: Inputs, unseen: set[str]
) -> None:
    save_loras(server)

    def sweep(graph: Graph, models: dict[str, Link], **changed: Any) -> Link:
        link = {INPUT_OF[node]: graph.add(node, **base)} if base else {}
        common = {**models, **SETTINGS, **link, "denoise": 0.5, "name": f"test/options_{node}"}
        return graph.sweep(**{**common, **changed})

    plain = Graph()
    sweep(plain, plain.loader(COAST))
    (first,) = manifest(succeed(server, plain))["cells"]
    graph = Graph()
    models = graph.loader(COAST)
    changes = options(graph, models)
    sweeps = {option: sweep(graph, models, **changed) for option, changed in changes.items()}

    found = manifests(succeed(server, graph))

    cells = {option: found[link[0]]["cells"][-1] for option, link in sweeps.items()}
    assert {option for option, cell in cells.items() if cell["status"] != "done"} == set()
    assert len({first["key"], *(cell["key"] for cell in cells.values())}) == 1 + len(cells)
    inputs = server.object_info(node)[node]["input"]
    names = {*inputs["required"], *inputs.get("optional", {})}
    assert {*cells} == names - unseen
