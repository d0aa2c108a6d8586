"""What the cases of the table are made of: sweeps along an axis, and native graphs of cells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .graph_sweeps import picture
from .graphs import HARBOUR, Graph, Link
from .natives import (
    RED,
    Lora,
    Models,
    conditioned,
    guided_sum,
    late_start,
    second_pass,
    with_clip_skip,
    with_loras,
)

Native = Callable[[Graph, Models, str], None]
"""Adds the native graph of one cell: the coast's models are given, and a prefix for the picture."""

Sweep = Callable[[Graph, Models, Link], Link]
"""Adds a sweep on the coast's models along this x axis."""

VAE = "axes_table.safetensors"
SHIP, LIGHT = "a red ship at sea", "a lighthouse at night"
STEPS = 4
HIRES = {"upscaler": "latent: bilinear", "scale": 1.5, "steps": 2, "denoise": 0.6}


def settings(**inputs: Any) -> Sweep:
    """Sweep KSampler with these settings."""
    return lambda graph, models, axis: graph.sweep(**models, **inputs, x_axis=axis)


PLAIN = settings()


def of_second_passes(graph: Graph, models: Models, axis: Link) -> Link:
    """Sweep KSampler with a hires fix."""
    return graph.sweep(**models, hires=graph.add("PeriplusHiresFix", **HIRES), x_axis=axis)


def of_refined(graph: Graph, models: Models, axis: Link) -> Link:
    """Sweep KSampler with a refiner."""
    refiner = graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5)
    return graph.sweep(**models, refiner=refiner, x_axis=axis, steps=STEPS)


def of_checkpoints(graph: Graph, _: Models, axis: Link) -> Link:
    """Sweep KSampler without linked models."""
    return graph.sweep(x_axis=axis)


def from_a_picture(**inputs: Any) -> Sweep:
    """Sweep KSampler that starts from a picture."""
    return lambda graph, models, axis: graph.sweep(
        **models, **inputs, latent_image=start(graph, models), x_axis=axis
    )


def of_a_lora(graph: Graph, models: Models, axis: Link) -> Link:
    """Sweep KSampler with a LoRA, whose strength the axis sets."""
    return graph.sweep(**models, x_axis=axis, y_axis=graph.axis("Lora", values=RED))


def of_a_graph(graph: Graph, models: Models, axis: Link) -> Link:
    """Sweep Graph over a native graph."""
    return graph.sweep_graph(picture(graph, dict(models)).image, x_axis=axis)


def start(graph: Graph, models: Models) -> Link:
    """Add a picture of one colour as the latent to start from."""
    image = graph.add("EmptyImage", width=64, height=64, batch_size=1, color=0xC06030)
    return graph.add("VAEEncode", pixels=image, vae=models["vae"])


def native(**values: Any) -> Native:
    """KSampler with these settings."""
    return lambda graph, models, prefix: graph.native(models, prefix, **values)


def native_from_a_picture(denoise: float) -> Native:
    """KSampler that starts from the same picture."""
    return lambda graph, models, prefix: graph.native(
        models, prefix, latent_image=start(graph, models), denoise=denoise
    )


def native_late(steps: int, first: int) -> Native:
    """KSamplerAdvanced that begins with a later step, from the same picture."""
    return lambda graph, models, prefix: late_start(
        graph, models, start(graph, models), steps, first, prefix
    )


def native_of(checkpoint: str, **values: Any) -> Native:
    """KSampler on another checkpoint."""
    return lambda graph, _, prefix: graph.native(graph.loader(checkpoint), prefix, **values)


def native_vae(graph: Graph, models: Models, prefix: str) -> None:
    """KSampler, decoded by a VAE from a file."""
    graph.native({**models, "vae": graph.add("VAELoader", vae_name=VAE)}, prefix)


def native_clip_skip(skip: int) -> Native:
    """KSampler behind a CLIPSetLastLayer."""
    return lambda graph, models, prefix: graph.native(with_clip_skip(graph, models, skip), prefix)


def native_loras(*loras: Lora) -> Native:
    """KSampler behind a chain of LoraLoaders."""
    return lambda graph, models, prefix: graph.native(with_loras(graph, models, loras), prefix)


def native_refined(switch: int) -> Native:
    """Two KSamplerAdvanced with leftover noise."""
    return lambda graph, models, prefix: graph.native_refined(
        models, graph.loader(HARBOUR), switch, prefix, steps=STEPS
    )


def native_hires(**own: Any) -> Native:
    """KSampler, an upscale, and KSampler again."""
    return lambda graph, models, prefix: second_pass(
        graph, models, prefix=prefix, **{**HIRES, **own}
    )


def native_edit(graph: Graph, models: Models, prefix: str) -> None:
    """One text up to the last of four evaluations, the other in it."""
    before, after = (graph.text(models["clip"], text) for text in (SHIP, LIGHT))
    # The timesteps of the four evaluations are 999, 666, 333 and 0; this one is between the last.
    seam = 1 - 150 / 999
    ranges = ((before, 0.0, seam), (after, seam, 1.0))
    first, second = (
        graph.add("ConditioningSetTimestepRange", conditioning=text, start=begin, end=end)
        for text, begin, end in ranges
    )
    both = graph.add("ConditioningCombine", conditioning_1=first, conditioning_2=second)
    conditioned(graph, models, both, prefix, steps=STEPS)


def native_break(graph: Graph, models: Models, prefix: str) -> None:
    """Two texts one behind the other."""
    first, second = (graph.text(models["clip"], text) for text in (SHIP, LIGHT))
    joined = graph.add("ConditioningConcat", conditioning_to=first, conditioning_from=second)
    conditioned(graph, models, joined, prefix)


def native_and(graph: Graph, models: Models, prefix: str) -> None:
    """Two texts side by side, 1.5 to 0.5, at twice the cfg."""
    first, second = (
        graph.add(
            "ConditioningSetAreaStrength",
            conditioning=graph.text(models["clip"], text),
            strength=strength,
        )
        for text, strength in ((SHIP, 1.5), (LIGHT, 0.5))
    )
    both = graph.add("ConditioningCombine", conditioning_1=first, conditioning_2=second)
    conditioned(graph, models, both, prefix, cfg=10.0)


def native_and_not(first: float, second: float) -> Native:
    """Two texts that guide with scales of their own, towards them or away."""
    return lambda graph, models, prefix: guided_sum(
        graph, models, (SHIP, LIGHT), (first, second), prefix
    )
