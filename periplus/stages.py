"""Stages: the pieces of work that make a picture, and how a recipe becomes them.

A stage is a frozen value that contains the stages it builds on, so equal work is an equal value
and is done once, whichever cells need it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .recipe import Recipe, switch_step

LINKED = ""
"""The source of stages that run on a linked model, CLIP or VAE and need no load."""

LATENT = "latent_image"
"""Names the latent that sampling starts from, among the inputs of stages."""

CHECKPOINT, EMBEDDING = "checkpoint", "embedding"
"""Among the inputs of stages, these words and a name are a file."""

_EMBEDDINGS = re.compile(r"embedding:([^\s,:()\[\]]+)")


@dataclass(frozen=True)
class Encode:
    """Encode a text with one CLIP."""

    source: str
    """The checkpoint that the CLIP comes from, or LINKED."""
    text: str
    ascore: float | None = None
    """Aesthetic score, for an SDXL refiner; None for any other model."""
    width: int = 0
    height: int = 0
    """Pixels, for an SDXL refiner; 0 for any other model, which takes them from the latent."""
    role: str = "base"
    """``base`` or ``refiner``: which linked CLIP is meant, where the source is LINKED."""

    weight = 1
    """Length on the progress bar, in sampler steps."""


@dataclass(frozen=True)
class LinkedConditioning:
    """A conditioning that is linked to the sweep node and used as it is."""

    name: str
    """The input: ``positive_conditioning`` or ``negative_conditioning``."""


Conditioning = Encode | LinkedConditioning
"""What a sampler run is steered by."""


@dataclass(frozen=True)
class Sample:
    """One sampler run on one model, as KSampler does it (or KSamplerAdvanced, where cut)."""

    source: str
    positive: Conditioning
    negative: Conditioning
    seed: int
    steps: int
    cfg: float
    sampler_name: str
    scheduler: str
    denoise: float
    width: int
    height: int
    start: Sample | None = None
    """The run whose latent this one goes on with; None for the start latent."""
    start_step: int | None = None
    last_step: int | None = None
    role: str = "base"

    @property
    def adds_noise(self) -> bool:
        """Whether fresh noise is added first: never to a latent that still carries its own."""
        return self.start is None

    @property
    def weight(self) -> int:
        """Number of sampler steps that it runs, at most."""
        last = self.steps if self.last_step is None else self.last_step
        return last - (self.start_step or 0)


@dataclass(frozen=True)
class Decode:
    """Decode a sampled latent to pictures."""

    source: str
    """The checkpoint that the VAE comes from, or LINKED."""
    latent: Sample

    weight = 1
    """Length on the progress bar, in sampler steps."""


Stage = Encode | Sample | Decode


def stages_before(stage: Stage) -> tuple[Stage, ...]:
    """The stages whose results a stage works on."""
    if isinstance(stage, Encode):
        return ()
    if isinstance(stage, Decode):
        return (stage.latent,)
    texts = (t for t in (stage.positive, stage.negative) if isinstance(t, Encode))
    return (*texts, *((stage.start,) if stage.start else ()))


def stage_inputs(stage: Stage) -> tuple[str, ...]:
    """What a stage works with besides the results of other stages.

    Returns:
        Names: ``checkpoint <name>`` and ``embedding <name>`` for files; ``model``, ``clip``,
        ``vae`` or a conditioning's name for what is linked to the sweep node; ``refiner`` for what
        is linked to its refiner node; LATENT for the latent that sampling starts from.
    """
    names = [_model_input(stage)]
    if isinstance(stage, Encode):
        names += [f"{EMBEDDING} {name}" for name in _EMBEDDINGS.findall(stage.text)]
    if isinstance(stage, Sample):
        conditionings = (stage.positive, stage.negative)
        names += [c.name for c in conditionings if isinstance(c, LinkedConditioning)]
        names += [LATENT] if stage.start is None else []
    return tuple(names)


@dataclass(frozen=True)
class Links:
    """Which inputs of the sweep node are linked and so stand in for what a recipe names."""

    vae: bool = False
    """A VAE of its own, not a linked model's: it decodes every cell."""
    positive_conditioning: bool = False
    negative_conditioning: bool = False


def decode_stage(recipe: Recipe, links: Links) -> Decode:
    """Turn a recipe into the stages that make its picture; the last one contains the others."""
    vae = LINKED if links.vae else recipe.ckpt_name
    return Decode(vae, _refined(recipe, _base(recipe, links)))


def _base(recipe: Recipe, links: Links) -> Sample:
    def conditioning(linked: bool, name: str, text: str) -> Conditioning:
        return LinkedConditioning(name) if linked else Encode(recipe.ckpt_name, text)

    refiner = recipe.refiner
    switch = switch_step(recipe.steps, refiner.switch_at) if refiner else recipe.steps
    cut = switch < recipe.steps
    return Sample(
        source=recipe.ckpt_name,
        positive=conditioning(
            links.positive_conditioning, "positive_conditioning", recipe.positive
        ),
        negative=conditioning(
            links.negative_conditioning, "negative_conditioning", recipe.negative
        ),
        seed=recipe.seed,
        steps=recipe.steps,
        cfg=recipe.cfg,
        sampler_name=recipe.sampler_name,
        scheduler=recipe.scheduler,
        denoise=recipe.denoise,
        width=recipe.width,
        height=recipe.height,
        start_step=0 if cut else None,
        last_step=switch if cut else None,
    )


def _refined(recipe: Recipe, base: Sample) -> Sample:
    """Let the refiner go on with the base's leftover noise, or leave the base as it is.

    With a switch after the last step the refiner never runs; with a switch before the first one
    it does all the work, noise included.
    """
    refiner = recipe.refiner
    if refiner is None or base.last_step is None:
        return base

    def encode(text: str, ascore: float) -> Encode:
        size = (recipe.width, recipe.height)
        return Encode(refiner.ckpt_name, text, ascore, *size, role="refiner")

    switch = base.last_step
    return Sample(
        source=refiner.ckpt_name,
        positive=encode(refiner.positive or recipe.positive, refiner.ascore),
        negative=encode(refiner.negative or recipe.negative, refiner.negative_ascore),
        seed=recipe.seed,
        steps=recipe.steps,
        cfg=refiner.cfg or recipe.cfg,
        sampler_name=refiner.sampler_name or recipe.sampler_name,
        scheduler=refiner.scheduler or recipe.scheduler,
        denoise=recipe.denoise,
        width=recipe.width,
        height=recipe.height,
        start=base if switch > 0 else None,
        start_step=switch if switch > 0 else None,
        role="refiner",
    )


def _model_input(stage: Stage) -> str:
    if stage.source != LINKED:
        return f"{CHECKPOINT} {stage.source}"
    if isinstance(stage, Decode):
        return "vae"
    if stage.role == "refiner":
        return "refiner"
    return "clip" if isinstance(stage, Encode) else "model"
