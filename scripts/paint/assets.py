"""Store the narrow models in little space, and turn them into checkpoints.

The U-Net's matrices are stored as bytes with a scale for each output; all else in half precision.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .embed import Tensors, checkpoint, halved, wide_autoencoder

FOLDER = Path(__file__).resolve().parents[2] / "assets"
"""Where the trained weights lie: a denoiser, an encoder, and each style's decoder."""

ENCODER, DECODER = "taesd_encoder.", "taesd_decoder."

SCALE = ".scale"
"""Ends the name of the scales of a tensor stored as bytes."""


def pack(tensors: Tensors) -> Tensors:
    """Return tensors for storing: matrices and kernels as bytes and scales."""
    packed: Tensors = {}
    for name, tensor in tensors.items():
        if tensor.dim() == 1:
            packed[name] = tensor.half()
            continue
        largest = tensor.flatten(1).abs().amax(dim=1).clamp(min=1e-8)
        packed[name + SCALE] = largest / 127
        scale = packed[name + SCALE].view(-1, *[1] * (tensor.dim() - 1))
        packed[name] = (tensor / scale).round().to(torch.int8).contiguous()
    return packed


def unpack(packed: Tensors) -> Tensors:
    """Return what was packed, to the precision of a byte."""
    tensors: Tensors = {}
    for name, tensor in packed.items():
        if name.endswith(SCALE):
            continue
        tensors[name] = tensor.float()
        if name + SCALE in packed:
            scale = packed[name + SCALE].view(-1, *[1] * (tensor.dim() - 1))
            tensors[name] *= scale
    return tensors


def save_denoiser(tensors: Tensors, folder: Path) -> None:
    """Store the U-Net that all styles share."""
    save_file(pack(tensors), folder / "denoiser.safetensors")


def save_autoencoder(style: str, tensors: Tensors, folder: Path) -> None:
    """Store a style's decoder, and the encoder that all styles share."""
    halves = halved(tensors)
    for file, prefix in (("encoder", ENCODER), (style, DECODER)):
        part = {name: tensor for name, tensor in halves.items() if name.startswith(prefix)}
        save_file(part, folder / f"{file}.safetensors")


def load_denoiser(folder: Path = FOLDER) -> Tensors:
    """Return the narrow U-Net's weights."""
    return unpack(load_file(folder / "denoiser.safetensors"))


def load_autoencoder(style: str, folder: Path = FOLDER) -> Tensors:
    """Return the weights of the narrow autoencoder with a style's decoder."""
    stored = load_file(folder / "encoder.safetensors") | load_file(folder / f"{style}.safetensors")
    return {name: tensor.float() for name, tensor in stored.items()}


def expand(style: str, folder: Path = FOLDER) -> Tensors:
    """Return a style's checkpoint in the SD 1.5 layout: half precision, 0.3 GB."""
    return checkpoint(load_denoiser(folder), load_autoencoder(style, folder))


def expand_vae(style: str, folder: Path = FOLDER) -> Tensors:
    """Return a style's autoencoder as a file of its own for the stock VAE loader."""
    return halved(wide_autoencoder(load_autoencoder(style, folder)))
