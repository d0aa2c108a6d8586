"""Doing one sampler run, with the sampler that is given, from the results of the stages before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...work.stages import Conditioning, Encode, Sample, Scripted
from ..models.latents import empty_latent
from ..sampling.outcomes import Failed, PausedRun, Sampled, StageFailed, attempt_once
from ..sampling.sampler import OnStep, Sampler
from ..sampling.sampler_run import SamplerRun
from ..sampling.scripted import conditioning_of, with_strength
from .run import SweepRun


class RunWork:
    """Does sampler runs. It knows no models, since a paused run would keep them all loaded.

    Args:
        run: the sweep.
    """

    def __init__(self, run: SweepRun) -> None:
        self._run = run

    def do_in_step(self, stage: Sample, sampler: Sampler) -> Sampled | Failed:
        """Do a run on a strand: its share of the time is known when it has stopped."""
        with self._run.work.stage(stage) as on_step:
            # Trying again is not for a strand: others are on the model that it would unload.
            return attempt_once("cannot sample", lambda: self.do(stage, sampler, on_step))

    def do(self, stage: Sample, sampler: Sampler, on_step: OnStep) -> Sampled:
        """Do a run, or its rest where it is handed over.

        Raises:
            StageFailed: a stage before it has failed.
            Interrupted: the user cancelled.
        """
        before, positive, negative = self._inputs(stage)
        if isinstance(before, SamplerRun):
            return self._take_over(stage, sampler, before, positive, negative)
        if isinstance(stage.start, Sample) and stage.start.handoff:
            return before  # its sampler had ended before the switch
        latent = sampler.run(stage, positive, negative, before.latent, on_step)
        return replace(before, latent=latent)

    def _take_over(
        self, stage: Sample, sampler: Sampler, run: PausedRun, positive: Any, negative: Any
    ) -> Sampled:
        seconds = run.seconds
        try:
            sampler.take_over(stage, positive, negative, run)
        finally:
            run.close()
            self._run.paused.remove(run)
        sampled = run.result
        if isinstance(sampled, Failed):
            raise StageFailed(sampled.reason)
        return replace(sampled, seconds=sampled.seconds + seconds)

    def _inputs(self, stage: Sample) -> tuple[Sampled | PausedRun, Any, Any]:
        """What a run starts from, and the conditionings that steer it."""
        before = self._run.result(stage.start) if stage.start else None
        positive, negative = self._conditioning(stage.positive), self._conditioning(stage.negative)
        if stage.balance:
            positive = [*positive, *with_strength(negative, stage.balance)]
        return before or Sampled(self._start_latent(stage), 0.0), positive, negative

    def _start_latent(self, stage: Sample) -> dict[str, Any]:
        return self._run.linked.latent or empty_latent(stage.width, stage.height)

    def _conditioning(self, conditioning: Conditioning) -> Any:
        if isinstance(conditioning, Encode):
            return self._run.result(conditioning)
        if isinstance(conditioning, Scripted):
            return conditioning_of(
                conditioning.script,
                {text.text: self._run.result(text) for text in conditioning.texts},
            )
        return self._run.linked.conditionings[conditioning.name]
