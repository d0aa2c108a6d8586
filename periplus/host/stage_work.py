"""Doing one stage: encode, sample, enlarge or decode, with the models at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..stages import Conditioning, Decode, Encode, EncodePixels, Enlarge, Sample, Scripted, Stage
from ..store import to_pixels
from ..tiling import Tiling, joined
from ..upscalers import MODEL, parse_upscaler
from . import models
from .at_hand import ModelsAtHand
from .outcomes import Decoded, Failed, PausedRun, Sampled, StageFailed, attempt
from .run import SweepRun
from .sampler_run import SamplerRun
from .sampling import OnStep, Sampler
from .scripted import conditioning_of, with_strength
from .start_picture import resized
from .upscaling import enlarge
from .vae import PictureVae


class StageWork:
    """Does stages, on the results of those before them.

    Args:
        run: the sweep.
        at_hand: the models to work with.
    """

    def __init__(self, run: SweepRun, at_hand: ModelsAtHand) -> None:
        self._run = run
        self._at_hand = at_hand

    def do(self, stage: Stage, on_step: OnStep) -> Any:
        """Do a stage and give its result: a CONDITIONING, Sampled, Decoded, or Failed.

        Raises:
            Interrupted: the user cancelled.
        """
        if isinstance(stage, Encode):
            return attempt("cannot encode the prompt", lambda: self._encode(stage))
        if isinstance(stage, EncodePixels):
            return attempt("cannot encode the picture", lambda: self._encode_pixels(stage))
        if isinstance(stage, Enlarge):
            return attempt("cannot enlarge", lambda: self._enlarge(stage))
        if isinstance(stage, Decode):
            return attempt("cannot decode", lambda: self._decode(stage))
        return attempt("cannot sample", lambda: self._sample(stage, on_step))

    def sample_in_step(self, stage: Sample, sampler: Sampler) -> Sampled | Failed:
        """Do a run on a strand: its share of the time is known when it has stopped."""
        with self._run.progress.stage(stage.weight) as on_step:
            return attempt("cannot sample", lambda: self._sample_on(stage, sampler, on_step))

    def _encode(self, stage: Encode) -> Any:
        clip = self._at_hand.clip(stage)
        with self._run.account.timed("encode"):
            conditioning = models.encode(clip, stage)
        self._run.account.text_encodes += 1
        return conditioning

    def _encode_pixels(self, stage: EncodePixels) -> Sampled:
        vae = self._at_hand.vae(stage)
        with self._run.account.timed("encode") as seconds:
            latent = vae.encode(resized(self._run.linked.image, stage.width, stage.height))
        self._run.account.vae_encodes += 1
        return Sampled(latent, seconds(), self._tiling(None, vae))

    def _sample(self, stage: Sample, on_step: OnStep) -> Sampled:
        sampler = self._at_hand.sampler(stage)
        with self._run.account.timed("sample") as seconds:
            sampled = self._sample_on(stage, sampler, on_step)
        return replace(sampled, seconds=sampled.seconds + seconds())

    def _sample_on(self, stage: Sample, sampler: Sampler, on_step: OnStep) -> Sampled:
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
        before = self._taken(stage.start) if stage.start else None
        positive, negative = self._conditioning(stage.positive), self._conditioning(stage.negative)
        if stage.balance:
            positive = [*positive, *with_strength(negative, stage.balance)]
        return before or Sampled(self._start_latent(stage), 0.0), positive, negative

    def _enlarge(self, stage: Enlarge) -> Sampled:
        before = self._taken(stage.latent)
        upscaler = parse_upscaler(stage.upscaler)
        model = self._at_hand.upscale_model(upscaler.method) if upscaler.kind == MODEL else None
        vae = self._at_hand.vae(stage) if stage.decodes else None
        with self._run.account.timed("enlarge") as seconds:
            latent = enlarge(before.latent, upscaler, stage.width, stage.height, vae, model)
        self._run.account.vae_decodes += stage.decodes
        self._run.account.vae_encodes += stage.decodes
        tiling = self._tiling(before.tiling, vae) if vae else before.tiling
        return Sampled(latent, before.seconds + seconds(), tiling)

    def _decode(self, stage: Decode) -> Decoded:
        sampled = self._taken(stage.latent)
        vae = self._at_hand.vae(stage)
        with self._run.account.timed("decode") as seconds:
            images = vae.decode(sampled.latent)
        self._run.account.vae_decodes += 1
        pixels = [to_pixels(image.float().cpu().numpy()) for image in images]
        return Decoded(pixels, sampled.seconds + seconds(), self._tiling(sampled.tiling, vae))

    def _tiling(self, before: Tiling | None, vae: PictureVae) -> Tiling | None:
        """Count what a VAE did in tiles, and add it to what was done before."""
        self._run.account.vae_tiled += sum(tiling.side > 0 for tiling in vae.tilings)
        return joined([before, *vae.tilings])

    def _start_latent(self, stage: Sample) -> dict[str, Any]:
        return self._run.linked.latent or models.empty_latent(stage.width, stage.height)

    def _conditioning(self, conditioning: Conditioning) -> Any:
        if isinstance(conditioning, Encode):
            return self._taken(conditioning)
        if isinstance(conditioning, Scripted):
            return conditioning_of(
                conditioning.script, {text.text: self._taken(text) for text in conditioning.texts}
            )
        return self._run.linked.conditionings[conditioning.name]

    def _taken(self, stage: Stage) -> Any:
        value = self._run.results.take(stage)
        if isinstance(value, Failed):
            raise StageFailed(value.reason)
        return value
