"""The models of a recipe in ComfyUI's own nodes: loaded, or linked, and changed by LoRAs."""

from __future__ import annotations

from typing import Protocol

from ..graphs.prompt_graph import Link
from ..recipe import Recipe
from ..work.stages import LINKED, Decode, Encode, EncodePixels, Enlarge, Sample
from .wiring import Wiring


class LinkedOutputs(Protocol):
    """Gives the copy of what is linked to the sweep node."""

    def copy(self, *names: str) -> Link:
        """See ``BehindLinks.copy``."""
        ...


class ModelNodes:
    """Adds the nodes that give models.

    Args:
        recipe: the recipe, whose LoRAs change the base's models.
        linked: asked for what no recipe names.
        wiring: takes the nodes.
    """

    def __init__(self, recipe: Recipe, linked: LinkedOutputs, wiring: Wiring) -> None:
        self._recipe = recipe
        self._linked = linked
        self._wiring = wiring

    def model(self, stage: Sample) -> Link:
        """The MODEL for a run, behind its LoRAs."""
        if stage.role == "refiner":
            return self._of_refiner(stage.source, "model", 0)
        return self._base(stage.source)[0]

    def clip(self, stage: Encode) -> Link:
        """The CLIP for a text, behind its LoRAs and its clip skip."""
        if stage.role == "refiner":
            return self._of_refiner(stage.source, "clip", 1)
        clip = self._base(stage.source, with_clip=True)[1]
        if stage.clip_skip:
            layer = -stage.clip_skip
            return self._wiring.link("CLIPSetLastLayer", clip=clip, stop_at_clip_layer=layer)
        return clip

    def vae(self, stage: EncodePixels | Enlarge | Decode) -> Link:
        """The VAE for a stage."""
        if stage.source == LINKED:
            return self._linked.copy("vae")
        if stage.vae_file:
            return self._wiring.link("VAELoader", vae_name=stage.source)
        return Link(self._checkpoint(stage.source), 2)

    def _checkpoint(self, name: str) -> str:
        return self._wiring.node("CheckpointLoaderSimple", ckpt_name=name)

    def _of_refiner(self, source: str, name: str, output: int) -> Link:
        if source == LINKED:
            return self._linked.copy("refiner", name)
        return Link(self._checkpoint(source), output)

    def _base(self, source: str, *, with_clip: bool = False) -> tuple[Link, Link]:
        """The base's model and, where it is needed, its CLIP, behind all LoRAs."""
        needs_clip = with_clip or any(lora.strength_clip for lora in self._recipe.loras)
        if source == LINKED:
            model = self._linked.copy("model")
            clip = self._linked.copy("clip") if needs_clip else model
        else:
            loader = self._checkpoint(source)
            model, clip = Link(loader, 0), Link(loader, 1)
        for lora in self._recipe.loras:
            named = {"lora_name": lora.name, "strength_model": lora.strength_model}
            if lora.strength_clip:
                node = self._wiring.node(
                    "LoraLoader",
                    model=model,
                    clip=clip,
                    **named,
                    strength_clip=lora.strength_clip,
                )
                model, clip = Link(node, 0), Link(node, 1)
            elif lora.strength_model:
                model = self._wiring.link("LoraLoaderModelOnly", model=model, **named)
        return model, clip
