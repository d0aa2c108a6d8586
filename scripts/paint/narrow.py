"""A narrow U-Net that computes exactly what it would inside a Stable Diffusion 1.5 U-Net.

It uses ``PER_GROUP`` of the ten channels in each normalisation group, a part of each attention
head, and so on; all else in the wide network is zero. Only the normalisations notice: their
statistics are taken as if the zeros were there. Names of modules are those of SD 1.5 checkpoints.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

GROUPS = 32
PER_GROUP = 3
WIDE_PER_GROUP = 10
WIDTH = GROUPS * PER_GROUP
WIDE = GROUPS * WIDE_PER_GROUP
HEADS = 8
WIDE_HEAD = WIDE // HEADS
TIME = 128
INNER = 2 * WIDTH
CONTEXT = 128
LATENT = 4

SHARE = PER_GROUP / WIDE_PER_GROUP
"""The part of the channels in use, in each group and in all."""


def with_zeros(variance: torch.Tensor, mean: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the variance and the mean of values beside the zeros that are left out."""
    return SHARE * (variance + (1 - SHARE) * mean.square()), SHARE * mean


class NarrowGroupNorm(nn.Module):
    """Group normalisation of the channels in use."""

    def __init__(self, channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), SHARE**0.5))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``batch x channels x height x width`` features, normalised."""
        grouped = x.unflatten(1, (GROUPS, -1))
        variance, mean = torch.var_mean(grouped, dim=(2, 3, 4), correction=0)
        variance, mean = with_zeros(variance, mean)
        scale = torch.rsqrt(variance + self.epsilon)[:, :, None] * self.weight.view(GROUPS, -1)
        shift = self.bias.view(GROUPS, -1) - mean[:, :, None] * scale
        return torch.addcmul(
            shift.flatten(1)[..., None, None], x, scale.flatten(1)[..., None, None]
        )


class NarrowLayerNorm(nn.Module):
    """Layer normalisation of the channels in use."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((WIDTH,), SHARE**0.5))
        self.bias = nn.Parameter(torch.zeros(WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``... x channels`` features, normalised."""
        variance, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
        variance, mean = with_zeros(variance, mean)
        return (x - mean) * torch.rsqrt(variance + 1e-5) * self.weight + self.bias


class ResBlock(nn.Module):
    """Two normalised convolutions, told the time, beside a skip connection."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            NarrowGroupNorm(channels), nn.SiLU(), nn.Conv2d(channels, WIDTH, 3, padding=1)
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(TIME, WIDTH))
        last = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)
        nn.init.zeros_(last.weight)
        self.out_layers = nn.Sequential(NarrowGroupNorm(WIDTH), nn.SiLU(), nn.Identity(), last)
        self.skip_connection = nn.Identity() if channels == WIDTH else nn.Conv2d(channels, WIDTH, 1)

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        """Return the changed features."""
        h = self.in_layers(x) + self.emb_layers(time)[..., None, None]
        return self.skip_connection(x) + self.out_layers(h)


class Attention(nn.Module):
    """Attention whose heads are narrow; the scale is that of the wide ones."""

    def __init__(self, context: int) -> None:
        super().__init__()
        self.to_q = nn.Linear(WIDTH, WIDTH, bias=False)
        self.to_k = nn.Linear(context, WIDTH, bias=False)
        self.to_v = nn.Linear(context, WIDTH, bias=False)
        self.to_out = nn.Sequential(nn.Linear(WIDTH, WIDTH))

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        """Return what ``batch x tokens x channels`` features gather from a context."""
        query, key, value = (
            part.unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part in (self.to_q(x), self.to_k(context), self.to_v(context))
        )
        found = functional.scaled_dot_product_attention(query, key, value, scale=WIDE_HEAD**-0.5)
        return self.to_out(found.transpose(1, 2).flatten(2))


class Gate(nn.Module):
    """A linear layer gated by another."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = nn.Linear(WIDTH, 2 * INNER)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the gated features."""
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * functional.gelu(gate)


class FeedForward(nn.Module):
    """What a transformer block does to each token."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(Gate(), nn.Identity(), nn.Linear(INNER, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the changed features."""
        return self.net(x)


class Transformer(nn.Module):
    """Attention to itself and to the text."""

    def __init__(self) -> None:
        super().__init__()
        self.attn1, self.attn2 = Attention(WIDTH), Attention(CONTEXT)
        self.ff = FeedForward()
        self.norm1, self.norm2, self.norm3 = (NarrowLayerNorm() for _ in range(3))

    def forward(self, x: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Return the changed tokens."""
        n = self.norm1(x)
        x = x + self.attn1(n, n)
        x = x + self.attn2(self.norm2(x), text)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """A transformer on the pixels of a feature map."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = NarrowGroupNorm(WIDTH, epsilon=1e-6)
        self.proj_in = nn.Conv2d(WIDTH, WIDTH, 1)
        self.transformer_blocks = nn.ModuleList([Transformer()])
        self.proj_out = nn.Conv2d(WIDTH, WIDTH, 1)
        nn.init.zeros_(self.proj_out.weight)

    def forward(self, x: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        """Return the changed features."""
        tokens = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        tokens = self.transformer_blocks[0](tokens, text)
        return x + self.proj_out(tokens.transpose(1, 2).unflatten(2, x.shape[2:]))


class Downsample(nn.Module):
    """Halves a feature map."""

    def __init__(self) -> None:
        super().__init__()
        self.op = nn.Conv2d(WIDTH, WIDTH, 3, stride=2, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the smaller map."""
        return self.op(x)


class Upsample(nn.Module):
    """Doubles a feature map."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(WIDTH, WIDTH, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the larger map."""
        return self.conv(functional.interpolate(x, scale_factor=2, mode="nearest"))


class NarrowUNet(nn.Module):
    """Two levels; the text is read at the smaller one."""

    def __init__(self) -> None:
        super().__init__()
        self.time_embed = nn.Sequential(nn.Linear(WIDE, TIME), nn.SiLU(), nn.Linear(TIME, TIME))
        stem, last = nn.Conv2d(LATENT, WIDTH, 3, padding=1), ResBlock(2 * WIDTH)
        # Constants beside the signal let its strength, which says a lot, pass normalisations.
        for name, parameter in (*stem.named_parameters(), *last.out_layers[3].named_parameters()):
            if name == "bias":
                nn.init.normal_(parameter)
        self.input_blocks = blocks(
            [stem],
            [ResBlock(WIDTH)],
            [Downsample()],
            [ResBlock(WIDTH), SpatialTransformer()],
        )
        self.middle_block = nn.ModuleList([ResBlock(WIDTH), SpatialTransformer(), ResBlock(WIDTH)])
        self.output_blocks = blocks(
            [ResBlock(2 * WIDTH), SpatialTransformer()],
            [ResBlock(2 * WIDTH), SpatialTransformer(), Upsample()],
            [ResBlock(2 * WIDTH)],
            [last],
        )
        self.out = nn.Sequential(
            NarrowGroupNorm(WIDTH), nn.SiLU(), nn.Conv2d(WIDTH, LATENT, 3, padding=1)
        )

    def forward(
        self,
        x: torch.Tensor,
        times: torch.Tensor,
        text: torch.Tensor,
        hands: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the noise in latents.

        ``x``: batch x 4 x height x width, even sides; ``times``: batch, 0 to 999; ``text``: batch x
        tokens x CONTEXT; ``hands``: batch x TIME, what is added to the times' last bias.
        """
        time = self.time_embed(sinusoids(times))
        if hands is not None:
            time = time + hands
        skips: list[torch.Tensor] = []
        for block in self.input_blocks:
            x = apply(block, x, time, text)
            skips.append(x)
        x = apply(self.middle_block, x, time, text)
        for block in self.output_blocks:
            x = apply(block, torch.cat((x, skips.pop()), dim=1), time, text)
        return self.out(x)


def blocks(*layers: list[nn.Module]) -> nn.ModuleList:
    """Return blocks of layers."""
    return nn.ModuleList(nn.ModuleList(block) for block in layers)


def apply(
    block: nn.Module, x: torch.Tensor, time: torch.Tensor, text: torch.Tensor
) -> torch.Tensor:
    """Return features after a block of layers, each given what it wants to know."""
    for layer in block.children():
        if isinstance(layer, ResBlock):
            x = layer(x, time)
        elif isinstance(layer, SpatialTransformer):
            x = layer(x, text)
        else:
            x = layer(x)
    return x


def sinusoids(times: torch.Tensor) -> torch.Tensor:
    """Return the usual cosines and sines of times, ``batch x WIDE``."""
    half = WIDE // 2
    frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
    angles = times[:, None].float() * frequencies
    return torch.cat((angles.cos(), angles.sin()), dim=-1)
