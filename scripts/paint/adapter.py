"""Low-rank changes to a trained U-Net's matrices and kernels: LoRAs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from .narrow import NarrowUNet, ResBlock, SpatialTransformer

RANK = 4
UP, DOWN = ".lora_up.weight", ".lora_down.weight"


class LowRank(nn.Module):
    """A weight plus the product of two thin matrices, which starts as zero.

    Kernels are taken as ``outputs x (inputs * height * width)``.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        flat = weight.flatten(1)
        self.up = nn.Parameter(torch.zeros(len(flat), RANK))
        self.down = nn.Parameter(torch.randn(RANK, flat.shape[1]) * flat.shape[1] ** -0.5)

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the changed weight."""
        return weight + (self.up @ self.down).view_as(weight)


def adapt(model: NarrowUNet) -> dict[str, LowRank]:
    """Put a low-rank change on each matrix and kernel of the model's blocks, and freeze the model.

    Returns the changes by the layers' names. :func:`release` takes them off again.
    """
    model.requires_grad_(False)
    changes: dict[str, LowRank] = {}
    for name, layer in list(adaptable(model)):
        changes[name] = LowRank(weight_of(model, name).detach())
        parametrize.register_parametrization(layer, "weight", changes[name])
    return changes


def release(model: NarrowUNet) -> None:
    """Take all changes off a model."""
    for module in list(model.modules()):
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight", leave_parametrized=False)


def tensors(changes: Mapping[str, LowRank], model: NarrowUNet) -> dict[str, torch.Tensor]:
    """Return changes as LoRAs store them: ``lora_up`` and ``lora_down``, shaped like their layers.

    ``model`` is the one changed; its layers' shapes are those of the kernels.
    """
    stored: dict[str, torch.Tensor] = {}
    for name, change in changes.items():
        shape = weight_of(model, name).shape
        up = change.up.detach()
        stored[name + UP] = up.view(*up.shape, *[1] * (len(shape) - 2))
        stored[name + DOWN] = change.down.detach().view(RANK, *shape[1:])
    return stored


@torch.no_grad()
def apply_lora(model: NarrowUNet, stored: Mapping[str, torch.Tensor], strength: float) -> None:
    """Add changes, as :func:`tensors` returns them, to a model's weights."""
    for name in (name.removesuffix(UP) for name in stored if name.endswith(UP)):
        change = stored[name + UP].flatten(1) @ stored[name + DOWN].flatten(1)
        weight = weight_of(model, name)
        weight += strength * change.view_as(weight)


def weight_of(model: NarrowUNet, name: str) -> torch.Tensor:
    """Return the weight of a layer by the layer's name."""
    weight: Any = model.get_submodule(name).weight
    return weight


def adaptable(model: NarrowUNet) -> Iterator[tuple[str, nn.Module]]:
    """Yield the linear layers and convolutions inside the model's blocks, with their names."""
    for prefix, block in model.named_modules():
        if isinstance(block, ResBlock | SpatialTransformer):
            for name, layer in block.named_modules(prefix=prefix):
                if isinstance(layer, nn.Linear | nn.Conv2d):
                    yield name, layer
