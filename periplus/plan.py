"""The plan: the distinct stages of all cells, each once, in segments of one loaded model.

A stage is a frozen value that contains the stages it builds on, so equal work is an equal value
and is done once, whichever cells need it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .recipe import Recipe, switch_step

LINKED = ""
"""The source of stages that run on a linked model, CLIP or VAE and need no load."""

LATENT = "latent_image"
"""Names the latent that sampling starts from, among the inputs of stages."""

LOAD_WEIGHT = 4
"""A checkpoint load on the progress bar, in sampler steps."""


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
        Names: :func:`checkpoint_input` of a checkpoint; ``model``, ``clip``, ``vae`` or a
        conditioning's name for what is linked to the sweep node; ``refiner`` for what is linked to
        its refiner node; LATENT for the latent that sampling starts from.
    """
    names = [_model_input(stage)]
    if isinstance(stage, Sample):
        conditionings = (stage.positive, stage.negative)
        names += [c.name for c in conditionings if isinstance(c, LinkedConditioning)]
        names += [LATENT] if stage.start is None else []
    return tuple(names)


def checkpoint_input(name: str) -> str:
    """Name a checkpoint among the inputs of stages."""
    return f"checkpoint {name}"


def _model_input(stage: Stage) -> str:
    if stage.source != LINKED:
        return checkpoint_input(stage.source)
    if isinstance(stage, Decode):
        return "vae"
    if stage.role == "refiner":
        return "refiner"
    return "clip" if isinstance(stage, Encode) else "model"


@dataclass(frozen=True)
class Segment:
    """Stages in the order they run, all on one loaded checkpoint (or on the linked models)."""

    source: str
    """The checkpoint to work with; LINKED where none is loaded by the sweep."""
    stages: tuple[Stage, ...]
    loads: bool
    """Whether the checkpoint is loaded here; False where an earlier segment kept its VAE."""
    keeps_vae: bool = False
    """Whether a later segment decodes with this checkpoint's VAE."""

    @property
    def weight(self) -> int:
        """Length on the progress bar, in sampler steps."""
        return sum(s.weight for s in self.stages) + (LOAD_WEIGHT if self.loads else 0)


@dataclass(frozen=True)
class Plan:
    """What to do, in order."""

    segments: tuple[Segment, ...]

    @property
    def weight(self) -> int:
        """Length of the whole progress bar, in sampler steps."""
        return sum(segment.weight for segment in self.segments)

    @property
    def inputs(self) -> frozenset[str]:
        """What the stages work with, see :func:`stage_inputs`."""
        stages = (stage for segment in self.segments for stage in segment.stages)
        return frozenset(name for stage in stages for name in stage_inputs(stage))


@dataclass(frozen=True)
class Links:
    """Which inputs of the sweep node are linked and so stand in for what a recipe names."""

    vae: bool = False
    """A VAE that does not come from a checkpoint loader: it decodes every cell."""
    positive_conditioning: bool = False
    negative_conditioning: bool = False


def decode_stage(recipe: Recipe, links: Links) -> Decode:
    """Turn a recipe into the stages that make its picture; the last one contains the others."""
    vae = LINKED if links.vae else recipe.ckpt_name
    return Decode(vae, _refined(recipe, _base(recipe, links)))


def make_plan(decodes: Iterable[Decode]) -> Plan:
    """Order the distinct stages so that every checkpoint is loaded once.

    First each base checkpoint in order of appearance: its texts, then its cells one by one, so
    that pictures appear as early as they can. A cell that goes on to a refiner waits with its
    latent until all bases are done; then each refiner with its texts and runs; then the decodes,
    with the VAEs that the first segments kept. For base and refiner that is two loads for any
    number of cells.
    """
    wanted = list(dict.fromkeys(decodes))
    first = dict.fromkeys(base.source for base in map(_base_run, wanted) if base)
    second = dict.fromkeys(run.source for run in map(_refiner_run, wanted) if run)
    late = [decode for decode in wanted if not _decodes_at_once(decode)]
    kept = {decode.source for decode in late}

    segments = [
        Segment(source, _base_stages(wanted, source), source != LINKED, keeps_vae=source in kept)
        for source in first
    ]
    segments += [
        Segment(source, _refiner_stages(wanted, source), source != LINKED) for source in second
    ]
    segments += [
        Segment(
            source,
            tuple(decode for decode in late if decode.source == source),
            loads=source not in {LINKED, *first},
        )
        for source in dict.fromkeys(decode.source for decode in late)
    ]
    return Plan(tuple(segments))


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


def _base_run(decode: Decode) -> Sample | None:
    return decode.latent.start if decode.latent.role == "refiner" else decode.latent


def _refiner_run(decode: Decode) -> Sample | None:
    return decode.latent if decode.latent.role == "refiner" else None


def _decodes_at_once(decode: Decode) -> bool:
    """Whether the VAE is at hand as soon as the latent is: the base made it, with its own VAE."""
    return decode.latent.role == "base" and decode.source in (LINKED, decode.latent.source)


def _texts(samples: Iterable[Sample]) -> list[Encode]:
    pairs = ((sample.positive, sample.negative) for sample in samples)
    return [text for pair in pairs for text in pair if isinstance(text, Encode)]


def _base_stages(decodes: list[Decode], source: str) -> tuple[Stage, ...]:
    runs = [(base, d) for d in decodes if (base := _base_run(d)) and base.source == source]
    stages: list[Stage] = [*_texts(base for base, _ in runs)]
    for base, decode in runs:
        stages += [base, decode] if _decodes_at_once(decode) else [base]
    return tuple(dict.fromkeys(stages))


def _refiner_stages(decodes: list[Decode], source: str) -> tuple[Stage, ...]:
    runs = [run for d in decodes if (run := _refiner_run(d)) and run.source == source]
    return tuple(dict.fromkeys([*_texts(runs), *runs]))
