"""What is linked is kept: patched models, clip skip, masks, batches, conditionings, own VAEs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    Link,
    assert_equal_to_native,
    save_vae_of,
    saved_pixels,
)


def v_prediction(graph: Graph, model: Link) -> Link:
    sampled = graph.add("ModelSamplingDiscrete", model=model, sampling="v_prediction", zsnr=False)
    return graph.add("RescaleCFG", model=sampled, multiplier=0.7)


def perturbed_attention(graph: Graph, model: Link) -> Link:
    return graph.add("PerturbedAttentionGuidance", model=model, scale=3.0)


@pytest.mark.parametrize("patch", [v_prediction, perturbed_attention])
def test_a_linked_model_keeps_its_patches(
    server: ComfyServer, patch: Callable[[Graph, Link], Link]
) -> None:
    graph = Graph()
    plain = graph.loader()
    patched = {**plain, "model": patch(graph, plain["model"])}
    axis = graph.axis("Number", parameter="cfg", values="3, 8")
    sweep = graph.sweep(**patched, x_axis=axis)
    prefixes = [f"{patch.__name__}_{cfg}" for cfg in (3, 8)]
    graph.native(patched, prefixes[0], cfg=3.0)
    graph.native(patched, prefixes[1], cfg=8.0)
    graph.native(plain, f"without_{patch.__name__}", cfg=8.0)

    assert_equal_to_native(server, graph, sweep, prefixes)

    (unpatched,) = saved_pixels(server, f"without_{patch.__name__}")
    assert not np.array_equal(saved_pixels(server, prefixes[1])[0], unpatched)


def test_a_linked_clip_keeps_its_clip_skip(server: ComfyServer) -> None:
    graph = Graph()
    plain = graph.loader()
    skipping = graph.add("CLIPSetLastLayer", clip=plain["clip"], stop_at_clip_layer=-2)
    skipped = {**plain, "clip": skipping}
    axis = graph.axis("Number", parameter="cfg", values="3, 8")
    sweep = graph.sweep(**skipped, x_axis=axis)
    graph.native(skipped, "skip_3", cfg=3.0)
    graph.native(skipped, "skip_8", cfg=8.0)
    graph.native(plain, "skip_none", cfg=8.0)

    assert_equal_to_native(server, graph, sweep, ["skip_3", "skip_8"])

    assert not np.array_equal(
        saved_pixels(server, "skip_8")[0], saved_pixels(server, "skip_none")[0]
    )


def test_a_noise_mask_is_honoured(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    paint_half_masked(server.base / "input" / "half.png")
    image = graph.add("LoadImage", image="half.png")
    encoded = graph.add("VAEEncode", pixels=image, vae=models["vae"])
    masked = graph.add("SetLatentNoiseMask", samples=encoded, mask=[image[0], 1])
    axis = graph.axis("Number", parameter="denoise", values="0.5, 0.8")
    sweep = graph.sweep(**models, latent_image=masked, x_axis=axis)
    for denoise in (0.5, 0.8):
        graph.native(models, f"mask_{denoise}", latent_image=masked, denoise=denoise)
    graph.native(models, "mask_none", latent_image=encoded, denoise=0.8)

    assert_equal_to_native(server, graph, sweep, ["mask_0.5", "mask_0.8"])

    assert not np.array_equal(
        saved_pixels(server, "mask_0.8")[0], saved_pixels(server, "mask_none")[0]
    )


def paint_half_masked(path: Path) -> None:
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[..., 0] = np.linspace(0, 255, 64)
    picture[..., 1] = 90
    picture[:, 32:, 3] = 255
    Image.fromarray(picture).save(path)


def empty(graph: Graph, pictures: int) -> Link:
    return graph.add("EmptyLatentImage", width=64, height=64, batch_size=pictures)


def whole_batch(graph: Graph) -> Link:
    return empty(graph, 3)


def repeated(graph: Graph) -> Link:
    return graph.add("RepeatLatentBatch", samples=empty(graph, 1), amount=3)


def part_of_a_batch(graph: Graph) -> Link:
    """Carries batch_index, by which the noise of the whole batch is cut."""
    return graph.add("LatentFromBatch", samples=empty(graph, 5), batch_index=2, length=3)


@pytest.mark.parametrize("batch", [whole_batch, repeated, part_of_a_batch])
def test_every_picture_of_a_batch_is_kept(
    server: ComfyServer, batch: Callable[[Graph], Link]
) -> None:
    graph = Graph()
    models = graph.loader()
    latent = batch(graph)
    axis = graph.axis("Seed", values="5, 6")
    sweep = graph.sweep(**models, latent_image=latent, x_axis=axis, steps=2)
    for seed in (5, 6):
        prefix = f"{batch.__name__}_{seed}"
        graph.native(models, prefix, latent_image=latent, seed=seed, steps=2)

    prefixes = [f"{batch.__name__}_{seed}" for seed in (5, 6)]
    assert_equal_to_native(server, graph, sweep, prefixes, batch=3)


def test_an_empty_latent_of_another_model_family_is_fitted_as_natively(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    latent = graph.add("EmptySD3LatentImage", width=64, height=64, batch_size=1)
    sweep = graph.sweep(**models, latent_image=latent)
    graph.native(models, "sixteen_channels", latent_image=latent)

    assert_equal_to_native(server, graph, sweep, ["sixteen_channels"])


def test_linked_conditionings_are_used_as_they_are(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    half = graph.add(
        "ConditioningSetAreaPercentage",
        conditioning=graph.text(models["clip"], "a lighthouse"),
        **{"width": 0.5, "height": 1.0, "x": 0.5, "y": 0.0, "strength": 1.2},
    )
    conditionings = {
        "positive_conditioning": graph.add(
            "ConditioningCombine",
            conditioning_1=graph.text(models["clip"], "an island"),
            conditioning_2=half,
        ),
        "negative_conditioning": graph.text(models["clip"], "rain"),
    }
    axis = graph.axis("Number", parameter="cfg", values="3, 8")
    needed = {name: models[name] for name in ("model", "vae")}
    sweep = graph.sweep(**needed, **conditionings, x_axis=axis)
    for cfg in (3, 8):
        samples = graph.add(
            "KSampler",
            model=models["model"],
            positive=conditionings["positive_conditioning"],
            negative=conditionings["negative_conditioning"],
            latent_image=empty(graph, 1),
            cfg=float(cfg),
            **{"seed": 7, "steps": 3, "sampler_name": "euler", "scheduler": "normal"},
            denoise=1.0,
        )
        graph.save(models["vae"], samples, f"conditioned_{cfg}")

    assert_equal_to_native(server, graph, sweep, ["conditioned_3", "conditioned_8"])


def test_a_vae_of_its_own_decodes_every_checkpoint(server: ComfyServer) -> None:
    save_vae_of(server, LAGOON, "lagoon_vae.safetensors")
    graph = Graph()
    vae = graph.add("VAELoader", vae_name="lagoon_vae.safetensors")
    axis = graph.axis("Checkpoint", values="coast, harbour")
    sweep = graph.sweep(vae=vae, x_axis=axis)
    for name in (COAST, HARBOUR):
        graph.native({**graph.loader(name), "vae": vae}, f"own_vae_{Path(name).stem}")
    graph.native(graph.loader(COAST), "baked_vae")

    assert_equal_to_native(server, graph, sweep, ["own_vae_coast", "own_vae_harbour"])

    baked, own = saved_pixels(server, "baked_vae"), saved_pixels(server, "own_vae_coast")
    assert not np.array_equal(baked[0], own[0])


def test_a_vae_of_a_checkpoint_loader_gives_way_to_each_checkpoints_own(
    server: ComfyServer,
) -> None:
    graph = Graph()
    models = graph.loader(LAGOON)
    sweep = graph.sweep(**models, x_axis=graph.axis("Checkpoint", values="coast, harbour"))
    for name in (COAST, HARBOUR):
        graph.native(graph.loader(name), f"each_vae_{Path(name).stem}")

    assert_equal_to_native(server, graph, sweep, ["each_vae_coast", "each_vae_harbour"])
