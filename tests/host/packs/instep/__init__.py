"""A node pack for the tests only: looks at runs that go in step from inside the server.

One node compares their latents, which no picture shows exactly enough, with those of single runs;
the other stands for a device that has memory for few pictures.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Any

import comfy.sample
import torch
from comfy.samplers import KSampler

TEXTS = ("a red ship", "a lighthouse " * 60)
"""Of different length in tokens."""


def library(name: str) -> Any:
    """A module of the pack under test, by the end of its name."""
    return next(module for key, module in sys.modules.items() if key.endswith(f".periplus.{name}"))


class LatentsInStep:
    RETURN_TYPES = ("STRING",)
    FUNCTION = "compare"
    CATEGORY = "tests"
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {
            "required": {
                "model": ("MODEL",),
                "clip": ("CLIP",),
                "together": ("INT", {"default": 8}),
            }
        }

    def compare(self, model: Any, clip: Any, together: int) -> dict[str, Any]:
        texts = [clip.encode_from_tokens_scheduled(clip.tokenize(text)) for text in TEXTS]
        runs = self.runs()
        single = [
            comfy.sample.sample(
                model,
                comfy.sample.prepare_noise(torch.zeros(1, 4, 8, 8), run.seed),
                run.steps,
                run.cfg,
                run.sampler_name,
                run.scheduler,
                texts[number % 2],
                texts[0],
                torch.zeros(1, 4, 8, 8),
                seed=run.seed,
                disable_pbar=True,
            )
            for number, run in enumerate(runs)
        ]
        account = library("manifest").Account()
        differences = {}
        for number, latent in self.in_step(model, texts, runs, together, account):
            run, expected = runs[number], single[number]
            difference = (latent - expected).abs().max() / expected.abs().max()
            differences[f"{run.sampler_name}/{run.scheduler}"] = float(difference)
        found = {
            "passes": account.denoiser_passes,
            "evaluations": account.denoiser_evaluations,
            "differences": differences,
        }
        return {"ui": {"text": [json.dumps(found)]}, "result": ("",)}

    def in_step(
        self, model: Any, texts: list[Any], runs: list[Any], together: int, account: Any
    ) -> Any:
        lockstep, sampling = library("host.lockstep"), library("host.sampling")
        memo = library("memo").Memo([])
        sampler = sampling.Sampler(model, memo, account, in_step=True)
        size = library("batch_size").BatchSize(str(together), lambda _count: True)
        steps = lockstep.Lockstep(sampler.model, size, account)
        empty = {"samples": torch.zeros(1, 4, 8, 8)}
        jobs = (
            (number, partial(sampler.run, run, texts[number % 2], texts[0], empty, _no_progress))
            for number, run in enumerate(runs)
        )
        for outcome in steps.run(jobs):
            yield outcome.name, outcome.result["samples"]

    def runs(self) -> list[Any]:
        """Every sampler and every scheduler, with settings that differ from run to run."""
        stages = library("stages")
        text = stages.Encode("", "")
        schedulers = KSampler.SCHEDULERS
        pairs = [
            (name, schedulers[n % len(schedulers)]) for n, name in enumerate(KSampler.SAMPLERS)
        ]
        return [
            stages.Sample(
                source="",
                positive=text,
                negative=text,
                seed=number,
                steps=4 + number % 4,
                cfg=(1.0, 4.0, 7.5)[number % 3],
                sampler_name=sampler_name,
                scheduler=scheduler,
                denoise=1.0,
                width=64,
                height=64,
            )
            for number, (sampler_name, scheduler) in enumerate(pairs)
        ]


class SmallDevice:
    RETURN_TYPES = ("MODEL",)
    FUNCTION = "patch"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"model": ("MODEL",), "rows": ("INT", {"default": 4})}}

    def patch(self, model: Any, rows: int) -> tuple[Any]:
        patched, apply_model = model.clone(), model.model.apply_model

        def limited(x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
            if x.shape[0] > rows:
                raise torch.OutOfMemoryError("the small device is full")
            return apply_model(x, *args, **kwargs)

        patched.add_object_patch("apply_model", limited)
        return (patched,)


def _no_progress(_fraction: float, _preview: Any) -> None:
    pass


NODE_CLASS_MAPPINGS = {"LatentsInStep": LatentsInStep, "SmallDevice": SmallDevice}
