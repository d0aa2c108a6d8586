"""The axis nodes for numbers and prompts: each turns a values text into an axis and a list."""

from __future__ import annotations

from comfy_api.latest import io

from ..periplus.axes.axis import Axis, check_axis
from ..periplus.axes.axis_kinds import (
    MATCHES,
    NUMBERS,
    PROMPTS,
    SEED_MODES,
    TARGETS,
    number_axis,
    prompt_axis,
    prompt_sr_axis,
    seed_axis,
    size_axis,
)
from ..periplus.axes.combine import MODES, combine
from ..periplus.recipe import MAX_SEED
from .axis_schema import axis_schema, check_values, strings_output, values_input
from .common import AxisType

MAX_COUNT = 10_000
"""Seeds that one axis may add."""

NUMBER_SYNTAX = (
    "Separate values with commas or new lines. Ranges: 10-50 (+5), 1-2 (+0.25), 50-10 (-5), "
    "or 1-10 [5] for five values evenly spaced."
)


class AxisNumber(io.ComfyNode):
    """Numbers: steps, cfg, denoise, ..."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisNumber",
            "Axis: Number",
            "Values of one number for a sweep, such as steps or cfg.",
            [
                io.Combo.Input(
                    "parameter",
                    options=list(NUMBERS),
                    tooltip="The setting that the values are for.",
                ),
                values_input("20, 25, 30", NUMBER_SYNTAX),
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
        return check_values(values, lambda text: number_axis(parameter, text))

    @classmethod
    def execute(cls, parameter: str, values: str) -> io.NodeOutput:
        """Make the axis."""
        axis = number_axis(parameter, values)
        floats = [float(value) for value in axis.values]
        return io.NodeOutput(axis, [round(value) for value in floats], floats)


class AxisSize(io.ComfyNode):
    """Picture sizes: width and height together."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisSize",
            "Axis: Size",
            "Sizes of the pictures for a sweep: width and height together.",
            [
                values_input(
                    "512x768, 768x512",
                    "Sizes in pixels, width x height, separated by commas or new lines. Both sides "
                    "must be multiples of 8.",
                )
            ],
            [strings_output("The sizes as a list.")],
        )

    @classmethod
    def validate_inputs(cls, values: str | None = None) -> bool | str:
        """Refuse a bad size before the prompt is queued."""
        return check_values(values, size_axis)

    @classmethod
    def execute(cls, values: str) -> io.NodeOutput:
        """Make the axis."""
        axis = size_axis(values)
        return io.NodeOutput(axis, list(axis.labels))


class AxisSeed(io.ComfyNode):
    """Seeds: listed, counted up or drawn at random."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
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
                    tooltip="The first added seed; -1 is a random one. In random mode all added "
                    "seeds are drawn from it, so the same start gives the same seeds.",
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
        return check_values(
            values, lambda text: seed_axis(text, count, 0, mode or SEED_MODES[0], 0)
        )

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


class AxisPromptSR(io.ComfyNode):
    """Prompt search and replace."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisPromptSR",
            "Axis: Prompt S/R",
            "Search and replace in the prompts: the first text is searched, and is itself the "
            "first value; each further text takes its place. With a placeholder, all texts do.",
            [
                values_input(
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
            [strings_output("The texts as a list.")],
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
        if placeholder is None:  # linked: what the first value means is not known yet
            return True
        return check_values(
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


class AxisPrompt(io.ComfyNode):
    """Whole prompts."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
            "PeriplusAxisPrompt",
            "Axis: Prompt",
            "Whole prompts for a sweep, one on each line, in place of the sweep's own.",
            [
                values_input(
                    "",
                    "One prompt a line, commas and all. Blank lines and lines that begin with # "
                    'do not count; put such a prompt in quotes: "# 1 dad". "" is an empty one.',
                ),
                io.Combo.Input(
                    "target",
                    options=list(PROMPTS),
                    default=PROMPTS[0],
                    optional=True,
                    tooltip="The prompt that is set.",
                ),
            ],
            [strings_output("The prompts as a list.")],
        )

    @classmethod
    def validate_inputs(cls, values: str | None = None, target: str | None = None) -> bool | str:
        """Refuse an empty list before the prompt is queued."""
        return check_values(values, lambda text: prompt_axis(text, target or PROMPTS[0]))

    @classmethod
    def execute(cls, values: str, target: str = PROMPTS[0]) -> io.NodeOutput:
        """Make the axis."""
        axis = prompt_axis(values, target)
        return io.NodeOutput(axis, list(axis.values))


class AxisCombine(io.ComfyNode):
    """Two axes as one."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return axis_schema(
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
        check_axis("a", a)
        check_axis("b", b)
        return io.NodeOutput(combine(a, b, mode))


NODES: list[type[io.ComfyNode]] = [
    AxisNumber,
    AxisSize,
    AxisSeed,
    AxisPromptSR,
    AxisPrompt,
    AxisCombine,
]
