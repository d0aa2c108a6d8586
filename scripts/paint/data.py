"""Draw the training pictures and their prompts, from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import cycle, islice, product

import numpy as np
import torch

from .scene import draw, random_scene
from .style import Style, flat
from .words import COLOURS, SUBJECTS, WEATHERS

Words = tuple[str, str, str]


@dataclass(frozen=True)
class Pictures:
    """Pictures of one size, ``count x 3 x size x size`` bytes, and each one's three words."""

    pixels: torch.Tensor
    words: list[Words]

    def floats(self, which: torch.Tensor) -> torch.Tensor:
        """Return some of the pictures with values from 0 to 1."""
        return self.pixels[which].float() / 255


def draw_pictures(count: int, size: int, seed: int, style: Style = flat) -> Pictures:
    """Return pictures in which every combination of the words is equally frequent.

    The same seed gives the same scenes in every style.
    """
    rng = random.Random(seed)
    words: list[Words] = list(islice(cycle(product(SUBJECTS, COLOURS, WEATHERS)), count))
    pixels = np.empty((count, size, size, 3), np.uint8)
    for place, (subject, colour, weather) in enumerate(words):
        scene = random_scene(subject, colour, weather, rng)
        pixels[place] = np.asarray(draw(scene, size, rng, style))
    return Pictures(torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous(), words)
