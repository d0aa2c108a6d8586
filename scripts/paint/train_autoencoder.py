"""Train the autoencoder on drawn scenes in all styles."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch

from .autoencoder import Autoencoder
from .data import Pictures

BATCH = 16
PEAK_RATE = 2e-3
NOISE = 0.05
"""Added to latents in training, so that near latents mean near pictures."""

Sizes = tuple[Pictures, Pictures]
"""Pictures of 64 and of 128 pixels."""

Report = Callable[[int, float], None]
"""Gets the step and the mean loss, every hundred steps."""


def train_autoencoder(pictures: Sizes, steps: int, seed: int, report: Report) -> Autoencoder:
    """Return a trained autoencoder, its latents held to zero mean and unit variance per channel."""
    torch.manual_seed(seed)
    model = Autoencoder()

    def loss_of(seen: torch.Tensor) -> torch.Tensor:
        latents = model.encode(seen)
        return decoding_loss(model, latents, seen) + 0.02 * unevenness(latents)

    descend(model.parameters(), loss_of, pictures, steps, report)
    return model


def descend(
    parameters: Iterable[torch.nn.Parameter],
    loss_of: Callable[[torch.Tensor], torch.Tensor],
    pictures: Sizes,
    steps: int,
    report: Report,
) -> None:
    """Lower a loss of pictures; each fourth batch has fewer and the larger ones."""
    trained = list(parameters)
    optimizer = torch.optim.AdamW(trained, lr=PEAK_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, total_steps=steps, pct_start=0.05
    )
    losses: list[float] = []
    for step in range(steps):
        size, batch = (1, BATCH // 4) if step % 4 == 3 else (0, BATCH)
        which = torch.randint(len(pictures[size].words), (batch,))
        loss = loss_of(pictures[size].floats(which))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 100 == 99:
            report(step + 1, sum(losses[-100:]) / 100)


def decoding_loss(model: Autoencoder, latents: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return how wrong the decoded pictures are."""
    return error_loss(model.decode(latents + NOISE * torch.randn_like(latents)) - wanted)


def error_loss(error: torch.Tensor) -> torch.Tensor:
    """Return how bad errors are.

    It is made of the errors of pixels, absolute and squared, and of the errors of their differences
    to their neighbours.
    """
    edges = error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()
    return error.abs().mean() + 5 * error.square().mean() + edges


def unevenness(latents: torch.Tensor) -> torch.Tensor:
    """Return how far the latents' channels are from zero mean and unit variance."""
    variance, mean = torch.var_mean(latents, dim=(0, 2, 3))
    return mean.square().sum() + (variance - 1).square().sum()
