"""Decoding and encoding, through ComfyUI's own nodes so that the results are theirs."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import comfy.model_management
import comfy.sd
import torch

from ...tiling import Tiling, choose
from .. import compat
from .finite import HALF_VAE_CAUSE, VAE_CAUSE, check_finite
from .memory import free_memory
from .misfits import explaining, vae_misfit

log = logging.getLogger("periplus")

T = TypeVar("T")

OVERLAP = 64
"""Pixels that tiles share with their neighbours: the default of ComfyUI's nodes."""


def picture_memory() -> int:
    """Bytes that a decode or encode may take with no model but the VAE on its device.

    What the device has, less what ComfyUI keeps back; not what happens to be free, or equal cells
    would be made in different ways.
    """
    total = comfy.model_management.get_total_memory(comfy.model_management.vae_device())
    return max(0, int(total - comfy.model_management.minimum_inference_memory()))


class VaeMemory:
    """What decodes and encodes may take in one sweep."""

    def __init__(self) -> None:
        self.total = picture_memory()
        self.limit = self.total
        """Below what a picture needed that ran out of memory: an estimate may be too low."""


class PictureVae:
    """A VAE for a few pictures of a sweep, which it takes whole or in tiles.

    A VAE for video or sound, or one of another pack's own kind, does what it does in ComfyUI.

    Args:
        name: what to call it, as in "the linked VAE".
        vae: a VAE.
        setting: one of ``tiling.VAE_TILING``.
        memory: what the sweep may take.

    Raises:
        RuntimeError: there is no VAE.
    """

    def __init__(self, name: str, vae: Any, setting: str, memory: VaeMemory) -> None:
        if vae is None:
            raise RuntimeError("the checkpoint contains no VAE")
        self._name = name
        self._vae = vae
        self._setting = setting
        self._memory = memory
        self._is_known = isinstance(vae, comfy.sd.VAE)
        if self._is_known:
            vae.throw_exception_if_invalid()
        self.tilings: list[Tiling] = []
        """How each decode and encode was done, where that was chosen here."""

    def decode(self, latent: dict[str, Any]) -> torch.Tensor:
        """Decode a LATENT as VAEDecode does, or as VAEDecodeTiled.

        Returns:
            Pictures x height x width x channels, 0 to 1.

        Raises:
            MisfitError: it raises, and does not fit the latent.
            NotFiniteError: it gave NaN.
        """
        samples = compat.parts_of_nested(latent["samples"])[0]
        with explaining(lambda: vae_misfit(self._name, self._vae, samples)):
            images = self._decode(latent, samples)
        self._check_finite(images)
        return images

    def _decode(self, latent: dict[str, Any], samples: Any) -> torch.Tensor:
        if not self._can_tile(samples):
            return compat.core_node("VAEDecode").decode(self._vae, latent)[0]

        def needs(side: int) -> int:
            tile = [side // self._vae.spacial_compression_decode()] * 2
            shape = (*samples.shape[:2], *(tile if side else samples.shape[2:]))
            return int(self._vae.memory_used_decode(shape, self._vae.vae_dtype))

        def work(side: int) -> torch.Tensor:
            if side:
                node = compat.core_node("VAEDecodeTiled")
                return node.decode(self._vae, latent, side, _overlap(side))[0]
            return compat.core_node("VAEDecode").decode(_never_tiling(self._vae), latent)[0]

        return self._do("decode", needs, work)

    def encode(self, images: torch.Tensor) -> dict[str, Any]:
        """Encode pictures as VAEEncode does, or as VAEEncodeTiled.

        Args:
            images: pictures x height x width x channels, 0 to 1.

        Returns:
            A LATENT.

        Raises:
            NotFiniteError: it gave NaN.
        """
        latent = self._encode(images)
        self._check_finite(latent["samples"])
        return latent

    def _encode(self, images: torch.Tensor) -> dict[str, Any]:
        if not self._can_tile(images):
            return compat.core_node("VAEEncode").encode(self._vae, images)[0]

        def needs(side: int) -> int:
            count, height, width, channels = images.shape
            shape = (count, channels, side or height, side or width)
            return int(self._vae.memory_used_encode(shape, self._vae.vae_dtype))

        def work(side: int) -> dict[str, Any]:
            if side:
                node = compat.core_node("VAEEncodeTiled")
                return node.encode(self._vae, images, side, _overlap(side))[0]
            return compat.core_node("VAEEncode").encode(_never_tiling(self._vae), images)[0]

        return self._do("encode", needs, work)

    def _check_finite(self, tensor: Any) -> None:
        is_half = getattr(self._vae, "vae_dtype", None) == torch.float16
        check_finite(tensor, self._name, HALF_VAE_CAUSE if is_half else VAE_CAUSE)

    def _can_tile(self, tensor: torch.Tensor) -> bool:
        return self._is_known and self._vae.latent_dim == 2 and tensor.ndim == 4

    def _do(self, what: str, needs: Callable[[int], int], work: Callable[[int], T]) -> T:
        while True:
            tiling = choose(self._setting, needs, self._memory.total, self._memory.limit)
            try:
                done = work(tiling.side)
            except Exception as error:
                if not tiling.least or not compat.is_out_of_memory(error):
                    raise
                log.warning("out of memory: %s the picture again, in smaller tiles", what)
            else:
                self.tilings.append(tiling)
                return done
            # Not in the handler: there the error still holds what the attempt allocated.
            free_memory()
            self._memory.limit = tiling.least - 1


def _overlap(side: int) -> int:
    return min(OVERLAP, side // 4)


def _never_tiling(vae: Any) -> Any:
    """A VAE that raises where ComfyUI's would turn to tiles, with a word in the log alone."""
    whole = copy.copy(vae)
    whole.decode_tiled_ = whole.encode_tiled_ = _run_out
    return whole


def _run_out(*_args: Any, **_kwargs: Any) -> None:
    raise comfy.model_management.OOM_EXCEPTION("out of memory")
