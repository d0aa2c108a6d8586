"""A cell opened as a workflow makes the very picture again, in ComfyUI's own nodes alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    cell_pixels,
    manifests,
    save_ramp,
    save_vae_of,
    saved_pixels,
    succeed,
)
from .natives import (
    BLUE,
    RED,
    UPSCALE_MODEL,
    save_loras,
    save_upscale_model,
    with_clip_skip,
    with_loras,
)
from .opened import add_opened, open_cell

OWN_VAE = "opened_vae.safetensors"


@pytest.fixture(scope="module", autouse=True)
def files(server: ComfyServer) -> None:
    save_loras(server)
    save_upscale_model(server)
    save_vae_of(server, LAGOON, OWN_VAE)
    save_ramp(server.base / "input" / "opened.png", 76, 64)


def sweeps(graph: Graph) -> dict[str, Any]:
    """Add sweeps with everything that makes a cell another one, by what is special in them."""
    coast = graph.loader(COAST)
    patched = with_loras(graph, with_clip_skip(graph, coast, 2), [(RED, 0.7, 0.3)])
    own_vae = {**patched, "vae": graph.add("VAELoader", vae_name=OWN_VAE)}
    refiner = graph.loader(HARBOUR)
    linked_refiner = {"model": refiner["model"], "clip": refiner["clip"]}
    image = graph.add("LoadImage", image="opened.png")
    latent = graph.add("VAEEncode", pixels=image, vae=coast["vae"])
    batch = graph.add("RepeatLatentBatch", samples=latent, amount=2)
    island = graph.text(coast["clip"], "an island")
    loras = graph.axis("Lora", values=f"{RED}:0.8:0 + {BLUE}:0.4, {BLUE}:0:0.9")
    tiled = {"vae_tiling": "on", "width": 64, "height": 64}

    def refined(**inputs: Any) -> Any:
        return graph.add("PeriplusRefiner", **inputs)

    def hires(upscaler: str, **inputs: Any) -> Any:
        own = {"scale": 1.5, "steps": 2, "denoise": 0.6, **inputs}
        return graph.add("PeriplusHiresFix", upscaler=upscaler, **own)

    return {
        "LoRAs, clip skip and a VAE file": graph.sweep(
            **own_vae,
            x_axis=loras,
            y_axis=graph.axis("Number", parameter="clip_skip", values="0, 1"),
            z_axis=graph.axis("VAE", values=f"baked, {OWN_VAE}"),
            steps=1,
        ),
        "a refiner with a linked model and its own settings": graph.sweep(
            **coast,
            refiner=refined(
                **linked_refiner, switch_at=0.34, positive="sails", cfg=2.0, sampler_name="heun"
            ),
            hires=hires("latent: bilinear", positive="a {red|blue} storm // not a comment"),
        ),
        "a refiner after a denoise below 1": graph.sweep(
            **coast,
            image=image,
            denoise=0.6,
            steps=4,
            refiner=refined(ckpt_name=HARBOUR, switch_at=0.5),
            x_axis=graph.axis("Sampler", values="euler, dpm_2_ancestral"),
        ),
        "a refiner and A1111's steps": graph.sweep(
            **coast,
            image=image,
            denoise=0.6,
            steps=5,
            denoise_steps="a1111",
            refiner=refined(ckpt_name=HARBOUR, switch_at=0.7),
        ),
        "a picture that is resized, and another checkpoint": graph.sweep(
            image=image,
            denoise=0.5,
            x_axis=graph.axis("Size", values="64x64, 72x64"),
            y_axis=graph.axis("Checkpoint", values="harbour, lagoon"),
            steps=1,
        ),
        "a batch of latents": graph.sweep(**coast, latent_image=batch, denoise=0.5),
        "conditionings": graph.sweep(
            model=patched["model"],
            vae=coast["vae"],
            positive_conditioning=island,
            negative_conditioning=graph.text(coast["clip"], "fog"),
            x_axis=graph.axis("Lora", values=f"none, {BLUE}:1:0"),
            steps=1,
        ),
        "upscale models and pixels": graph.sweep(
            **coast,
            hires=hires("pixels: area", cfg=3.0, scheduler="karras"),
            x_axis=graph.axis("Upscaler", values=f"{UPSCALE_MODEL}, pixels: lanczos"),
            y_axis=graph.axis("Number", parameter="hires_scale", values="1, 2, 3"),
            steps=1,
        ),
        "tiles": graph.sweep(**coast, **tiled, hires=hires("pixels: lanczos")),
        "A1111's prompts": graph.sweep(
            **coast,
            prompt_syntax="a1111",
            negative="[fog] ((rain))",
            x_axis=graph.axis(
                "Prompt",
                values="a [red] ship BREAK at sea\na :0 AND an island :0\n(a:1.2) ship AND sea",
            ),
        ),
    }


def test_cells_of_all_kinds_are_made_again_to_the_pixel(server: ComfyServer) -> None:
    graph, opened = Graph(), Graph()
    asked = {name: sweep[0] for name, sweep in sweeps(graph).items()}
    found = manifests(succeed(server, graph))
    cells = []
    for name, node_id in asked.items():
        for cell in found[node_id]["cells"]:
            assert cell["status"] == "done", (name, cell["reason"])
            answer = open_cell(server, found[node_id], cell)
            prefix = f"opened_{len(cells)}"
            add_opened(opened, answer["prompt"], prefix)
            cells.append((name, found[node_id], cell, prefix, answer["notes"]))
    succeed(server, opened)

    for name, sweep, cell, prefix, notes in cells:
        mine = cell_pixels(sweep, cell["x"], cell["y"], cell["z"])
        again = saved_pixels(server, prefix)
        assert len(again) == len(mine)
        for one, other in zip(mine, again, strict=True):
            assert np.array_equal(one, other), (name, cell["labels"])
        assert notes == [], (name, cell["labels"])
