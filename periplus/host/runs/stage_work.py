"""Doing one stage: encode, sample, enlarge or decode, with the models at hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...tiling import Tiling, joined
from ...upscalers import MODEL, parse_upscaler
from ...work.stages import Decode, Encode, EncodePixels, Enlarge, Sample, Stage
from ..models.loading import encode
from ..models.pixels import saved_pixels
from ..models.start_picture import resized
from ..models.upscaling import enlarge
from ..models.vae import PictureVae
from ..sampling.outcomes import Decoded, Sampled, attempt, attempt_once
from ..sampling.sampler import OnStep
from .at_hand import ModelsAtHand
from .run import SweepRun
from .run_work import RunWork


class StageWork:
    """Does stages, on the results of those before them.

    Args:
        run: the sweep.
        at_hand: the models to work with.
        runs: does the sampler runs.
    """

    def __init__(self, run: SweepRun, at_hand: ModelsAtHand, runs: RunWork) -> None:
        self._run = run
        self._runs = runs
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
        # A run that is handed over cannot go back to where it was.
        is_rest = isinstance(stage.start, Sample) and stage.start.handoff
        trying = attempt_once if is_rest else attempt
        return trying("cannot sample", lambda: self._sample(stage, on_step))

    def _encode(self, stage: Encode) -> Any:
        clip = self._at_hand.clip(stage)
        with self._run.account.timed("encode"):
            conditioning = encode(clip, stage)
        self._run.account.text_encodes += 1
        return conditioning

    def _encode_pixels(self, stage: EncodePixels) -> Sampled:
        vae, image = self._at_hand.vae(stage), self._run.linked.image
        if image is None:
            raise RuntimeError("no picture is linked")
        with self._run.account.timed("encode") as seconds:
            latent = vae.encode(resized(image, stage.width, stage.height))
        self._run.account.vae_encodes += 1
        return Sampled(latent, seconds(), self._tiling(None, vae))

    def _sample(self, stage: Sample, on_step: OnStep) -> Sampled:
        sampler = self._at_hand.sampler(stage)
        with self._run.account.timed("sample") as seconds:
            sampled = self._runs.do(stage, sampler, on_step)
        return replace(sampled, seconds=sampled.seconds + seconds())

    def _enlarge(self, stage: Enlarge) -> Sampled:
        before = self._run.result(stage.latent)
        upscaler = parse_upscaler(stage.upscaler)
        model = self._at_hand.upscale_model(upscaler.method) if upscaler.kind == MODEL else None
        vae = self._at_hand.vae(stage) if stage.decodes else None
        with self._run.account.timed("enlarge") as seconds:
            latent = enlarge(stage, before.latent, vae, model)
        self._run.account.vae_decodes += stage.decodes
        self._run.account.vae_encodes += stage.decodes
        tiling = self._tiling(before.tiling, vae) if vae else before.tiling
        return Sampled(latent, before.seconds + seconds(), tiling)

    def _decode(self, stage: Decode) -> Decoded:
        sampled = self._run.result(stage.latent)
        vae = self._at_hand.vae(stage)
        with self._run.account.timed("decode") as seconds:
            images = vae.decode(sampled.latent)
        self._run.account.vae_decodes += 1
        pixels = list(map(saved_pixels, images))
        return Decoded(pixels, sampled.seconds + seconds(), self._tiling(sampled.tiling, vae))

    def _tiling(self, before: Tiling | None, vae: PictureVae) -> Tiling | None:
        """Count what a VAE did in tiles, and add it to what was done before."""
        self._run.account.vae_tiled += sum(tiling.side > 0 for tiling in vae.tilings)
        return joined([before, *vae.tilings])
