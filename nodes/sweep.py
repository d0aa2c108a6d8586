"""Sweep KSampler: every combination of up to three axes, each as KSampler makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comfy_api.latest import io

from ..periplus.host import compat
from ..periplus.host.requests.request import SweepRequest
from ..periplus.host.system import paths
from ..periplus.host.system.registries import check_sampling, sampler_names, scheduler_names
from ..periplus.recipe import COMFY, DENOISE_STEPS, MAX_SEED, PROMPT_SYNTAXES
from ..periplus.sweep import VARY_SEED
from ..periplus.tiling import AUTO, VAE_TILING
from ..periplus.work.batch_size import BATCHING, OFF
from ..periplus.work.chosen_cells import check_choice
from .axis_schema import SEARCH_ALIASES
from .common import CATEGORY, HiresType, RefinerType, answer
from .sweep_schema import (
    NAME,
    ONLY,
    REMAKE,
    axis_inputs,
    choice_inputs,
    expand_sweep,
    fingerprint,
    name_input,
    sweep_output,
)

DEFAULTS: dict[str, Any] = {
    "width": 512,
    "height": 512,
    "name": NAME,
    "denoise": 1.0,
    "prompt_syntax": COMFY,
    "vary_seed": "no",
    "denoise_steps": "comfyui",
    "vae_tiling": AUTO,
    "batching": OFF,
    "retry_failed": True,
    "only": ONLY,
    "remake": REMAKE,
}
"""Of the inputs that a prompt may leave out."""


class SweepKSampler(io.ComfyNode):
    """Runs KSampler over every combination of up to three axes."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusSweepKSampler",
            display_name="Sweep KSampler",
            category=CATEGORY,
            description="Makes a picture for every combination of up to three axes, each exactly "
            "as KSampler would, with the least possible work. Finished cells are kept: queueing "
            "again makes only what is missing.",
            search_aliases=[*SEARCH_ALIASES, "ksampler sweep"],
            inputs=[*_model_inputs(), *_sampler_inputs(), *_optional_inputs()],
            outputs=[sweep_output()],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            is_output_node=True,
            enable_expand=True,
        )

    @classmethod
    def validate_inputs(
        cls,
        name: str | None = None,
        sampler_name: str | None = None,
        scheduler: str | None = None,
        only: str | None = None,
    ) -> bool | str:
        """Refuse a name that leads out of the output folder, unknown choices, and no cells."""
        return answer(
            lambda: paths.sweep_folder(NAME if name is None else name),
            lambda: check_sampling(sampler_name, scheduler),
            lambda: check_choice(only or ""),
        )

    @classmethod
    def fingerprint_inputs(
        cls,
        name: str | None = NAME,
        retry_failed: bool | None = DEFAULTS["retry_failed"],
        remake: bool | None = REMAKE,
        **_: Any,
    ) -> str:
        """Let ComfyUI run the sweep again, instead of its cached result, where it has work."""
        return fingerprint(name, retry_failed=retry_failed, remake=remake)

    @classmethod
    def check_lazy_status(cls, **values: Any) -> list[str]:
        """Check everything, then ask for the linked inputs that the missing cells need."""
        return cls.request(values).unmet_inputs()

    @classmethod
    def request(cls, values: Mapping[str, Any]) -> SweepRequest:
        """What the inputs ask for."""
        return SweepRequest({**DEFAULTS, **values}, cls.hidden)

    @classmethod
    def execute(cls, **values: Any) -> io.NodeOutput:
        """Expand into a chain of segments, one for each model that is loaded."""
        # ComfyUI frees memory and looks for a cancel between nodes, hence not one loop in here.
        return expand_sweep(cls.request(values))


def _model_inputs() -> list[io.Input]:
    return [
        io.Model.Input(
            "model",
            optional=True,
            lazy=True,
            tooltip="The model, with all its patches. Not needed with a checkpoint axis.",
        ),
        io.Clip.Input(
            "clip",
            optional=True,
            lazy=True,
            tooltip="Encodes the prompts. Not needed with a checkpoint axis.",
        ),
        io.Vae.Input(
            "vae",
            optional=True,
            lazy=True,
            tooltip="Decodes the pictures, and encodes a linked image. With a checkpoint axis each "
            "checkpoint's own VAE does, unless the VAE comes from a loader of its own.",
        ),
    ]


def _sampler_inputs() -> list[io.Input]:
    return [
        io.String.Input(
            "positive", default="", multiline=True, tooltip="What the pictures should show."
        ),
        io.String.Input(
            "negative", default="", multiline=True, tooltip="What they should not show."
        ),
        io.Int.Input(
            "seed",
            default=0,
            min=0,
            max=MAX_SEED,
            control_after_generate=True,
            tooltip="The seed of the noise, unless an axis gives it.",
        ),
        io.Int.Input(
            "steps", default=20, min=1, max=10_000, tooltip="The steps, unless an axis gives them."
        ),
        io.Float.Input(
            "cfg",
            default=8.0,
            min=0.0,
            max=100.0,
            step=0.1,
            round=0.01,
            tooltip="The CFG scale, unless an axis gives it. At 1 the negative prompt is not used.",
        ),
        io.Combo.Input(
            "sampler_name", options=sampler_names(), tooltip="The sampler, unless an axis gives it."
        ),
        io.Combo.Input(
            "scheduler",
            options=scheduler_names(),
            tooltip="The scheduler, unless an axis gives it.",
        ),
        io.Float.Input(
            "denoise",
            default=1.0,
            min=0.0,
            max=1.0,
            step=0.01,
            tooltip="Below 1, a linked latent_image or image keeps part of what it shows.",
        ),
    ]


def _optional_inputs() -> list[io.Input]:
    return [
        io.Latent.Input(
            "latent_image",
            optional=True,
            lazy=True,
            tooltip="The latent to start from; every picture of a batch is kept. Neither it nor an "
            "image linked: an empty one of width x height.",
        ),
        *axis_inputs(),
        RefinerType.Input("refiner", optional=True, tooltip="An SDXL refiner for the last steps."),
        HiresType.Input(
            "hires", optional=True, tooltip="A second, larger pass over every picture."
        ),
        io.Conditioning.Input(
            "positive_conditioning",
            optional=True,
            lazy=True,
            tooltip="Used as it is, instead of the positive text.",
        ),
        io.Conditioning.Input(
            "negative_conditioning",
            optional=True,
            lazy=True,
            tooltip="Used as it is, instead of the negative text.",
        ),
        io.Int.Input(
            "width",
            default=DEFAULTS["width"],
            min=16,
            max=16_384,
            step=8,
            optional=True,
            tooltip="Width in pixels, without a linked latent_image or image.",
        ),
        io.Int.Input(
            "height",
            default=DEFAULTS["height"],
            min=16,
            max=16_384,
            step=8,
            optional=True,
            tooltip="Height in pixels, without a linked latent_image or image.",
        ),
        name_input(),
        io.Combo.Input(
            "prompt_syntax",
            options=list(PROMPT_SYNTAXES),
            default=DEFAULTS["prompt_syntax"],
            optional=True,
            tooltip="How the prompts are read: as ComfyUI does, or as AUTOMATIC1111 does, with "
            "[a:b:0.5], [a|b], AND, BREAK and [x].",
        ),
        io.Combo.Input(
            "vary_seed",
            options=list(VARY_SEED),
            default=DEFAULTS["vary_seed"],
            optional=True,
            tooltip="Lets every column, row, page or cell have a seed of its own, counted up from "
            "seed.",
        ),
        io.Combo.Input(
            "denoise_steps",
            options=list(DENOISE_STEPS),
            default=DEFAULTS["denoise_steps"],
            optional=True,
            tooltip="What a denoise below 1 does to the steps. comfyui: all of them run. a1111: "
            "only the last ones, as AUTOMATIC1111's img2img does (16 of 20 at 0.75).",
        ),
        io.Image.Input(
            "image",
            optional=True,
            lazy=True,
            tooltip="The picture to start from, encoded by the VAE of each cell; every picture of "
            "a batch is kept. An axis of sizes resizes it.",
        ),
        io.Combo.Input(
            "vae_tiling",
            options=list(VAE_TILING),
            default=DEFAULTS["vae_tiling"],
            optional=True,
            tooltip="Whether pictures go through the VAE in tiles, which takes less memory and "
            "changes them a little. auto: those that do not fit. off: none. on: all.",
        ),
        io.Combo.Input(
            "batching",
            options=list(BATCHING),
            default=DEFAULTS["batching"],
            optional=True,
            tooltip="off: one cell after the other, exactly as KSampler makes it. A number: so "
            "many cells share each call of the model, which is faster on most GPUs and equal but "
            "for rounding. auto: as many as measuring finds fastest.",
        ),
        io.Boolean.Input(
            "retry_failed",
            default=DEFAULTS["retry_failed"],
            optional=True,
            tooltip="Whether queueing again tries failed cells again. If not, they keep the reason "
            "that the manifest tells, as long as the sweep stays the same.",
        ),
        *choice_inputs(),
    ]


NODES: list[type[io.ComfyNode]] = [SweepKSampler]
