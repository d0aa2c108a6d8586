"""Draw the training pictures and their prompts, from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product

import numpy as np
import torch

from .scene import draw
from .style import STYLES, Style
from .words import COLOURS, SUBJECTS, WEATHERS
from .world import random_scene

Words = tuple[str, str, str]

HANDS = (*STYLES, "refiner")
"""Who draws: each style, flatly, and the refiner, which draws details in any of the styles."""

REFINER = HANDS.index("refiner")


@dataclass(frozen=True)
class Pictures:
    """Pictures of one size, ``count x 3 x size x size`` bytes; each one's words and hand."""

    pixels: torch.Tensor
    words: list[Words]
    hands: torch.Tensor

    def floats(self, which: torch.Tensor) -> torch.Tensor:
        """Return some of the pictures with values from 0 to 1."""
        return self.pixels[which].float() / 255

    def __add__(self, other: Pictures) -> Pictures:
        return Pictures(
            torch.cat((self.pixels, other.pixels)),
            self.words + other.words,
            torch.cat((self.hands, other.hands)),
        )


def draw_pictures(
    count: int,
    size: int,
    seed: int,
    hands: Sequence[str] = HANDS,
    subjects: Sequence[str] = SUBJECTS,
    style: Style | None = None,
) -> Pictures:
    """Return pictures in which every combination of the words is equally frequent.

    Each is by one of the ``hands``, drawn by chance; a ``style`` takes the place of theirs. The
    same seed gives the same scenes whatever the one hand or the style.
    """
    rng = random.Random(seed)
    words: list[Words] = list(islice(cycle(product(subjects, COLOURS, WEATHERS)), count))
    pixels = np.empty((count, size, size, 3), np.uint8)
    drawn_by: list[int] = []
    for place, (subject, colour, weather) in enumerate(words):
        hand, any_style = rng.choice(hands), rng.choice(list(STYLES.values()))
        scene = random_scene(subject, colour, weather, rng)
        chosen = style or STYLES.get(hand, any_style)
        pixels[place] = np.asarray(draw(scene, size, rng, chosen, hand not in STYLES))
        drawn_by.append(HANDS.index(hand))
    shown = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
    return Pictures(shown, words, torch.tensor(drawn_by))
