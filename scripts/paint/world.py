"""What the small world consists of: paints, weathers, and what can be said of one scene."""

from __future__ import annotations

import random
from dataclasses import dataclass

from .brush import Colour

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
