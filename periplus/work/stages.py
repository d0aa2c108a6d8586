"""Stages: the pieces of work that make a picture.

A stage is a frozen value that contains the stages it builds on, so equal work is an equal value
and is done once, whichever cells need it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ..prompts.script import Script, calls_per_step
from ..tiling import AUTO
from ..upscalers import MODEL, parse_upscaler

LINKED = ""
"""The source of stages that run on a linked model, CLIP or VAE and need no load."""

LATENT, PICTURE = "latent_image", "image"
"""Name the latent and the picture that sampling may start from, among the inputs of stages."""

CHECKPOINT, EMBEDDING, LORA, VAE = "checkpoint", "embedding", "lora", "VAE"
UPSCALER = "upscale_model"
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
class EncodePixels:
    """Encode the linked picture to the latent that sampling starts from."""

    source: str
    """The checkpoint that the VAE comes from, or LINKED; or a VAE file."""
    width: int
    """Pixels; a picture of another size is resized to it."""
    height: int
    vae_file: bool = False
    """Whether the source is a VAE file."""
    tiling: str = AUTO
    """One of ``tiling.VAE_TILING``."""

    weight = 1
    """Length on the progress bar, in sampler steps."""


@dataclass(frozen=True)
class Handoff:
    """Where a sampler run goes on under a refiner, without being ended and begun anew.

    What the refiner does with the run is part of it, since a run can go on only once.
    """

    call: int
    """Calls of the denoiser before it."""
    source: str
    """The checkpoint of the refiner, or LINKED."""
    positive: Conditioning
    negative: Conditioning
    cfg: float


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
    start: Sample | Enlarge | EncodePixels | None = None
    """The run whose latent this one goes on with, or what enlarges it, or what encodes a picture;
    None for the linked latent or an empty one."""
    start_step: int | None = None
    last_step: int | None = None
    loras: tuple[AppliedLora, ...] = ()
    """What changes the model, in the order in which it is applied."""
    role: str = "base"
    handoff: Handoff | None = None
    """Where the run pauses, to be ended by another stage that goes on with it."""

    @property
    def adds_noise(self) -> bool:
        """Whether fresh noise is added first: never to a latent that still carries its own."""
        return not isinstance(self.start, Sample)

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
        if not isinstance(self.start, Sample):
            return 0
        if self.start.handoff:
            return self.start.handoff.call
        done = (self.start_step or 0) - (self.start.start_step or 0)
        return done * calls_per_step(self.sampler_name)

    @property
    def weight(self) -> int:
        """Number of sampler steps that it runs, at most."""
        last = self.steps if self.last_step is None else self.last_step
        return last - (self.start_step or 0)


@dataclass(frozen=True)
class Enlarge:
    """Enlarge a sampled latent for a second pass."""

    source: str
    """The checkpoint that the VAE comes from, or LINKED; or a VAE file."""
    latent: Sample
    upscaler: str
    """See ``upscalers.parse_upscaler``."""
    width: int
    """Of the enlarged picture, in pixels."""
    height: int
    vae_file: bool = False
    """Whether the source is a VAE file."""
    tiling: str = AUTO
    """One of ``tiling.VAE_TILING``."""

    weight = 1
    """Length on the progress bar, in sampler steps."""

    @property
    def decodes(self) -> bool:
        """Whether it works on the decoded picture, which is then encoded again."""
        return parse_upscaler(self.upscaler).decodes


@dataclass(frozen=True)
class Decode:
    """Decode a sampled latent to pictures."""

    source: str
    """The checkpoint that the VAE comes from, or LINKED; or a VAE file."""
    latent: Sample
    vae_file: bool = False
    """Whether the source is a VAE file."""
    tiling: str = AUTO
    """One of ``tiling.VAE_TILING``."""

    weight = 1
    """Length on the progress bar, in sampler steps."""


Stage = Encode | EncodePixels | Sample | Enlarge | Decode


def stages_before(stage: Stage) -> tuple[Stage, ...]:
    """The stages whose results a stage works on."""
    if isinstance(stage, (Encode, EncodePixels)):
        return ()
    if isinstance(stage, (Decode, Enlarge)):
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
        Names: ``checkpoint <name>``, ``VAE <name>``, ``lora <name>``, ``embedding <name>`` and
        ``upscale_model <name>`` for files; ``model``, ``clip``, ``vae`` or a conditioning's name
        for what is linked to the sweep node; ``refiner`` for what is linked to its refiner node;
        LATENT or PICTURE for what sampling starts from.
    """
    if isinstance(stage, Enlarge) and not stage.decodes:
        return ()
    names = [_model_input(stage)]
    if isinstance(stage, (Encode, Sample)):
        names += [f"{LORA} {lora.name}" for lora in stage.loras]
    if isinstance(stage, Encode):
        names += [f"{EMBEDDING} {name}" for name in embeddings_in(stage.text)]
    if isinstance(stage, Sample):
        conditionings = (stage.positive, stage.negative)
        names += [c.name for c in conditionings if isinstance(c, LinkedConditioning)]
        names += [LATENT] if stage.start is None else []
    if isinstance(stage, EncodePixels):
        names.append(PICTURE)
    if isinstance(stage, Enlarge):
        upscaler = parse_upscaler(stage.upscaler)
        names += [f"{UPSCALER} {upscaler.method}"] if upscaler.kind == MODEL else []
    return tuple(names)


def embeddings_in(text: str) -> list[str]:
    """The textual inversions that a text names, as ComfyUI takes them: ``embedding:name``."""
    return _EMBEDDINGS.findall(text)


def _model_input(stage: Stage) -> str:
    uses_vae = isinstance(stage, (EncodePixels, Enlarge, Decode))
    if stage.source != LINKED:
        from_vae = uses_vae and stage.vae_file
        return f"{VAE if from_vae else CHECKPOINT} {stage.source}"
    if uses_vae:
        return "vae"
    if stage.role == "refiner":
        return "refiner"
    return "clip" if isinstance(stage, Encode) else "model"
