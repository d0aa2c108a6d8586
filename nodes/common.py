"""The pack's own link types, and what its nodes have in common."""

from __future__ import annotations

from collections.abc import Callable

from comfy_api.latest import io

from ..periplus.errors import PeriplusError

CATEGORY = "periplus"

AxisType = io.Custom("PERIPLUS_AXIS")
"""An :class:`periplus.axes.axis.Axis`."""

RefinerType = io.Custom("PERIPLUS_REFINER")
"""A :class:`periplus.host.requests.refiner.RefinerLink`."""

HiresType = io.Custom("PERIPLUS_HIRES")
"""A :class:`periplus.recipe.HiresRecipe`."""

SweepType = io.Custom("PERIPLUS_SWEEP")
"""A :class:`periplus.records.manifest.SweepHandle`."""

RunType = io.Custom("PERIPLUS_RUN")
"""A :class:`periplus.host.runs.record.SweepRecord`, handed from one internal node to the next."""

RequestType = io.Custom("PERIPLUS_REQUEST")
"""A :class:`periplus.host.requests.node_request.NodeRequest` that waits for its turn."""


def answer(*checks: Callable[[], object]) -> bool | str:
    """Answer ComfyUI's validation of a prompt: True, or what the first failing check says."""
    try:
        for check in checks:
            check()
    except PeriplusError as error:
        return str(error)
    return True
