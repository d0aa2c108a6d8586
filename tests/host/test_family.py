"""The models that paint are ordinary files: stock nodes take them, and draw what cells show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation

from .graphs import (
    Graph,
    assert_cells_equal,
    cell_pixels,
    manifests,
    saved_pixels,
    succeed,
)

CHECKPOINTS = [f"demo/{name}.safetensors" for name in ("coast", "harbour", "lagoon")]
REFINER = "demo/refiner.safetensors"
RECIPE: dict[str, Any] = {
    "positive": "a red ship at night",
    "negative": "",
    "seed": 3,
    "steps": 8,
    "cfg": 4.0,
    "sampler_name": "dpmpp_2m",
    "scheduler": "karras",
}
LORAS = {"stained_glass": RECIPE["positive"], "whale": "a red whale at night"}
"""Each LoRA with a prompt for which it matters."""


@pytest.fixture(scope="module")
def painting(installation: Installation) -> Iterator[ComfyServer]:
    """A server that has the models of the demo."""
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("demo"),
        packs={"periplus": ROOT},
    ) as running:
        yield running


def test_stock_nodes_alone_draw_what_the_cells_show(painting: ComfyServer) -> None:
    alone, swept = Graph(), Graph()
    prefixes = []
    for side in (64, 128):
        for name in CHECKPOINTS:
            prefixes.append(f"alone_{len(prefixes)}")
            alone.native(alone.loader(name), prefixes[-1], **RECIPE, width=side, height=side)
    sweep = swept.sweep(
        **swept.loader(CHECKPOINTS[0]),
        **RECIPE,
        x_axis=swept.axis("Checkpoint", values="\n".join(CHECKPOINTS)),
        y_axis=swept.axis("Size", values="64x64, 128x128"),
    )

    succeed(painting, alone)
    found = manifests(succeed(painting, swept))[sweep[0]]

    assert_cells_equal(painting, found, prefixes)


def test_stock_nodes_alone_hand_over_to_the_refiner_as_a_cell_does(painting: ComfyServer) -> None:
    alone, swept = Graph(), Graph()
    advanced(alone, switch=5)
    refiner = swept.add("PeriplusRefiner", ckpt_name=REFINER, switch_at=5 / 8)
    sweep = swept.sweep(**swept.loader(CHECKPOINTS[0]), **RECIPE, refiner=refiner)

    succeed(painting, alone)
    manifest = manifests(succeed(painting, swept))[sweep[0]]

    (expected,) = saved_pixels(painting, "handed_over")
    assert np.array_equal(cell_pixels(manifest)[0], expected)


def advanced(graph: Graph, switch: int) -> None:
    """Add two KSamplerAdvanced, the second of which goes on with the refiner."""
    base, refiner = graph.loader(CHECKPOINTS[0]), graph.loader(REFINER)
    samples = graph.add("EmptyLatentImage", width=64, height=64, batch_size=1)
    settings = {name: RECIPE[name] for name in ("steps", "cfg", "sampler_name", "scheduler")}
    for models, start, end in ((base, 0, switch), (refiner, switch, 10_000)):
        samples = graph.add(
            "KSamplerAdvanced",
            **settings,
            model=models["model"],
            positive=graph.text(models["clip"], RECIPE["positive"]),
            negative=graph.text(models["clip"], RECIPE["negative"]),
            latent_image=samples,
            add_noise="enable" if start == 0 else "disable",
            return_with_leftover_noise="enable" if start == 0 else "disable",
            noise_seed=RECIPE["seed"],
            start_at_step=start,
            end_at_step=end,
        )
    graph.save(base["vae"], samples, "handed_over")


def test_stock_nodes_take_the_vaes_the_loras_and_the_upscaler(painting: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader(CHECKPOINTS[0])
    graph.native(models, "plain", **RECIPE)
    for name in ("colour", "sepia"):
        vae = graph.add("VAELoader", vae_name=f"demo/{name}.safetensors")
        graph.native({**models, "vae": vae}, name, **RECIPE)
    for name, positive in LORAS.items():
        for strength in (0.0, 1.0):
            patched = graph.node(
                "LoraLoader",
                model=models["model"],
                clip=models["clip"],
                lora_name=f"demo/{name}.safetensors",
                strength_model=strength,
                strength_clip=strength,
            )
            lora = {**models, "model": [patched, 0], "clip": [patched, 1]}
            graph.native(lora, f"{name}_{strength}", **{**RECIPE, "positive": positive})
    upscaler = graph.add("UpscaleModelLoader", model_name="demo/2x_coast.safetensors")
    image = graph.add("EmptyImage", width=48, height=32, batch_size=1, color=0x3070A0)
    large = graph.add("ImageUpscaleWithModel", upscale_model=upscaler, image=image)
    graph.add("SaveImage", images=large, filename_prefix="upscaled")

    succeed(painting, graph)

    shown = {name: saved_pixels(painting, name)[0].astype(int) for name in ("plain", "colour")}
    assert np.array_equal(shown["colour"], shown["plain"]), "it is the VAE in the checkpoints"
    brown = saved_pixels(painting, "sepia")[0].astype(int)
    assert (brown[..., 0] >= brown[..., 1]).all()
    assert (brown[..., 1] >= brown[..., 2]).all()
    for name, positive in LORAS.items():
        weak, strong = (saved_pixels(painting, f"{name}_{s}")[0].astype(int) for s in (0.0, 1.0))
        assert np.array_equal(weak, shown["plain"]) == (positive == RECIPE["positive"])
        assert np.abs(strong - weak).mean() > 8
    (upscaled,) = saved_pixels(painting, "upscaled")
    assert upscaled.shape == (64, 96, 3)
    assert np.abs(upscaled[8:-8, 8:-8] - np.array([0x30, 0x70, 0xA0])).max() < 16
