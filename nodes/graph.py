"""Sweeps over any workflow: the axis of a node's input, and the sweep."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from comfy_api.latest import io

from ..periplus.axes.values import split_values
from ..periplus.errors import PeriplusError
from ..periplus.graphs.input_axis import value_text
from ..periplus.host import compat
from ..periplus.host.prompt.node_inputs import make_axis
from ..periplus.host.requests.graph_request import GraphRequest
from ..periplus.host.system import paths
from ..periplus.work.chosen_cells import check_choice
from .axis_schema import SEARCH_ALIASES
from .common import CATEGORY, AxisType, answer
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

DEFAULTS: dict[str, Any] = {"name": NAME, "only": ONLY, "remake": REMAKE}
"""Of the inputs that a prompt may leave out."""


class AxisInput(io.ComfyNode):
    """Values of any input of any node of the workflow."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusAxisInput",
            display_name="Axis: Node Input",
            category=CATEGORY,
            description="Values of any input of any node of the workflow, for Sweep Graph.",
            search_aliases=[*SEARCH_ALIASES, "any input"],
            inputs=[
                io.String.Input(
                    "node",
                    default="KSampler",
                    tooltip="The node: its id, such as 3 or 5:3, its title, or its type. Title and "
                    "type must be those of one node only.",
                ),
                io.String.Input(
                    "input",
                    default="cfg",
                    tooltip="The input's name, such as cfg or ckpt_name. A link to it is replaced "
                    "by the values.",
                ),
                io.String.Input(
                    "values",
                    default="5, 7, 9",
                    multiline=True,
                    tooltip="Separate values with commas or new lines, as the input takes them: "
                    "numbers and ranges such as 1-2 (+0.25), names, true or false, or texts; "
                    'use "..." around a text with a comma. Empty: all choices of a list.',
                ),
            ],
            outputs=[
                AxisType.Output(
                    "axis",
                    display_name="axis",
                    tooltip="The axis, for x_axis, y_axis or z_axis of Sweep Graph.",
                ),
                io.String.Output(
                    "strings",
                    display_name="strings",
                    is_output_list=True,
                    tooltip="The values as a list of texts.",
                ),
            ],
            hidden=[io.Hidden.prompt],
        )

    @classmethod
    def validate_inputs(
        cls,
        node: str | None = None,
        input: str | None = None,  # noqa: A002 - the contract's name for it
        values: str | None = None,
    ) -> bool | str:
        """Refuse what is empty or no list before the prompt is queued."""
        # What a linked text says is not known yet, and neither is the workflow.
        return answer(
            lambda: _require("node", node),
            lambda: _require("input", input),
            lambda: split_values(values or ""),
        )

    @classmethod
    def fingerprint_inputs(cls, **_: Any) -> str:
        """Let ComfyUI run the node each time: what it names is a matter of the whole workflow."""
        return uuid.uuid4().hex

    # ComfyUI starts with the nodes that are async, so a mistake shows before a model is loaded.
    @classmethod
    async def execute(cls, node: str, input: str, values: str) -> io.NodeOutput:  # noqa: A002
        """Make the axis."""
        axis = make_axis(cls.hidden.prompt, node, input, values)
        return io.NodeOutput(axis, [value_text(value) for value in axis.values])


class SweepGraph(io.ComfyNode):
    """Runs the workflow before it for every combination of up to three axes."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusSweepGraph",
            display_name="Sweep Graph",
            category=CATEGORY,
            description="Makes the linked picture for every combination of up to three axes, with "
            "any nodes and any model. What an axis changes is run for each of its values, all else "
            "once. Finished cells are kept: queueing again makes only what is missing.",
            search_aliases=[*SEARCH_ALIASES, "workflow sweep"],
            inputs=[
                io.Image.Input(
                    "image",
                    lazy=True,
                    tooltip="The picture to make for every cell; every picture of a batch or list "
                    "is kept.",
                ),
                *axis_inputs(", from an Axis: Node Input node"),
                name_input(),
                *choice_inputs(),
            ],
            outputs=[sweep_output()],
            hidden=[io.Hidden.unique_id, io.Hidden.dynprompt],
            is_output_node=True,
            enable_expand=True,
        )

    @classmethod
    def validate_inputs(cls, name: str | None = None, only: str | None = None) -> bool | str:
        """Refuse a name that leads out of the output folder, and what names no cells."""
        return answer(
            lambda: paths.sweep_folder(NAME if name is None else name),
            lambda: check_choice(only or ""),
        )

    @classmethod
    def fingerprint_inputs(
        cls, name: str | None = NAME, remake: bool | None = REMAKE, **_: Any
    ) -> str:
        """Let ComfyUI run the sweep again, instead of its cached result, where it has work."""
        return fingerprint(name, remake=remake)

    @classmethod
    def request(cls, values: Mapping[str, Any]) -> GraphRequest:
        """What the inputs ask for."""
        return GraphRequest({**DEFAULTS, **values}, cls.hidden)

    @classmethod
    def execute(cls, **values: Any) -> io.NodeOutput:
        """Expand into a chain of groups of cells; the linked picture itself is not made."""
        return expand_sweep(cls.request(values))


def _require(name: str, text: str | None) -> None:
    if text is not None and not text.strip():
        raise PeriplusError(f"{name} is empty: name the {name} that the values are for")


NODES: list[type[io.ComfyNode]] = [AxisInput, SweepGraph]
