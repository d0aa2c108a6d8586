"""Store the narrow models in little space, and turn them into checkpoints.

The U-Net's matrices are stored as bytes with a scale for each output; all else in half precision.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .embed import Tensors, checkpoint

FOLDER = Path(__file__).resolve().parents[2] / "assets"
"""Where the trained weights lie: ``vae.safetensors`` and one file for each style."""

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


def save_autoencoder(tensors: Tensors, folder: Path) -> None:
    """Store the autoencoder that all styles share."""
    halves = {name: tensor.half().contiguous() for name, tensor in tensors.items()}
    save_file(halves, folder / "vae.safetensors")


def save_style(style: str, tensors: Tensors, folder: Path) -> None:
    """Store a style's U-Net."""
    save_file(pack(tensors), folder / f"{style}.safetensors")


def load_autoencoder(folder: Path = FOLDER) -> Tensors:
    """Return the narrow autoencoder's weights."""
    return {name: tensor.float() for name, tensor in load_file(folder / "vae.safetensors").items()}


def load_style(style: str, folder: Path = FOLDER) -> Tensors:
    """Return a style's narrow U-Net's weights."""
    return unpack(load_file(folder / f"{style}.safetensors"))


def expand(style: str, folder: Path = FOLDER) -> Tensors:
    """Return a style's checkpoint in the SD 1.5 layout: half precision, 304 MB."""
    return checkpoint(load_style(style, folder), load_autoencoder(folder))
