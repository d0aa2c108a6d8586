"""The axis nodes for names: samplers, schedulers, model files."""

from __future__ import annotations

from functools import partial

from comfy_api.latest import io

from ..periplus.axes.axis import Axis, SetField, SetRefiner
from ..periplus.axes.axis_kinds import file_axis, name_axis, sampler_scheduler_axis
from ..periplus.axes.lora_axis import lora_axis
from ..periplus.axes.upscaler_axis import upscaler_axis
from ..periplus.host.page.choices import BAKED, WITHOUT
from ..periplus.host.system.registries import (
    checkpoint_names,
    lora_names,
    sampler_names,
    scheduler_names,
    upscale_model_names,
    vae_names,
)
from .axis_schema import axis_schema, check_values, strings_output, values_input

NAME_SYNTAX = "* is all, !text leaves out, # starts a comment line. Empty: all."


class _NameAxis(io.ComfyNode):
    """An axis that is made of its values text alone, with the values as a list of texts."""

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        raise NotImplementedError

    @classmethod
    def validate_inputs(cls, values: str | None = None) -> bool | str:
        """Refuse an unknown name before the prompt is queued."""
        return check_values(values, cls.make)

    @classmethod
    def fingerprint_inputs(cls, values: str | None = "") -> str:
        """Let ComfyUI run the node again when an empty text means other names than before."""
        return "" if values is None else repr(cls.make(values))

    @classmethod
    def execute(cls, values: str = "") -> io.NodeOutput:
        """Make the axis."""
        axis = cls.make(values)
        texts = [
            "/".join(str(o.value) for o in point.overrides) or point.label for point in axis.points
        ]
        return io.NodeOutput(axis, texts)


class AxisSampler(_NameAxis):
    """Samplers by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisSampler",
            "Axis: Sampler",
            "Samplers for a sweep. The scheduler stays; Axis: Sampler + Scheduler changes both.",
            [
                values_input(
                    "",
                    f"Names, separated by commas, such as euler, dpmpp_2m. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The sampler names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("sampler_name", "sampler", values, sampler_names())


class AxisScheduler(_NameAxis):
    """Schedulers by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisScheduler",
            "Axis: Scheduler",
            "Schedulers for a sweep. The sampler stays.",
            [
                values_input(
                    "",
                    f"Names, separated by commas, such as normal, karras. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The scheduler names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("scheduler", "scheduler", values, scheduler_names())


class AxisSamplerScheduler(_NameAxis):
    """Samplers, each with its scheduler."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisSamplerScheduler",
            "Axis: Sampler + Scheduler",
            "Samplers with their schedulers for a sweep, as pairs or as AUTOMATIC1111's labels.",
            [
                values_input(
                    "dpmpp_2m/karras, Euler a",
                    "Pairs such as dpmpp_2m/karras and AUTOMATIC1111's labels such as "
                    "DPM++ 2M SDE Karras, mixed freely, separated by commas or new lines.",
                )
            ],
            [strings_output("The pairs as a list of sampler/scheduler texts.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return sampler_scheduler_axis(values, sampler_names(), scheduler_names())


class AxisCheckpoint(_NameAxis):
    """Checkpoints by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisCheckpoint",
            "Axis: Checkpoint",
            "Checkpoints for a sweep. Model, CLIP and VAE all come from each checkpoint.",
            [
                values_input(
                    "",
                    "Checkpoint names, separated by commas or new lines; the folder and the "
                    f"extension may be left out. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The checkpoint names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("ckpt_name", "checkpoint", values, checkpoint_names())


class AxisVAE(_NameAxis):
    """VAEs by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisVAE",
            "Axis: VAE",
            "VAE files for a sweep. Each picture is sampled once and decoded with every one of "
            "them.",
            [
                values_input(
                    "",
                    "VAE names, separated by commas or new lines; the folder and the extension may "
                    f"be left out. {BAKED} is the VAE that the sweep has anyway. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The VAE names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return file_axis("VAE", values, vae_names(), partial(SetField, "vae_name"), without=BAKED)


class AxisRefiner(_NameAxis):
    """Checkpoints that refine, by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisRefiner",
            "Axis: Refiner",
            "Refiners for a sweep, in place of the checkpoint of its Sweep Refiner node. The base "
            "does its steps once for all of them.",
            [
                values_input(
                    "",
                    "Checkpoint names, separated by commas or new lines; the folder and the "
                    f"extension may be left out. {WITHOUT} is without a refiner. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The checkpoint names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return file_axis("refiner", values, checkpoint_names(), SetRefiner, without=WITHOUT)


class AxisLora(_NameAxis):
    """LoRAs, one or several at each point."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisLora",
            "Axis: LoRA",
            "LoRAs for a sweep, each with its strengths, on top of what is linked or of each "
            "checkpoint.",
            [
                values_input(
                    "",
                    "LoRA names, separated by commas or new lines; name:0.8 sets the strength, "
                    "name:0.8:0.6 that of model and CLIP, a + joins several, none is without. "
                    f"{NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The LoRAs with their strengths as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return lora_axis(values, lora_names())


class AxisUpscaler(_NameAxis):
    """Upscalers of a hires fix by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisUpscaler",
            "Axis: Upscaler",
            "Upscalers for a sweep with a Sweep Hires Fix. All enlarge one first pass's picture.",
            [
                values_input(
                    "",
                    "Latent methods such as latent: bilinear, pixel methods such as pixels: "
                    "lanczos, and upscale models, separated by commas or new lines. none is "
                    f"without a second pass. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [strings_output("The upscaler names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return upscaler_axis(values, upscale_model_names())


NODES: list[type[io.ComfyNode]] = [
    AxisSampler,
    AxisScheduler,
    AxisSamplerScheduler,
    AxisCheckpoint,
    AxisVAE,
    AxisLora,
    AxisUpscaler,
    AxisRefiner,
]
