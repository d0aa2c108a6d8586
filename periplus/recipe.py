"""The recipe of one picture: every setting that determines it, as plain frozen values."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from .tiling import AUTO

LATENT_PIXELS = 8
"""Pixels that one place of a latent stands for: sides of pictures are multiples of it."""

COMFY, A1111 = PROMPT_SYNTAXES = ("comfy", "a1111")
"""How prompts may be read."""


MAX_SEED = 2**64 - 1

DENOISE_STEPS = ("comfyui", "a1111")
"""All steps, on the last part of a longer schedule; or only the last of the steps, as A1111."""
MAX_LORA_STRENGTH = 100
"""Either way, as in ComfyUI's own nodes."""


NATIVE, CONTINUOUS = "native", "continuous"
HANDOFFS = (NATIVE, CONTINUOUS)
"""How a refiner takes over: with the leftover noise, or inside the base's sampler run."""


@dataclass(frozen=True)
class RefinerRecipe:
    """How the SDXL refiner finishes a picture.

    Empty ``positive``, ``negative``, ``sampler_name``, ``scheduler`` and a ``cfg`` of 0 mean "the
    same as the base".
    """

    ckpt_name: str
    """A checkpoint by name; empty for the model that is linked to the refiner node."""
    switch_at: float = 0.8
    """Fraction of the steps that the base does, 0 to 1."""
    positive: str = ""
    negative: str = ""
    ascore: float = 6.0
    """Aesthetic score that the refiner's positive prompt is encoded with, 0 to 1000."""
    negative_ascore: float = 2.5
    sampler_name: str = ""
    scheduler: str = ""
    cfg: float = 0.0
    handoff: str = NATIVE
    """One of HANDOFFS."""


@dataclass(frozen=True)
class LoraRecipe:
    """A LoRA and how strongly it changes the base's diffusion model and its CLIP."""

    name: str
    strength_model: float = 1.0
    strength_clip: float = 1.0


@dataclass(frozen=True)
class HiresRecipe:
    """A second pass over the enlarged picture: AUTOMATIC1111's hires fix.

    Empty ``positive``, ``negative``, ``sampler_name``, ``scheduler`` and a ``steps`` and ``cfg`` of
    0 mean "the same as the first pass".
    """

    upscaler: str
    """One of ``upscalers.METHODS``, or an upscale model's file."""
    scale: float = 2.0
    """How many times larger both sides become."""
    steps: int = 0
    """All of them are run, on the last part of a longer schedule."""
    denoise: float = 0.45
    sampler_name: str = ""
    scheduler: str = ""
    cfg: float = 0.0
    positive: str = ""
    negative: str = ""


@dataclass(frozen=True)
class Recipe:
    """Everything that determines one picture (or one batch of pictures)."""

    positive: str
    negative: str
    seed: int
    steps: int
    cfg: float
    sampler_name: str
    scheduler: str
    denoise: float = 1.0
    width: int = 512
    """Pixels; of the linked latent or picture where one is linked and no axis sets it."""
    height: int = 512
    ckpt_name: str = ""
    """A checkpoint by name; empty for the linked model, CLIP and VAE."""
    vae_name: str = ""
    """A VAE file by name; empty for the linked VAE or the checkpoint's own."""
    denoise_steps: str = "comfyui"
    """One of DENOISE_STEPS: what a denoise below 1 does to the number of steps."""
    clip_skip: int = 0
    """Which of CLIP's layers the prompts are read at, counted from the last one, which is 1, as in
    A1111; 0 for the one that the CLIP has set. The refiner's CLIP stays as it is."""
    loras: tuple[LoraRecipe, ...] = ()
    """In the order in which they are applied, to the base alone."""
    refiner: RefinerRecipe | None = None
    hires: HiresRecipe | None = None
    """A second pass on the base's model, after the refiner where there is one."""
    prompt_syntax: str = COMFY
    """One of PROMPT_SYNTAXES."""
    vae_tiling: str = AUTO
    """One of ``tiling.VAE_TILING``: whether pictures go through the VAE in tiles."""

    def refined(self, **changes: Any) -> Recipe:
        """Give the same recipe with these fields of its refiner changed.

        Raises:
            ValueError: the recipe has no refiner.
        """
        if self.refiner is None:
            raise ValueError("this recipe has no refiner")
        return replace(self, refiner=replace(self.refiner, **changes))


def switch_step(steps: int, switch_at: float) -> int:
    """Number of steps that the base does before the refiner takes over: 0 to ``steps``.

    This is AUTOMATIC1111's test "calls done / total >= switch_at" turned into a count. Rounding
    to six decimals first keeps binary fractions from adding a step: 25 x 0.28 is 7, not 8.
    """
    return min(steps, math.ceil(round(steps * switch_at, 6)))


def first_step(steps: int, denoise: float) -> int:
    """Index of the step that AUTOMATIC1111's img2img begins with, 0 to ``steps`` - 1.

    It runs ``int(min(denoise, 0.999) * steps) + 1`` steps: one more than one would think. The
    product is cut off as its floating-point expression has it.
    """
    return steps - int(min(denoise, 0.999) * steps) - 1
