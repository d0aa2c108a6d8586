"""The prompts of a benchmark: a sweep, the native graph of each cell, and the bare loop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .cells import TEXTS, Cell, Pass

Link = list[Any]


class Prompt:
    """A prompt in API format, built node by node."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}

    def add(self, class_type: str, **inputs: Any) -> Link:
        """Add a node and return a link to its first output; an equal node is there once only."""
        node = {"class_type": class_type, "inputs": inputs}
        node_id = next((known for known, other in self.nodes.items() if other == node), None)
        if node_id is None:
            node_id = str(len(self.nodes) + 1)
            self.nodes[node_id] = node
        return [node_id, 0]

    def loader(self, model: str) -> dict[str, Link]:
        """Add a checkpoint loader; returns its model, clip and vae."""
        node_id, _ = self.add("CheckpointLoaderSimple", ckpt_name=model)
        return {"model": [node_id, 0], "clip": [node_id, 1], "vae": [node_id, 2]}

    def axis(self, kind: str, **inputs: Any) -> Link:
        """Add an axis node, by the end of its name: ``Number``, ``Sampler``, ..."""
        return self.add(f"PeriplusAxis{kind}", **inputs)


def native_prompt(cell: Cell, prefix: str) -> dict[str, Any]:
    """Return the graph of stock nodes that makes one cell and saves it."""
    prompt = Prompt()
    latent: Link | None = None
    side = 0
    for run in cell.passes:
        if latent is None:
            size = {"width": run.side, "height": run.side}
            latent = prompt.add("EmptyLatentImage", **size, batch_size=1)
        elif run.side != side:
            latent = prompt.add(
                "LatentUpscale",
                samples=latent,
                upscale_method="bilinear",
                width=run.side,
                height=run.side,
                crop="disabled",
            )
        side = run.side
        latent = _sampled(prompt, run, latent)
    vae = prompt.add("VAELoader", vae_name=cell.vae) if cell.vae else None
    vae = vae or prompt.loader(cell.passes[0].model)["vae"]
    images = prompt.add("VAEDecode", vae=vae, samples=latent)
    prompt.add("SaveImage", images=images, filename_prefix=prefix)
    return prompt.nodes


def _sampled(prompt: Prompt, run: Pass, latent: Link) -> Link:
    models = prompt.loader(run.model)
    texts = {
        name: prompt.add("CLIPTextEncode", clip=models["clip"], text=text)
        for name, text in TEXTS.items()
    }
    settings = {
        "model": models["model"],
        "latent_image": latent,
        "steps": run.steps,
        "cfg": run.cfg,
        "sampler_name": run.sampler_name,
        "scheduler": run.scheduler,
        **texts,
    }
    if not run.start and run.end is None:
        return prompt.add("KSampler", **settings, seed=run.seed, denoise=run.denoise)
    return prompt.add(
        "KSamplerAdvanced",
        **settings,
        noise_seed=run.seed,
        add_noise="disable" if run.start else "enable",
        start_at_step=run.start,
        end_at_step=10_000 if run.end is None else run.end,
        return_with_leftover_noise="disable" if run.end is None else "enable",
    )


def loop_prompt(cells: Sequence[Cell], batch: int = 1) -> dict[str, Any]:
    """Return the prompt of the bare loop, see ``pack``.

    Args:
        batch: so many cells that differ in nothing but the seed are sampled as one batch.
    """
    prompt = Prompt()
    jobs = {"texts": dict(TEXTS), "cells": [asdict(cell) for cell in cells], "batch": batch}
    prompt.add("PeriplusBenchLoop", jobs=json.dumps(jobs))
    return prompt.nodes
