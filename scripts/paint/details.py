"""Draw what only the refiner knows: light and shade, and small things on the subjects."""

from __future__ import annotations

import math
from collections.abc import Callable

from .brush import Brush, Colour, blend
from .subjects import ARC
from .world import PAINTS, PALE, ROCK, WEATHERS, WOOD, Scene

SHADE: Colour = (24, 24, 40)


def shaded(colour: Colour) -> Colour:
    """Return a paint in the shade; what is nearly black becomes lighter instead."""
    return blend(colour, PALE, 0.3) if max(colour) < 60 else blend(colour, SHADE, 0.35)


def lit(colour: Colour) -> Colour:
    """Return a paint in full light; what is nearly white becomes darker instead."""
    return blend(colour, SHADE, 0.2) if min(colour) > 230 else blend(colour, PALE, 0.5)


def detail_ship(brush: Brush, scene: Scene) -> None:
    """Draw seams on the sails, portholes and a stripe on the hull, a pennant, foam."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.09
    deck = water - 0.15 * s
    for part, width in ((0.3, 0.092), (0.55, 0.165), (0.8, 0.235)):
        y = water - 0.66 * s + part * (deck - 0.03 - water + 0.66 * s)
        brush.line([(x + 0.025, y), (x + 0.015 + width * s, y)], 0.014, shaded(paint))
    brush.line([(x - 0.33 * s, deck + 0.02), (x + 0.35 * s, deck + 0.02)], 0.018, lit(paint))
    for port in (-0.18, -0.06, 0.06, 0.18):
        brush.disc((x + port * s, deck + 0.075 * s), 0.018 * s, 0.018 * s, PALE)
    mast = water - 0.68 * s
    brush.polygon([(x, mast), (x + 0.12 * s, mast + 0.03), (x, mast + 0.06)], lit(paint))
    foam(brush, scene, x, water, 0.3 * s)


def detail_lighthouse(brush: Brush, scene: Scene) -> None:
    """Shade one side of the tower; draw a door, windows, and light on the rock."""
    x, s, foot = scene.middle, scene.scale, scene.horizon + 0.04
    top = foot - 0.5 * s
    side = [(0.035, top), (0.075, top), (0.13, foot), (0.06, foot)]
    brush.polygon([(x + dx * s, y) for dx, y in side], shaded(PAINTS[scene.colour]))
    brush.polygon([(x + dx * s, foot - dy * s) for dx, dy in box(0.035, 0.0, 0.11)], WOOD)
    for height in (0.24, 0.37):
        brush.polygon([(x + dx * s, foot - dy * s) for dx, dy in box(0.018, height, 0.05)], SHADE)
    brush.line([(x - 0.2 * s, foot + 0.02), (x - 0.08 * s, foot - 0.01)], 0.02, lit(ROCK))
    foam(brush, scene, x, foot + 0.16 * s, 0.28 * s)


def detail_island(brush: Brush, scene: Scene) -> None:
    """Shade one side of the hill; draw rings on the palm's trunk, a coconut, foam."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.07
    hill = x - 0.06 * s
    right = [(hill + 0.27 * s * math.cos(a), water - 0.26 * s * math.sin(a)) for a in ARC[:10]]
    left = [(hill + 0.13 * s * math.cos(a), water - 0.19 * s * math.sin(a)) for a in ARC[9::-1]]
    brush.polygon([*right, *left], shaded(paint))
    brush.disc((hill - 0.11 * s, water - 0.14 * s), 0.05 * s, 0.035 * s, lit(paint))
    for ring in (0.08, 0.16, 0.24):
        y = water - ring * s
        brush.line([(x + 0.18 * s, y), (x + 0.23 * s, y)], 0.012, lit(WOOD))
    brush.disc((x + 0.24 * s, water - 0.38 * s), 0.022 * s, 0.022 * s, WOOD)
    foam(brush, scene, x, water + 0.07 * s, 0.4 * s)


def detail_sun(brush: Brush, scene: Scene) -> None:
    """Draw a bright heart in the disc."""
    paint = PAINTS[scene.colour]
    x, s = scene.middle, scene.scale
    y = scene.horizon - 0.33
    brush.disc((x, y), 0.12 * s, 0.12 * s, lit(paint))
    brush.disc((x, y), 0.07 * s, 0.07 * s, lit(lit(paint)))


def detail_whale(brush: Brush, scene: Scene) -> None:
    """Draw folds on the belly, light on the back, foam."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.1
    for fold in (0.03, 0.075, 0.12):
        ends = ((-0.3, water - fold * s), (-0.08, water - 0.4 * fold * s))
        brush.line([(x + dx * s, y) for dx, y in ends], 0.012, shaded(paint))
    light = [
        (x + (0.24 * math.cos(a) - 0.1) * s, water - 0.25 * s * math.sin(a)) for a in ARC[9:16]
    ]
    brush.line(light, 0.02, lit(paint))
    foam(brush, scene, x, water, 0.4 * s)


def foam(brush: Brush, scene: Scene, x: float, y: float, half: float) -> None:
    """Draw foam where the subject meets the water."""
    white = blend(WEATHERS[scene.weather].wave, PALE, 0.5)
    for start, end in ((-1.0, -0.45), (-0.25, 0.3), (0.5, 1.0)):
        brush.line([(x + start * half, y + 0.01), (x + end * half, y + 0.01)], 0.016, white)


def box(half: float, low: float, high: float) -> list[tuple[float, float]]:
    """Return the corners of an upright box, from its lower edge on."""
    return [(-half, low), (half, low), (half, low + high), (-half, low + high)]


DETAILS: dict[str, Callable[[Brush, Scene], None]] = {
    "ship": detail_ship,
    "lighthouse": detail_lighthouse,
    "island": detail_island,
    "sun": detail_sun,
    "whale": detail_whale,
}
