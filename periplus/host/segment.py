"""Running one segment: load its checkpoint or VAE file, then do its stages in order."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from ..batch_size import OFF
from ..plan import LOAD_WEIGHT
from ..stages import (
    LINKED,
    AppliedLora,
    Conditioning,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    Sample,
    Scripted,
    Stage,
)
from ..store import Pixels, to_pixels
from ..tiling import Tiling, joined
from ..upscalers import MODEL, parse_upscaler
from ..waves import Wave, in_waves
from . import compat, models
from .lockstep import Lockstep, batch_size, goes_in_step
from .loras import LoraFiles
from .models import Models
from .paths import model_file
from .progress import throw_if_cancelled
from .run import SweepRun
from .sampler_run import SamplerRun
from .sampling import OnStep, Sampler
from .scripted import conditioning_of, with_strength
from .start_picture import resized
from .upscaling import enlarge, load_upscale_model
from .vae import PictureVae

log = logging.getLogger("periplus")

T = TypeVar("T")

Loras = tuple[AppliedLora, ...]

MAX_REASON = 300
"""Characters of an error text that a failed cell keeps."""


@dataclass(frozen=True)
class Failed:
    """Stands for the result of a stage that failed."""

    reason: str


@dataclass(frozen=True)
class Sampled:
    """A LATENT, the seconds that it and what it was made from took, and how pictures went through a
    VAE for it."""

    latent: dict[str, Any]
    seconds: float
    tiling: Tiling | None = None


@dataclass(frozen=True)
class Decoded:
    """The pictures of a cell, the seconds that they took, and how they went through VAEs."""

    pictures: list[Pixels]
    seconds: float
    tiling: Tiling | None


PausedRun = SamplerRun[Sample, Sampled | Failed]
"""A run that waits for a refiner."""


class StageFailed(Exception):  # noqa: N818 - says what happened, is not raised to users
    """A stage cannot run, since one that it needs has failed."""


def run_segment(run: SweepRun, index: int) -> None:
    """Run one segment. A stage that fails fails its own cells only; the others go on.

    Raises:
        Interrupted: the user cancelled; the manifest says so, and what is finished is kept.
    """
    run.progress.enter_segment()
    try:
        throw_if_cancelled()
        _SegmentWork(run, index).do()
        run.manifest.write()
        throw_if_cancelled()  # or ComfyUI would, before the next segment, where nobody notes it
    except compat.Interrupted:
        run.close("interrupted")
        raise
    except Exception:
        run.close("failed")
        raise


class _SegmentWork:
    """The stages of one segment, and the models that live only as long as it does."""

    def __init__(self, run: SweepRun, index: int) -> None:
        self._run = run
        self._segment = run.plan.segments[index]
        self._next_loads = run.plan.loads_after(index)
        self._loaded: Models | Failed = Models()
        self._loras = LoraFiles(self._segment.stages)
        self._patched_clip: tuple[Loras, Any] | None = None
        self._sampler: tuple[tuple[Loras, bool], Sampler] | None = None
        self._upscale_models: dict[str, Any] = {}

    def do(self) -> None:
        self._loaded = self._load()
        self._read_ahead()
        stages = self._segment.stages
        for work in in_waves(stages, in_step=self._run.batching != OFF):
            if isinstance(work, Wave):
                self._do_wave(work)
            else:
                self._do(work)

    def _do(self, stage: Stage) -> None:
        throw_if_cancelled()
        with self._run.progress.stage(stage.weight) as on_step:
            if isinstance(stage, Decode):
                self._finish(stage)
            else:
                self._run.results.put(stage, self._result(stage, on_step))
        self._release(stage)

    def _release(self, stage: Stage) -> None:
        self._loras.release(stage)
        self._run.memo.release(stage)

    def _do_wave(self, wave: Wave) -> None:
        """Do runs in step where they can go so; those that are handed over pause in any case."""
        in_step = self._run.batching != OFF and self._goes_in_step(wave)
        ready = _attempt("cannot sample", lambda: self._sampler_for(wave.runs[0], in_step=in_step))
        if isinstance(ready, Failed) or not (in_step or wave.pauses):
            for stage in wave.stages:
                self._do(stage)
            return
        size = batch_size(self._run.batching if in_step else "1", ready.model, wave.runs[0])
        lockstep: Lockstep[Sample, Sampled | Failed]
        lockstep = Lockstep(ready.model, size, self._run.account)
        jobs = ((run, partial(self._sample_in_step, run, ready)) for run in wave.runs)
        with closing(lockstep.run(jobs)) as runs:
            for run in runs:
                self._run.results.put(run.name, self._sampled(run))
                self._release(run.name)
                for stage in wave.after[run.name]:
                    self._do(stage)

    def _goes_in_step(self, wave: Wave) -> bool:
        patched = _attempt("cannot sample", lambda: self._patched(wave.runs[0]))
        linked = self._run.linked.conditionings.values()
        return isinstance(patched, Models) and goes_in_step(patched.model, linked)

    def _sampled(self, run: PausedRun) -> Sampled | Failed | PausedRun:
        """What to keep of a run that has stopped: what it gives, or itself for the refiner."""
        self._run.account.seconds["sample"] += run.seconds
        if not run.has_ended:
            self._run.paused.append(run)
            return run
        sampled = run.result
        if isinstance(sampled, Failed):
            return sampled
        return replace(sampled, seconds=sampled.seconds + run.seconds)

    def _load(self) -> Models | Failed:
        segment = self._segment
        if not segment.loads:
            return Models(vae=self._run.vaes.get(segment.place))
        with self._run.progress.stage(LOAD_WEIGHT):
            loaded = self._run.kept.take(segment.place) or self._read()
        if isinstance(loaded, Models):
            if segment.keeps_vae:
                self._run.vaes[segment.place] = loaded.vae
            if segment.keeps_models:
                self._run.kept.put(segment.place, loaded)
        return loaded

    def _read(self) -> Models | Failed:
        source, vae_file = self._segment.source, self._segment.vae_file
        load = models.load_vae if vae_file else models.load_checkpoint
        self._run.read_ahead.end()
        with self._timed("load"):
            self._make_room()
            loaded = _attempt(f"cannot load {source}", lambda: load(source))
        self._run.account.model_loads += isinstance(loaded, Models)
        return loaded

    def _make_room(self) -> None:
        file = model_file(self._segment.place)
        has_room = partial(models.has_room, file.stat().st_size if file else 0)
        self._run.kept.make_room(self._next_loads, has_room)

    def _read_ahead(self) -> None:
        following = (place for place in self._next_loads if place not in self._run.kept)
        file = next(map(model_file, following), None)
        if file and models.has_room(file.stat().st_size):
            self._run.read_ahead.begin(file)

    def _result(self, stage: Encode | EncodePixels | Sample | Enlarge, on_step: OnStep) -> Any:
        if isinstance(stage, Encode):
            return _attempt("cannot encode the prompt", lambda: self._encode(stage))
        if isinstance(stage, EncodePixels):
            return _attempt("cannot encode the picture", lambda: self._encode_pixels(stage))
        if isinstance(stage, Enlarge):
            return _attempt("cannot enlarge", lambda: self._enlarge(stage))
        return _attempt("cannot sample", lambda: self._sample(stage, on_step))

    def _encode(self, stage: Encode) -> Any:
        clip = self._clip_for(stage)
        with self._timed("encode"):
            conditioning = models.encode(clip, stage)
        self._run.account.text_encodes += 1
        return conditioning

    def _encode_pixels(self, stage: EncodePixels) -> Sampled:
        vae = self._vae(stage)
        with self._timed("encode") as seconds:
            latent = vae.encode(resized(self._run.linked.image, stage.width, stage.height))
        self._run.account.vae_encodes += 1
        return Sampled(latent, seconds(), self._tiling(None, vae))

    def _sample(self, stage: Sample, on_step: OnStep) -> Sampled:
        sampler = self._sampler_for(stage)
        with self._timed("sample") as seconds:
            sampled = self._sample_on(stage, sampler, on_step)
        return replace(sampled, seconds=sampled.seconds + seconds())

    def _sample_in_step(self, stage: Sample, sampler: Sampler) -> Sampled | Failed:
        """On a strand: its share of the time is known when it has stopped."""
        with self._run.progress.stage(stage.weight) as on_step:
            return _attempt("cannot sample", lambda: self._sample_on(stage, sampler, on_step))

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
        model = self._upscale_model(upscaler.method) if upscaler.kind == MODEL else None
        vae = self._vae(stage) if stage.decodes else None
        with self._timed("enlarge") as seconds:
            latent = enlarge(before.latent, upscaler, stage.width, stage.height, vae, model)
        self._run.account.vae_decodes += stage.decodes
        self._run.account.vae_encodes += stage.decodes
        tiling = self._tiling(before.tiling, vae) if vae else before.tiling
        return Sampled(latent, before.seconds + seconds(), tiling)

    def _upscale_model(self, name: str) -> Any:
        if name not in self._upscale_models:
            with self._timed("load"):
                self._upscale_models[name] = load_upscale_model(name)
        return self._upscale_models[name]

    def _finish(self, stage: Decode) -> None:
        decoded = _attempt("cannot decode", lambda: self._decode(stage))
        if isinstance(decoded, Failed):
            self._run.fail(stage, decoded.reason)
            return
        # Not a fault of the cell: with a full disk, every further one would be made in vain.
        self._store(stage, decoded)

    def _decode(self, stage: Decode) -> Decoded:
        sampled = self._taken(stage.latent)
        vae = self._vae(stage)
        with self._timed("decode") as seconds:
            images = vae.decode(sampled.latent)
        self._run.account.vae_decodes += 1
        pixels = [to_pixels(image.float().cpu().numpy()) for image in images]
        return Decoded(pixels, sampled.seconds + seconds(), self._tiling(sampled.tiling, vae))

    def _vae(self, stage: EncodePixels | Enlarge | Decode) -> PictureVae:
        return PictureVae(self._models(stage).vae, stage.tiling, self._run.vae_memory)

    def _tiling(self, before: Tiling | None, vae: PictureVae) -> Tiling | None:
        """Count what a VAE did in tiles, and add it to what was done before."""
        self._run.account.vae_tiled += sum(tiling.side > 0 for tiling in vae.tilings)
        return joined([before, *vae.tilings])

    def _store(self, stage: Decode, decoded: Decoded) -> None:
        with self._timed("store"):
            self._run.keep(stage, decoded.pictures, decoded.seconds, decoded.tiling)

    def _models(self, stage: Stage) -> Models:
        if stage.source == LINKED:
            of_refiner = getattr(stage, "role", "base") == "refiner"
            return self._run.linked.refiner if of_refiner else self._run.linked.base
        if isinstance(self._loaded, Failed):
            raise StageFailed(self._loaded.reason)
        return self._loaded

    def _clip_for(self, stage: Encode) -> Any:
        # Texts with the same LoRAs follow one another, so one clone of the CLIP serves them all.
        if self._patched_clip is None or self._patched_clip[0] != stage.loras:
            self._patched_clip = None
            self._patched_clip = stage.loras, self._patched(stage).clip
        return self._patched_clip[1]

    def _sampler_for(self, stage: Sample, *, in_step: bool = False) -> Sampler:
        # So do the runs with the same LoRAs, and one clone of the model serves them.
        kind = stage.loras, in_step
        if self._sampler is None or self._sampler[0] != kind:
            self._sampler = None
            self._sampler = (
                kind,
                Sampler(
                    self._patched(stage).model, self._run.memo, self._run.account, in_step=in_step
                ),
            )
        return self._sampler[1]

    def _patched(self, stage: Encode | Sample) -> Models:
        patched: Models | Failed = self._models(stage)
        for lora in stage.loras:
            with self._timed("load"):
                apply = partial(self._loras.apply, patched, lora, stage)
                patched = _attempt(f"cannot apply the LoRA {lora.name}", apply)
            if isinstance(patched, Failed):
                raise StageFailed(patched.reason)
        return patched

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

    @contextmanager
    def _timed(self, kind: str) -> Iterator[Callable[[], float]]:
        started = time.perf_counter()
        try:
            yield lambda: time.perf_counter() - started
        finally:
            self._run.account.seconds[kind] += time.perf_counter() - started


def _attempt(what: str, work: Callable[[], T]) -> T | Failed:
    """Do the work; an error becomes a Failed with a reason that a sheet can print."""
    try:
        return work()
    except compat.Interrupted:
        raise
    except StageFailed as failure:
        return Failed(str(failure))
    except Exception as error:
        log.exception("%s", what)
        if compat.is_out_of_memory(error):
            models.free_memory()
            return Failed(f"{what}: out of memory")
        return Failed(f"{what}: {error or type(error).__name__}"[:MAX_REASON])
