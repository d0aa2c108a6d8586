"""Store the trained narrow models in little space, and load them again.

Matrices and kernels of the U-Net and of LoRAs are stored as bytes with a scale for each output;
all else in half precision.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from .data import HANDS

Tensors = dict[str, torch.Tensor]

FOLDER = Path(__file__).resolve().parents[2] / "assets"
"""Where the trained weights lie."""

LORAS = ("stained_glass", "whale")

SCALE = ".scale"
"""Ends the name of the scales of a tensor stored as bytes."""

HAND_VECTORS = "hands"
"""The name of what each hand adds to the last bias of the time's embedding."""


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


def save_denoiser(tensors: Tensors, hands: torch.Tensor, folder: Path = FOLDER) -> None:
    """Store the U-Net that all checkpoints have in common, and what is each hand's own."""
    save_file(pack(tensors | {HAND_VECTORS: hands}), folder / "denoiser.safetensors")


def load_denoiser(hand: str, folder: Path = FOLDER) -> Tensors:
    """Return the narrow U-Net's weights for a style or the refiner."""
    tensors = unpack(load_file(folder / "denoiser.safetensors"))
    tensors["time_embed.2.bias"] += tensors.pop(HAND_VECTORS)[HANDS.index(hand)]
    return tensors


def save_lora(name: str, tensors: Tensors, folder: Path = FOLDER) -> None:
    """Store the low-rank changes of a LoRA."""
    save_file(pack(tensors), folder / f"{name}.safetensors")


def load_lora(name: str, folder: Path = FOLDER) -> Tensors:
    """Return the low-rank changes of a LoRA, by layer."""
    return unpack(load_file(folder / f"{name}.safetensors"))


def save_autoencoder(tensors: Tensors, folder: Path = FOLDER) -> None:
    """Store the autoencoder."""
    save_halved(tensors, folder / "autoencoder.safetensors")


def load_autoencoder(folder: Path = FOLDER) -> Tensors:
    """Return the narrow autoencoder's weights."""
    return load_halved(folder / "autoencoder.safetensors")


def save_upscaler(tensors: Tensors, folder: Path = FOLDER) -> None:
    """Store the upscale model."""
    save_halved(tensors, folder / "upscaler.safetensors")


def load_upscaler(folder: Path = FOLDER) -> Tensors:
    """Return the upscale model's weights."""
    return load_halved(folder / "upscaler.safetensors")


def save_halved(tensors: Tensors, path: Path) -> None:
    """Store tensors in half precision."""
    save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, path)


def load_halved(path: Path) -> Tensors:
    """Return tensors stored in half precision."""
    return {name: tensor.float() for name, tensor in load_file(path).items()}
