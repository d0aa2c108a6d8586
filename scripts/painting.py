"""Shape random weights so that the small checkpoints behave: samplers converge, pictures please.

A network of pure noise is a poor stand-in for a diffusion model: its pictures are harsh and no two
settings agree. Here a few tensors are set by hand. The U-Net becomes a plain denoiser that leaves
large shapes alone, with the random network as a small disturbance, through which the prompt and
the checkpoint have their say. The decoder becomes a smooth enlargement with a palette of its own.
"""

from __future__ import annotations

import torch

Tensors = dict[str, torch.Tensor]

KEEP_LARGE_SHAPES = 0.65
"""How much of what is smooth over 3x3 latent pixels the denoiser spares, 0 to 1."""

DISTURBANCE = 0.6
"""Weight of the random network beside the plain denoiser."""

GAIN = 1.2
"""Makes up for the share of the disturbance in the last normalisation."""

VOICE_OF_TEXT = 20.0
"""Weight of the cross-attention, so that prompt and CFG show; most of any two prompts is alike."""

CALM = 0.22
"""Scale of the latents before the decoder, which limits them to -3 .. 3: shapes come out large."""

Palette = tuple[str, str, str, str]
"""Colours as "rrggbb": dark, light, cool, warm."""


def shape_denoiser(tensors: Tensors, prefix: str, random: torch.Generator) -> None:
    """Turn a U-Net with random weights into a denoiser; changes ``tensors``.

    The way through: the input convolution writes each of its directions twice, once negated; the
    last block passes them on; the output convolution takes the difference of each pair, which
    undoes the activation between them, since silu(a) - silu(-a) = a.
    """
    stem = tensors[prefix + "input_blocks.0.0.weight"]
    channels, latent, *_ = stem.shape
    directions = torch.randn(channels // 2, latent, generator=random)
    directions /= directions.norm(dim=1, keepdim=True)
    paired = torch.stack((directions, -directions), dim=1).flatten(0, 1)
    stem.zero_()
    stem[:, :, 1, 1] = paired

    number = max(
        int(name.removeprefix(prefix + "output_blocks.").split(".")[0])
        for name in tensors
        if name.startswith(prefix + "output_blocks.")
    )
    last = f"{prefix}output_blocks.{number}."
    passing = tensors[last + "0.skip_connection.weight"]
    passing[:, :-channels] *= DISTURBANCE
    passing[:, -channels:, 0, 0] = torch.eye(channels)
    tensors[last + "0.out_layers.3.weight"] *= DISTURBANCE
    if last + "1.proj_out.weight" in tensors:
        tensors[last + "1.proj_out.weight"] *= DISTURBANCE

    for name in tensors:
        if name.startswith(prefix) and name.endswith("attn2.to_out.0.weight"):
            tensors[name] *= VOICE_OF_TEXT

    sharp = torch.zeros(3, 3)
    sharp[1, 1] = 1
    # The directions' outer products add up to channels / (2 * latent) times the identity.
    undo = paired.T[:, :, None, None] * (2 * latent / channels)
    tensors[prefix + "out.2.weight"] = GAIN * undo * (sharp - KEEP_LARGE_SHAPES * smoothing())


def shape_decoder(tensors: Tensors, prefix: str, palette: Palette) -> None:
    """Turn a tiny autoencoder's decoder into a smooth enlargement; changes ``tensors``.

    ``prefix`` is the autoencoder's.

    Its residual blocks pass everything on, its convolutions after each doubling smooth, and the
    last one mixes the colours. All values between are kept positive, out of the activations' way.
    """
    tensors[prefix + "vae_scale"] *= CALM
    convolutions = [
        name
        for name, tensor in tensors.items()
        if name.startswith(prefix + "taesd_decoder.") and tensor.dim() == 4
    ]
    first, *middle, last = convolutions
    features, latent, *_ = tensors[first].shape
    kept = torch.zeros_like(tensors[first])
    kept[torch.arange(latent), torch.arange(latent), 1, 1] = 1
    tensors[first] = kept
    # The latent comes limited to -3 .. 3.
    tensors[first.replace("weight", "bias")] = torch.full((features,), 3.0)
    for name in middle:
        is_block = ".conv." in name
        spread = torch.eye(features)[:, :, None, None] * smoothing()
        tensors[name] = torch.zeros_like(tensors[name]) if is_block else spread
    mix, middle_colour = mixture(palette)
    colours = torch.zeros_like(tensors[last])
    colours[:, :latent, 1, 1] = mix
    tensors[last] = colours
    tensors[last.replace("weight", "bias")] = middle_colour - 3 * mix.sum(dim=1)


def mixture(palette: Palette) -> tuple[torch.Tensor, torch.Tensor]:
    """Return how red, green and blue follow the four latent channels, and what they are at zero.

    The first channel goes from dark to light, the second from cool to warm; the others a little.
    """
    dark, light, cool, warm = (
        torch.tensor([int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]) for colour in palette
    )
    bright, hue = (light - dark) / 4, (warm - cool) / 4
    mix = torch.stack((bright, hue, bright / 3, -hue / 3), dim=1)
    return mix, (dark + light + cool + warm) / 4


def smoothing() -> torch.Tensor:
    """Return the 3x3 binomial kernel."""
    line = torch.tensor([0.25, 0.5, 0.25])
    return line[:, None] * line[None, :]
