"""A cell opened as a workflow makes the very picture again, in ComfyUI's own nodes alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graph_sweeps import picture
from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    cell_pixels,
    manifest,
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
from .opened import NotOpenedError, add_opened, open_cell

OWN_VAE = "opened_vae.safetensors"

NATIVE = (
    *("CheckpointLoaderSimple", "CLIPTextEncode", "CLIPTextEncode", "EmptyLatentImage"),
    *("KSampler", "VAEDecode", "SaveImage"),
)
"""The nodes of a plain workflow."""


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
    loras = graph.axis("Lora", values=f"{RED}:0.8:0 + {BLUE}:0.4, {BLUE}:0:0.9")

    def refined(**inputs: Any) -> Any:
        return graph.add("PeriplusRefiner", **inputs)

    def hires(upscaler: str, **inputs: Any) -> Any:
        own = {"scale": 1.5, "steps": 1, "denoise": 0.6, **inputs}
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
            positive_conditioning=graph.text(coast["clip"], "an island"),
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
        "tiles": graph.sweep(**coast, vae_tiling="on", hires=hires("pixels: lanczos")),
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


def test_a_cell_of_a_graph_sweep_opens_as_its_workflow_wherever_it_was_made(
    server: ComfyServer,
) -> None:
    first, second = Graph(), Graph()
    second.add("EmptyImage", width=8, height=8, batch_size=1, color=0)  # other ids than before
    found = []
    for graph, values in ((first, "3"), (second, "3, 6")):
        made = picture(graph, steps=1)
        titled = graph.prompt[made.sampler]
        titled["_meta"] = {"title": "My sampler"}
        axis = graph.axis("Input", node="My sampler", input="cfg", values=values)
        sweep = graph.sweep_graph(made.image, x_axis=axis, name="test/opened_graph")
        graph.add("PeriplusGridCompose", sweep=sweep)
        found.append(manifest(succeed(server, graph)))

    cells = found[1]["cells"]
    assert [cell["status"] for cell in cells] == ["reused", "done"]
    opened = Graph()
    for cell in cells:
        answer = open_cell(server, found[1], cell)
        types = [node["class_type"] for node in answer["prompt"].values()]
        assert sorted(types) == sorted(NATIVE)
        titles = [node["_meta"]["title"] for node in answer["prompt"].values()]
        assert "My sampler" in titles
        assert (answer["title"], answer["notes"]) == (f"My sampler cfg {cell['labels']['x']}", [])
        add_opened(opened, answer["prompt"], f"opened_graph_{cell['x']}")
    succeed(server, opened)
    for cell in cells:
        (again,) = saved_pixels(server, f"opened_graph_{cell['x']}")
        assert np.array_equal(again, cell_pixels(found[1], cell["x"])[0])


def test_what_is_linked_cannot_be_told_without_metadata_and_what_is_named_can(
    unusual: ComfyServer,
) -> None:
    graph = Graph()
    models, axis = graph.loader(), graph.axis("Checkpoint", values="coast, harbour")
    linked = graph.sweep(**models, steps=1)
    named = graph.sweep(**models, x_axis=axis, steps=1)
    found = manifests(succeed(unusual, graph))

    with pytest.raises(NotOpenedError, match="--disable-metadata"):
        open_cell(unusual, found[linked[0]], found[linked[0]]["cells"][0])
    opened = Graph()
    (_, cell) = found[named[0]]["cells"]
    answer = open_cell(unusual, found[named[0]], cell)
    add_opened(opened, answer["prompt"], "opened_named")
    succeed(unusual, opened)
    (again,) = saved_pixels(unusual, "opened_named")
    assert np.array_equal(again, cell_pixels(found[named[0]], 1)[0])


def test_what_cannot_be_opened_is_refused_with_the_reason(server: ComfyServer) -> None:
    graph = Graph()
    continuous = graph.add(
        "PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5, handoff="continuous"
    )
    graph.sweep(**graph.loader(), steps=2, refiner=continuous)
    found = manifest(succeed(server, graph))
    (cell,) = found["cells"]

    with pytest.raises(NotOpenedError, match="choose handoff native"):
        open_cell(server, found, cell)
    with pytest.raises(NotOpenedError, match=r"no cell \[4, 0, 0\]"):
        open_cell(server, found, {**cell, "x": 4})
    elsewhere = {"folder": server.output.resolve() / "..", "path": server.log}
    with pytest.raises(NotOpenedError, match="there is no file"):
        open_cell(server, elsewhere, cell)
