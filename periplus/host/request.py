"""What a sweep node asks for: its inputs, checked, expanded and planned before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ..axis import Axis
from ..errors import PeriplusError
from ..keys import stage_key, used_inputs
from ..manifest import CellState, Manifest, manifest_name
from ..plan import Plan, make_plan
from ..recipe import Recipe
from ..stages import LATENT, Decode, Links, checkpoint_input, decode_stage
from ..store import CellStore, StoredCell
from ..sweep import Cell, Sweep, expand
from . import models, paths, settings
from .graph import NodeInputs
from .models import NO_MODELS, Models
from .refiner import RefinerLink
from .registries import check_sampling
from .run import Linked, SweepRun

CONDITIONINGS = {"positive_conditioning": "positive", "negative_conditioning": "negative"}
"""Inputs that replace a prompt, and the prompt."""

LAZY_INPUTS = ("model", "clip", "vae", LATENT, *CONDITIONINGS)
"""Inputs of the sweep node that are run only when a cell needs them."""


class SweepRequest:
    """The inputs of a sweep node.

    Args:
        values: the inputs by name, None for one that is not linked or not run yet.
        hidden: ComfyUI's hidden inputs of the node (unique_id, prompt, dynprompt, extra_pnginfo).
    """

    def __init__(self, values: Mapping[str, Any], hidden: Any) -> None:
        self._values = values
        self._hidden = hidden
        self._inputs = NodeInputs(hidden.dynprompt, hidden.unique_id)

    def unmet_inputs(self) -> list[str]:
        """Name the lazy inputs that must run first; everything that can be checked is checked.

        Raises:
            PeriplusError: a mistake in the inputs, found before any model is loaded.
        """
        _ = self.sweep  # expanding it is what finds the mistakes
        if self._waits_for(LATENT):
            return [LATENT]  # a cell is known by its content
        return [name for name in LAZY_INPUTS if name in self.plan.inputs and self._waits_for(name)]

    def start(self) -> SweepRun:
        """Open the manifest and give the run that makes the missing cells.

        Raises:
            PeriplusError: a mistake in the inputs.
            OSError: the output folder cannot be written.
        """
        manifest = Manifest(
            self._store.folder / manifest_name(self.sweep, self._keys),
            self._values["name"],
            self.sweep,
            self._keys,
        )
        for cell in self.sweep.cells:
            stored = self._stored[self._keys[cell]]
            if stored is not None:
                manifest.set(cell, CellState("reused", stored))
        manifest.account.cells_reused = manifest.count("reused")
        manifest.write()
        return SweepRun(
            self.plan,
            self._missing,
            manifest,
            self._store,
            self._linked(),
            paths.metadata_texts(self._hidden.prompt, self._hidden.extra_pnginfo),
            self._hidden.unique_id,
        )

    @cached_property
    def sweep(self) -> Sweep:
        """The cells.

        Raises:
            PeriplusError: a mistake in the inputs.
        """
        self._check_models()
        self._check_size()
        sweep = expand(self._base(), **self._axes, max_cells=settings.max_cells())
        self._check_conditionings(sweep)
        _check_samplers(sweep)
        return sweep

    @cached_property
    def plan(self) -> Plan:
        """What is to be done for the cells that the store does not have."""
        return make_plan(self._missing)

    @cached_property
    def _missing(self) -> dict[Decode, list[Cell]]:
        """The cells that the store does not have, by what makes them."""
        missing: dict[Decode, list[Cell]] = {}
        for cell, decode in self._decodes.items():
            if self._stored[self._keys[cell]] is None:
                missing.setdefault(decode, []).append(cell)
        return missing

    @cached_property
    def _decodes(self) -> dict[Cell, Decode]:
        linked = (self._inputs.link(name) is not None for name in CONDITIONINGS)
        links = Links(self._own_vae, *linked)
        return {cell: decode_stage(cell.recipe, links) for cell in self.sweep.cells}

    @cached_property
    def _keys(self) -> dict[Cell, str]:
        decodes = set(self._decodes.values())
        names = frozenset[str]().union(*map(used_inputs, decodes))
        identities, host = {name: self._identity(name) for name in names}, models.host_identity()
        keys = {decode: stage_key(decode, identities, host) for decode in decodes}
        return {cell: keys[decode] for cell, decode in self._decodes.items()}

    @cached_property
    def _stored(self) -> dict[str, StoredCell | None]:
        return {key: self._store.find(key) for key in self._keys.values()}

    @cached_property
    def _store(self) -> CellStore:
        return CellStore(paths.sweep_folder(self._values["name"]))

    @cached_property
    def _axes(self) -> dict[str, Axis | None]:
        return {letter: self._values.get(f"{letter}_axis") for letter in "xyz"}

    @property
    def _refiner(self) -> RefinerLink | None:
        return self._values.get("refiner")

    @property
    def _sweeps_checkpoints(self) -> bool:
        return any(axis and "ckpt_name" in axis.fields for axis in self._axes.values())

    @property
    def _own_vae(self) -> bool:
        """Whether a VAE that belongs to no checkpoint is linked: it then decodes every cell."""
        return self._inputs.link("vae") is not None and not self._inputs.checkpoint_loader("vae")

    def _base(self) -> Recipe:
        values = self._values
        latent = values.get(LATENT)
        width, height = (
            (values["width"], values["height"]) if latent is None else models.latent_size(latent)
        )
        names = ("positive", "negative", "seed", "steps", "cfg", "sampler_name", "scheduler")
        return Recipe(
            **{name: values[name] for name in names},
            denoise=values["denoise"],
            width=width,
            height=height,
            refiner=self._refiner.recipe if self._refiner else None,
        )

    def _linked(self) -> Linked:
        values = self._values
        return Linked(
            base=Models(values.get("model"), values.get("clip"), values.get("vae")),
            refiner=self._refiner.models if self._refiner else NO_MODELS,
            latent=values.get(LATENT),
            conditionings={name: values.get(name) for name in CONDITIONINGS},
        )

    def _waits_for(self, name: str) -> bool:
        return self._inputs.link(name) is not None and self._values.get(name) is None

    def _identity(self, name: str) -> str:
        """What stands behind a name, see :func:`periplus.keys.stage_key`."""
        if name.startswith(checkpoint_input("")):
            return paths.checkpoint_identity(name.removeprefix(checkpoint_input("")))
        if name == "refiner" and self._refiner is not None:
            return self._refiner.identity
        if name == LATENT:
            latent = self._values.get(LATENT)
            return "" if latent is None else models.latent_identity(latent)
        return self._inputs.identity(name)

    def _check_models(self) -> None:
        if self._sweeps_checkpoints:
            for name in ("model", "clip"):
                if self._inputs.link(name) and not self._inputs.checkpoint_loader(name):
                    raise PeriplusError(_patched(name, self._inputs.describe_source(name)))
            return
        needed = ["model", "vae"]
        if not all(self._inputs.link(name) for name in CONDITIONINGS):
            needed.append("clip")
        for name in needed:
            if self._inputs.link(name) is None:
                raise PeriplusError(
                    f"{name} is not linked and no axis names checkpoints: link model, clip and "
                    "vae from a checkpoint loader, or link an Axis: Checkpoint node"
                )

    def _check_size(self) -> None:
        if self._inputs.link("latent_image") is None:
            return
        for letter, axis in self._axes.items():
            for field in sorted(axis.fields & {"width", "height"}) if axis else ():
                raise PeriplusError(
                    f"latent_image is linked and has a size of its own, so {letter}_axis "
                    f"({field}) would change nothing: unlink one of them"
                )

    def _check_conditionings(self, sweep: Sweep) -> None:
        for name, prompt in CONDITIONINGS.items():
            if self._inputs.link(name) is None:
                continue
            if self._sweeps_checkpoints:
                raise PeriplusError(
                    f"{name} is linked, but it was made with one CLIP and the checkpoint axis "
                    f"brings a CLIP with each checkpoint: unlink it and type the text in {prompt}"
                )
            if len({getattr(cell.recipe, prompt) for cell in sweep.cells}) > 1:
                raise PeriplusError(
                    f"{name} is linked and replaces the {prompt} prompt, so an axis that changes "
                    f"the {prompt} prompt would change nothing: unlink it"
                )


def _check_samplers(sweep: Sweep) -> None:
    # A name may come over a link, and then no node has checked it.
    recipes = [cell.recipe for cell in sweep.cells]
    refiners = [recipe.refiner for recipe in recipes if recipe.refiner]
    pairs = [(recipe.sampler_name, recipe.scheduler) for recipe in recipes]
    pairs += [(refiner.sampler_name or None, refiner.scheduler or None) for refiner in refiners]
    for sampler_name, scheduler in dict.fromkeys(pairs):
        check_sampling(sampler_name, scheduler)


def _patched(name: str, source: str) -> str:
    return (
        f"{name} comes from {source}, not straight from a checkpoint loader, and a checkpoint axis "
        "loads every checkpoint from its file: what is patched in between (LoRA, IPAdapter, "
        "v-prediction, clip skip ...) would be lost. Link model and clip straight from a "
        "checkpoint loader, or leave them unlinked; to keep the patch, sweep one checkpoint at a "
        "time without a checkpoint axis"
    )
