"""The models of one segment: loaded, patched with LoRAs, and let go of with it."""

from __future__ import annotations

import gc
from functools import partial
from typing import Any

from ...work.plan import LOAD_WEIGHT
from ...work.stages import LINKED, AppliedLora, Decode, Encode, EncodePixels, Enlarge, Sample, Stage
from ..models.loading import Models, load_checkpoint, load_vae
from ..models.loras import LoraFiles
from ..models.memory import has_room
from ..models.upscaling import load_upscale_model
from ..models.vae import PictureVae
from ..sampling.lockstep import goes_in_step
from ..sampling.outcomes import Failed, StageFailed, attempt
from ..sampling.sampler import Sampler
from ..system.paths import model_bytes, model_file
from .run import SweepRun

Loras = tuple[AppliedLora, ...]


class ModelsAtHand:
    """What the stages of one segment work with.

    Args:
        run: the sweep.
        index: the segment.
    """

    def __init__(self, run: SweepRun, index: int) -> None:
        self._run = run
        self._segment = run.plan.segments[index]
        self._next_loads = run.plan.loads_after(index)
        self._loras = LoraFiles(self._segment.stages)
        self._patched_clip: tuple[Loras, Any] | None = None
        self._patched_model: tuple[Loras, Any] | None = None
        self._sampler: tuple[tuple[Loras, bool], Sampler] | None = None
        self._upscale_models: dict[str, Any] = {}
        self._loaded = self._load()
        self._read_ahead()

    def clip(self, stage: Encode) -> Any:
        """The CLIP for a text, with its LoRAs.

        Raises:
            StageFailed: a file cannot be loaded.
        """
        # Texts with the same LoRAs follow one another, so one clone of the CLIP serves them all.
        if self._patched_clip is None or self._patched_clip[0] != stage.loras:
            self._patched_clip = None
            self._patched_clip = stage.loras, self._patched(stage).clip
        return self._patched_clip[1]

    def sampler(self, stage: Sample, *, in_step: bool = False) -> Sampler:
        """The sampler for a run, on the model with its LoRAs.

        Args:
            stage: the run.
            in_step: whether it goes in step with others.

        Raises:
            StageFailed: a file cannot be loaded.
        """
        # So do the runs with the same LoRAs, and one clone of the model serves them.
        kind = stage.loras, in_step
        if self._sampler is None or self._sampler[0] != kind:
            self._sampler = None
            model, memo, account = self._model(stage), self._run.memo, self._run.account
            self._sampler = kind, Sampler(model, memo, account, in_step=in_step)
        return self._sampler[1]

    def goes_in_step(self, stage: Sample) -> bool:
        """Whether a run can share calls of the model with others like it."""
        model = attempt("cannot sample", lambda: self._model(stage))
        linked = self._run.linked.conditionings.values()
        return not isinstance(model, Failed) and goes_in_step(model, linked)

    def vae(self, stage: EncodePixels | Enlarge | Decode) -> PictureVae:
        """The VAE for a stage.

        Raises:
            StageFailed: its file cannot be loaded.
            RuntimeError: there is no VAE.
        """
        name = f"the VAE {'' if stage.vae_file else 'of '}{stage.source}"
        if stage.source == LINKED:
            name = "the linked VAE"
        vae = self._models(stage).vae
        return PictureVae(name, vae, stage.tiling, self._run.vae_memory)

    def upscale_model(self, name: str) -> Any:
        """The upscale model of this name, loaded once.

        Raises:
            StageFailed: its file cannot be loaded.
        """
        if name not in self._upscale_models:
            load = partial(load_upscale_model, name)
            with self._run.account.timed("load"):
                self._upscale_models[name] = attempt(f"cannot load {name}", load)
        loaded = self._upscale_models[name]
        if isinstance(loaded, Failed):
            raise StageFailed(loaded.reason)
        return loaded

    def release(self, stage: Stage) -> None:
        """Let go of what no stage after this one needs."""
        self._loras.release(stage)

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
        source = self._segment.source
        load = (
            partial(load_vae, source)
            if self._segment.vae_file
            else partial(load_checkpoint, source, self._segment.parts)
        )
        self._run.read_ahead.end()
        with self._run.account.timed("load") as seconds:
            self._make_room()
            loaded = attempt(f"cannot load {source}", load)
            took = seconds()
        if isinstance(loaded, Models):
            self._run.account.model_loads += 1
            self._run.stopwatch.loaded(self._segment.place, took)
        return loaded

    def _make_room(self) -> None:
        fits = partial(has_room, model_bytes(self._segment.place))
        if not fits():
            # A model and its patcher refer to each other, so a dropped one may still live. Only
            # where it is in the way: looking for it takes longer than loading a small VAE.
            gc.collect()
            self._run.kept.make_room(self._next_loads, fits)

    def _read_ahead(self) -> None:
        following = (place for place in self._next_loads if place not in self._run.kept)
        file = next(map(model_file, following), None)
        if file and has_room(file.stat().st_size):
            self._run.read_ahead.begin(file)

    def _models(self, stage: Stage) -> Models:
        if stage.source == LINKED:
            of_refiner = getattr(stage, "role", "base") == "refiner"
            return self._run.linked.refiner if of_refiner else self._run.linked.base
        if isinstance(self._loaded, Failed):
            raise StageFailed(self._loaded.reason)
        return self._loaded

    def _model(self, stage: Sample) -> Any:
        if self._patched_model is None or self._patched_model[0] != stage.loras:
            self._patched_model = self._sampler = None  # which would keep the last one's weights
            self._patched_model = stage.loras, self._patched(stage).model
        return self._patched_model[1]

    def _patched(self, stage: Encode | Sample) -> Models:
        patched: Models | Failed = self._models(stage)
        for lora in stage.loras:
            with self._run.account.timed("load"):
                apply = partial(self._loras.apply, patched, lora, stage)
                patched = attempt(f"cannot apply the LoRA {lora.name}", apply)
            if isinstance(patched, Failed):
                raise StageFailed(patched.reason)
        return patched
