"""What any sweep node asks for: its inputs, and where its cells and its manifest lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from ..records.manifest import Manifest, manifest_name
from ..records.store import CellStore
from ..sweep import Cell, Sweep
from . import paths, under_way
from .forecast import Forecast
from .graph import NodeInputs
from .running_node import RunningNode

R = TypeVar("R")


@dataclass(frozen=True)
class SameSweep:
    """A sweep that another node is making already."""

    node_id: str
    manifest: Path


class NodeRequest:
    """The inputs of a sweep node.

    Args:
        values: the inputs by name, None for one that is not linked or not run yet.
        hidden: ComfyUI's hidden inputs of the node (unique_id, prompt, dynprompt, extra_pnginfo).
    """

    def __init__(self, values: Mapping[str, Any], hidden: Any) -> None:
        self._values = values
        self._hidden = hidden
        self._inputs = NodeInputs(hidden.dynprompt, hidden.unique_id)

    @cached_property
    def _store(self) -> CellStore:
        return CellStore(paths.sweep_folder(self._values["name"]))

    def _manifest(
        self, sweep: Sweep[R], keys: Mapping[Cell[R], str], inputs: Iterable[str]
    ) -> Manifest:
        """A new manifest, which names what is linked to some inputs."""
        linked = [name for name in inputs if self._inputs.link(name)]
        return Manifest(
            self._manifest_path(sweep, keys),
            self._values["name"],
            sweep,
            keys,
            {name: self._inputs.describe_source(name) for name in linked},
        )

    def _forecast(self, sweep: Sweep[R]) -> Forecast:
        return Forecast(sweep, RunningNode.of(self._hidden))

    def _manifest_path(self, sweep: Sweep[R], keys: Mapping[Cell[R], str]) -> Path:
        return self._store.folder / manifest_name(sweep, keys)

    def _twin_of(self, sweep: Sweep[R], keys: Mapping[Cell[R], str]) -> SameSweep | None:
        """The same sweep, where another node of this prompt is making it."""
        run = under_way.find(self._manifest_path(sweep, keys))
        if run is None or run.node.dynprompt is not self._hidden.dynprompt:
            return None
        # A node that is given lists may ask for one sweep twice; it cannot wait for itself.
        if run.node.node_id == self._hidden.unique_id:
            return None
        return SameSweep(run.node.node_id, run.manifest.path)

    def _texts(self) -> dict[str, str]:
        """The text chunks for every picture."""
        return paths.metadata_texts(self._hidden.prompt, self._hidden.extra_pnginfo)
