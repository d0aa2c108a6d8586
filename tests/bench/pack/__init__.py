"""A node pack for the benchmark only: the bare loop, and what the server has taken.

``/bench/usage`` answers the processor's seconds since the server's start, those in the models and
in PNG encoding among them, and the most bytes of memory since ``/bench/usage/reset``. For this it
wraps functions of ComfyUI's and Pillow's, which a real pack never should.
"""

from __future__ import annotations

import gc
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comfy.model_management
import comfy.sample
import comfy.sd
import comfy.utils
import folder_paths
import numpy as np
import torch
from aiohttp import web
from PIL import Image
from server import PromptServer

STATUS = Path("/proc/self/status")
"""Where Linux tells the peak of this process; elsewhere it stays unknown, as 0."""

PNG_COMPRESS_LEVEL = 4
"""The level of ComfyUI's SaveImage."""


class BenchLoop:
    """Samples, decodes and saves cells one after another, with everything loaded before.

    It reports the seconds of this loop alone: no node, no cache and no message takes part in it.
    """

    RETURN_TYPES = ()
    FUNCTION = "run"
    OUTPUT_NODE = True
    CATEGORY = "periplus/bench"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name
        return {"required": {"jobs": ("STRING", {})}}

    @classmethod
    def IS_CHANGED(cls, **_: Any) -> float:  # noqa: N802 - ComfyUI's name
        return float("nan")

    def run(self, jobs: str) -> dict[str, Any]:
        """Run the jobs that ``prompts.loop_prompt`` describes."""
        asked = json.loads(jobs)
        cells, batch = asked["cells"], asked["batch"]
        loop = Loop(cells, asked["texts"])
        loop.cell(cells[:1])  # brings the model to its device
        started, processor_started = time.perf_counter(), time.process_time()
        for first in range(0, len(cells), batch):
            loop.cell(cells[first : first + batch])
        took = {
            "seconds": time.perf_counter() - started,
            "processor": time.process_time() - processor_started,
        }
        return {"ui": {"bench": [took]}}


class Loop:
    """The loaded models, the encoded texts, and what makes a cell of them."""

    def __init__(self, cells: list[dict[str, Any]], texts: dict[str, str]) -> None:
        self._folder = Path(folder_paths.get_output_directory()) / "loop"
        self._folder.mkdir(exist_ok=True)
        self._written = 0
        self._models: dict[str, Any] = {}
        self._texts: dict[str, list[Any]] = {}
        self._vaes: dict[str, Any] = {}
        for name in dict.fromkeys(run["model"] for cell in cells for run in cell["passes"]):
            path = folder_paths.get_full_path_or_raise("checkpoints", name)
            self._models[name], clip, self._vaes[name], _ = comfy.sd.load_checkpoint_guess_config(
                path, embedding_directory=folder_paths.get_folder_paths("embeddings")
            )
            self._texts[name] = [
                clip.encode_from_tokens_scheduled(clip.tokenize(texts[kind]))
                for kind in ("positive", "negative")
            ]
        for name in dict.fromkeys(cell["vae"] for cell in cells if cell["vae"]):
            path = folder_paths.get_full_path_or_raise("vae", name)
            self._vaes[name] = comfy.sd.VAE(sd=comfy.utils.load_torch_file(path))

    def cell(self, cells: list[dict[str, Any]]) -> None:
        """Make and save one cell, or several that differ in nothing but the seed as one batch."""
        latent: torch.Tensor | None = None
        for runs in zip(*(cell["passes"] for cell in cells), strict=True):
            latent = self._sample(runs[0], [run["seed"] for run in runs], latent)
        assert latent is not None
        vae = self._vaes[cells[0]["vae"] or cells[0]["passes"][0]["model"]]
        for sample in latent:
            self._save(vae.decode(sample[None])[0])

    def _sample(
        self, run: dict[str, Any], seeds: list[int], before: torch.Tensor | None
    ) -> torch.Tensor:
        side = run["side"] // 8
        if before is None:
            device = comfy.model_management.intermediate_device()
            latent = torch.zeros([len(seeds), 4, side, side], device=device)
        elif before.shape[-1] != side:
            latent = comfy.utils.common_upscale(before, side, side, "bilinear", "disabled")
        else:
            latent = before
        positive, negative = self._texts[run["model"]]
        return comfy.sample.sample(
            self._models[run["model"]],
            torch.zeros_like(latent) if run["start"] else noise_of(latent, seeds),
            run["steps"],
            run["cfg"],
            run["sampler_name"],
            run["scheduler"],
            positive,
            negative,
            latent,
            denoise=run["denoise"],
            disable_noise=run["start"] > 0,
            start_step=run["start"] or None,
            last_step=run["end"],
            force_full_denoise=run["start"] > 0,
            disable_pbar=True,
            seed=seeds[0],
        )

    def _save(self, image: torch.Tensor) -> None:
        pixels = np.clip(255.0 * image.cpu().numpy(), 0, 255).astype(np.uint8)
        path = self._folder / f"{self._written:05}.png"
        Image.fromarray(pixels).save(path, compress_level=PNG_COMPRESS_LEVEL)
        self._written += 1


def noise_of(latent: torch.Tensor, seeds: list[int]) -> torch.Tensor:
    """Return the noise that each picture gets where it is sampled alone."""
    return torch.cat([comfy.sample.prepare_noise(latent[:1], seed) for seed in seeds])


class Inner:
    """The processor's seconds inside the functions that do what no sweep can do without."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._thread = threading.local()
        self._lock = threading.Lock()  # pictures are encoded beside the sampling

    def count(self, owner: Any, name: str) -> None:
        """Count what a function takes, unless another counted one has called it."""
        original: Callable[..., Any] = getattr(owner, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            if getattr(self._thread, "inside", False):
                return original(*args, **kwargs)
            self._thread.inside, started = True, time.thread_time()
            try:
                return original(*args, **kwargs)
            finally:
                with self._lock:
                    self.seconds += time.thread_time() - started
                self._thread.inside = False

        setattr(owner, name, counting)


inner = Inner()
inner.count(comfy.sd, "load_checkpoint_guess_config")
inner.count(comfy.sd.CLIP, "encode_from_tokens_scheduled")
inner.count(comfy.sample, "prepare_noise")  # as KSampler does before it samples
inner.count(comfy.sample, "sample")
inner.count(comfy.sd.VAE, "decode")
inner.count(Image.Image, "save")

routes = PromptServer.instance.routes


@routes.get("/bench/usage")
async def answer_usage(_request: web.Request) -> web.Response:
    """Answer the processor's seconds, and the most bytes that lay in memory and on the GPU."""
    lines = STATUS.read_text(encoding="utf-8").splitlines() if STATUS.is_file() else []
    peak = sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    gpu = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 0
    seconds = {"processor": time.process_time(), "inner": inner.seconds}
    return web.json_response({**seconds, "memory": peak * 1024, "gpu": gpu})


@routes.post("/bench/usage/reset")
async def reset_usage(_request: web.Request) -> web.Response:
    """Count the peaks from what is taken now."""
    gc.collect()
    if STATUS.is_file():
        STATUS.with_name("clear_refs").write_text("5", encoding="ascii")
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    return web.json_response({})


NODE_CLASS_MAPPINGS = {"PeriplusBenchLoop": BenchLoop}
