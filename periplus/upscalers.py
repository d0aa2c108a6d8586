"""How a hires fix enlarges: latent methods, pixel methods and upscale models, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .recipe import LATENT_PIXELS

LATENT, PIXELS, MODEL = "latent", "pixels", "model"

LATENT_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")
"""Those of ComfyUI's LatentUpscale."""

PIXEL_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
"""Those of ComfyUI's ImageScale."""

METHODS: tuple[str, ...] = (
    *(f"{LATENT}: {method}" for method in LATENT_METHODS),
    *(f"{PIXELS}: {method}" for method in PIXEL_METHODS),
)
"""The names of all upscalers that need no model file."""

A1111_UPSCALERS: Mapping[str, str] = {
    "Latent": "latent: bilinear",
    "Latent (bicubic)": "latent: bicubic",
    "Latent (nearest-exact)": "latent: nearest-exact",
    "Lanczos": "pixels: lanczos",
}
"""AUTOMATIC1111's upscalers without a file that have an equal here, by its labels."""

MAX_PASSES = 3
"""How often an upscale model is run until the picture is large enough."""


@dataclass(frozen=True)
class Upscaler:
    """An upscaler by its name."""

    kind: str
    """LATENT, PIXELS or MODEL."""
    method: str
    """The method, or the model's file."""

    @property
    def decodes(self) -> bool:
        """Whether it enlarges the decoded picture, which is then encoded again."""
        return self.kind != LATENT


def parse_upscaler(name: str) -> Upscaler:
    """Tell what an upscaler's name means: one of METHODS, else the name of a model's file."""
    if name in METHODS:
        kind, method = name.split(": ")
        return Upscaler(kind, method)
    return Upscaler(MODEL, name)


def upscaler_names(models: Sequence[str]) -> tuple[str, ...]:
    """All upscalers, those without a file first."""
    return (*METHODS, *models)


def enlarged(side: int, scale: float) -> int:
    """Give the side of a picture in pixels after enlarging, a multiple of a latent's pixels.

    It is cut off as AUTOMATIC1111's ``int(side * scale)`` and then its latent are.
    """
    return int(side * scale) // LATENT_PIXELS * LATENT_PIXELS
