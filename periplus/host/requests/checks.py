"""What is refused of a sweep node's inputs before any model is loaded, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...axes.axis import Axis
from ...axes.axis_kinds import SETTINGS, check_setting
from ...axes.names import check_name
from ...errors import PeriplusError
from ...prompts.a1111_prompt import refuse_networks
from ...recipe import A1111, DENOISE_STEPS, PROMPT_SYNTAXES, Recipe, switch_step
from ...sweep import VARY_SEED, Sweep
from ...tiling import VAE_TILING
from ...work.batch_size import BATCHING
from ...work.stages import LATENT, PICTURE
from ..prompt.graph import NodeInputs
from ..system.registries import check_sampling

CONDITIONINGS = {"positive_conditioning": "positive", "negative_conditioning": "negative"}
"""Inputs that replace a prompt, and the prompt."""

CHOICES = {
    "prompt_syntax": PROMPT_SYNTAXES,
    "vary_seed": tuple(VARY_SEED),
    "denoise_steps": DENOISE_STEPS,
    "vae_tiling": VAE_TILING,
    "batching": BATCHING,
}
"""Inputs of a few choices, which not every ComfyUI checks."""

Axes = Mapping[str, Axis | None]
"""The linked axes by letter."""


def sweeps_checkpoints(axes: Axes) -> bool:
    """Whether an axis names checkpoints."""
    return any(axis and "ckpt_name" in axis.fields for axis in axes.values())


def check_values(values: Mapping[str, Any]) -> None:
    """Check the plain inputs: what comes over a link no one has checked before.

    Raises:
        PeriplusError: a number or a text that is none, a number out of bounds, or an unknown
            choice.
    """
    for name in SETTINGS.keys() & values.keys():
        check_setting(name, values[name])
    for name in ("positive", "negative", "name"):
        check_text(name, values[name])
    for name, choices in CHOICES.items():
        check_name(values[name], choices, what=name)


def check_text(name: str, value: Any) -> None:
    """Check that an input is a text.

    Raises:
        PeriplusError: it is not.
    """
    if not isinstance(value, str):
        raise PeriplusError(f"{name} is {value!r}, which is not a text")


def check_links(inputs: NodeInputs, axes: Axes) -> None:
    """Check what is linked, before the cells are expanded.

    Raises:
        PeriplusError: a model is patched where an axis names checkpoints, both a latent and a
            picture to start from, or an axis sets a size that the linked latent has already.
    """
    if sweeps_checkpoints(axes):
        for name in ("model", "clip"):
            if inputs.link(name) and not inputs.comes_from_plain_loader(name):
                raise PeriplusError(_patched(name, inputs.describe_source(name)))
    if inputs.link(LATENT) is not None:
        _check_sizes(axes)
        if inputs.link(PICTURE) is not None:
            raise PeriplusError(
                "latent_image and image are both linked, but sampling starts from one: unlink one "
                "of them"
            )


def check_cells(inputs: NodeInputs, axes: Axes, sweep: Sweep[Recipe]) -> None:
    """Check the expanded cells.

    Raises:
        PeriplusError: a model is missing, a linked conditioning that some cell cannot use, a
            sampler or scheduler that ComfyUI does not know, or a prompt with a tag that would do
            nothing.
    """
    _check_models(inputs, sweep)
    for name, prompt in CONDITIONINGS.items():
        if inputs.link(name) is not None:
            _check_conditioning(name, prompt, axes, sweep)
    _check_samplers(sweep)
    _check_prompts(inputs, sweep)


def _check_models(inputs: NodeInputs, sweep: Sweep) -> None:
    recipes = [cell.recipe for cell in sweep.cells if not cell.recipe.ckpt_name]
    needed = ["model"] if recipes else []
    if any(not recipe.vae_name for recipe in recipes):
        needed.append("vae")
    own_texts = any(r.hires and (r.hires.positive or r.hires.negative) for r in recipes)
    if own_texts or (recipes and not all(inputs.link(name) for name in CONDITIONINGS)):
        needed.append("clip")
    for name in needed:
        if inputs.link(name) is None:
            raise PeriplusError(
                f"{name} is not linked and no axis names a checkpoint for every cell: link model, "
                "clip and vae from a checkpoint loader, or link an Axis: Checkpoint node"
            )


def _patched(name: str, source: str) -> str:
    return (
        f"{name} comes from {source}, not straight from a plain checkpoint loader, and a "
        "checkpoint axis loads every checkpoint from its file: what is patched in between (LoRA, "
        "IPAdapter, v-prediction, clip skip ...) would be lost. Link model and clip straight from "
        "a node that takes nothing but ckpt_name, or leave them unlinked. For a LoRA use an Axis: "
        "LoRA node, for clip skip an Axis: Number node; to keep another patch, sweep the loader's "
        "ckpt_name with Axis: Node Input and Sweep Graph"
    )


def _check_sizes(axes: Axes) -> None:
    for letter, axis in axes.items():
        if axis and axis.fields & {"width", "height"}:
            raise PeriplusError(
                f"latent_image is linked and has a size of its own, so {letter}_axis "
                f"({axis.name}) would change nothing: unlink one of them"
            )


def _check_conditioning(name: str, prompt: str, axes: Axes, sweep: Sweep[Recipe]) -> None:
    if sweeps_checkpoints(axes):
        raise PeriplusError(
            f"{name} is linked, but it was made with one CLIP and the checkpoint axis brings a "
            f"CLIP with each checkpoint: unlink it and type the text in {prompt}"
        )
    recipes = [cell.recipe for cell in sweep.cells]
    if len({getattr(recipe, prompt) for recipe in recipes}) > 1:
        raise PeriplusError(
            f"{name} is linked and replaces the {prompt} prompt, so an axis that changes the "
            f"{prompt} prompt would change nothing: unlink it"
        )
    if any(recipe.clip_skip for recipe in recipes):
        raise PeriplusError(
            f"{name} is linked and already encoded, so clip_skip would not change it: unlink it "
            f"and type the text in {prompt}"
        )
    if any(lora.strength_clip for recipe in recipes for lora in recipe.loras):
        raise PeriplusError(
            f"{name} is linked and already encoded, so a LoRA would not change it: unlink it and "
            f"type the text in {prompt}, or keep the LoRA from CLIP with a second strength of 0, "
            "such as name:0.8:0"
        )
    if prompt == "positive" and any(map(_refiner_lacks_prompt, recipes)):
        raise PeriplusError(
            f"{name} is linked, but the refiner has a CLIP of its own and cannot use it: type the "
            "refiner's positive prompt into the refiner node"
        )


def _refiner_lacks_prompt(recipe: Recipe) -> bool:
    refiner = recipe.refiner
    if refiner is None or switch_step(recipe.steps, refiner.switch_at) == recipe.steps:
        return False
    return not (refiner.positive or recipe.positive)


def _check_samplers(sweep: Sweep[Recipe]) -> None:
    # A name may come over a link, and then no node has checked it.
    recipes = [cell.recipe for cell in sweep.cells]
    parts = [part for recipe in recipes for part in (recipe.refiner, recipe.hires) if part]
    pairs = [(recipe.sampler_name, recipe.scheduler) for recipe in recipes]
    pairs += [(part.sampler_name or None, part.scheduler or None) for part in parts]
    for sampler_name, scheduler in dict.fromkeys(pairs):
        check_sampling(sampler_name, scheduler)


def _check_prompts(inputs: NodeInputs, sweep: Sweep) -> None:
    recipes = [cell.recipe for cell in sweep.cells if cell.recipe.prompt_syntax == A1111]
    parts = [part for recipe in recipes for part in (recipe.refiner, recipe.hires) if part]
    for linked, prompt in CONDITIONINGS.items():
        texts = [getattr(part, prompt) for part in parts]
        if inputs.link(linked) is None:
            texts += [getattr(recipe, prompt) for recipe in recipes]
        for text in dict.fromkeys(texts):
            refuse_networks(text)
