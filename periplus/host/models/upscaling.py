"""Enlarging latents for a hires fix, through ComfyUI's own nodes so that the results are theirs."""

from __future__ import annotations

from typing import Any

import torch

from ...upscalers import MAX_PASSES, MODEL, Upscaler
from .. import compat
from .finite import check_finite
from .vae import PictureVae


def load_upscale_model(name: str) -> Any:
    """Load an upscale model as UpscaleModelLoader does.

    Raises:
        Exception: whatever the loader raises for a file that it cannot read.
    """
    return compat.run_node("UpscaleModelLoader", model_name=name)


def enlarge(
    latent: dict[str, Any],
    upscaler: Upscaler,
    width: int,
    height: int,
    vae: PictureVae | None,
    model: Any,
) -> dict[str, Any]:
    """Enlarge a LATENT.

    Args:
        latent: what was sampled.
        upscaler: how; all but latent methods decode, enlarge the pictures and encode them again.
        width: of the enlarged pictures, in pixels.
        height: likewise.
        vae: decodes and encodes; None for latent methods, which do neither.
        model: the upscale model; None for methods.

    Returns:
        A LATENT.
    """
    if vae is None:
        node = compat.core_node("LatentUpscale")
        return node.upscale(latent, upscaler.method, width, height, "disabled")[0]
    images = vae.decode(latent)
    method = upscaler.method
    if upscaler.kind == MODEL:
        images, method = _with_model(images, model, width, height), "lanczos"
    if images.shape[1:3] != (height, width):
        scale = compat.core_node("ImageScale")
        images = scale.upscale(images, method, width, height, "disabled")[0]
    return vae.encode(images)


def _with_model(images: torch.Tensor, model: Any, width: int, height: int) -> torch.Tensor:
    """Run an upscale model until the pictures are large enough, or no larger than before."""
    for _ in range(MAX_PASSES):
        before = images.shape
        if before[2] >= width and before[1] >= height:
            break
        images = compat.run_node("ImageUpscaleWithModel", upscale_model=model, image=images)
        check_finite(images, "the upscale model", "its file may be damaged; use another one")
        if images.shape == before:
            break
    return images
