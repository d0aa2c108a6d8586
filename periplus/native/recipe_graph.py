"""From a recipe to ComfyUI's own nodes, stage by stage, so that both do the same work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from ..errors import PeriplusError
from ..graphs.prompt_graph import Link
from ..prompts.script import Part, Script
from ..recipe import LATENT_PIXELS, Recipe
from ..tiling import ON, SIDES
from ..upscalers import MAX_PASSES, MODEL, Upscaler, parse_upscaler
from ..work.recipe_stages import Links, decode_stage
from ..work.stages import (
    LATENT,
    PICTURE,
    Conditioning,
    Decode,
    Encode,
    EncodePixels,
    Enlarge,
    LinkedConditioning,
    Sample,
    Stage,
    stages_before,
)
from .model_nodes import LinkedOutputs, ModelNodes
from .wiring import Wiring

END = 10_000
"""The step that ComfyUI's KSamplerAdvanced ends at, and the most steps that it takes."""

MAX_CFG, MAX_STRENGTH = 100, 10
"""The highest cfg of its samplers, and strength of ConditioningSetAreaStrength."""

REGULAR = (
    *("normal", "simple", "sgm_uniform", "karras", "exponential", "linear_quadratic"),
    "kl_optimal",
)
"""The schedulers that always give as many steps as they are asked for."""

_OVERLAP = 64
_WITH_TIME = {"temporal_size": 64, "temporal_overlap": 8}
"""Of tiles; the defaults of ComfyUI's nodes."""


@dataclass(frozen=True)
class Making:
    """What besides the recipe decides how a cell is made."""

    linked: frozenset[str] = frozenset()
    """Inputs of the sweep node that are linked."""
    own_vae: bool = False
    """Whether the linked VAE is one of its own, see ``Links``."""
    start_size: tuple[int, int] | None = None
    """Width and height of the linked picture, in pixels."""
    tile_size: int = 0
    """Side of the tiles that it went through its VAE in, in pixels; 0 for whole pictures."""


def wire_recipe(
    recipe: Recipe,
    making: Making,
    linked: LinkedOutputs,
    scale_of: Callable[[str], float],
    wiring: Wiring,
) -> Link:
    """Add the nodes that make the picture of a recipe.

    Args:
        recipe: the recipe.
        making: what else decides.
        linked: asked for what no recipe names.
        scale_of: how many times larger an upscale model makes a picture, by the name of its file.
        wiring: takes the nodes, and notes where they cannot do the very same.

    Returns:
        The IMAGE.

    Raises:
        PeriplusError: it cannot be said in ComfyUI's own nodes; the text says why, and how else.
    """
    return _RecipeGraph(recipe, making, linked, scale_of, wiring).picture()


class _RecipeGraph:
    def __init__(
        self,
        recipe: Recipe,
        making: Making,
        linked: LinkedOutputs,
        scale_of: Callable[[str], float],
        wiring: Wiring,
    ) -> None:
        self._recipe = recipe
        self._making = making
        self._linked = linked
        self._scale_of = scale_of
        self._wiring = wiring
        self._models = ModelNodes(recipe, linked, wiring)

    def picture(self) -> Link:
        """Add everything."""
        names = self._making.linked
        inputs = ("positive_conditioning", "negative_conditioning", PICTURE)
        links = Links(self._making.own_vae, *(name in names for name in inputs))
        decode = decode_stage(self._recipe, links)
        stages = _in_order(decode)
        for stage in stages:  # so that loaders and LoRAs are the first nodes
            if isinstance(stage, Sample):
                self._models.model(stage)
        vae = self._models.vae(decode)
        self._note_tiles(stages)
        return self._decoded(self._sampled(decode.latent), vae)

    def _note_tiles(self, stages: list[Stage]) -> None:
        """Say so where not all that went through a VAE must have gone in tiles of this size."""
        through = [s for s in stages if _goes_through_vae(s)]
        side = self._making.tile_size
        is_known = self._recipe.vae_tiling == ON and side == max(SIDES[ON])
        if side and len(through) > 1 and not is_known:
            self._wiring.note(
                f"all passes through the VAE are in tiles of {side} px here; which of them were "
                "is not known, so pixels may differ a little"
            )

    # Conditionings

    def _conditioning(self, conditioning: Conditioning, side: str) -> Link:
        """Add a conditioning; ``side`` is Positive or Negative."""
        if isinstance(conditioning, LinkedConditioning):
            return self._linked.copy(conditioning.name)
        if isinstance(conditioning, Encode):
            return self._text(conditioning, side)
        texts = {encode.text: self._text(encode, side) for encode in conditioning.texts}
        return self._scripted(conditioning.script, texts)

    def _text(self, stage: Encode, side: str) -> Link:
        clip, text = self._models.clip(stage), self._wiring.text(stage.text)
        if stage.ascore is None:
            return self._wiring.link("CLIPTextEncode", side, clip=clip, text=text)
        return self._wiring.link(
            "CLIPTextEncodeSDXLRefiner",
            f"{side} (refiner)",
            clip=clip,
            ascore=stage.ascore,
            width=stage.width,
            height=stage.height,
            text=text,
        )

    def _scripted(self, script: Script, texts: dict[str, Link]) -> Link:
        parts = [self._with_strength(self._part(part, texts), part.weight) for part in script.parts]
        return reduce(self._combined, parts)

    def _part(self, part: Part, texts: dict[str, Link]) -> Link:
        (turn, *others) = part.turns
        if others:
            raise PeriplusError(
                "the prompt changes while it is sampled ([a:b:0.5] or [a|b]), which ComfyUI's own "
                "nodes cannot say to the very step: sweep a prompt without that, or take Sweep "
                "KSampler for this one picture"
            )
        return reduce(
            lambda to, more: self._wiring.link(
                "ConditioningConcat", conditioning_to=to, conditioning_from=more
            ),
            [texts[chunk] for chunk in turn.chunks],
        )

    def _with_strength(self, conditioning: Link, strength: float) -> Link:
        if strength == 1:
            return conditioning
        if not 0 <= strength <= MAX_STRENGTH:
            raise PeriplusError(
                f"the prompt has a part of weight {strength:g} (AND), and ComfyUI's own nodes take "
                f"0 to {MAX_STRENGTH}: take Sweep KSampler for this one picture"
            )
        return self._wiring.link(
            "ConditioningSetAreaStrength", conditioning=conditioning, strength=strength
        )

    def _combined(self, one: Link, other: Link) -> Link:
        return self._wiring.link("ConditioningCombine", conditioning_1=one, conditioning_2=other)

    # Sampling

    def _sampled(self, stage: Sample) -> Link:
        if isinstance(stage.start, Sample) and stage.start.handoff:
            raise PeriplusError(
                "the refiner took over inside the base's sampler run (handoff continuous), which "
                "ComfyUI's own nodes cannot: choose handoff native, or take Sweep KSampler for "
                "this one picture"
            )
        if stage.cfg_scale > MAX_CFG:
            raise PeriplusError(
                f"the parts of the prompt (AND) come to a cfg of {stage.cfg_scale:g}, and "
                f"ComfyUI's own nodes take {MAX_CFG}: take Sweep KSampler for this one picture"
            )
        before = self._before(stage.start) if stage.start else None
        positive = self._conditioning(stage.positive, "Positive")
        negative = self._conditioning(stage.negative, "Negative")
        if stage.balance:
            positive = self._combined(positive, self._with_strength(negative, stage.balance))
        choices = {
            "cfg": stage.cfg_scale,
            "sampler_name": stage.sampler_name,
            "scheduler": stage.scheduler,
        }
        links = {
            "model": self._models.model(stage),
            "positive": positive,
            "negative": negative,
            "latent_image": before or self._start(stage),
        }
        seed, steps = stage.seed, stage.steps
        if stage.start_step is None and stage.last_step is None:
            own = {"seed": seed, "steps": steps, **choices, "denoise": stage.denoise}
            return self._wiring.link("KSampler", **own, **links)
        skipped = _steps_skipped(stage)
        return self._wiring.link(
            "KSamplerAdvanced",
            "KSampler (Advanced, refiner)" if stage.role == "refiner" else "",
            add_noise="enable" if stage.adds_noise else "disable",
            noise_seed=seed,
            steps=skipped + steps,
            **choices,
            start_at_step=skipped + (stage.start_step or 0),
            end_at_step=END if stage.last_step is None else skipped + stage.last_step,
            return_with_leftover_noise="disable" if stage.last_step is None else "enable",
            **links,
        )

    def _before(self, stage: Sample | Enlarge | EncodePixels) -> Link:
        """Add what a run goes on with."""
        if isinstance(stage, Sample):
            return self._sampled(stage)
        if isinstance(stage, Enlarge):
            return self._enlarged(stage)
        return self._encoded_picture(stage)

    def _start(self, stage: Sample) -> Link:
        """Add the latent that a run begins with."""
        if LATENT in self._making.linked:
            return self._linked.copy(LATENT)
        return self._wiring.link(
            "EmptyLatentImage", width=stage.width, height=stage.height, batch_size=1
        )

    # Pictures

    def _encoded_picture(self, stage: EncodePixels) -> Link:
        image, size = self._linked.copy(PICTURE), self._making.start_size
        if size is None:
            raise PeriplusError(
                "the cell began with a linked picture whose size its file does not tell: run the "
                "sweep again under another name to have the cell made anew"
            )
        if tuple(side - side % LATENT_PIXELS for side in size) != (stage.width, stage.height):
            image = self._scaled(image, "lanczos", stage.width, stage.height)
        return self._encoded(image, self._models.vae(stage))

    def _enlarged(self, stage: Enlarge) -> Link:
        latent, upscaler = self._sampled(stage.latent), parse_upscaler(stage.upscaler)
        if not stage.decodes:
            size = {"width": stage.width, "height": stage.height, "crop": "disabled"}
            return self._wiring.link(
                "LatentUpscale", samples=latent, upscale_method=upscaler.method, **size
            )
        vae = self._models.vae(stage)
        image, method = self._decoded(latent, vae), upscaler.method
        width, height = stage.latent.width, stage.latent.height
        if upscaler.kind == MODEL:
            image, width, height = self._with_model(image, stage, upscaler)
            method = "lanczos"
        if (width, height) != (stage.width, stage.height):
            image = self._scaled(image, method, stage.width, stage.height)
        return self._encoded(image, vae)

    def _with_model(
        self, image: Link, stage: Enlarge, upscaler: Upscaler
    ) -> tuple[Link, float, float]:
        """Add an upscale model as often as it was run; gives the picture and its sides."""
        width, height = float(stage.latent.width), float(stage.latent.height)
        loader = self._wiring.link("UpscaleModelLoader", model_name=upscaler.method)
        scale = self._scale_of(upscaler.method)
        for number in range(MAX_PASSES):
            is_large = width >= stage.width and height >= stage.height
            if is_large or (number and scale == 1):
                break
            image = self._wiring.link("ImageUpscaleWithModel", upscale_model=loader, image=image)
            width, height = width * scale, height * scale
        return image, width, height

    def _scaled(self, image: Link, method: str, width: int, height: int) -> Link:
        return self._wiring.link(
            "ImageScale",
            image=image,
            upscale_method=method,
            width=width,
            height=height,
            crop="disabled",
        )

    def _decoded(self, latent: Link, vae: Link) -> Link:
        node = "VAEDecodeTiled" if self._making.tile_size else "VAEDecode"
        return self._wiring.link(node, samples=latent, vae=vae, **self._tiles())

    def _encoded(self, image: Link, vae: Link) -> Link:
        node = "VAEEncodeTiled" if self._making.tile_size else "VAEEncode"
        return self._wiring.link(node, pixels=image, vae=vae, **self._tiles())

    def _tiles(self) -> dict[str, int]:
        side = self._making.tile_size
        if not side:
            return {}
        return {"tile_size": side, "overlap": min(_OVERLAP, side // 4), **_WITH_TIME}


def _in_order(stage: Stage) -> list[Stage]:
    """The stage and all before it, those first."""
    return [*(s for before in stages_before(stage) for s in _in_order(before)), stage]


def _goes_through_vae(stage: Stage) -> bool:
    return isinstance(stage, (EncodePixels, Decode)) or (
        isinstance(stage, Enlarge) and stage.decodes
    )


def _steps_skipped(stage: Sample) -> int:
    """How many steps a longer schedule has before those of a run with a denoise below 1.

    KSamplerAdvanced takes no denoise, but it can begin with a later step of the longer schedule.

    Raises:
        PeriplusError: there is no such schedule.
    """
    if stage.denoise > 0.9999:  # as ComfyUI's KSampler decides
        return 0
    steps = int(stage.steps / stage.denoise) if stage.denoise > 0 else END + 1
    if steps > END or stage.scheduler not in REGULAR:
        raise PeriplusError(
            f"the cell has a refiner and denoise {stage.denoise:g} with scheduler "
            f"{stage.scheduler}, and ComfyUI's KSampler (Advanced) cannot begin so far down that "
            "schedule: set denoise_steps to a1111, or take Sweep KSampler for this one picture"
        )
    return steps - stage.steps
