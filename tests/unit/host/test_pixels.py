"""Pictures become the bytes that SaveImage would write, in whatever precision they come."""

from __future__ import annotations

import numpy as np
import torch

from periplus.host.models.pixels import saved_pixels

PICTURE = torch.linspace(0.0, 1.0, 64 * 64 * 3).reshape(64, 64, 3)


def as_save_image_does(picture: torch.Tensor) -> np.ndarray:
    return np.clip(255.0 * picture.numpy(), 0, 255).astype(np.uint8)


def test_in_full_and_in_half_precision() -> None:
    half = PICTURE.half()
    assert np.array_equal(saved_pixels(PICTURE), as_save_image_does(PICTURE))
    assert np.array_equal(saved_pixels(half), as_save_image_does(half))
    in_full = as_save_image_does(half.float())
    assert (saved_pixels(half) != in_full).any(), "equal bytes would prove nothing"


def test_a_precision_that_numpy_does_not_know() -> None:
    rough = PICTURE.bfloat16()
    assert np.array_equal(saved_pixels(rough), as_save_image_does(rough.float()))
