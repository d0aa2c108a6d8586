"""Which parts of a checkpoint work needs: a VAE that nobody asks is not loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .stages import LINKED, Encode, Sample, Stage


class Parts(NamedTuple):
    """Parts of a checkpoint."""

    model: bool = True
    clip: bool = True
    vae: bool = True


WHOLE = Parts()
"""A checkpoint with all its parts."""


def parts_for(stages: Iterable[Stage]) -> Parts:
    """Return what these stages need of the checkpoint that all of them work with."""
    stages = list(stages)
    texts = [stage for stage in stages if isinstance(stage, Encode)]
    runs = [stage for stage in stages if isinstance(stage, Sample)]
    # A LoRA is given both, or ComfyUI would warn of every key for the other one.
    patched = any(stage.loras for stage in (*texts, *runs))
    return Parts(
        model=bool(runs) or patched,
        clip=bool(texts) or patched,
        vae=any(
            stage.source != LINKED
            for stage in stages
            if not isinstance(stage, (Encode, Sample))  # what is left may work with a VAE
        ),
    )
