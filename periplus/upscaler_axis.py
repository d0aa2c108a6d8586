"""From values text to an axis of upscalers for a hires fix."""

from __future__ import annotations

from collections.abc import Sequence

from .axis import HIRES, Axis, Point, SetField
from .axis_kinds import errors_of, short_names
from .names import resolve_list, resolve_name
from .upscalers import A1111_UPSCALERS, upscaler_names
from .values import Item


def upscaler_axis(values: str, models: Sequence[str]) -> Axis:
    """Make an axis of upscalers.

    Args:
        values: the values text: methods, models and AUTOMATIC1111's labels; empty for all methods
            and models.
        models: the upscale models that ComfyUI knows.

    Raises:
        ValuesError: a name is none of them; the text gives its position and the nearest one.
    """
    options = upscaler_names(models)
    labels = {label.casefold(): name for label, name in A1111_UPSCALERS.items()}

    def read(item: Item) -> str:
        known = labels.get(item.text.casefold())
        return known or resolve_name(item, options, what="upscaler")

    with errors_of("upscaler"):
        names = resolve_list(
            values, options, what="upscaler", read=read, names=lambda name: (name,)
        )
    return Axis(
        "upscaler",
        tuple(
            Point(label, (SetField(f"{HIRES}upscaler", name),))
            for label, name in zip(short_names(names), names, strict=True)
        ),
    )
