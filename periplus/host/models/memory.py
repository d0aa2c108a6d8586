"""Memory for models: whether there is room, and making some."""

from __future__ import annotations

import comfy.model_management
import torch

RESERVE = 2**30
"""Bytes of RAM that are left to others."""


def has_room(size: int) -> bool:
    """Whether a model file of this size, in bytes, fits into free RAM, read and as a model."""
    free = comfy.model_management.get_free_memory(torch.device("cpu"))
    return free >= 2 * size + RESERVE


def free_memory() -> None:
    """Unload every model and return unused memory to the device: after an out-of-memory error."""
    comfy.model_management.unload_all_models()
    comfy.model_management.soft_empty_cache()
