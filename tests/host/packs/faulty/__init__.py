"""A node pack for the tests only: adds what goes wrong in other packs.

It registers a sampler that raises, the way sampler packs register theirs: in ComfyUI's own lists.
Its node turns any text into a choice, which no list of choices then checks.
"""

from __future__ import annotations

from typing import Any

import comfy.k_diffusion.sampling
from comfy.samplers import KSampler

SAMPLER = "capsizing"


def sample_capsizing(*_args: Any, **_kwargs: Any) -> None:
    raise ValueError("the sampler has capsized")


comfy.k_diffusion.sampling.sample_capsizing = sample_capsizing  # type: ignore[attr-defined]
KSampler.SAMPLERS.append(SAMPLER)


class TextAsChoice:
    RETURN_TYPES = ("COMBO",)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"text": ("STRING", {})}}

    def give(self, text: str) -> tuple[str]:
        return (text,)


NODE_CLASS_MAPPINGS = {"TextAsChoice": TextAsChoice}
