"""The hires fix node: a second, larger pass over every picture of a sweep."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ..periplus.axes.axis_kinds import check_setting
from ..periplus.axes.names import check_name
from ..periplus.host import compat
from ..periplus.host.system.registries import (
    check_sampling,
    upscale_model_names,
)
from ..periplus.recipe import HiresRecipe
from ..periplus.upscalers import upscaler_names
from .common import CATEGORY, HiresType, answer
from .pass_schema import own_prompts, own_sampling


class HiresFix(io.ComfyNode):
    """A hires fix for a sweep."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusHiresFix",
            display_name="Sweep Hires Fix",
            category=CATEGORY,
            description="Enlarges every picture of a sweep and samples it again with a lower "
            "denoise, which draws the details that the larger size has room for. Cells that differ "
            "in the second pass only share the first.",
            search_aliases=["hires fix", "highres fix", "upscale"],
            inputs=[
                io.Combo.Input(
                    "upscaler",
                    options=list(upscaler_names(upscale_model_names())),
                    default="latent: bilinear",
                    tooltip="What enlarges: latent methods the latent itself, pixel methods and "
                    "upscale models the decoded picture, which is then encoded again.",
                ),
                io.Float.Input(
                    "scale",
                    default=2.0,
                    min=1.0,
                    max=8.0,
                    step=0.05,
                    optional=True,
                    tooltip="How many times larger both sides become.",
                ),
                io.Int.Input(
                    "steps",
                    default=0,
                    min=0,
                    max=10_000,
                    optional=True,
                    tooltip="Steps of the second pass; all of them are run. 0: as many as the "
                    "first.",
                ),
                io.Float.Input(
                    "denoise",
                    default=0.45,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    optional=True,
                    tooltip="How much the second pass may change. Latent methods blur below 0.5.",
                ),
                *own_sampling("The second pass's", "the first's"),
                *own_prompts("The second pass's", "the first's"),
            ],
            outputs=[
                HiresType.Output(
                    "hires", display_name="hires", tooltip="For the hires input of Sweep KSampler."
                )
            ],
        )

    @classmethod
    def validate_inputs(
        cls,
        upscaler: str | None = None,
        sampler_name: str | None = None,
        scheduler: str | None = None,
    ) -> bool | str:
        """Refuse unknown choices before the prompt is queued."""
        names = upscaler_names(upscale_model_names())
        return answer(
            lambda: check_name(upscaler, names, what="upscaler"),
            lambda: check_sampling(sampler_name or None, scheduler or None),
        )

    @classmethod
    def execute(cls, **settings: Any) -> io.NodeOutput:
        """Hand the settings on to the sweep."""
        hires = HiresRecipe(**settings)
        for name in ("scale", "steps", "denoise"):
            check_setting(f"hires_{name}", getattr(hires, name))
        check_setting("cfg", hires.cfg)
        return io.NodeOutput(hires)


NODES: list[type[io.ComfyNode]] = [HiresFix]
