"""What a benchmark's cells are made of, said once for all sides, and the least that they cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

TEXTS: Mapping[str, str] = {"positive": "a red ship at sea", "negative": "fog"}
"""The prompts of every cell."""

LATENT_PIXELS = 8
"""Pixels along one side of a latent's pixel."""


@dataclass(frozen=True)
class Pass:
    """One sampler run, in the terms of KSampler and KSamplerAdvanced."""

    model: str
    """The checkpoint's file."""
    side: int
    """Width and height in pixels; another one than before enlarges the latent."""
    seed: int = 7
    steps: int = 20
    cfg: float = 5.0
    sampler_name: str = "euler"
    scheduler: str = "normal"
    denoise: float = 1.0
    start: int = 0
    """The first step; after step 0 it goes on with what the pass before left."""
    end: int | None = None
    """The step before which it hands over with the noise left in; None goes to the last."""

    @property
    def evaluations(self) -> int:
        """How often it asks the model."""
        run = (self.steps if self.end is None else self.end) - self.start
        return 2 * run - 1 if self.sampler_name == "heun" else run


@dataclass(frozen=True)
class Cell:
    """One picture: its passes in order, and what decodes it."""

    passes: tuple[Pass, ...]
    vae: str = ""
    """A VAE file; empty for the VAE of the first pass's checkpoint."""


@dataclass(frozen=True)
class Costs:
    """What was done, as the counting pack counts it; the names are its own."""

    model_loads: int
    text_encodes: int
    denoiser_evaluations: int
    vae_decodes: int


def least(cells: Sequence[Cell]) -> Costs:
    """Return what the cells cost where no load, text, pass or picture is made twice.

    Nor the first evaluation of passes that begin alike: at the first sigma, which is the same for
    any number of steps, neither sampler nor cfg has done anything (but cfg 1, which asks less).
    """
    models = {run.model for cell in cells for run in cell.passes}
    vaes = {cell.vae for cell in cells if cell.vae}
    beginnings = {cell.passes[:n] for cell in cells for n in range(1, len(cell.passes) + 1)}
    firsts = {passes[0] for passes in beginnings}
    starts = {
        replace(run, steps=0, cfg=float(run.cfg == 1), sampler_name="", end=None) for run in firsts
    }
    evaluations = sum(passes[-1].evaluations for passes in beginnings)
    return Costs(
        model_loads=len(models) + len(vaes),
        text_encodes=len(models) * len(TEXTS),
        denoiser_evaluations=evaluations - (len(firsts) - len(starts)),
        vae_decodes=len(set(cells)),
    )
