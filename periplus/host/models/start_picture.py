"""The picture that sampling starts from: how large it is, what it is known by, how it is resized.

An IMAGE is a tensor of pictures x height x width x channels, floats of 0 to 1.
"""

from __future__ import annotations

import hashlib

import torch

from ...recipe import LATENT_PIXELS
from .. import compat


def size(image: torch.Tensor) -> tuple[int, int]:
    """Width and height of an IMAGE, in pixels."""
    return int(image.shape[2]), int(image.shape[1])


def identity(image: torch.Tensor) -> str:
    """A digest of an IMAGE's content."""
    array = image.detach().to("cpu", torch.float32).contiguous().numpy()
    sha = hashlib.sha256(repr(array.shape).encode())
    sha.update(array.tobytes())
    return sha.hexdigest()


def resized(image: torch.Tensor, width: int, height: int) -> torch.Tensor:
    """Resize an IMAGE as ImageScale does with lanczos, whatever becomes of its proportions.

    That is what AUTOMATIC1111's img2img calls "just resize". An image that has the size, but for
    pixels at its edges that a latent has no place for, stays as it is: VAEEncode cuts them off.

    Args:
        image: an IMAGE.
        width: in pixels, a multiple of a latent's pixels.
        height: likewise.

    Returns:
        An IMAGE.
    """
    if tuple(side - side % LATENT_PIXELS for side in size(image)) == (width, height):
        return image
    return compat.core_node("ImageScale").upscale(image, "lanczos", width, height, "disabled")[0]
