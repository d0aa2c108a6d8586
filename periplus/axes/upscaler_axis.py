"""From values text to an axis of upscalers for a hires fix."""

from __future__ import annotations

from collections.abc import Sequence

from ..upscalers import A1111_UPSCALERS, upscaler_names
from .axis import Axis, SetUpscaler
from .axis_kinds import file_axis

NONE = "none"
"""Stands for a point without a second pass."""


def upscaler_axis(values: str, models: Sequence[str]) -> Axis:
    """Make an axis of upscalers.

    Args:
        values: the values text: methods, models, AUTOMATIC1111's labels and NONE; empty for all
            methods and models.
        models: the upscale models that ComfyUI knows.

    Raises:
        ValuesError: a name is none of them; the text gives its position and the nearest one.
    """
    return file_axis(
        "upscaler",
        values,
        upscaler_names(models),
        SetUpscaler,
        without=NONE,
        others={label.casefold(): name for label, name in A1111_UPSCALERS.items()},
    )
