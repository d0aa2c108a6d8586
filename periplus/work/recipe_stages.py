"""How a recipe becomes stages: the last one contains all the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..prompts.a1111_prompt import read_script
from ..prompts.script import calls_per_step
from ..recipe import (
    A1111,
    CONTINUOUS,
    HiresRecipe,
    Recipe,
    RefinerRecipe,
    first_step,
    switch_step,
)
from ..tiling import AUTO
from ..upscalers import enlarged, parse_upscaler
from .stages import (
    LINKED,
    AppliedLora,
    Conditioning,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    Handoff,
    LinkedConditioning,
    Sample,
    Scripted,
)

POSITIVE, NEGATIVE = "positive_conditioning", "negative_conditioning"
"""The inputs that stand in for the prompts."""


@dataclass(frozen=True)
class Links:
    """Which inputs of the sweep node are linked and so stand in for what a recipe names."""

    vae: bool = False
    """A VAE of its own, not a linked model's: it decodes every cell that names no VAE file."""
    positive_conditioning: bool = False
    negative_conditioning: bool = False
    image: bool = False
    """A picture to start from."""


def decode_stage(recipe: Recipe, links: Links) -> Decode:
    """Turn a recipe into the stages that make its picture; the last one contains the others."""
    latent = _refined(recipe, _base(recipe, links))
    if recipe.hires is not None:
        latent = _second_pass(recipe, recipe.hires, latent, links)
    source, vae_file = _vae(recipe, links)
    return Decode(source, latent, vae_file, recipe.vae_tiling)


def _vae(recipe: Recipe, links: Links) -> tuple[str, bool]:
    """The source of the VAE, and whether that is a VAE file."""
    if recipe.vae_name:
        return recipe.vae_name, True
    return LINKED if links.vae else recipe.ckpt_name, False


def _conditionings(
    recipe: Recipe,
    links: Links,
    calls: int,
    calls_before: int = 0,
    own: tuple[str, str] = ("", ""),
) -> tuple[Conditioning, Conditioning]:
    """The base's positive and negative; texts of a pass's own take the place of what is linked."""
    loras = _applied((lora.name, lora.strength_clip) for lora in recipe.loras)

    def conditioning(linked: bool, name: str, text: str, own: str) -> Conditioning:
        if linked and not own:
            return LinkedConditioning(name)
        encode = Encode(recipe.ckpt_name, own or text, clip_skip=recipe.clip_skip, loras=loras)
        return _read(recipe, encode, calls, calls_before, composed=name == POSITIVE)

    return (
        conditioning(links.positive_conditioning, POSITIVE, recipe.positive, own[0]),
        conditioning(links.negative_conditioning, NEGATIVE, recipe.negative, own[1]),
    )


def _base(recipe: Recipe, links: Links) -> Sample:
    refiner = recipe.refiner
    switch = recipe.steps
    if refiner is not None and refiner.handoff != CONTINUOUS:
        switch = switch_step(recipe.steps, refiner.switch_at)
    cut = switch < recipe.steps
    shortened = recipe.denoise_steps == "a1111"
    first = first_step(recipe.steps, recipe.denoise) if shortened else 0
    positive, negative = _conditionings(recipe, links, _calls(recipe.steps, recipe.sampler_name))
    source, vae_file = _vae(recipe, links)
    picture = EncodePixels(source, recipe.width, recipe.height, vae_file, recipe.vae_tiling)
    return Sample(
        source=recipe.ckpt_name,
        positive=positive,
        negative=negative,
        seed=recipe.seed,
        steps=recipe.steps,
        cfg=recipe.cfg,
        sampler_name=recipe.sampler_name,
        scheduler=recipe.scheduler,
        denoise=1.0 if shortened else recipe.denoise,
        width=recipe.width,
        height=recipe.height,
        start=picture if links.image else None,
        start_step=first if cut or first else None,
        last_step=switch if cut else None,
        loras=_applied((lora.name, lora.strength_model) for lora in recipe.loras),
    )


def _applied(strengths: Iterable[tuple[str, float]]) -> tuple[AppliedLora, ...]:
    """The LoRAs that change anything: at strength 0, a model stays as it is."""
    return tuple(AppliedLora(name, strength) for name, strength in strengths if strength)


def _refined(recipe: Recipe, base: Sample) -> Sample:
    """Let the refiner take over where it should, or leave the base as it is.

    With a switch after the last step the refiner never runs; with a switch before the first one
    that is run it does all the work, noise included.
    """
    refiner = recipe.refiner
    if refiner is None:
        return base
    if refiner.handoff == CONTINUOUS:
        return _continued(recipe, refiner, base)
    if base.last_step is None:
        return base
    run = _refiner_run(recipe, refiner, base)
    goes_on = base.last_step > (base.start_step or 0)
    return replace(run, start=base, start_step=base.last_step) if goes_on else run


def _continued(recipe: Recipe, refiner: RefinerRecipe, base: Sample) -> Sample:
    """Let the refiner answer the calls of the base's sampler from the switch on.

    Calls are counted as AUTOMATIC1111 counts them: two a step for a sampler that makes two.
    """
    first, each = base.start_step or 0, calls_per_step(base.sampler_name)
    calls = (base.steps - first) * each
    switch = switch_step(calls, refiner.switch_at)
    if switch == calls:
        return base
    run = _refiner_run(recipe, refiner, base)
    if switch == 0:
        return run
    handoff = Handoff(switch, run.source, run.positive, run.negative, run.cfg)
    return replace(run, start=replace(base, handoff=handoff), start_step=first + switch // each)


def _refiner_run(recipe: Recipe, refiner: RefinerRecipe, base: Sample) -> Sample:
    """What the refiner would do if it did all of the base's work."""

    def encode(text: str, ascore: float) -> Encode:
        size = (recipe.width, recipe.height)
        return Encode(refiner.ckpt_name, text, ascore, *size, role="refiner")

    sampler_name = refiner.sampler_name or recipe.sampler_name
    positive = encode(refiner.positive or recipe.positive, refiner.ascore)
    negative = encode(refiner.negative or recipe.negative, refiner.negative_ascore)
    calls = _calls(recipe.steps, sampler_name)
    return replace(
        base,
        source=refiner.ckpt_name,
        positive=_read(recipe, positive, calls, composed=True),
        negative=_read(recipe, negative, calls, composed=False),
        cfg=refiner.cfg or recipe.cfg,
        sampler_name=sampler_name,
        scheduler=refiner.scheduler or recipe.scheduler,
        start_step=base.start_step or None,
        last_step=None,
        loras=(),
        role="refiner",
    )


def _second_pass(recipe: Recipe, hires: HiresRecipe, first: Sample, links: Links) -> Sample:
    """Enlarge what the first pass sampled and sample it again, with noise of the same seed."""
    sampler_name = hires.sampler_name or recipe.sampler_name
    steps = hires.steps or recipe.steps
    calls, calls_before = _calls(steps, sampler_name), _calls(recipe.steps, recipe.sampler_name)
    own = hires.positive, hires.negative
    positive, negative = _conditionings(recipe, links, calls, calls_before, own)
    width, height = enlarged(recipe.width, hires.scale), enlarged(recipe.height, hires.scale)
    source, vae_file = _vae(recipe, links)
    tiling = recipe.vae_tiling
    if not parse_upscaler(hires.upscaler).decodes:
        # No VAE: the same work whichever decodes in the end, and however.
        source, vae_file, tiling = LINKED, False, AUTO
    return Sample(
        source=recipe.ckpt_name,
        positive=positive,
        negative=negative,
        seed=recipe.seed,
        steps=steps,
        cfg=hires.cfg or recipe.cfg,
        sampler_name=sampler_name,
        scheduler=hires.scheduler or recipe.scheduler,
        denoise=hires.denoise,
        width=width,
        height=height,
        start=Enlarge(source, first, hires.upscaler, width, height, vae_file, tiling),
        loras=_applied((lora.name, lora.strength_model) for lora in recipe.loras),
    )


def _calls(steps: int, sampler_name: str) -> int:
    """How often a run calls the denoiser."""
    return steps * calls_per_step(sampler_name)


def _read(
    recipe: Recipe, encode: Encode, calls: int, calls_before: int = 0, *, composed: bool
) -> Conditioning:
    """Read a prompt, the text of ``encode``, in the recipe's syntax; see :func:`read_script`."""
    if recipe.prompt_syntax != A1111:
        return encode
    script = read_script(encode.text, calls, calls_before, composed=composed)
    if script.only_text is None:
        return Scripted(script, replace(encode, text=""))
    return replace(encode, text=script.only_text)
