"""The recipe of one picture: every setting that determines it, as plain frozen values."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

KEY_VERSION = 1
"""Part of every cell key; raised when the same recipe would give other pixels than before."""


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
    handoff: str = "native"


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
    """Pixels; of the linked latent where one is linked."""
    height: int = 512
    ckpt_name: str = ""
    """A checkpoint by name; empty for the linked model, CLIP and VAE."""
    refiner: RefinerRecipe | None = None

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


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of a JSON value written in one canonical way."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def cell_key(recipe: Recipe, identities: Mapping[str, str], host: Mapping[str, str]) -> str:
    """Name a picture by everything that determines it: equal keys, equal pixels.

    Args:
        recipe: the settings.
        identities: what stands behind the names in the recipe, by ``checkpoint <name>`` or by the
            name of a linked input (``model``, ``latent_image``, ...): a digest of the file, of the
            graph that makes the input, or of its content. Checkpoints that the recipe does not
            name are left out of the key; linked inputs always count.
        host: versions and device kind that change pixels.

    Returns:
        64 hexadecimal digits.
    """
    used = {f"checkpoint {recipe.ckpt_name}"}
    if recipe.refiner is not None:
        used.add(f"checkpoint {recipe.refiner.ckpt_name}")
    relevant = {
        name: identity
        for name, identity in identities.items()
        if not name.startswith("checkpoint ") or name in used
    }
    return digest(
        {
            "version": KEY_VERSION,
            "recipe": asdict(recipe, dict_factory=_canonical),
            "identities": relevant,
            "host": dict(host),
        }
    )


def _canonical(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    """Write whole numbers as such: recipes with cfg 7 and 7.0 are equal, so their keys are."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value
        for name, value in fields
    }
