"""A node pack for the tests only: looks at runs that go in step from inside the server.

Two nodes compare their latents and the answers to their questions, which no picture shows exactly
enough, with those of single runs; two stand for devices that have memory for few pictures, or seem
to; one makes a model that is told which part of a picture to change, one enlarges a latent, and two
leave runs that are paused. ``/instep/strands`` answers how many strands and text encoders there
are, and ``/instep/cancel`` cancels between two nodes as soon as there are strands.
"""

from __future__ import annotations

import copy
import gc
import importlib
import json
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

import comfy.model_management
import comfy.sample
import comfy.sd
import torch
from aiohttp import web
from comfy.samplers import KSampler
from server import PromptServer

TEXTS = ("a red ship", "a lighthouse " * 60)
"""Of different length in tokens."""


def library(name: str) -> Any:
    """A module of the pack under test, by the end of its name."""
    return next(module for key, module in sys.modules.items() if key.endswith(f".periplus.{name}"))


class Probe:
    """A node that answers what it has seen; a probe names its function and its inputs."""

    RETURN_TYPES = ("STRING",)
    CATEGORY = "tests"
    OUTPUT_NODE = True
    INPUTS: ClassVar[Mapping[str, tuple[Any, ...]]]

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": cls.INPUTS}


class LatentsInStep(Probe):
    FUNCTION = "compare"
    INPUTS: ClassVar = {"model": ("MODEL",), "clip": ("CLIP",), "together": ("INT", {"default": 8})}

    def compare(self, model: Any, clip: Any, together: int) -> dict[str, Any]:
        texts = encoded(clip, TEXTS)
        runs = self.runs()
        latents = [start_latent(number) for number in range(len(runs))]
        single = [
            comfy.sample.sample(
                model,
                comfy.sample.prepare_noise(latents[number]["samples"], run.seed),
                run.steps,
                run.cfg,
                run.sampler_name,
                run.scheduler,
                texts[number % 2],
                texts[0],
                latents[number]["samples"],
                noise_mask=latents[number].get("noise_mask"),
                seed=run.seed,
                disable_pbar=True,
            )
            for number, run in enumerate(runs)
        ]
        account = library("records.manifest").Account()
        sampler, steps = in_step(model, together, account)
        jobs = (
            (number, partial(sampler.run, run, texts[number % 2], texts[0], latent, _no_progress))
            for number, (run, latent) in enumerate(zip(runs, latents, strict=True))
        )
        differences = {}
        for outcome in steps.run(jobs):
            run, expected = runs[outcome.name], single[outcome.name]
            found = difference(outcome.result["samples"], expected)
            differences[f"{run.sampler_name}/{run.scheduler}"] = found
        return answer(
            passes=account.denoiser_passes,
            evaluations=account.denoiser_evaluations,
            differences=differences,
        )

    def runs(self) -> list[Any]:
        """Every sampler and every scheduler, with settings that differ from run to run."""
        return [
            stage(
                number,
                cfg=(1.0, 4.0, 7.5)[number // 3 % 3],
                steps=3 + number % 3,
                sampler_name=name,
                scheduler=KSampler.SCHEDULERS[number % len(KSampler.SCHEDULERS)],
            )
            for number, name in enumerate(KSampler.SAMPLERS)
        ]


class StackedQuestions(Probe):
    """Asks the questions of runs of every kind together, and each by itself."""

    FUNCTION = "compare"
    INPUTS: ClassVar = {"model": ("MODEL",), "clip": ("CLIP",)}

    def compare(self, model: Any, clip: Any) -> dict[str, Any]:
        account = library("records.manifest").Account()
        sampler, _ = in_step(model, 1, account)
        kinds = self.kinds(*encoded(clip, (*TEXTS, "a lighthouse " * 120)))
        runs = {
            kind: sampler_run(model, partial(sampler.run, *inputs, _no_progress))
            for kind, inputs in kinds.items()
        }
        for run in runs.values():
            run.start()
        questions = [run.question for run in runs.values()]
        alone = [question.answer() for question in questions]
        account.denoiser_passes = 0
        together = library("host.sampling.stacking").answer_together(questions)
        for run in runs.values():
            run.close()
        pairs = zip(kinds, alone, together, strict=True)
        return answer(
            passes=account.denoiser_passes,
            stacks=[
                kind for kind, question in zip(kinds, questions, strict=True) if question.stacks
            ],
            differences={kind: max(map(difference, ours, theirs)) for kind, theirs, ours in pairs},
        )

    def kinds(self, short: Any, long: Any, longer: Any) -> dict[str, tuple[Any, ...]]:
        """A run, its conditionings and its latent, of each kind."""
        half, wide = torch.ones(1, 8, 4), start_latent(0, width=9)
        ranges = {"start_percent": 0.0, "end_percent": 0.5}
        given = {
            "plain": (short, short, start_latent(0)),
            "other length": (long, short, start_latent(0)),
            "third length": (longer, short, start_latent(0)),
            "two pictures": (short, long, start_latent(1)),
            "mask of noise": (short, short, start_latent(2)),
            "wide": (short, short, wide),
            "strength": (with_values(short, strength=0.6), short, start_latent(0)),
            "area": (with_values(short, area=(4, 8, 2, 0)), short, start_latent(0)),
            "mask": (with_values(short, mask=half), short, start_latent(0)),
            "steps": (with_values(short, **ranges), short, start_latent(0)),
            "two texts": ([*short, *with_values(long, strength=0.5)], short, start_latent(0)),
        }
        runs = {kind: stage(seed, cfg=4.0) for seed, kind in enumerate(given)}
        kinds = {kind: (runs[kind], *inputs) for kind, inputs in given.items()}
        return {**kinds, "without negative": (stage(20, cfg=1.0), long, short, start_latent(0))}


class AbandonedRuns(Probe):
    """Starts runs that pause, or one that is cancelled, and looks at the first outcome only."""

    FUNCTION = "abandon"
    INPUTS: ClassVar = {"model": ("MODEL",), "cancelled": ("BOOLEAN", {"default": False})}

    def abandon(self, model: Any, cancelled: bool) -> dict[str, Any]:
        pause = library("host.sampling.sampler_run").pause
        account = library("records.manifest").Account()
        _, steps = in_step(model, 3, account)

        def cancel() -> None:
            raise comfy.model_management.InterruptProcessingException

        last = cancel if cancelled else partial(pause, "a refiner")
        outcomes = steps.run(iter([("a", str), ("b", partial(pause, "a refiner")), ("c", last)]))
        try:
            first = next(outcomes).name
        except comfy.model_management.InterruptProcessingException:
            first = "cancelled"
        before = count_strands()
        outcomes.close()
        return answer(first=first, before=before, after=count_strands())


class OvertakenRun(Probe):
    """Closes a run that waits for its refiner, with or without another run on the model by then."""

    FUNCTION = "close"
    INPUTS: ClassVar = {"model": ("MODEL",), "clip": ("CLIP",)}

    def close(self, model: Any, clip: Any) -> dict[str, Any]:
        left = {"undisturbed": None, "overtaken": model.clone()}
        return answer(**{kind: self.is_left(model, clip, other) for kind, other in left.items()})

    def is_left(self, model: Any, clip: Any, other: Any) -> bool:
        """Whether the other run, or none, is on the model in the end."""
        account = library("records.manifest").Account()
        memo = library("work.memo").Memo([])
        sampler = library("host.sampling.sampler").Sampler(model, memo, account)
        (text,) = encoded(clip, TEXTS[:1])
        handoff = library("work.stages").Handoff(2, "", None, None, 4.0)
        run = stage(0, cfg=4.0, handoff=handoff)
        latent = start_latent(0)
        paused = sampler_run(model, partial(sampler.run, run, text, text, latent, _no_progress))
        paused.start()
        if other:
            other.pre_run()
        paused.close()
        found = model.model.current_patcher
        model.cleanup()
        return paused.has_ended and found is other


class YieldingWeights(Probe):
    """Chooses how many runs go in step on a device of which weights would give up what is full."""

    FUNCTION = "choose"
    INPUTS: ClassVar = {"model": ("MODEL",)}

    def choose(self, model: Any) -> dict[str, Any]:
        yielding = model.clone()
        yielding.memory_required = lambda _shape: 1e18
        batch_size = library("host.sampling.lockstep").batch_size
        before = batch_size("8", yielding, stage(0, cfg=4.0)).limit
        yielding.get_free_memory = lambda _device: 1e19
        return answer(before=before, after=batch_size("8", yielding, stage(0, cfg=4.0)).limit)


class LargePlaces(Probe):
    """Enlarges a latent of which a place stands for 16 pixels, as that of Flux 2."""

    FUNCTION = "enlarge"
    INPUTS: ClassVar = {"scale": ("FLOAT", {"default": 1.0})}

    def enlarge(self, scale: float) -> dict[str, Any]:
        first = stage(0, cfg=4.0, width=192, height=128)
        width, height = int(192 * scale), int(128 * scale)
        enlarging = library("work.stages").Enlarge("", first, "latent: bilinear", width, height)
        latent = {"samples": torch.zeros(1, 128, 8, 12)}
        larger = library("host.models.upscaling").enlarge(enlarging, latent, None, None)
        return answer(shape=larger["samples"].shape)


class SmallDevice:
    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {
            "required": {"model": ("MODEL",), "rows": ("INT", {"default": 4})},
            "optional": {"known": ("BOOLEAN", {"default": False})},
        }

    def patch(self, model: Any, rows: int, known: bool = False) -> tuple[Any]:
        patched, apply_model = model.clone(), model.model.apply_model
        patched.model = copy.copy(model.model)

        def limited(x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
            if x.shape[0] > rows:
                raise torch.OutOfMemoryError("the small device is full")
            return apply_model(x, *args, **kwargs)

        def memory_required(input_shape: Sequence[int], **_: Any) -> float:
            return 1e30 if input_shape[0] > rows else 0.0

        patched.model.apply_model = limited
        if known:
            patched.model.memory_required = memory_required
        return (patched,)


class Inpainting:
    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"model": ("MODEL",)}}

    def patch(self, model: Any) -> tuple[Any]:
        patched, apply_model = model.clone(), model.model.apply_model
        patched.model = copy.copy(model.model)
        patched.model.set_inpaint()

        def inpaint(x: Any, t: Any, c_concat: torch.Tensor, **kwargs: Any) -> torch.Tensor:
            mask, picture = c_concat[:, :1], c_concat[:, 1:]
            return apply_model(x, t, **kwargs) + mask * picture.mean() + picture

        patched.model.apply_model = inpaint
        return (patched,)


def in_step(model: Any, together: int, account: Any) -> tuple[Any, Any]:
    """A sampler for runs in step, and what runs them."""
    memo = library("work.memo").Memo([])
    sampler = library("host.sampling.sampler").Sampler(model, memo, account, in_step=True)
    size = library("work.batch_size").BatchSize(str(together), lambda _count: True)
    return sampler, library("host.sampling.lockstep").Lockstep(sampler.model, size, account)


def sampler_run(model: Any, work: Any) -> Any:
    return library("host.sampling.sampler_run").SamplerRun("", work, model.load_device)


def stage(seed: int, cfg: float, **settings: Any) -> Any:
    """A run of 64 x 64 pixels."""
    stages = library("work.stages")
    text = stages.Encode("", "")
    common = {"steps": 4, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0}
    return stages.Sample(
        **{"source": "", "positive": text, "negative": text},
        **{"width": 64, "height": 64, **common, **settings},
        seed=seed,
        cfg=cfg,
    )


def start_latent(number: int, width: int = 8) -> dict[str, Any]:
    """What a run starts from: nothing, two pictures, or a picture of which a part is kept."""
    if number % 3 < 2:
        return {"samples": torch.zeros(1 + number % 3, 4, 8, width)}
    generator = torch.Generator().manual_seed(number)
    mask = torch.ones(1, 1, 8, width)
    mask[..., :3] = 0.0
    return {"samples": torch.randn(1, 4, 8, width, generator=generator), "noise_mask": mask}


def encoded(clip: Any, texts: Sequence[str]) -> list[Any]:
    return [clip.encode_from_tokens_scheduled(clip.tokenize(text)) for text in texts]


def with_values(conditioning: Any, **values: Any) -> Any:
    return [[tensor, {**entry, **values}] for tensor, entry in conditioning]


def difference(found: torch.Tensor, expected: torch.Tensor) -> float:
    """The largest difference, as a share of the largest value."""
    scale = max(float(expected.abs().max()), 1e-6)
    return float((found - expected).abs().max()) / scale


def answer(**found: Any) -> dict[str, Any]:
    return {"ui": {"text": [json.dumps(found)]}, "result": ("",)}


def count_strands() -> int:
    name = library("work.strands").NAME
    return sum(thread.name == name for thread in threading.enumerate())


def _no_progress(_fraction: float, _preview: Any) -> None:
    pass


cancels: list[bool] = []
"""Whether to cancel before the next node that finds strands."""
nodes: Any = importlib.import_module("nodes")  # ComfyUI's, not the pack's
_before_node = nodes.before_node_execution


def _before_node_or_cancel() -> None:
    if cancels and count_strands():
        cancels.clear()
        raise comfy.model_management.InterruptProcessingException
    _before_node()


nodes.before_node_execution = _before_node_or_cancel

routes = PromptServer.instance.routes


@routes.get("/instep/strands")
async def answer_strands(_request: web.Request) -> web.Response:
    gc.collect()  # as ComfyUI does from time to time
    clips = {id(o.cond_stage_model) for o in gc.get_objects() if type(o) is comfy.sd.CLIP}
    return web.json_response({"strands": count_strands(), "clips": len(clips)})


@routes.post("/instep/cancel")
async def cancel_between_nodes(_request: web.Request) -> web.Response:
    cancels.append(True)
    return web.json_response({})


NODE_CLASS_MAPPINGS = {
    "LatentsInStep": LatentsInStep,
    "StackedQuestions": StackedQuestions,
    "AbandonedRuns": AbandonedRuns,
    "OvertakenRun": OvertakenRun,
    "YieldingWeights": YieldingWeights,
    "LargePlaces": LargePlaces,
    "SmallDevice": SmallDevice,
    "Inpainting": Inpainting,
}
