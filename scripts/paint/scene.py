"""Draw coastal scenes: one big coloured subject by the sea, in one of five weathers."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw

from .brush import Brush, blend
from .details import DETAILS
from .style import Style, flat
from .subjects import SUBJECTS
from .world import LAMP, PAINTS, PALE, WEATHERS, Scene, Weather

OVERSAMPLING = 4
"""Pictures are drawn this many times larger and then reduced, which smooths the edges."""


def draw(
    scene: Scene, size: int, rng: random.Random, style: Style = flat, detailed: bool = False
) -> Image.Image:
    """Return the picture of a scene, ``size`` pixels square; stars, rain and waves by chance."""
    image = sky(WEATHERS[scene.weather], size * OVERSAMPLING, scene.horizon)
    brush = Brush(image)
    furnish_sky(brush, scene, rng)
    layers = [SUBJECTS[scene.subject]] + detailed * [DETAILS[scene.subject]]
    if scene.subject == "sun":
        for layer in layers:
            layer(brush, scene)
        sea(brush, scene, rng)
        reflect(brush, scene)
    else:
        sea(brush, scene, rng)
        for layer in layers:
            layer(brush, scene)
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
