"""A tiny upscale model of the "compact" kind that Real-ESRGAN made known, and its training.

Stock loaders recognise it by its names: a row of convolutions, each followed by a PReLU, then one
whose channels become pixels; the picture itself, enlarged, is added.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .autoencoder import Autoencoder
from .train_autoencoder import Report, Sizes, descend, error_loss

SCALE = 2
FEATURES = 24
LAYERS = 6
PRELU = 0.25
"""What a PReLU multiplies negative values by at first."""


class Upscaler(nn.Module):
    """Enlarges pictures two times."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, FEATURES, 3, padding=1), nn.PReLU(FEATURES)]
        for _ in range(LAYERS):
            layers += [nn.Conv2d(FEATURES, FEATURES, 3, padding=1), nn.PReLU(FEATURES)]
        for layer in layers[::2]:
            # The usual start lets the signal fade from layer to layer.
            nn.init.kaiming_normal_(layer.weight, a=PRELU)  # pyright: ignore[reportArgumentType]
        last = nn.Conv2d(FEATURES, 3 * SCALE**2, 3, padding=1)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)  # pyright: ignore[reportArgumentType]
        self.body = nn.Sequential(*layers, last)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``batch x 3 x height x width`` pictures, both sides doubled."""
        enlarged = functional.interpolate(pictures, scale_factor=SCALE, mode="nearest")
        return enlarged + functional.pixel_shuffle(self.body(pictures), SCALE)


def train_upscaler(
    autoencoder: Autoencoder, pictures: Sizes, steps: int, seed: int, report: Report
) -> Upscaler:
    """Return an upscaler trained on pictures made smaller, half of them as the decoder shows them.

    So it learns to mend what the autoencoder blurs.
    """
    torch.manual_seed(seed)
    model = Upscaler()

    def loss_of(wanted: torch.Tensor) -> torch.Tensor:
        small = functional.avg_pool2d(wanted, SCALE)
        with torch.no_grad():
            blurred = autoencoder.decode(autoencoder.encode(small)).clamp(0, 1)
        seen = torch.where(torch.rand(len(small), 1, 1, 1) < 0.5, small, blurred)
        return error_loss(model(seen) - wanted)

    # The small ones, halved, would be of a size that no sampler makes.
    descend(model.parameters(), loss_of, (pictures[1], pictures[1]), steps, report)
    return model
