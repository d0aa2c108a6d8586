"""Draw coastal scenes: one big coloured subject by the sea, in one of five weathers.

All places are in units of the picture's side, from the top left corner.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from .style import Style, flat

Colour = tuple[int, int, int]
Point = tuple[float, float]

OVERSAMPLING = 4
"""Pictures are drawn this many times larger and then reduced, which smooths the edges."""

PAINTS: dict[str, Colour] = {
    "red": (205, 45, 40),
    "blue": (40, 85, 205),
    "yellow": (245, 200, 40),
    "green": (45, 150, 65),
    "white": (248, 247, 240),
    "black": (28, 27, 32),
}


@dataclass(frozen=True)
class Weather:
    """The colours of a weather: the sky above and at the horizon, the sea, its waves."""

    zenith: Colour
    horizon: Colour
    sea: Colour
    wave: Colour


WEATHERS: dict[str, Weather] = {
    "day": Weather((120, 190, 230), (215, 236, 240), (65, 150, 175), (150, 205, 215)),
    "night": Weather((30, 38, 82), (62, 74, 128), (24, 50, 88), (60, 92, 140)),
    "sunset": Weather((130, 80, 140), (252, 165, 90), (120, 82, 120), (240, 165, 120)),
    "storm": Weather((72, 80, 86), (128, 138, 138), (58, 86, 88), (190, 205, 200)),
    "fog": Weather((178, 186, 188), (202, 206, 204), (148, 164, 166), (178, 190, 190)),
}

WOOD: Colour = (92, 62, 44)
ROCK: Colour = (96, 92, 92)
SAND: Colour = (232, 208, 150)
LEAF: Colour = (38, 104, 58)
LAMP: Colour = (255, 232, 130)
PALE: Colour = (250, 248, 240)
GREY: Colour = (150, 150, 152)


@dataclass(frozen=True)
class Scene:
    """What a picture shows, and where: the subject's middle from the left, and its scale."""

    subject: str
    colour: str
    weather: str
    middle: float = 0.5
    scale: float = 1.0
    horizon: float = 0.68
    flip: bool = False


def random_scene(subject: str, colour: str, weather: str, rng: random.Random) -> Scene:
    """Return a scene with everything but the three words drawn by chance."""
    return Scene(
        subject,
        colour,
        weather,
        middle=rng.uniform(0.4, 0.6),
        scale=rng.uniform(0.85, 1.03),
        horizon=rng.uniform(0.64, 0.72),
        flip=rng.random() < 0.5,
    )


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two; ``share`` 0 is the first, 1 the second."""
    mixed = [round(a + (b - a) * share) for a, b in zip(first, second, strict=True)]
    return mixed[0], mixed[1], mixed[2]


class Brush:
    """Draws on a picture in units of its side."""

    def __init__(self, image: Image.Image) -> None:
        self.side = image.width
        self.pen = ImageDraw.Draw(image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self.pen.polygon([(x * self.side, y * self.side) for x, y in points], fill=colour)

    def disc(self, centre: Point, across: float, high: float, colour: Colour) -> None:
        """Fill an ellipse with the given half axes."""
        (x, y), side = centre, self.side
        box = ((x - across) * side, (y - high) * side, (x + across) * side, (y + high) * side)
        self.pen.ellipse(box, fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line through points."""
        places = [(x * self.side, y * self.side) for x, y in points]
        self.pen.line(places, fill=colour, width=max(1, round(width * self.side)), joint="curve")


def draw(scene: Scene, size: int, rng: random.Random, style: Style = flat) -> Image.Image:
    """Return the picture of a scene, ``size`` pixels square; stars, rain and waves by chance."""
    image = sky(WEATHERS[scene.weather], size * OVERSAMPLING, scene.horizon)
    brush = Brush(image)
    furnish_sky(brush, scene, rng)
    if scene.subject == "sun":
        SUBJECTS[scene.subject](brush, scene)
        sea(brush, scene, rng)
        reflect(brush, scene)
    else:
        sea(brush, scene, rng)
        SUBJECTS[scene.subject](brush, scene)
    if scene.weather == "fog":
        image = veil(image, scene, rng)
    if scene.weather == "storm":
        rain(Brush(image), rng)
    if scene.flip:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return style(image).resize((size, size), Image.Resampling.BOX)


def sky(weather: Weather, side: int, horizon: float) -> Image.Image:
    """Return a picture filled with the sky's gradient."""
    column = Image.new("RGB", (1, side))
    for y in range(side):
        share = min(1.0, y / (horizon * side))
        column.putpixel((0, y), blend(weather.zenith, weather.horizon, share))
    return column.resize((side, side))


def furnish_sky(brush: Brush, scene: Scene, rng: random.Random) -> None:
    """Draw what tells the weathers apart: a cloud, stars and moon, dark clouds, lightning."""
    if scene.weather == "day":
        x, y = rng.uniform(0.12, 0.22), rng.uniform(0.12, 0.2)
        for shift, size in ((-0.07, 0.05), (0.0, 0.075), (0.08, 0.055)):
            brush.disc((x + shift, y), size, size * 0.75, PALE)
    elif scene.weather == "night":
        for _ in range(9):
            brush.disc((rng.random(), rng.uniform(0.03, 0.5)), 0.011, 0.011, PALE)
        x, y = rng.uniform(0.84, 0.88), rng.uniform(0.13, 0.17)
        brush.disc((x, y), 0.085, 0.085, (240, 236, 205))
        brush.disc((x - 0.045, y - 0.02), 0.075, 0.075, (34, 43, 88))
    elif scene.weather == "storm":
        for x in (0.05, 0.28, 0.52, 0.76, 0.97):
            brush.disc((x + rng.uniform(-0.04, 0.04), 0.02), 0.17, 0.11, (50, 56, 62))
        x = rng.uniform(0.08, 0.16)
        bolt = [(0.05, 0.1), (-0.03, 0.3), (0.02, 0.3), (-0.04, 0.5), (0.09, 0.25), (0.04, 0.25)]
        brush.polygon([(x + dx, dy) for dx, dy in [*bolt, (0.1, 0.1)]], LAMP)


def sea(brush: Brush, scene: Scene, rng: random.Random) -> None:
    """Draw the sea, flat or with high waves."""
    weather = WEATHERS[scene.weather]
    top = scene.horizon
    if scene.weather == "storm":
        phase = rng.uniform(0, 2 * math.pi)
        xs = [step / 32 for step in range(33)]
        crest = [(x, top + 0.025 * math.sin(4 * math.tau * x + phase)) for x in xs]
        brush.polygon([*crest, (1, 1), (0, 1)], weather.sea)
        brush.line(crest, 0.02, weather.wave)
    else:
        brush.polygon([(0, top), (1, top), (1, 1), (0, 1)], weather.sea)
    for row in range(3):
        y = top + 0.1 + 0.085 * row
        x = rng.uniform(0.0, 0.25)
        while x < 1:
            length = rng.uniform(0.12, 0.2)
            brush.line([(x, y), (x + length, y)], 0.016, weather.wave)
            x += length + rng.uniform(0.18, 0.3)


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


def trapezium(middle: float, ys: Sequence[float], halves: Sequence[float]) -> list[Point]:
    """Return an upright trapezium, by its upper and lower heights and half widths."""
    (upper, lower), (narrow, wide) = ys, halves
    return [
        (middle - narrow, upper),
        (middle + narrow, upper),
        (middle + wide, lower),
        (middle - wide, lower),
    ]


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
    """Draw a large disc with rays."""
    paint = PAINTS[scene.colour]
    x, s = scene.middle, scene.scale
    y = scene.horizon - 0.33
    for ray in range(12):
        angle = math.tau * ray / 12
        points = [
            (x + reach * s * math.cos(angle + turn), y + reach * s * math.sin(angle + turn))
            for reach, turn in ((0.22, -0.13), (0.33, 0.0), (0.22, 0.13))
        ]
        brush.polygon(points, paint)
    brush.disc((x, y), 0.19 * s, 0.19 * s, paint)


def reflect(brush: Brush, scene: Scene) -> None:
    """Draw the sun's glitter on the sea."""
    paint = blend(PAINTS[scene.colour], WEATHERS[scene.weather].sea, 0.25)
    for row, half in enumerate((0.15, 0.11, 0.07)):
        y = scene.horizon + 0.06 + 0.09 * row
        brush.line([(scene.middle - half, y), (scene.middle + half, y)], 0.035, paint)


def veil(image: Image.Image, scene: Scene, rng: random.Random) -> Image.Image:
    """Return the picture behind fog: paler everywhere, with banks of it drifting across."""
    pale = Image.new("RGB", image.size, WEATHERS["fog"].horizon)
    mask = Image.new("L", image.size, 80)
    banks = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(banks)
    side = image.width
    for height in (0.3, 0.55, 0.8):
        y = (height + rng.uniform(-0.05, 0.05)) * side
        x = rng.uniform(-0.3, 0.3) * side
        pen.rounded_rectangle((x, y, x + side, y + 0.07 * side), 0.035 * side, fill=90)
    return Image.composite(pale, image, ImageChops.add(mask, banks))


def rain(brush: Brush, rng: random.Random) -> None:
    """Draw slanting rain over everything."""
    for _ in range(9):
        x, y = rng.random(), rng.uniform(0.1, 0.95)
        brush.line([(x, y), (x - 0.035, y + 0.1)], 0.009, (185, 198, 204))


ARC = [math.pi * step / 24 for step in range(25)]
"""Angles of a half circle."""

SUBJECTS: dict[str, Callable[[Brush, Scene], None]] = {
    "ship": draw_ship,
    "lighthouse": draw_lighthouse,
    "island": draw_island,
    "sun": draw_sun,
}
