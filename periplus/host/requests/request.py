"""What a sweep node asks for: its inputs, checked, expanded and planned before anything runs."""

from __future__ import annotations

from functools import cached_property

from ...files.unwritable import check_writable
from ...reading.cell_recipe import START_SIZE
from ...recipe import LATENT_PIXELS, Recipe
from ...records.pace import Guess
from ...records.store import StoredCell
from ...sheets.forecast import Sizes
from ...sweep import Cell, Place, Sweep, expand
from ...work.batch_size import EXACT, FAST, OFF
from ...work.cost import cost_of
from ...work.effort import Efforts
from ...work.keys import stage_key, used_inputs
from ...work.plan import Plan, make_plan
from ...work.recipe_stages import Links, decode_stage
from ...work.stages import CHECKPOINT, EMBEDDING, LATENT, LORA, PICTURE, UPSCALER, VAE, Decode
from ..models import start_picture
from ..models.latents import latent_count, latent_identity, latent_size
from ..models.loading import NO_MODELS, Models
from ..models.vae import picture_memory
from ..prompt.running_node import RunningNode
from ..runs.run import Linked, SweepRun
from ..sheets.forecast import sizes_of
from ..system import paths, settings
from ..system.identity import host_identity
from ..system.pace_file import pace
from .checks import CONDITIONINGS, check_cells, check_links, check_values
from .node_request import NodeRequest, Outlook
from .refiner import RefinerLink

LAZY_INPUTS = ("model", "clip", "vae", LATENT, PICTURE, *CONDITIONINGS)
"""Inputs of the sweep node that are run only when a cell needs them."""

MODEL_FOLDERS = {CHECKPOINT: "checkpoints", LORA: "loras", UPSCALER: "upscale_models"}
"""Where ComfyUI keeps the files that stages name."""


class SweepRequest(NodeRequest[Recipe]):
    """The inputs of a Sweep KSampler node."""

    def unmet_inputs(self) -> list[str]:
        """Name the lazy inputs that must run first; everything that can be checked is checked.

        Raises:
            PeriplusError: a mistake in the inputs, or a folder that cannot be written, found
                before any model is loaded.
        """
        linked = [name for name in LAZY_INPUTS if self._inputs.link(name)]
        if linked and not any(map(self._waits_for, linked)):
            return []  # all was checked when they were asked for
        _ = self.sweep  # expanding it is what finds the mistakes
        check_writable(self._store.folder)
        start = [name for name in (LATENT, PICTURE) if self._waits_for(name)]
        if start:
            return start  # a cell is known by its content
        needed = used_inputs(self._making)
        unmet = [name for name in LAZY_INPUTS if name in needed and self._waits_for(name)]
        if unmet:
            # Models are loaded before the sweep starts, and the user may want to cancel now.
            lines = self._forecast().lines(self._sizes())
            RunningNode.of(self._hidden).foretell(lines)
        return unmet

    def outlook(self) -> Outlook:
        """What it will come to. Without what sampling starts from, no cell counts as stored."""
        _ = self._store  # whose folder may be a mistake
        start = [name for name in (LATENT, PICTURE) if self._waits_for(name)]
        if start:
            source = self._inputs.describe_source(start[0])
            return Outlook(
                cost=cost_of(make_plan(dict.fromkeys(self._decodes.values()))),
                unknown=f"{start[0]} comes from {source}, and is known once that has run",
            )
        return Outlook(
            self._forecast().sheets(self._sizes()),
            self._standing,
            cost_of(self.plan),
            self._guess,
            manifest=self._manifest_path,
        )

    def start(self) -> SweepRun:
        """Open the manifest and give the run that makes the cells."""
        manifest = self._manifest(LAZY_INPUTS)
        manifest.fast_keys = frozenset(self._fast_keys.values())
        if (image := self._values.get(PICTURE)) is not None:
            manifest.origin[START_SIZE] = start_picture.size(image)
        manifest.forecast = self._forecast().lines(self._sizes())
        run = SweepRun(
            self.plan,
            self._making,
            manifest,
            self._standing,
            self._store,
            self._linked(),
            self._texts(),
            RunningNode.of(self._hidden),
            self._efforts,
            self._batching,
        )
        run.begin()
        return run

    @cached_property
    def sweep(self) -> Sweep[Recipe]:
        """The cells."""
        check_values(self._values)
        check_links(self._inputs, self._axes)
        sweep = expand(
            self._base(),
            **self._axes,
            vary_seed=self._values["vary_seed"],
            max_cells=settings.max_cells(),
        )
        check_cells(self._inputs, self._axes, sweep)
        return sweep

    @cached_property
    def plan(self) -> Plan:
        """What is to be done for the cells that are to be made."""
        return make_plan(self._making)

    @cached_property
    def _making(self) -> dict[Decode, list[Cell]]:
        """The cells that are to be made, by what makes them."""
        making: dict[Decode, list[Cell]] = {}
        for cell, decode in self._decodes.items():
            if self._keys[cell] in self._standing.making:
                making.setdefault(decode, []).append(cell)
        return making

    @property
    def _batching(self) -> str:
        """How many cells go in step: none where one is made anew that was made alone."""
        in_step = self._standing.making <= {*self._fast_keys.values()}
        return self._values["batching"] if in_step else OFF

    def _sizes(self) -> dict[Place, Sizes]:
        sizes = {cell.place: sizes_of(stored) for cell, stored in self._standing.found.items()}
        for decode, cells in self._making.items():
            made = ((decode.latent.width, decode.latent.height),) * self._pictures()
            sizes |= {cell.place: made for cell in cells}
        return sizes

    @cached_property
    def _guess(self) -> Guess | None:
        return pace().guess(self._efforts.plan(self.plan))

    @cached_property
    def _efforts(self) -> Efforts:
        in_step = self._batching != OFF
        return Efforts(self._identities, paths.model_bytes, self._pictures(), in_step)

    @cached_property
    def _decodes(self) -> dict[Cell, Decode]:
        linked = (self._inputs.link(name) is not None for name in (*CONDITIONINGS, PICTURE))
        links = Links(self._own_vae, *linked)
        return {cell: decode_stage(cell.recipe, links) for cell in self.sweep.cells}

    @cached_property
    def _keys(self) -> dict[Cell, str]:
        exact = self._keys_of(EXACT)
        # A cell that was made alone is as good as one in step, but not the other way round.
        fast = self._fast_keys
        return {
            cell: key if self._find(key) else fast.get(cell, key) for cell, key in exact.items()
        }

    @cached_property
    def _fast_keys(self) -> dict[Cell, str]:
        """What the cells are known by when they are made in step; none where they are not."""
        return {} if self._values["batching"] == OFF else self._keys_of(FAST)

    def _keys_of(self, mode: str) -> dict[Cell, str]:
        decodes = set(self._decodes.values())
        host = host_identity()
        if mode != EXACT:
            host["mode"] = mode
        keys = {decode: stage_key(decode, self._identities, host) for decode in decodes}
        return {cell: keys[decode] for cell, decode in self._decodes.items()}

    @cached_property
    def _identities(self) -> dict[str, str]:
        names = used_inputs(set(self._decodes.values()))
        return {name: self._identity(name) for name in names}

    def _find(self, key: str) -> StoredCell | None:
        """The finished cell of this key, if it would be made in the same way here."""
        if key not in self._looked_up:
            cell = self._store.find(key)
            self._looked_up[key] = cell if cell and cell.suits(self._memory) else None
        return self._looked_up[key]

    @cached_property
    def _looked_up(self) -> dict[str, StoredCell | None]:
        """What the store has said so far, by key."""
        return {}

    @cached_property
    def _memory(self) -> int:
        return picture_memory()

    @property
    def _refiner(self) -> RefinerLink | None:
        return self._values.get("refiner")

    @property
    def _own_vae(self) -> bool:
        """Whether a VAE of its own is linked, not a linked model's: it then decodes every cell."""
        vae, model, clip = (self._inputs.link(name) for name in ("vae", "model", "clip"))
        return vae is not None and vae[0] not in {link[0] for link in (model, clip) if link}

    def _base(self) -> Recipe:
        values = self._values
        width, height = self._size()
        names = ("positive", "negative", "seed", "steps", "cfg", "sampler_name", "scheduler")
        return Recipe(
            **{name: values[name] for name in names},
            denoise=values["denoise"],
            denoise_steps=values["denoise_steps"],
            width=width - width % LATENT_PIXELS,
            height=height - height % LATENT_PIXELS,
            refiner=self._refiner.recipe if self._refiner else None,
            hires=values.get("hires"),
            prompt_syntax=values["prompt_syntax"],
            vae_tiling=values["vae_tiling"],
        )

    def _size(self) -> tuple[int, int]:
        """Width and height, in pixels, where no axis sets them."""
        latent, image = self._values.get(LATENT), self._values.get(PICTURE)
        if latent is not None:
            return latent_size(latent)
        if image is not None:
            return start_picture.size(image)
        return self._values["width"], self._values["height"]

    def _pictures(self) -> int:
        """How many a cell has."""
        latent, image = self._values.get(LATENT), self._values.get(PICTURE)
        if latent is not None:
            return latent_count(latent)
        return 1 if image is None else len(image)

    def _linked(self) -> Linked:
        values = self._values
        return Linked(
            base=Models(values.get("model"), values.get("clip"), values.get("vae")),
            refiner=self._refiner.models if self._refiner else NO_MODELS,
            latent=values.get(LATENT),
            image=values.get(PICTURE),
            conditionings={name: values.get(name) for name in CONDITIONINGS},
        )

    def _waits_for(self, name: str) -> bool:
        return self._inputs.link(name) is not None and self._values.get(name) is None

    def _identity(self, name: str) -> str:
        """What stands behind a name, see :func:`periplus.work.keys.stage_key`."""
        kind, _, file = name.partition(" ")
        if kind in MODEL_FOLDERS:
            return paths.model_identity(MODEL_FOLDERS[kind], file)
        if kind == VAE:
            return paths.vae_identity(file)
        if kind == EMBEDDING:
            return paths.embedding_identity(file)
        if name == "refiner" and self._refiner is not None:
            return self._refiner.identity
        if name == LATENT:
            latent = self._values.get(LATENT)
            return "" if latent is None else latent_identity(latent)
        if name == PICTURE:
            return start_picture.identity(self._values[PICTURE])
        return self._inputs.identity(name)
