"""Train the autoencoder on drawn scenes."""

from __future__ import annotations

from collections.abc import Callable

import torch

from .autoencoder import Autoencoder
from .data import Pictures

BATCH = 16
PEAK_RATE = 2e-3
NOISE = 0.05
"""Added to latents in training, so that near latents mean near pictures."""


def train_autoencoder(
    small: Pictures, large: Pictures, steps: int, seed: int, report: Callable[[str], None]
) -> Autoencoder:
    """Return an autoencoder trained on pictures of two sizes; every fourth batch is of the larger.

    The loss is made of the errors of pixels, absolute and squared, and of their differences to
    their neighbours; latents are held to zero mean and unit variance per channel.
    """
    torch.manual_seed(seed)
    model = Autoencoder()
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK_RATE, total_steps=steps, pct_start=0.05
    )
    for step in range(steps):
        source, batch = (large, BATCH // 4) if step % 4 == 3 else (small, BATCH)
        which = torch.randint(len(source.words), (batch,))
        pictures = source.floats(which)
        latents = model.encode(pictures)
        decoded = model.decode(latents + NOISE * torch.randn_like(latents))
        error = decoded - pictures
        loss = error.abs().mean() + 5 * error.square().mean() + edges(error)
        loss = loss + 0.02 * unevenness(latents)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 100 == 99:
            report(f"autoencoder {step + 1}: {loss.item():.4f}")
    return model


def edges(error: torch.Tensor) -> torch.Tensor:
    """Return the mean absolute error of the differences between neighbouring pixels."""
    return error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean()


def unevenness(latents: torch.Tensor) -> torch.Tensor:
    """Return how far the latents' channels are from zero mean and unit variance."""
    variance, mean = torch.var_mean(latents, dim=(0, 2, 3))
    return mean.square().sum() + (variance - 1).square().sum()
