"""Native graphs of more than one KSampler, and the small files that they load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

from scripts.comfy_server import ComfyServer

from .graphs import SETTINGS, SIZE, Graph, Link

Models = Mapping[str, Link]
"""Links to a model, its clip and its vae."""

Lora = tuple[str, float, float]
"""A name, and its strengths for model and CLIP."""

RED, BLUE = "red", "sea/blue"
"""The LoRAs of :func:`save_loras`."""

UPSCALE_MODEL = "doubling.safetensors"
"""The file of :func:`save_upscale_model`."""

CHANGED = {
    "lora_unet_input_blocks_1_0_in_layers_2": ((4, 320, 3, 3), (320, 4, 1, 1)),
    "lora_unet_out_2": ((4, 320, 3, 3), (4, 4, 1, 1)),
    "lora_te_text_model_encoder_layers_0_mlp_fc1": ((4, 768), (3072, 4)),
}
"""Weights of the small checkpoints: the shapes of what a LoRA changes them by."""


def save_lora(folder: Path, name: str, seed: int) -> None:
    """Save a LoRA of random weights, for the diffusion model and for the CLIP."""
    draw = np.random.default_rng(seed)
    tensors = {}
    for weight, (down, up) in CHANGED.items():
        tensors[f"{weight}.lora_down.weight"] = draw.normal(0, 0.05, down).astype(np.float16)
        tensors[f"{weight}.lora_up.weight"] = draw.normal(0, 0.5, up).astype(np.float16)
        tensors[f"{weight}.alpha"] = np.array(4.0, np.float32)
    path = folder / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)


def save_loras(server: ComfyServer) -> Path:
    """Save two LoRAs among those of the server; returns their folder."""
    folder = server.base / "models" / "loras"
    save_lora(folder, RED, 1)
    save_lora(folder, BLUE, 2)
    return folder


def masked(graph: Graph, models: Models) -> Link:
    """A latent of a picture, of which the left half is kept."""
    image = graph.add("EmptyImage", **SIZE, batch_size=1, color=0x3060C0)
    latent = graph.add("VAEEncode", pixels=image, vae=models["vae"])
    keep = graph.add("SolidMask", value=0.0, width=32, height=64)
    change = graph.add("SolidMask", value=1.0, **SIZE)
    at = {"x": 0, "y": 0, "operation": "multiply"}
    mask = graph.add("MaskComposite", destination=change, source=keep, **at)
    return graph.add("SetLatentNoiseMask", samples=latent, mask=mask)


def save_upscale_model(server: ComfyServer) -> None:
    """Save a tiny upscale model of the "compact" kind, with random weights."""
    generator = torch.Generator().manual_seed(3)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) * 0.05

    path = server.base / "models" / "upscale_models" / UPSCALE_MODEL
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {"body.0.weight": noise(8, 3, 3, 3), "body.0.bias": noise(8)}
    tensors |= {"body.1.weight": noise(8), "body.2.weight": noise(12, 8, 3, 3)}
    save_tensors(tensors | {"body.2.bias": noise(12)}, path)


def with_loras(graph: Graph, models: Models, loras: Sequence[Lora]) -> dict[str, Link]:
    """Add a chain of LoraLoaders."""
    patched = dict(models)
    for name, strength_model, strength_clip in loras:
        node = graph.node(
            "LoraLoader",
            model=patched["model"],
            clip=patched["clip"],
            lora_name=f"{name}.safetensors",
            strength_model=strength_model,
            strength_clip=strength_clip,
        )
        patched |= {"model": [node, 0], "clip": [node, 1]}
    return patched


def with_clip_skip(graph: Graph, models: Models, skip: int) -> dict[str, Link]:
    """Add a CLIPSetLastLayer that skips as AUTOMATIC1111 counts: 1 is the last layer."""
    clip = graph.add("CLIPSetLastLayer", clip=models["clip"], stop_at_clip_layer=-skip)
    return {**models, "clip": clip}


def second_pass(
    graph: Graph, models: Models, upscaler: str, scale: float, prefix: str, **own: Any
) -> None:
    """Add KSampler, an upscale, and KSampler again, with settings of its own."""
    settings = {name: SETTINGS[name] for name in ("seed", "steps", "cfg")}
    settings |= {"sampler_name": SETTINGS["sampler_name"], "scheduler": SETTINGS["scheduler"]}
    texts = {name: graph.text(models["clip"], SETTINGS[name]) for name in ("positive", "negative")}
    latent = graph.add("EmptyLatentImage", width=64, height=64, batch_size=1)
    first = graph.add(
        "KSampler", **settings, **texts, model=models["model"], latent_image=latent, denoise=1.0
    )
    side = int(64 * scale) // 8 * 8
    size = {"width": side, "height": side, "crop": "disabled"}
    kind, _, method = upscaler.partition(": ")
    if kind == "latent":
        large = graph.add("LatentUpscale", samples=first, upscale_method=method, **size)
    else:
        image = graph.add("VAEDecode", vae=models["vae"], samples=first)
        if kind == UPSCALE_MODEL:
            loaded = graph.add("UpscaleModelLoader", model_name=UPSCALE_MODEL)
            image = graph.add("ImageUpscaleWithModel", upscale_model=loaded, image=image)
        image = graph.add("ImageScale", image=image, upscale_method=method or "lanczos", **size)
        large = graph.add("VAEEncode", pixels=image, vae=models["vae"])
    if "positive" in own:
        texts["positive"] = graph.text(models["clip"], own.pop("positive"))
    second = graph.add(
        "KSampler", **{**settings, **own}, **texts, model=models["model"], latent_image=large
    )
    graph.save(models["vae"], second, prefix)


def late_start(
    graph: Graph, models: Models, latent: Link, steps: int, start: int, prefix: str
) -> None:
    """Add a KSamplerAdvanced that does only the last of its steps, from step ``start`` on."""
    settings = {key: SETTINGS[key] for key in ("cfg", "sampler_name", "scheduler")}
    texts = {name: graph.text(models["clip"], SETTINGS[name]) for name in ("positive", "negative")}
    samples = graph.add(
        "KSamplerAdvanced",
        **settings,
        **texts,
        steps=steps,
        model=models["model"],
        add_noise="enable",
        noise_seed=SETTINGS["seed"],
        latent_image=latent,
        start_at_step=start,
        end_at_step=10_000,
        return_with_leftover_noise="disable",
    )
    graph.save(models["vae"], samples, prefix)


def conditioned(graph: Graph, models: Models, positive: Link, prefix: str, **settings: Any) -> None:
    """Add the native graph of one cell with this positive conditioning."""
    values = {**SETTINGS, **settings, "positive": positive}
    samples = graph.add(
        "KSampler",
        **{**values, "negative": graph.text(models["clip"], values["negative"])},
        model=models["model"],
        latent_image=graph.add("EmptyLatentImage", **SIZE, batch_size=1),
    )
    graph.save(models["vae"], samples, prefix)


def guided_sum(
    graph: Graph, models: Models, texts: tuple[str, str], scales: tuple[float, float], prefix: str
) -> None:
    """Add native nodes for: negative + scale * (a - negative) + other scale * (b - negative)."""
    first, second = scales
    named = {"cond1": texts[0], "cond2": texts[1], "negative": SETTINGS["negative"]}
    guider = graph.add(
        "DualCFGGuider",
        model=models["model"],
        **{name: graph.text(models["clip"], text) for name, text in named.items()},
        cfg_conds=first,
        cfg_cond2_negative=first + second,
        style="regular",
    )
    samples = graph.add(
        "SamplerCustomAdvanced",
        noise=graph.add("RandomNoise", noise_seed=SETTINGS["seed"]),
        guider=guider,
        sampler=graph.add("KSamplerSelect", sampler_name=SETTINGS["sampler_name"]),
        sigmas=graph.add(
            "BasicScheduler",
            model=models["model"],
            scheduler=SETTINGS["scheduler"],
            steps=SETTINGS["steps"],
            denoise=1.0,
        ),
        latent_image=graph.add("EmptyLatentImage", **SIZE, batch_size=1),
    )
    graph.save(models["vae"], samples, prefix)
