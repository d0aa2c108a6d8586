"""Which cells a stage is for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ..sweep import Cell
from .stages import Decode, Encode, Stage, stages_before


def cells_by_stage(cells: Mapping[Decode, list[Cell]]) -> dict[Stage, list[Cell]]:
    """Give the cells that each stage is for, but for texts, which are done in no time.

    Args:
        cells: those that each decode finishes.
    """
    found: dict[Stage, list[Cell]] = defaultdict(list)
    for decode, finished in cells.items():
        waiting: list[Stage] = [decode]
        for stage in waiting:  # grows meanwhile
            found[stage] += finished
            waiting += [s for s in stages_before(stage) if not isinstance(s, Encode)]
    return dict(found)
