"""What a graph sweep asks for: its inputs, checked and expanded before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from ...errors import PeriplusError
from ...graphs.graph_sweep import GraphRecipe, expand_graph
from ...graphs.node_efforts import Repeats, keeping, node_efforts
from ...graphs.variants import Source, Variant, in_order_of_work
from ...records.pace import Guess
from ...sheets.forecast import Sizes
from ...sweep import Cell, Place, Sweep
from ...work.effort import Effort
from ...work.keys import graph_key
from ..prompt.graph import GraphIdentities
from ..prompt.node_types import given_types, taken_types
from ..prompt.running_node import RunningNode
from ..runs.graph_run import GraphJob, GraphRun
from ..sheets.forecast import sizes_of
from ..system import settings
from ..system.identity import host_identity
from ..system.pace_file import pace
from .node_request import NodeRequest, Outlook

LOADED_TYPES = frozenset({"MODEL", "CLIP", "VAE", "CONTROL_NET", "CLIP_VISION", "UPSCALE_MODEL"})
"""What loaders give: to change it costs more than anything else in a workflow."""

STEERING_TYPES, SAMPLED_TYPES = frozenset({"MODEL", "GUIDER"}), frozenset({"LATENT", "IMAGE"})
"""A node that takes one of the former and gives one of the latter runs a sampler."""

GraphCell = Cell[GraphRecipe]


class GraphRequest(NodeRequest[GraphRecipe]):
    """The inputs of a graph sweep node.

    Args:
        values: the inputs by name, None for one that is not linked.
        hidden: ComfyUI's hidden inputs of the node (unique_id, prompt, dynprompt, extra_pnginfo).

    Raises:
        PeriplusError: ``image`` is not linked.
    """

    def __init__(self, values: Mapping[str, Any], hidden: Any) -> None:
        super().__init__(values, hidden)
        self._identities = GraphIdentities(hidden.dynprompt, whole_lists=True)
        self._graph = self._identities.graph
        link = self._inputs.link("image")
        if link is None:
            raise PeriplusError("image is not linked: link the output that gives the picture")
        self._image = link
        self._taken_types = cache(taken_types)

    def start(self) -> GraphRun:
        """Open the manifest and give the run that makes the cells."""
        manifest = self._manifest(["image"])
        forecast = self._forecast()
        manifest.forecast = forecast.lines(self._sizes())
        run = GraphRun(
            self._jobs,
            self._graph,
            self._efforts,
            manifest,
            self._standing,
            self._store,
            self._texts(),
            RunningNode.of(self._hidden),
            forecast,
        )
        run.begin()
        return run

    def outlook(self) -> Outlook:
        """What the sweep will come to.

        Raises:
            PeriplusError: a mistake in the inputs.
        """
        sheets = self._forecast().sheets(self._sizes())
        return Outlook(
            sheets,
            self._standing,
            self._repeats(),
            self._guess,
            manifest=self._manifest_path,
        )

    @cached_property
    def sweep(self) -> Sweep[GraphRecipe]:
        """The cells."""
        sweep = expand_graph(**self._axes, max_cells=settings.max_cells())
        for cell in sweep.cells:
            self._check_reach(sweep, cell)
        return sweep

    @cached_property
    def _keys(self) -> dict[GraphCell, str]:
        host = host_identity()
        return {
            cell: graph_key(self._identities.of(self._source(cell)), host)
            for cell in self.sweep.cells
        }

    def _sizes(self) -> dict[Place, Sizes]:
        return {cell.place: sizes_of(stored) for cell, stored in self._standing.found.items()}

    @cached_property
    def _jobs(self) -> list[GraphJob]:
        """The cells to be made in the order of work; those of one key are made once."""
        cells: dict[str, list[GraphCell]] = {}
        for cell in in_order_of_work(self.sweep, self._graph, self._image.node, self._is_loader):
            if self._keys[cell] in self._standing.making:
                cells.setdefault(self._keys[cell], []).append(cell)
        return [GraphJob(alike, self._source(alike[0])) for alike in cells.values()]

    @cached_property
    def _made(self) -> set[Variant]:
        """What makes the pictures of the cells to be made."""
        cells = (cell for cell, key in self._keys.items() if key in self._standing.making)
        return {self._source(cell).variant for cell in cells}

    @cached_property
    def _efforts(self) -> dict[Variant, Effort]:
        """What it is to run each of the nodes that make the cells to be made."""
        variants: dict[Variant, None] = {}
        for made in self._made:
            variants |= dict.fromkeys(self._graph.upstream(made, variants))
        return node_efforts(self._graph, variants, self._class_type, self._takes_text)

    @cached_property
    def _guess(self) -> Guess | None:
        efforts = Counter(self._efforts.values())
        efforts.update(keeping(self._efforts[variant]) for variant in self._made)
        repeated = {e.kind for variant, e in self._efforts.items() if variant.overrides}
        return pace().guess(efforts, repeated or {effort.kind for effort in efforts})

    def _repeats(self) -> Repeats:
        repeated = Counter(variant.node for variant in self._efforts if variant.overrides)
        return Repeats(
            model_loads=sum(n for node_id, n in repeated.items() if self._loads(node_id)),
            sampler_runs=sum(n for node_id, n in repeated.items() if self._samples(node_id)),
        )

    def _source(self, cell: GraphCell) -> Source:
        overrides = frozenset(cell.recipe.overrides)
        return Source(self._graph.variant(self._image.node, overrides), self._image.output)

    def _is_loader(self, node_id: str) -> bool:
        return not LOADED_TYPES.isdisjoint(given_types(self._class_type(node_id)))

    def _loads(self, node_id: str) -> bool:
        """Whether a node loads a model, and does not change one that it is given."""
        taken = self._taken_types(self._class_type(node_id)).values()
        return self._is_loader(node_id) and LOADED_TYPES.isdisjoint(taken)

    def _samples(self, node_id: str) -> bool:
        class_type = self._class_type(node_id)
        steered = not STEERING_TYPES.isdisjoint(self._taken_types(class_type).values())
        return steered and not SAMPLED_TYPES.isdisjoint(given_types(class_type))

    def _takes_text(self, class_type: str, name: str) -> bool:
        return self._taken_types(class_type).get(name) == "STRING"

    def _class_type(self, node_id: str) -> str:
        return self._hidden.dynprompt.get_node(node_id)["class_type"]

    def _check_reach(self, sweep: Sweep[GraphRecipe], cell: GraphCell) -> None:
        """Refuse a cell of which an override does not lead to the picture."""
        reaching = self._source(cell).variant.overrides
        for (letter, axis), i in zip(sweep.axes.items(), cell.place, strict=True):
            for override in axis.points[i].overrides:
                if override not in reaching:
                    raise PeriplusError(
                        f"{letter}_axis ({axis.name}) would change nothing: {override.sets} has no "
                        "part in image; choose a node that the picture is made from"
                    )
