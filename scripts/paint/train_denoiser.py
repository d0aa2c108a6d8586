"""Train the narrow U-Net to see the noise in latents, told a prompt."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Callable

import torch

from .data import Words
from .narrow import NarrowUNet
from .words import END, LENGTH, VOCABULARY, conditioning, describe, token_vectors, tokenize

STEPS_OF_NOISE = 1000
BATCH = 64
PEAK_RATE = 1.2e-3
WARM_UP = 200
MEMORY = 0.998
"""How much the averaged weights keep at each step."""

WITHOUT_TEXT = 0.1
"""The share of empty prompts, from which classifier-free guidance gets its direction."""

UNSAID, STRANGE = 0.1, 0.2
"""The share of prompts without a colour, without a weather, and with a word the models ignore."""

LARGEST_WEIGHT = 10.0

Latents = tuple[torch.Tensor, list[Words]]
"""``count x 4 x height x width`` latents, and the three words of each."""


def signal_shares() -> torch.Tensor:
    """Return how much of a latent's variance is signal after each step: SD's schedule."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, STEPS_OF_NOISE, dtype=torch.float64) ** 2
    return (1 - betas).cumprod(0).float()


def train_denoiser(
    small: Latents,
    large: Latents,
    steps: int,
    seed: int,
    report: Callable[[int, float, NarrowUNet], None],
) -> NarrowUNet:
    """Return a U-Net trained on latents of two sizes; every fourth batch is of the larger.

    The loss is the squared error of the noise; what is mostly noise weighs more, since there the
    composition is decided. ``report`` gets the step, the mean loss and the averaged model.
    """
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = NarrowUNet()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=0.01
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    shares, vectors = signal_shares(), token_vectors()
    weights = (1 / shares).clamp(max=LARGEST_WEIGHT)
    losses: list[float] = []
    for step in range(steps):
        (latents, words), batch = (large, BATCH // 4) if step % 4 == 3 else (small, BATCH)
        which = torch.randint(len(words), (batch,))
        clean, noise = latents[which], torch.randn(batch, *latents.shape[1:])
        times = torch.randint(STEPS_OF_NOISE, (batch,))
        share = shares[times][:, None, None, None]
        noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
        tokens = torch.tensor([prompt(words[i], rng) for i in which.tolist()])
        seen = model(noisy, times, conditioning(tokens, vectors))
        loss = ((seen - noise).square().mean(dim=(1, 2, 3)) * weights[times]).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        follow(average, model, MEMORY if step >= WARM_UP else 0.0)
        losses.append(loss.item())
        if step % 100 == 99:
            report(step + 1, sum(losses[-100:]) / 100, average)
    return average


@torch.no_grad()
def follow(average: NarrowUNet, model: NarrowUNet, memory: float) -> None:
    """Move the averaged weights towards the model's; changes ``average``."""
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - memory)


def rate(step: int, steps: int) -> float:
    """Return the learning rate as a share of its peak: a short rise, then half a cosine."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    return 0.5 + 0.5 * math.cos(math.pi * (step - WARM_UP) / (steps - WARM_UP))


def prompt(words: Words, rng: random.Random) -> list[int]:
    """Return the tokens of a prompt for a picture: now and then none, or less, or a strange word.

    What is left unsaid the models choose themselves; words they do not know they learn to ignore.
    """
    if rng.random() < WITHOUT_TEXT:
        return tokenize("")
    subject, colour, weather = words
    colour, weather = (word if rng.random() > UNSAID else "" for word in (colour, weather))
    tokens = tokenize(describe(subject, colour, weather, rng))
    if rng.random() < STRANGE:
        tokens.insert(rng.randint(1, tokens.index(END)), rng.randrange(VOCABULARY))
    return tokens[:LENGTH]
