"""Noticing NaN and infinite numbers, which would only show as black pictures."""

from __future__ import annotations

from typing import Any

import torch

from .. import compat

UNET_CAUSE = (
    "half precision may be too small for the model (start ComfyUI with --force-upcast-attention or "
    "--fp32-unet), a LoRA too strong, or a file damaged"
)
HALF_VAE_CAUSE = (
    "half precision is too small for it; start ComfyUI with --fp32-vae, or use another VAE"
)
VAE_CAUSE = "its file may be damaged; use another VAE"
"""What usually is behind NaN."""


class NotFiniteError(ArithmeticError):
    """A model gave numbers that are none.

    Args:
        who: what gave them, as in "the VAE".
        cause: what usually is behind it.
    """

    def __init__(self, who: str, cause: str) -> None:
        super().__init__(f"{who} gave NaN, not numbers: {cause}")


def check_finite(tensor: Any, who: str, cause: str) -> None:
    """Refuse a latent or pictures of which a value is NaN or infinite.

    Args:
        tensor: of any shape; may bundle several.
        who: what gave it, as in "the VAE".
        cause: what usually is behind it.

    Raises:
        NotFiniteError: there is such a value.
    """
    if not are_finite(tensor):
        raise NotFiniteError(who, cause)


def are_finite(tensor: Any) -> bool:
    """Whether no value of a tensor, or of several that are bundled, is NaN or infinite."""
    return all(bool(torch.isfinite(part).all()) for part in compat.parts_of_nested(tensor))
