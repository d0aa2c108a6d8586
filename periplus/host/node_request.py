"""What any sweep node asks for: its inputs, and where its cells and its manifest lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from ..manifest import Manifest, manifest_name
from ..store import CellStore
from ..sweep import Cell, Sweep
from . import paths
from .forecast import Forecast
from .graph import NodeInputs

R = TypeVar("R")


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
            self._store.folder / manifest_name(sweep, keys),
            self._values["name"],
            sweep,
            keys,
            {name: self._inputs.describe_source(name) for name in linked},
        )

    def _forecast(self, sweep: Sweep[R]) -> Forecast:
        return Forecast(sweep, self._hidden.dynprompt, self._hidden.unique_id)

    def _texts(self) -> dict[str, str]:
        """The text chunks for every picture."""
        return paths.metadata_texts(self._hidden.prompt, self._hidden.extra_pnginfo)
