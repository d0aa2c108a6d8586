"""LoRAs, applied as LoraLoader does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from ...work.stages import AppliedLora, Encode, Sample, Stage
from .. import compat
from .loading import Models


class LoraFiles:
    """The LoRA files of some stages: each is read once and kept until its last stage is done.

    Args:
        stages: all stages that there will be.
    """

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._uses = Counter(name for stage in stages for name in _names(stage))
        self._loaders: dict[str, Any] = {}

    def apply(self, models: Models, lora: AppliedLora, stage: Encode | Sample) -> Models:
        """Give the models with a clone, with the LoRA, of the one that the stage works with.

        Raises:
            Exception: whatever LoraLoader raises for a file that it cannot read.
        """
        if lora.name not in self._loaders:
            self._loaders[lora.name] = compat.core_node("LoraLoader")  # it keeps what it has read
        strengths = (0.0, lora.strength) if isinstance(stage, Encode) else (lora.strength, 0.0)
        # Both models are given, or LoraLoader would warn of every key of the other one.
        model, clip = self._loaders[lora.name].load_lora(
            models.model, models.clip, lora.name, *strengths
        )
        if isinstance(stage, Encode):
            return models._replace(clip=clip)
        return models._replace(model=model)

    def release(self, stage: Stage) -> None:
        """Forget the files that no stage after this one uses."""
        for name in _names(stage):
            self._uses[name] -= 1
            if not self._uses[name]:
                self._loaders.pop(name, None)


def _names(stage: Stage) -> list[str]:
    return [lora.name for lora in stage.loras] if isinstance(stage, (Encode, Sample)) else []
