"""Stages: the pieces of work that make a picture, and how a recipe becomes them.

A stage is a frozen value that contains the stages it builds on, so equal work is an equal value
and is done once, whichever cells need it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .a1111_prompt import read_script
from .recipe import A1111, Recipe, first_step, switch_step
from .script import Script, calls_per_step

LINKED = ""
"""The source of stages that run on a linked model, CLIP or VAE and need no load."""

LATENT = "latent_image"
"""Names the latent that sampling starts from, among the inputs of stages."""

CHECKPOINT, EMBEDDING, LORA, VAE = "checkpoint", "embedding", "lora", "VAE"
"""Among the inputs of stages, these words and a name are a file."""

_EMBEDDINGS = re.compile(r"embedding:([^\s,:()\[\]]+)")


@dataclass(frozen=True)
class AppliedLora:
    """A LoRA as it changes one model: a diffusion model or a CLIP."""

    name: str
    strength: float


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
    clip_skip: int = 0
    """The layer that is read, counted from the last one; 0 for the one that the CLIP has set."""
    loras: tuple[AppliedLora, ...] = ()
    """What changes the CLIP, in the order in which it is applied."""
    role: str = "base"
    """``base`` or ``refiner``: which linked CLIP is meant, where the source is LINKED."""

    weight = 1
    """Length on the progress bar, in sampler steps."""


@dataclass(frozen=True)
class LinkedConditioning:
    """A conditioning that is linked to the sweep node and used as it is."""

    name: str
    """The input: ``positive_conditioning`` or ``negative_conditioning``."""


@dataclass(frozen=True)
class Scripted:
    """Several texts of one CLIP that steer a sampler run by a script."""

    script: Script
    encode: Encode
    """How each of the script's texts is encoded; its own text is empty."""

    @property
    def texts(self) -> tuple[Encode, ...]:
        """The distinct texts to encode, in the order of the script's."""
        return tuple(replace(self.encode, text=text) for text in self.script.texts)


Conditioning = Encode | Scripted | LinkedConditioning
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
    loras: tuple[AppliedLora, ...] = ()
    """What changes the model, in the order in which it is applied."""
    role: str = "base"

    @property
    def adds_noise(self) -> bool:
        """Whether fresh noise is added first: never to a latent that still carries its own."""
        return self.start is None

    @property
    def balance(self) -> float:
        """Strength of the negative conditioning among the positive, see Script."""
        return self.positive.script.balance if isinstance(self.positive, Scripted) else 0.0

    @property
    def cfg_scale(self) -> float:
        """The cfg to sample with: a script may need more or less than the recipe says."""
        factor = self.positive.script.cfg_factor if isinstance(self.positive, Scripted) else 1
        return self.cfg * factor

    @property
    def first_call(self) -> int:
        """How often the denoiser has been called for the picture before this run."""
        if self.start is None:
            return 0
        done = (self.start_step or 0) - (self.start.start_step or 0)
        return done * calls_per_step(self.sampler_name)

    @property
    def weight(self) -> int:
        """Number of sampler steps that it runs, at most."""
        last = self.steps if self.last_step is None else self.last_step
        return last - (self.start_step or 0)


@dataclass(frozen=True)
class Decode:
    """Decode a sampled latent to pictures."""

    source: str
    """The checkpoint that the VAE comes from, or LINKED; or a VAE file."""
    latent: Sample
    vae_file: bool = False
    """Whether the source is a VAE file."""

    weight = 1
    """Length on the progress bar, in sampler steps."""


Stage = Encode | Sample | Decode


def stages_before(stage: Stage) -> tuple[Stage, ...]:
    """The stages whose results a stage works on."""
    if isinstance(stage, Encode):
        return ()
    if isinstance(stage, Decode):
        return (stage.latent,)
    texts = (*texts_of(stage.positive), *texts_of(stage.negative))
    return (*texts, *((stage.start,) if stage.start else ()))


def texts_of(conditioning: Conditioning) -> tuple[Encode, ...]:
    """The texts that are encoded for a conditioning, each once."""
    if isinstance(conditioning, Encode):
        return (conditioning,)
    return conditioning.texts if isinstance(conditioning, Scripted) else ()


def stage_inputs(stage: Stage) -> tuple[str, ...]:
    """What a stage works with besides the results of other stages.

    Returns:
        Names: ``checkpoint <name>``, ``VAE <name>``, ``lora <name>`` and ``embedding <name>`` for
        files; ``model``, ``clip``, ``vae`` or a conditioning's name for what is linked to the
        sweep node; ``refiner`` for what is linked to its refiner node; LATENT for the latent that
        sampling starts from.
    """
    names = [_model_input(stage)]
    if isinstance(stage, (Encode, Sample)):
        names += [f"{LORA} {lora.name}" for lora in stage.loras]
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
    """A VAE of its own, not a linked model's: it decodes every cell that names no VAE file."""
    positive_conditioning: bool = False
    negative_conditioning: bool = False


def decode_stage(recipe: Recipe, links: Links) -> Decode:
    """Turn a recipe into the stages that make its picture; the last one contains the others."""
    latent = _refined(recipe, _base(recipe, links))
    if recipe.vae_name:
        return Decode(recipe.vae_name, latent, vae_file=True)
    return Decode(LINKED if links.vae else recipe.ckpt_name, latent)


def _base(recipe: Recipe, links: Links) -> Sample:
    def conditioning(linked: bool, name: str, text: str) -> Conditioning:
        if linked:
            return LinkedConditioning(name)
        composed = name == "positive_conditioning"
        encode = Encode(recipe.ckpt_name, text, clip_skip=recipe.clip_skip, loras=clip_loras)
        return _read(recipe, encode, recipe.sampler_name, composed=composed)

    clip_loras = _applied((lora.name, lora.strength_clip) for lora in recipe.loras)
    refiner = recipe.refiner
    switch = switch_step(recipe.steps, refiner.switch_at) if refiner else recipe.steps
    cut = switch < recipe.steps
    shortened = recipe.denoise_steps == "a1111"
    first = first_step(recipe.steps, recipe.denoise) if shortened else 0
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
        denoise=1.0 if shortened else recipe.denoise,
        width=recipe.width,
        height=recipe.height,
        start_step=first if cut or first else None,
        last_step=switch if cut else None,
        loras=_applied((lora.name, lora.strength_model) for lora in recipe.loras),
    )


def _applied(strengths: Iterable[tuple[str, float]]) -> tuple[AppliedLora, ...]:
    """The LoRAs that change anything: at strength 0, a model stays as it is."""
    return tuple(AppliedLora(name, strength) for name, strength in strengths if strength)


def _refined(recipe: Recipe, base: Sample) -> Sample:
    """Let the refiner go on with the base's leftover noise, or leave the base as it is.

    With a switch after the last step the refiner never runs; with a switch before the first one
    that is run it does all the work, noise included.
    """
    refiner = recipe.refiner
    if refiner is None or base.last_step is None:
        return base

    def encode(text: str, ascore: float) -> Encode:
        size = (recipe.width, recipe.height)
        return Encode(refiner.ckpt_name, text, ascore, *size, role="refiner")

    sampler_name = refiner.sampler_name or recipe.sampler_name
    positive = encode(refiner.positive or recipe.positive, refiner.ascore)
    negative = encode(refiner.negative or recipe.negative, refiner.negative_ascore)
    switch, first = base.last_step, base.start_step or 0
    goes_on = switch > first
    return Sample(
        source=refiner.ckpt_name,
        positive=_read(recipe, positive, sampler_name, composed=True),
        negative=_read(recipe, negative, sampler_name, composed=False),
        seed=recipe.seed,
        steps=recipe.steps,
        cfg=refiner.cfg or recipe.cfg,
        sampler_name=sampler_name,
        scheduler=refiner.scheduler or recipe.scheduler,
        denoise=base.denoise,
        width=recipe.width,
        height=recipe.height,
        start=base if goes_on else None,
        start_step=switch if goes_on else first or None,
        role="refiner",
    )


def _read(recipe: Recipe, encode: Encode, sampler_name: str, *, composed: bool) -> Conditioning:
    """Read a prompt in the recipe's syntax; it is the text of ``encode``."""
    if recipe.prompt_syntax != A1111:
        return encode
    calls = recipe.steps * calls_per_step(sampler_name)
    script = read_script(encode.text, calls, composed=composed)
    if script.only_text is None:
        return Scripted(script, replace(encode, text=""))
    return replace(encode, text=script.only_text)


def _model_input(stage: Stage) -> str:
    if stage.source != LINKED:
        from_vae = isinstance(stage, Decode) and stage.vae_file
        return f"{VAE if from_vae else CHECKPOINT} {stage.source}"
    if isinstance(stage, Decode):
        return "vae"
    if stage.role == "refiner":
        return "refiner"
    return "clip" if isinstance(stage, Encode) else "model"
