"""The axis nodes: each turns a values text into an axis, and into a plain list."""

from __future__ import annotations

from collections.abc import Callable

from comfy_api.latest import io

from ..periplus.axis import Axis
from ..periplus.axis_kinds import (
    MATCHES,
    NUMBERS,
    SEED_MODES,
    TARGETS,
    name_axis,
    number_axis,
    prompt_sr_axis,
    sampler_scheduler_axis,
    seed_axis,
)
from ..periplus.combine import MODES, combine
from ..periplus.host import compat
from ..periplus.host.registries import checkpoint_names, sampler_names, scheduler_names
from ..periplus.recipe import MAX_SEED
from .common import CATEGORY, AxisType, answer

SEARCH_ALIASES = ["xy plot", "xyz plot", "grid", "parameter sweep"]

AXIS_TOOLTIP = "The axis, for x_axis, y_axis or z_axis of Sweep KSampler."

MAX_COUNT = 10_000
"""Seeds that one axis may add."""

NUMBER_SYNTAX = (
    "Separate values with commas or new lines. Ranges: 10-50 (+5), 1-2 (+0.25), 50-10 (-5), "
    "or 1-10 [5] for five values evenly spaced."
)

NAME_SYNTAX = "* is all, !text leaves out, # starts a comment line. Empty: all."


def _schema(
    node_id: str,
    display_name: str,
    description: str,
    inputs: list[io.Input],
    lists: list[io.Output],
) -> io.Schema:
    return compat.schema(
        node_id=node_id,
        display_name=display_name,
        category=CATEGORY,
        description=description,
        search_aliases=SEARCH_ALIASES,
        inputs=inputs,
        outputs=[AxisType.Output("axis", display_name="axis", tooltip=AXIS_TOOLTIP), *lists],
    )


def _values(default: str, tooltip: str, *, optional: bool = False) -> io.Input:
    return io.String.Input(
        "values", default=default, multiline=True, tooltip=tooltip, optional=optional
    )


def _strings(tooltip: str) -> io.Output:
    return io.String.Output("strings", display_name="strings", is_output_list=True, tooltip=tooltip)


def _check(values: str | None, make: Callable[[str], Axis]) -> bool | str:
    """Answer ComfyUI's validation. A linked text is None here, and is checked when it comes."""
    return True if values is None else answer(lambda: make(values))


class AxisNumber(io.ComfyNode):
    """Numbers: steps, cfg, denoise, ..."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisNumber",
            "Axis: Number",
            "Values of one number for a sweep, such as steps or cfg.",
            [
                io.Combo.Input(
                    "parameter",
                    options=list(NUMBERS),
                    tooltip="The setting that the values are for.",
                ),
                _values("20, 25, 30", NUMBER_SYNTAX),
            ],
            [
                io.Int.Output(
                    "ints",
                    display_name="ints",
                    is_output_list=True,
                    tooltip="The values as a list of whole numbers.",
                ),
                io.Float.Output(
                    "floats",
                    display_name="floats",
                    is_output_list=True,
                    tooltip="The values as a list of numbers.",
                ),
            ],
        )

    @classmethod
    def validate_inputs(cls, parameter: str | None = None, values: str | None = None) -> bool | str:
        """Refuse a bad value before the prompt is queued."""
        if parameter is None:
            return True
        return _check(values, lambda text: number_axis(parameter, text))

    @classmethod
    def execute(cls, parameter: str, values: str) -> io.NodeOutput:
        """Make the axis."""
        axis = number_axis(parameter, values)
        floats = [float(value) for value in axis.values]
        return io.NodeOutput(axis, [round(value) for value in floats], floats)


class AxisSeed(io.ComfyNode):
    """Seeds: listed, counted up or drawn at random."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisSeed",
            "Axis: Seed",
            "Seeds for a sweep: a list, and count more from start on.",
            [
                io.String.Input(
                    "values",
                    default="",
                    multiline=True,
                    optional=True,
                    tooltip="Seeds, separated by commas; -1 is a random one. Ranges: 1-8. "
                    "May stay empty when count is above 0.",
                ),
                io.Int.Input(
                    "count",
                    default=0,
                    min=0,
                    max=MAX_COUNT,
                    optional=True,
                    tooltip="How many seeds to add to the list. 0 adds none.",
                ),
                io.Int.Input(
                    "start",
                    default=-1,
                    min=-1,
                    max=MAX_SEED,
                    optional=True,
                    tooltip="The first added seed; -1 is a random one. In random mode the seeds "
                    "are drawn from it, so the same start gives the same seeds.",
                ),
                io.Combo.Input(
                    "mode",
                    options=list(SEED_MODES),
                    default=SEED_MODES[0],
                    optional=True,
                    tooltip="Whether the added seeds count up from start or are random.",
                ),
                io.Int.Input(
                    "draw",
                    default=0,
                    min=0,
                    max=MAX_SEED,
                    optional=True,
                    tooltip="Another number draws other random seeds. The same number always "
                    "draws the same ones.",
                ),
            ],
            [
                io.Int.Output(
                    "ints", display_name="ints", is_output_list=True, tooltip="The seeds as a list."
                )
            ],
        )

    @classmethod
    def validate_inputs(
        cls, values: str | None = "", count: int | None = 0, mode: str | None = None
    ) -> bool | str:
        """Refuse a bad seed before the prompt is queued."""
        if count is None:
            return True
        if not 0 <= count <= MAX_COUNT:
            return f"count {count} must be between 0 and {MAX_COUNT}"
        return _check(values, lambda text: seed_axis(text, count, 0, mode or SEED_MODES[0], 0))

    @classmethod
    def execute(
        cls,
        values: str = "",
        count: int = 0,
        start: int = -1,
        mode: str = SEED_MODES[0],
        draw: int = 0,
    ) -> io.NodeOutput:
        """Make the axis."""
        axis = seed_axis(values, count, start, mode, draw)
        return io.NodeOutput(axis, list(axis.values))


class _NameAxis(io.ComfyNode):
    """An axis that is made of its values text alone, with the values as a list of texts."""

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        raise NotImplementedError

    @classmethod
    def validate_inputs(cls, values: str | None = None) -> bool | str:
        """Refuse an unknown name before the prompt is queued."""
        return _check(values, cls.make)

    @classmethod
    def fingerprint_inputs(cls, values: str | None = "") -> str:
        """Let ComfyUI run the node again when an empty text means other names than before."""
        return "" if values is None else repr(cls.make(values))

    @classmethod
    def execute(cls, values: str = "") -> io.NodeOutput:
        """Make the axis."""
        axis = cls.make(values)
        texts = ["/".join(str(o.value) for o in point.overrides) for point in axis.points]
        return io.NodeOutput(axis, texts)


class AxisSampler(_NameAxis):
    """Samplers by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisSampler",
            "Axis: Sampler",
            "Samplers for a sweep. The scheduler stays; Axis: Sampler + Scheduler changes both.",
            [
                _values(
                    "",
                    f"Names, separated by commas, such as euler, dpmpp_2m. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [_strings("The sampler names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("sampler_name", "sampler", values, sampler_names())


class AxisScheduler(_NameAxis):
    """Schedulers by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisScheduler",
            "Axis: Scheduler",
            "Schedulers for a sweep. The sampler stays.",
            [
                _values(
                    "",
                    f"Names, separated by commas, such as normal, karras. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [_strings("The scheduler names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("scheduler", "scheduler", values, scheduler_names())


class AxisSamplerScheduler(_NameAxis):
    """Samplers, each with its scheduler."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisSamplerScheduler",
            "Axis: Sampler + Scheduler",
            "Samplers with their schedulers for a sweep, as pairs or as AUTOMATIC1111's labels.",
            [
                _values(
                    "dpmpp_2m/karras, Euler a",
                    "Pairs such as dpmpp_2m/karras and AUTOMATIC1111's labels such as "
                    "DPM++ 2M SDE Karras, mixed freely, separated by commas or new lines.",
                )
            ],
            [_strings("The pairs as a list of sampler/scheduler texts.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return sampler_scheduler_axis(values, sampler_names(), scheduler_names())


class AxisCheckpoint(_NameAxis):
    """Checkpoints by name."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisCheckpoint",
            "Axis: Checkpoint",
            "Checkpoints for a sweep. Model, CLIP and VAE all come from each checkpoint.",
            [
                _values(
                    "",
                    "Checkpoint names, separated by commas or new lines; the folder and the "
                    f"extension may be left out. {NAME_SYNTAX}",
                    optional=True,
                )
            ],
            [_strings("The checkpoint names as a list.")],
        )

    @classmethod
    def make(cls, values: str) -> Axis:
        """Make the axis, or raise PeriplusError."""
        return name_axis("ckpt_name", "checkpoint", values, checkpoint_names())


class AxisPromptSR(io.ComfyNode):
    """Prompt search and replace."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisPromptSR",
            "Axis: Prompt S/R",
            "Search and replace in the prompts: the first text is searched, and is itself the "
            "first value; each further text takes its place. With a placeholder, all texts do.",
            [
                _values(
                    "",
                    'The text to search for, then its replacements, separated by commas. Use "..." '
                    'around a text with a comma; "" deletes the searched text. With a placeholder: '
                    "replacements only.",
                ),
                io.Combo.Input(
                    "target",
                    options=list(TARGETS),
                    default=TARGETS[0],
                    optional=True,
                    tooltip="The prompts that are searched.",
                ),
                io.String.Input(
                    "placeholder",
                    default="",
                    optional=True,
                    tooltip="A text in the prompts, such as {hero}, whose place all values take. "
                    "Empty: the first value is searched.",
                ),
                io.Combo.Input(
                    "match",
                    options=list(MATCHES),
                    default=MATCHES[0],
                    optional=True,
                    tooltip="any finds the text within words too. word finds whole words only, "
                    "which end where letters, digits and _ end; in Chinese, Japanese and other "
                    "scripts without spaces it finds what any finds.",
                ),
            ],
            [_strings("The texts as a list.")],
        )

    @classmethod
    def validate_inputs(
        cls,
        values: str | None = None,
        target: str | None = None,
        placeholder: str | None = "",
        match: str | None = None,
    ) -> bool | str:
        """Refuse an empty list before the prompt is queued."""
        if placeholder is None:
            return True
        return _check(
            values,
            lambda text: prompt_sr_axis(
                text, target or TARGETS[0], placeholder, match or MATCHES[0]
            ),
        )

    @classmethod
    def execute(
        cls,
        values: str,
        target: str = TARGETS[0],
        placeholder: str = "",
        match: str = MATCHES[0],
    ) -> io.NodeOutput:
        """Make the axis."""
        axis = prompt_sr_axis(values, target, placeholder, match)
        return io.NodeOutput(axis, list(axis.values))


class AxisCombine(io.ComfyNode):
    """Two axes as one."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return _schema(
            "PeriplusAxisCombine",
            "Axis: Combine",
            "Makes one axis of two: one after another, in pairs, or every value of one with every "
            "value of the other. Combined axes may be combined again.",
            [
                AxisType.Input("a", tooltip="The first axis; the outer one of a cross."),
                AxisType.Input("b", tooltip="The second axis; the inner one of a cross."),
                io.Combo.Input(
                    "mode",
                    options=list(MODES),
                    default=MODES[0],
                    tooltip="join: the values of a, then those of b. zip: the first of a with the "
                    "first of b, and so on; a single value goes with all of the other axis. "
                    "cross: every value of a with every value of b.",
                ),
            ],
            [],
        )

    @classmethod
    def execute(cls, a: Axis, b: Axis, mode: str) -> io.NodeOutput:
        """Make the axis."""
        return io.NodeOutput(combine(a, b, mode))


NODES: list[type[io.ComfyNode]] = [
    AxisNumber,
    AxisSeed,
    AxisSampler,
    AxisScheduler,
    AxisSamplerScheduler,
    AxisCheckpoint,
    AxisPromptSR,
    AxisCombine,
]
