"""A real SDXL pair, base and refiner with their own text encoders, made small."""

from __future__ import annotations

import numpy as np

from scripts.comfy_server import ComfyServer

from .graphs import (
    SETTINGS,
    SIZE,
    Graph,
    Link,
    assert_equal_to_native,
    cell_pixels,
    counted,
    manifests,
    saved_pixels,
    spent,
    succeed,
)

BASE, REFINER = "test/sdxl_base.safetensors", "test/sdxl_refiner.safetensors"
STEPS, SWITCH = 3, 2
OWN = {"positive": "sharp sails", "negative": "blur"}
SCORES = {"positive": 6.0, "negative": 2.5}


def test_a_refined_sweep_costs_two_loads_and_equals_the_native_nodes(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Number", parameter="cfg", values="4, 8"),
        y_axis=graph.axis("Checkpoint", values="sdxl_base"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=REFINER, switch_at=2 / 3, **OWN),
        steps=STEPS,
    )

    found = manifests(succeed(fresh, graph))[sweep[0]]

    assert spent(found) == {
        "model_loads": 2,
        "text_encodes": 4,
        "denoiser_evaluations": 2 * STEPS - 1,  # both begin alike
        "vae_decodes": 2,
    }
    assert counted(fresh) == spent(found)

    native = Graph()
    base, refiner = native.loader(BASE), native.loader(REFINER)
    for cfg in (4, 8):
        add_native(native, base, refiner, float(cfg), f"sdxl_{cfg}")
    succeed(fresh, native)

    for x, cfg in enumerate((4, 8)):
        (expected,) = saved_pixels(fresh, f"sdxl_{cfg}")
        assert np.array_equal(cell_pixels(found, x=x)[0], expected)
    assert not np.array_equal(cell_pixels(found, x=0)[0], cell_pixels(found, x=1)[0])


def test_a_clip_skip_leaves_the_refiners_clip_as_it_is(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Number", parameter="clip_skip", values="0, 1"),
        y_axis=graph.axis("Checkpoint", values="sdxl_base"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=REFINER, switch_at=2 / 3, **OWN),
        steps=STEPS,
    )
    base, refiner = graph.loader(BASE), graph.loader(REFINER)
    add_native(graph, base, refiner, SETTINGS["cfg"], "sdxl_skip_0")
    last = graph.add("CLIPSetLastLayer", clip=base["clip"], stop_at_clip_layer=-1)
    add_native(graph, {**base, "clip": last}, refiner, SETTINGS["cfg"], "sdxl_skip_1")

    assert_equal_to_native(server, graph, sweep, ["sdxl_skip_0", "sdxl_skip_1"])


def add_native(
    graph: Graph, base: dict[str, Link], refiner: dict[str, Link], cfg: float, prefix: str
) -> None:
    """Two KSamplerAdvanced with leftover noise, each with texts of its own model's CLIP."""
    common = {
        **{name: SETTINGS[name] for name in ("sampler_name", "scheduler")},
        "noise_seed": SETTINGS["seed"],
        "steps": STEPS,
        "cfg": cfg,
    }
    start = graph.add("EmptyLatentImage", **SIZE, batch_size=1)
    texts = {name: graph.text(base["clip"], SETTINGS[name]) for name in OWN}
    begun = graph.add(
        "KSamplerAdvanced",
        **common,
        **texts,
        model=base["model"],
        add_noise="enable",
        latent_image=start,
        start_at_step=0,
        end_at_step=SWITCH,
        return_with_leftover_noise="enable",
    )
    scored = {
        name: graph.add(
            "CLIPTextEncodeSDXLRefiner",
            clip=refiner["clip"],
            text=text,
            ascore=SCORES[name],
            **SIZE,
        )
        for name, text in OWN.items()
    }
    ended = graph.add(
        "KSamplerAdvanced",
        **common,
        **scored,
        model=refiner["model"],
        add_noise="disable",
        latent_image=begun,
        start_at_step=SWITCH,
        end_at_step=10_000,
        return_with_leftover_noise="disable",
    )
    graph.save(base["vae"], ended, prefix)
