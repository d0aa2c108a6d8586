"""The refiner node: how an SDXL refiner finishes the pictures of a sweep."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ..periplus.axes.names import check_name
from ..periplus.host import compat
from ..periplus.host.requests import refiner
from ..periplus.host.system.registries import (
    check_sampling,
    checkpoint_names,
)
from ..periplus.recipe import HANDOFFS, NATIVE
from .common import CATEGORY, RefinerType, answer
from .pass_schema import own_prompts, own_sampling

NO_CHECKPOINT = "none"


class Refiner(io.ComfyNode):
    """An SDXL refiner for a sweep."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusRefiner",
            display_name="Sweep Refiner",
            category=CATEGORY,
            description="Lets an SDXL refiner do the last steps of every picture of a sweep, on "
            "the base's own latent with its leftover noise. A whole grid costs one swap of models.",
            search_aliases=["sdxl refiner", "base to refiner"],
            inputs=[
                io.Combo.Input(
                    "ckpt_name",
                    options=[NO_CHECKPOINT, *checkpoint_names()],
                    default=NO_CHECKPOINT,
                    optional=True,
                    tooltip="The refiner's checkpoint, or none to link model and clip instead.",
                ),
                io.Model.Input(
                    "model",
                    optional=True,
                    lazy=True,
                    tooltip="A refiner model, instead of ckpt_name.",
                ),
                io.Clip.Input(
                    "clip", optional=True, lazy=True, tooltip="The refiner model's CLIP."
                ),
                io.Float.Input(
                    "switch_at",
                    default=0.8,
                    min=0.0,
                    max=1.0,
                    step=0.01,
                    optional=True,
                    tooltip="The part of the steps that the base does: 0.8 of 25 steps is 20. "
                    "At 1 the refiner never runs.",
                ),
                *own_prompts("The refiner's", "the base's"),
                io.Float.Input(
                    "ascore",
                    default=6.0,
                    min=0.0,
                    max=1000.0,
                    step=0.01,
                    optional=True,
                    tooltip="Aesthetic score that the positive prompt is encoded with.",
                ),
                io.Float.Input(
                    "negative_ascore",
                    default=2.5,
                    min=0.0,
                    max=1000.0,
                    step=0.01,
                    optional=True,
                    tooltip="Aesthetic score that the negative prompt is encoded with.",
                ),
                *own_sampling("The refiner's", "the base's"),
                io.Combo.Input(
                    "handoff",
                    options=list(HANDOFFS),
                    default=NATIVE,
                    optional=True,
                    tooltip="native: as two KSampler (Advanced) nodes with leftover noise do it. "
                    "continuous: inside the base's sampler run, as AUTOMATIC1111 does it.",
                ),
            ],
            outputs=[
                RefinerType.Output(
                    "refiner",
                    display_name="refiner",
                    tooltip="For the refiner input of Sweep KSampler.",
                )
            ],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
        )

    @classmethod
    def validate_inputs(
        cls,
        ckpt_name: str | None = None,
        sampler_name: str | None = None,
        scheduler: str | None = None,
        handoff: str | None = None,
    ) -> bool | str:
        """Refuse unknown choices before the prompt is queued."""
        return answer(
            lambda: check_name(ckpt_name, [NO_CHECKPOINT, *checkpoint_names()], what="ckpt_name"),
            lambda: check_sampling(sampler_name or None, scheduler or None),
            lambda: check_name(handoff, HANDOFFS, what="handoff"),
        )

    @classmethod
    def check_lazy_status(cls, ckpt_name: str = NO_CHECKPOINT, **values: Any) -> list[str]:
        """Ask for the linked model and CLIP, after checking that they are what is meant."""
        refiner.check_source(_named(ckpt_name), cls.hidden)
        return [name for name in ("model", "clip") if name in values and values[name] is None]

    @classmethod
    def execute(
        cls, ckpt_name: str = NO_CHECKPOINT, model: Any = None, clip: Any = None, **settings: Any
    ) -> io.NodeOutput:
        """Hand the settings and the linked model on to the sweep."""
        link = refiner.make_link(_named(ckpt_name), model, clip, settings, cls.hidden)
        return io.NodeOutput(link)


def _named(ckpt_name: str) -> str:
    return "" if ckpt_name == NO_CHECKPOINT else ckpt_name


NODES: list[type[io.ComfyNode]] = [Refiner]
