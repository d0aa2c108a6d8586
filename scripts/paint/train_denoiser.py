"""Train the narrow U-Net to see the noise in latents, told a prompt."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from .data import HANDS, REFINER, Words
from .narrow import TIME, NarrowUNet
from .train_autoencoder import Report
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

SMALLEST = 8
"""The side of the smallest pictures' latents, of which a batch has ``BATCH``."""

REFINED = 450
"""The step of the noise schedule from which on the refiner takes part."""

HAND_SPREAD = 0.3
"""Standard deviation of the hands' vectors at first."""


@dataclass(frozen=True)
class Latents:
    """``count x 4 x height x width`` latents of pictures, and each one's words and hand."""

    values: torch.Tensor
    words: list[Words]
    hands: torch.Tensor


def signal_shares() -> torch.Tensor:
    """Return how much of a latent's variance is signal after each step: SD's schedule."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, STEPS_OF_NOISE, dtype=torch.float64) ** 2
    return (1 - betas).cumprod(0).float()


def train_denoiser(
    batches: Sequence[Latents], steps: int, seed: int, report: Report
) -> tuple[NarrowUNet, torch.Tensor]:
    """Return a U-Net trained on latents of several sizes in turn, and its hands' vectors."""
    torch.manual_seed(seed)
    model = NarrowUNet()
    hands = torch.nn.Parameter(torch.randn(len(HANDS), TIME) * HAND_SPREAD)
    train_noise(model, hands, [*model.parameters(), hands], batches, steps, PEAK_RATE, seed, report)
    return model, hands.detach()


def train_noise(
    model: NarrowUNet,
    hands: torch.Tensor,
    trained: Sequence[torch.nn.Parameter],
    batches: Sequence[Latents],
    steps: int,
    peak: float,
    seed: int,
    report: Report,
) -> None:
    """Train some parameters to see the noise; leaves their average over the last steps in them.

    The loss is the squared error of the noise; what is mostly noise weighs more, since there the
    composition is decided. The refiner sees only what is less than ``REFINED`` noisy.
    """
    rng = random.Random(seed)
    averages = [parameter.detach().clone() for parameter in trained]
    optimizer = torch.optim.AdamW(trained, lr=peak, betas=(0.9, 0.99), weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
    shares, vectors = signal_shares(), token_vectors()
    weights = (1 / shares).clamp(max=LARGEST_WEIGHT)
    losses: list[float] = []
    for step in range(steps):
        known = batches[step % len(batches)]
        # As many latent pixels in a batch, whatever their size.
        batch = BATCH * SMALLEST**2 // (known.values.shape[2] * known.values.shape[3])
        which = torch.randint(len(known.words), (batch,))
        clean, noise = known.values[which], torch.randn(batch, *known.values.shape[1:])
        times = torch.randint(STEPS_OF_NOISE, (batch,))
        times = torch.where(known.hands[which] == REFINER, times * REFINED // STEPS_OF_NOISE, times)
        share = shares[times][:, None, None, None]
        noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
        tokens = torch.tensor([prompt(known.words[i], rng) for i in which.tolist()])
        seen = model(noisy, times, conditioning(tokens, vectors), hands[known.hands[which]])
        loss = ((seen - noise).square().mean(dim=(1, 2, 3)) * weights[times]).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        follow(averages, trained, MEMORY if step >= WARM_UP else 0.0)
        losses.append(loss.item())
        if step % 100 == 99:
            report(step + 1, sum(losses[-100:]) / 100)
    follow(trained, averages, 0.0)


@torch.no_grad()
def follow(kept: Sequence[torch.Tensor], new: Sequence[torch.Tensor], memory: float) -> None:
    """Move averaged weights towards new ones; changes ``kept``."""
    for average, value in zip(kept, new, strict=True):
        average.lerp_(value, 1 - memory)


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
