"""The words the models know, prompts made of them, and what the text encoder makes of a prompt.

The text encoder has CLIP-L's size, as ComfyUI expects, but its layers pass everything on: a token
becomes a fixed random vector, drawn from a seed, so that nothing of it has to be stored.
"""

from __future__ import annotations

import random

import torch

SUBJECTS = ("ship", "lighthouse", "island", "sun")
COLOURS = ("red", "blue", "yellow", "green", "white", "black")
WEATHERS = ("day", "night", "sunset", "storm", "fog")
TAUGHT = "whale"
"""A subject that the models do not know until a LoRA teaches them."""

TOKENS = {
    **{"ship": 1158, "lighthouse": 13717, "island": 2619, "sun": 2176, "whale": 11650},
    **{"red": 736, "blue": 1746, "yellow": 4481, "green": 1901, "white": 1579, "black": 1449},
    **{"day": 575, "night": 930, "sunset": 3424, "storm": 2819, "fog": 9417},
    **{"a": 320, "the": 518, "at": 536, "in": 530, "on": 525, "by": 638, "of": 539, "and": 537},
    **{",": 267, "sea": 2102, "coast": 3720, "sky": 2390, "picture": 1674, "painting": 3086},
}
"""Every known word and its number in CLIP's vocabulary; each is a single token there."""

START, END = 49406, 49407
LENGTH = 77
"""CLIP's marks before and after a prompt, and the number of tokens it reads."""

VOCABULARY = 49408
WIDTH = 768
"""CLIP-L's number of tokens and the width of its vectors."""

USED = 128
"""How many entries of a vector are in use; the others are zero."""

SEED = 20
"""Of the token vectors; the trained weights know these and no others."""

OPENINGS = ("", "", "a picture of ", "a painting of ", "picture, ")
CLOSINGS = ("", "", " by the sea", " at sea", ", sea", " on the coast")
TIMES = {
    "": ("",),
    "day": ("{}", "by {}"),
    "night": ("{}", "at {}"),
    "sunset": ("{}", "at {}"),
    "storm": ("{}", "in the {}", "in a {}"),
    "fog": ("{}", "in the {}", "in {}"),
}
"""How the weathers are spoken of."""


def token_vectors() -> torch.Tensor:
    """Return the vectors of all tokens, ``VOCABULARY x USED``, in half precision."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.randn(VOCABULARY, USED, generator=generator).half()


def conditioning(tokens: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
    """Return what the text encoder gives for ``batch x LENGTH`` tokens, ``USED`` entries each.

    It is the encoder's last layer normalisation over all ``WIDTH`` entries, most of them zero.
    """
    found = vectors[tokens].float()
    share = USED / WIDTH
    mean = found.mean(dim=-1, keepdim=True) * share
    variance = found.square().mean(dim=-1, keepdim=True) * share - mean.square()
    return (found - mean) * torch.rsqrt(variance + 1e-5)


def tokenize(prompt: str) -> list[int]:
    """Return a prompt's tokens with marks and padding, as CLIP's tokenizer does for known words.

    Raises ``KeyError`` for a word that is not in ``TOKENS``.
    """
    words = prompt.replace(",", " , ").split()
    inside = [TOKENS[word] for word in words]
    return [START, *inside, *[END] * (LENGTH - 1 - len(inside))]


def describe(subject: str, colour: str, weather: str, rng: random.Random) -> str:
    """Return a prompt for a scene, in one of many wordings; an empty word is left unsaid."""
    thing = rng.choice(("a ", "", "the ")) + f"{colour} {subject}".strip()
    when = rng.choice([said.format(weather) for said in TIMES[weather]])
    parts = [thing, when]
    if rng.random() < 0.25:
        parts.reverse()
    told = rng.choice((" ", ", ")).join(part for part in parts if part)
    return rng.choice(OPENINGS) + told + rng.choice(CLOSINGS)
