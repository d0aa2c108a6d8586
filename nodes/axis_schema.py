"""What the axis nodes have in common."""

from __future__ import annotations

from collections.abc import Callable

from comfy_api.latest import io

from ..periplus.axes.axis import Axis
from ..periplus.host import compat
from .common import CATEGORY, AxisType, answer

SEARCH_ALIASES = ["xy plot", "xyz plot", "grid", "parameter sweep"]

AXIS_TOOLTIP = "The axis, for x_axis, y_axis or z_axis of Sweep KSampler."


def axis_schema(
    node_id: str,
    display_name: str,
    description: str,
    inputs: list[io.Input],
    lists: list[io.Output],
) -> io.Schema:
    """The schema of an axis node; its outputs are the axis and then ``lists``."""
    return compat.schema(
        node_id=node_id,
        display_name=display_name,
        category=CATEGORY,
        description=description,
        search_aliases=SEARCH_ALIASES,
        inputs=inputs,
        outputs=[AxisType.Output("axis", display_name="axis", tooltip=AXIS_TOOLTIP), *lists],
    )


def values_input(default: str, tooltip: str, *, optional: bool = False) -> io.Input:
    """The input for the values text."""
    return io.String.Input(
        "values", default=default, multiline=True, tooltip=tooltip, optional=optional
    )


def strings_output(tooltip: str) -> io.Output:
    """The output that gives the values as a list of texts."""
    return io.String.Output("strings", display_name="strings", is_output_list=True, tooltip=tooltip)


def check_values(values: str | None, make: Callable[[str], Axis]) -> bool | str:
    """Answer ComfyUI's validation. A linked text is None here, and is checked when it comes."""
    return True if values is None else answer(lambda: make(values))
