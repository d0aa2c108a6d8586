"""What becomes of the sheets of a sweep, told by the sweep node before any model is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from comfy_execution.graph_utils import is_link

from ...graphs.prompt_graph import Node, title
from ...records.pace import Guess
from ...records.standing import Standing
from ...records.store import StoredCell
from ...sheets.forecast import Sizes, about, count_cells, planned_sheet
from ...sheets.looks import LOOKS, Looks, accepted_looks
from ...sheets.sheet import transpose
from ...sheets.sheet_plan import plan_sheet
from ...sweep import Place, Sweep
from ..prompt.running_node import GRID_COMPOSE, followers
from .composing import sheet_memory


class Forecast:
    """Tells how many cells a sweep has, and how large the sheets of it will be.

    Args:
        sweep: the cells.
        standing: which of them are to be made, and which are stored.
        dynprompt: ComfyUI's DynamicPrompt that the sweep node is in.
        node_id: the sweep node, which Grid Compose nodes follow.
        guess: how long the cells that are to be made will take, where that is known.
    """

    def __init__(
        self,
        sweep: Sweep[Any],
        standing: Standing[Any],
        dynprompt: Any,
        node_id: str,
        guess: Guess | None,
    ) -> None:
        self._sweep = sweep
        chosen = standing.count(standing.chosen)
        self._cells = count_cells(sweep, chosen, standing.stored, anew=standing.makes_anew)
        self._pictured = standing.pictured
        self._guess = guess if standing.making else None
        self._looks = _looks_of(followers(dynprompt, node_id, GRID_COMPOSE)) or {"": LOOKS}

    def lines(self, sizes: Mapping[Place, Sizes]) -> list[str]:
        """Say it line by line.

        Args:
            sizes: of the pictures of the cells of which they are known.
        """
        lines = [self._cells]
        if not sizes:
            lines.append("sheet: its size is known with the first picture")
        lines += self.sheets(sizes)
        if 0 < len(sizes) < self._pictured:
            lines.append("(if the other pictures are as large as those that are known)")
        if self._guess:
            lines.append(f"time: {about(self._guess.seconds, roughly=self._guess.is_rough)}")
        return lines

    def sheets(self, sizes: Mapping[Place, Sizes]) -> Sequence[str]:
        """Say what becomes of each sheet; nothing where no size is known."""
        pictures, looks = tuple(sizes.items()), tuple(self._looks.items())
        return _sheets(self._sweep, pictures, looks, sheet_memory()) if sizes else ()


@lru_cache(maxsize=2)  # said before any model is loaded, and noted when the sweep begins
def _sheets(
    sweep: Sweep[Any],
    sizes: tuple[tuple[Place, Sizes], ...],
    looks: tuple[tuple[str, Looks], ...],
    memory: int,
) -> tuple[str, ...]:
    """Say how large the sheets will be that are drawn with some looks, by their names."""
    lines: list[str] = []
    for name, look in looks:
        sheet = planned_sheet(sweep, dict(sizes), look.title)
        report = plan_sheet(transpose(sheet, look.order), look, memory).report
        lines += [f"{name}: {line}" if len(looks) > 1 else line for line in report]
    return tuple(lines)


def sizes_of(stored: StoredCell) -> Sizes:
    """The sizes of the pictures of a finished cell."""
    return tuple((picture.width, picture.height) for picture in stored.pictures)


def _looks_of(grids: Mapping[str, Node]) -> dict[str, Looks]:
    """How Grid Compose nodes will draw a sweep, by what they are called."""
    looks = {
        f"{title(grid)} (node {grid_id})": _looks(grid) for grid_id, grid in sorted(grids.items())
    }
    return {name: known for name, known in looks.items() if known is not None}


def _looks(node: Node) -> Looks | None:
    """How a Grid Compose node draws; None where that is not known or ComfyUI has refused it."""
    inputs = {name: value for name, value in node["inputs"].items() if name != "sweep"}
    return None if any(map(is_link, inputs.values())) else accepted_looks(inputs)
