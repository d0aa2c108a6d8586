"""From IMAGE tensors to the bytes that are stored."""

from __future__ import annotations

import torch

from ...records.store import Pixels, to_pixels


def saved_pixels(picture: torch.Tensor) -> Pixels:
    """Turn a picture of an IMAGE into the bytes that SaveImage would write.

    Of a picture in half precision these are other ones than of the same numbers in full precision.

    Args:
        picture: height x width x channels, floats of 0 to 1.
    """
    known = picture.float() if picture.dtype == torch.bfloat16 else picture  # numpy has none
    return to_pixels(known.cpu().numpy())
