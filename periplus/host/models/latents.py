"""LATENTs: making one, telling one from another, and their sizes."""

from __future__ import annotations

import hashlib
from typing import Any

import torch

from ...recipe import LATENT_PIXELS
from .. import compat


def empty_latent(width: int, height: int, count: int = 1) -> dict[str, Any]:
    """Give the LATENT that EmptyLatentImage makes, its sides rounded down to 8 pixels."""
    return compat.core_node("EmptyLatentImage").generate(width, height, count)[0]


def latent_identity(latent: dict[str, Any]) -> str:
    """A digest of a LATENT's content: samples, noise mask and batch indexes."""
    sha = hashlib.sha256()
    for name in ("samples", "noise_mask"):
        for part in compat.parts_of_nested(latent.get(name)):
            array = part.detach().to("cpu", torch.float32).contiguous().numpy()
            sha.update(f"{name} {part.dtype} {tuple(part.shape)}".encode())
            sha.update(array.tobytes())
    plain = {name: value for name, value in latent.items() if name.startswith("downscale_ratio_")}
    sha.update(repr([latent.get("batch_index"), sorted(plain.items())]).encode())
    return sha.hexdigest()


def latent_size(latent: dict[str, Any]) -> tuple[int, int]:
    """Width and height, in pixels, of the pictures that a LATENT decodes to."""
    shape = compat.parts_of_nested(latent["samples"])[0].shape
    return int(shape[-1]) * LATENT_PIXELS, int(shape[-2]) * LATENT_PIXELS


def latent_count(latent: dict[str, Any]) -> int:
    """How many pictures a LATENT decodes to; of a video, its frames count as one."""
    return len(compat.parts_of_nested(latent["samples"])[0])
