"""From values text to an axis of upscalers for a hires fix."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from .axis import HIRES, Axis, SetField
from .axis_kinds import file_axis
from .upscalers import A1111_UPSCALERS, upscaler_names


def upscaler_axis(values: str, models: Sequence[str]) -> Axis:
    """Make an axis of upscalers.

    Args:
        values: the values text: methods, models and AUTOMATIC1111's labels; empty for all methods
            and models.
        models: the upscale models that ComfyUI knows.

    Raises:
        ValuesError: a name is none of them; the text gives its position and the nearest one.
    """
    return file_axis(
        "upscaler",
        values,
        upscaler_names(models),
        partial(SetField, f"{HIRES}upscaler"),
        others={label.casefold(): name for label, name in A1111_UPSCALERS.items()},
    )
