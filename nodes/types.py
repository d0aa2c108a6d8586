"""The pack's own link types, and what its nodes have in common."""

from __future__ import annotations

from comfy_api.latest import io

CATEGORY = "periplus"

AxisType = io.Custom("PERIPLUS_AXIS")
"""An :class:`periplus.axis.Axis`."""

RefinerType = io.Custom("PERIPLUS_REFINER")
"""A :class:`periplus.host.refiner.RefinerLink`."""

SweepType = io.Custom("PERIPLUS_SWEEP")
"""A :class:`periplus.manifest.SweepHandle`."""

RunType = io.Custom("PERIPLUS_RUN")
"""A :class:`periplus.host.run.SweepRun`, on its way from segment to segment."""
