"""Enlarging latents for a hires fix, through ComfyUI's own nodes so that the results are theirs."""

from __future__ import annotations

from typing import Any

import torch

from ...recipe import LATENT_PIXELS
from ...upscalers import MAX_PASSES, MODEL, parse_upscaler
from ...work.stages import Enlarge
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
    stage: Enlarge, latent: dict[str, Any], vae: PictureVae | None, model: Any
) -> dict[str, Any]:
    """Enlarge a LATENT.

    Args:
        stage: how, and to which size; all but latent methods decode, enlarge the pictures and
            encode them again.
        latent: what was sampled.
        vae: decodes and encodes; None for latent methods, which do neither.
        model: the upscale model; None for methods.

    Returns:
        A LATENT.
    """
    upscaler = parse_upscaler(stage.upscaler)
    method, width, height = upscaler.method, stage.width, stage.height
    if vae is None:
        # LatentUpscale takes a place for 8 pixels, which is not so with every model.
        rows, columns = compat.parts_of_nested(latent["samples"])[0].shape[-2:]
        width = LATENT_PIXELS * round(columns * width / stage.latent.width)
        height = LATENT_PIXELS * round(rows * height / stage.latent.height)
        node = compat.core_node("LatentUpscale")
        return node.upscale(latent, method, width, height, "disabled")[0]
    images = vae.decode(latent)
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
