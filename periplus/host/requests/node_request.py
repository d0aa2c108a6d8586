"""What any sweep node asks for: its inputs, and where its cells and its manifest lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Generic

from ...axes.axis import Axis, check_axis
from ...graphs.node_efforts import Repeats
from ...reading.cell_recipe import LINKS
from ...records.manifest import Manifest, manifest_name
from ...records.manifest_reader import read_failures
from ...records.pace import Guess
from ...records.standing import Standing, standing
from ...records.store import CellStore, StoredCell
from ...sweep import Cell, R, Sweep
from ...work.chosen_cells import choose
from ...work.cost import Cost
from ..prompt import under_way
from ..prompt.graph import NodeInputs, StillPrompt
from ..runs.record import SweepRecord
from ..sheets.forecast import Forecast
from ..system import paths
from .checks import check_text


@dataclass(frozen=True)
class SameSweep:
    """The same sweep, which is under way in this prompt."""

    node_id: str
    """Of its sweep node."""
    manifest: Path
    end: Any
    """A link to what it gives when it has ended."""
    makes_all: bool
    """Whether it makes all cells that are asked for."""


@dataclass(frozen=True)
class Outlook:
    """What a sweep will come to, as far as that is known before it runs."""

    sheets: Sequence[str] = ()
    """What becomes of each."""
    standing: Standing[Any] | None = None
    """Which cells are wanted, which are stored, and which are to be made."""
    cost: Cost | Repeats | None = None
    """What those that are to be made cost."""
    guess: Guess | None = None
    """How long they take."""
    unknown: str = ""
    """What has to run before all is known."""
    manifest: Path | None = None
    """Where its record is, or will be; None where that is not known."""


class NodeRequest(ABC, Generic[R]):
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
        folder = paths.sweep_folder(self._values["name"])
        return CellStore(folder, only_looks=isinstance(self._hidden.dynprompt, StillPrompt))

    @cached_property
    @abstractmethod
    def sweep(self) -> Sweep[R]:
        """The cells.

        Raises:
            PeriplusError: a mistake in the inputs.
        """

    @abstractmethod
    def start(self) -> SweepRecord:
        """Open the manifest and give the run that makes the cells.

        Raises:
            PeriplusError: a mistake in the inputs.
            UnwritableError: the output folder cannot be written.
        """

    @abstractmethod
    def outlook(self) -> Outlook:
        """What the sweep will come to.

        Raises:
            PeriplusError: a mistake in the inputs.
        """

    def twin(self) -> SameSweep | None:
        """The same sweep, where it is under way in this prompt."""
        run = under_way.find(self._manifest_path)
        if run is None or run.dynprompt is not self._hidden.dynprompt:
            return None
        makes_all = self._standing.making <= run.making
        return SameSweep(run.node_id, run.manifest, run.end, makes_all)

    def anew(self) -> NodeRequest[R]:
        """The same request, which has not looked at anything yet."""
        return type(self)(self._values, self._hidden)

    @cached_property
    @abstractmethod
    def _keys(self) -> Mapping[Cell[R], str]:
        """What the cells are known by in the store."""

    @cached_property
    @abstractmethod
    def _guess(self) -> Guess | None:
        """How long the cells that are to be made will take."""

    @cached_property
    def _axes(self) -> dict[str, Axis | None]:
        """The linked axes by letter, None for one that is not linked."""
        axes = {letter: self._values.get(f"{letter}_axis") for letter in "xyz"}
        for letter, axis in axes.items():
            if axis is not None:
                check_axis(f"{letter}_axis", axis)
        return axes

    def _find(self, key: str) -> StoredCell | None:
        """The finished cell of this key."""
        return self._store.find(key)

    def _manifest(self, inputs: Iterable[str]) -> Manifest:
        """A new manifest, which names what is linked to some inputs."""
        linked = [name for name in inputs if self._inputs.link(name)]
        manifest = Manifest(
            self._manifest_path,
            self._values["name"],
            self.sweep,
            self._keys,
            {name: self._inputs.describe_source(name) for name in linked},
        )
        # Not the node's id: equal cells of two nodes should be equal files.
        links = {name: self._inputs.link(name) for name in (*inputs, "refiner")}
        manifest.origin = {LINKS: {name: link for name, link in links.items() if link}}
        return manifest

    @cached_property
    def _standing(self) -> Standing[R]:
        """How the cells stand, and which of them are to be made."""
        sweep, keys = self.sweep, self._keys
        check_text("only", self._values["only"])
        places = choose(self._values["only"], sweep)
        retry_failed = self._values.get("retry_failed", True)
        failures = {}
        if not retry_failed or len(places) < len(sweep.cells):
            failures = read_failures(self._manifest_path)
        return standing(
            keys,
            places,
            self._find,
            failures,
            remake=self._values["remake"],
            retry_failed=retry_failed,
        )

    def _forecast(self) -> Forecast:
        hidden = self._hidden
        return Forecast(self.sweep, self._standing, hidden.dynprompt, hidden.unique_id, self._guess)

    @cached_property
    def _manifest_path(self) -> Path:
        return self._store.folder / manifest_name(self.sweep, self._keys)

    def _texts(self) -> dict[str, str]:
        """The text chunks for every picture."""
        return paths.metadata_texts(self._hidden.prompt, self._hidden.extra_pnginfo)
