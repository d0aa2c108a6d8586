"""Efforts: work that takes about as long whenever it is done, so that measuring it once tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .calls import calls_of, shared_calls
from .cost import places_to_load
from .load_order import Place
from .plan import Plan
from .stages import (
    CHECKPOINT,
    VAE,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    Sample,
    Stage,
    stage_inputs,
)

LOAD, ENCODE, PICTURE, ENLARGE, DECODE = "load", "encode", "picture", "enlarge", "decode"
SAMPLING = ALONE, IN_STEP = "sample", "sample in step"
"""Kinds of efforts; of a sampler run, the effort is one call of its model."""


@dataclass(frozen=True)
class Effort:
    """One thing that a machine does."""

    kind: str
    model: str
    """A digest of the model that it is done on; empty for none."""
    size: int = 1
    """What it grows with: px of all pictures, or bytes of a file; 1 for a text."""


@dataclass(frozen=True)
class Efforts:
    """Tells the efforts of one sweep's stages.

    Args:
        identities: what stands behind the names of ``stage_inputs``.
        bytes_of: the size of the file that a segment loads.
        pictures: how many each cell has.
        in_step: whether runs share calls of the model.
    """

    identities: Mapping[str, str]
    bytes_of: Callable[[Place], int]
    pictures: int = 1
    in_step: bool = False

    def load(self, place: Place) -> Effort:
        """What it is to load a segment's file."""
        name = f"{VAE if place.vae_file else CHECKPOINT} {place.source}"
        return Effort(LOAD, self.identities[name], self.bytes_of(place))

    def stage(self, stage: Stage) -> Effort:
        """What it is to do a stage; for a sampler run, one call of its model."""
        used = stage_inputs(stage)
        if isinstance(stage, Encode):
            return Effort(ENCODE, self.identities[used[0]])
        if isinstance(stage, Decode):
            latent = stage.latent
            return Effort(DECODE, self.identities[used[0]], self._pixels(latent))
        if isinstance(stage, Enlarge):
            # By the upscale model, where there is one.
            model = self.identities[used[-1]] if used else ""
            return Effort(ENLARGE, model, self._pixels(stage))
        if isinstance(stage, EncodePixels):
            return Effort(PICTURE, self.identities[used[0]], self._pixels(stage))
        kind = IN_STEP if self.in_step else ALONE
        return Effort(kind, self.identities[used[0]], self._pixels(stage))

    def plan(self, plan: Plan) -> dict[Effort, int]:
        """How often each effort is made in a plan."""
        count = Counter(self.load(place) for place in places_to_load(plan))
        runs: defaultdict[Effort, list[Sample]] = defaultdict(list)
        for stage in (stage for segment in plan.segments for stage in segment.stages):
            effort = self.stage(stage)
            if isinstance(stage, Sample):
                runs[effort].append(stage)
            elif not isinstance(stage, Enlarge) or stage.decodes:  # a latent is enlarged at once
                count[effort] += 1
        for effort, alike in runs.items():
            count[effort] += sum(map(calls_of, alike)) - shared_calls(alike)
        return dict(count)

    def _pixels(self, stage: Sample | EncodePixels | Enlarge) -> int:
        return stage.width * stage.height * self.pictures
