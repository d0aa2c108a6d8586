"""Draw the subjects, flatly, each with a shape of its own."""

from __future__ import annotations

import math
from collections.abc import Callable

from .brush import Brush, blend, trapezium
from .world import GREY, LAMP, LEAF, PAINTS, PALE, ROCK, SAND, WEATHERS, WOOD, Scene


def draw_ship(brush: Brush, scene: Scene) -> None:
    """Draw a sailing ship: a hull and two sails in its colour."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.09
    deck = water - 0.15 * s
    brush.line([(x, deck), (x, water - 0.68 * s)], 0.025 * s, WOOD)
    brush.polygon(
        [(x + 0.025, water - 0.66 * s), (x + 0.31 * s, deck - 0.03), (x + 0.025, deck - 0.03)],
        paint,
    )
    brush.polygon(
        [(x - 0.025, water - 0.58 * s), (x - 0.25 * s, deck - 0.03), (x - 0.025, deck - 0.03)],
        blend(paint, GREY, 0.3),
    )
    hull = [(-0.36, -0.15), (0.38, -0.15), (0.26, 0.0), (-0.26, 0.0)]
    brush.polygon([(x + dx * s, water + dy * s) for dx, dy in hull], blend(paint, WOOD, 0.45))


def draw_lighthouse(brush: Brush, scene: Scene) -> None:
    """Draw a striped tower with a lamp on a rock."""
    paint = PAINTS[scene.colour]
    stripe = GREY if scene.colour == "white" else PALE
    x, s, foot = scene.middle, scene.scale, scene.horizon + 0.04
    top = foot - 0.5 * s
    brush.disc((x, foot + 0.06), 0.3 * s, 0.12 * s, ROCK)
    if scene.weather in ("night", "storm"):
        lamp = top - 0.05 * s
        for side in (-1, 1):
            far = x + side * 0.6
            glow = blend(LAMP, WEATHERS[scene.weather].zenith, 0.45)
            brush.polygon([(x, lamp), (far, lamp - 0.09), (far, lamp + 0.09)], glow)
    for band in range(5):
        ys = [top + (foot - top) * at / 5 for at in (band, band + 1)]
        halves = [(0.075 + 0.055 * at / 5) * s for at in (band, band + 1)]
        brush.polygon(trapezium(x, ys, halves), stripe if band % 2 else paint)
    brush.polygon(trapezium(x, (top - 0.09 * s, top), (0.06 * s, 0.06 * s)), LAMP)
    roof = top - 0.09 * s
    brush.polygon([(x - 0.1 * s, roof), (x + 0.1 * s, roof), (x, roof - 0.1 * s)], paint)
    brush.line([(x - 0.1 * s, top), (x + 0.1 * s, top)], 0.025 * s, WOOD)


def draw_island(brush: Brush, scene: Scene) -> None:
    """Draw a hill in its colour on a beach, with a palm."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.07
    brush.disc((x, water), 0.42 * s, 0.075 * s, SAND)
    hill = [(x - 0.06 * s + 0.27 * s * math.cos(a), water - 0.26 * s * math.sin(a)) for a in ARC]
    brush.polygon(hill, paint)
    root, crown = (x + 0.2 * s, water), (x + 0.25 * s, water - 0.42 * s)
    brush.line([root, (x + 0.2 * s, water - 0.2 * s), crown], 0.04 * s, WOOD)
    for angle in (0.25, 0.85, 2.3, 2.9):
        tip = (crown[0] + 0.2 * s * math.cos(angle), crown[1] + 0.04 - 0.16 * s * math.sin(angle))
        bend = (crown[0] + 0.1 * s * math.cos(angle), crown[1] - 0.05 - 0.1 * s * math.sin(angle))
        brush.polygon([crown, bend, tip], LEAF)
    brush.disc(crown, 0.035 * s, 0.03 * s, LEAF)


def draw_sun(brush: Brush, scene: Scene) -> None:
    """Draw a large disc with broad rays."""
    paint = PAINTS[scene.colour]
    x, s = scene.middle, scene.scale
    y = scene.horizon - 0.33
    for ray in range(8):
        angle = math.tau * ray / 8
        points = [
            (x + reach * s * math.cos(angle + turn), y + reach * s * math.sin(angle + turn))
            for reach, turn in ((0.2, -0.21), (0.36, 0.0), (0.2, 0.21))
        ]
        brush.polygon(points, paint)
    brush.disc((x, y), 0.165 * s, 0.165 * s, paint)


def draw_whale(brush: Brush, scene: Scene) -> None:
    """Draw a whale's back and tail above the water, and its spout."""
    paint = PAINTS[scene.colour]
    x, s, water = scene.middle, scene.scale, scene.horizon + 0.1
    for bend in (-0.13, 0.13):
        spout = [(0.0, -0.28), (bend * 0.4, -0.5), (bend, -0.42)]
        brush.line([(x + (dx - 0.14) * s, water + dy * s) for dx, dy in spout], 0.035 * s, PALE)
    back = [(x + (0.3 * math.cos(a) - 0.1) * s, water - 0.3 * s * math.sin(a)) for a in ARC]
    brush.polygon(back, paint)
    tail = [(0.1, 0.0), (0.14, -0.16), (0.29, -0.3), (0.33, -0.27), (0.3, -0.1), (0.2, 0.0)]
    brush.polygon([(x + dx * s, water + dy * s) for dx, dy in tail], paint)
    for reach in (-0.14, 0.13):
        fluke = [(0.3, -0.27), (0.3 + reach, -0.33), (0.31 + reach * 0.6, -0.42), (0.33, -0.31)]
        brush.polygon([(x + dx * s, water + dy * s) for dx, dy in fluke], paint)
    brush.disc((x - 0.27 * s, water - 0.1 * s), 0.028 * s, 0.028 * s, GREY)


ARC = [math.pi * step / 24 for step in range(25)]
"""Angles of a half circle."""

SUBJECTS: dict[str, Callable[[Brush, Scene], None]] = {
    "ship": draw_ship,
    "lighthouse": draw_lighthouse,
    "island": draw_island,
    "sun": draw_sun,
    "whale": draw_whale,
}
