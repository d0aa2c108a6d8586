"""A narrow tiny autoencoder, named like TAESD so that it can be embedded in one.

It has ``WIDTH`` of TAESD's 64 channels and fewer of its blocks. There are no normalisations, and a
block whose convolutions are zero is only an activation, so that zeros embed it exactly.
"""

from __future__ import annotations

import torch
from torch import nn

WIDTH = 48
LATENT = 4
REACH = 3.0
"""The decoder limits latents smoothly to -REACH .. REACH."""

SPREAD = 0.25
"""About the standard deviation of the pictures' colours."""


START = 0.003
"""Standard deviation of the weights that blocks end in at first: they begin as near identities."""


class Limit(nn.Module):
    """Limits latents."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the latents, limited."""
        return torch.tanh(x / REACH) * REACH


class Block(nn.Module):
    """Three convolutions beside an identity."""

    def __init__(self) -> None:
        super().__init__()
        first, second, last = (convolution(WIDTH, WIDTH) for _ in range(3))
        nn.init.normal_(last.weight, std=START)
        self.conv = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the features, changed a little."""
        return torch.relu(self.conv(x) + x)


def convolution(channels: int, outputs: int, stride: int = 1, bias: bool = True) -> nn.Conv2d:
    """Return a 3x3 convolution."""
    return nn.Conv2d(channels, outputs, 3, stride=stride, padding=1, bias=bias)


def encoder() -> nn.Sequential:
    """Return what turns pictures, 0 to 1, into latents an eighth as large."""
    layers: list[nn.Module] = [convolution(3, WIDTH), nn.ReLU()]
    for blocks in (1, 1, 3):
        layers.append(convolution(WIDTH, WIDTH, stride=2, bias=False))
        layers += stage(blocks)
    return nn.Sequential(*layers, convolution(WIDTH, LATENT))


def decoder() -> nn.Sequential:
    """Return what turns latents into pictures."""
    layers: list[nn.Module] = [Limit(), convolution(LATENT, WIDTH), nn.ReLU()]
    for blocks in (3, 2, 1):
        layers += stage(blocks)
        layers += [nn.Upsample(scale_factor=2), convolution(WIDTH, WIDTH, bias=False)]
    return nn.Sequential(*layers, nn.ReLU(), convolution(WIDTH, 3))


def stage(blocks: int) -> list[nn.Module]:
    """Return three blocks, of which the last ones are but an activation."""
    return [*(Block() for _ in range(blocks)), *(nn.ReLU() for _ in range(3 - blocks))]


class Autoencoder(nn.Module):
    """Both halves, with TAESD's names; latents have about zero mean and unit variance."""

    def __init__(self) -> None:
        super().__init__()
        self.taesd_encoder = encoder()
        self.taesd_decoder = decoder()
        start_as_blur(self)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return the latents of ``batch x 3 x height x width`` pictures."""
        return self.taesd_encoder(pictures)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Return the pictures of ``batch x 4 x height / 8 x width / 8`` latents."""
        return self.taesd_decoder(latents)


@torch.no_grad()
def start_as_blur(model: Autoencoder) -> None:
    """Let the first three channels carry red, green and blue, averaged and enlarged again.

    Training then starts from blurred pictures in the right colours, and has but to sharpen them.
    """
    line = torch.tensor([0.25, 0.5, 0.25])
    smooth, single = line[:, None] * line, torch.zeros(3, 3)
    single[1, 1] = 1
    first, *middle, last = [layer for layer in model.taesd_encoder if isinstance(layer, nn.Conv2d)]
    carry(first, single)
    for layer in middle:
        carry(layer, smooth)
    carry(last, single / SPREAD, -0.5 / SPREAD)
    first, *middle, last = [layer for layer in model.taesd_decoder if isinstance(layer, nn.Conv2d)]
    carry(first, single * SPREAD, 0.5)
    for layer in middle:
        carry(layer, smooth)
    carry(last, single)


def carry(layer: nn.Conv2d, kernel: torch.Tensor, bias: float = 0.0) -> None:
    """Set a layer to convolve each of the first three channels with a kernel."""
    layer.weight[:3] = 0
    layer.weight[range(3), range(3)] = kernel
    if layer.bias is not None:
        layer.bias[:3] = bias
