"""What a sweep will come to, told before its first cell: how many cells, how large a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..axes.axis import NO_AXIS, Axis
from ..sweep import Place, Sweep
from .sheet import AxisLabels, Sheet, SheetCell

Sizes = tuple[tuple[int, int], ...]
"""Width and height in px of each picture of a cell."""

_NO_FILE = Path()


def planned_sheet(sweep: Sweep[Any], sizes: Mapping[Place, Sizes], title: str = "") -> Sheet:
    """Give the sheet that a sweep will make; only its measures can be asked for.

    Args:
        sweep: the cells.
        sizes: of the cells of which they are known; the others will be as large as these.
        title: printed on top; may be empty.
    """
    x, y, z = map(_labels, (sweep.x, sweep.y, sweep.z))
    cells = {
        place: SheetCell((_NO_FILE,) * len(pictures), pictures, "done")
        for place, pictures in sizes.items()
    }
    return Sheet(x, y, z, cells, title, sweep.notes)


def _labels(axis: Axis) -> AxisLabels:
    return AxisLabels(axis.name, axis.labels, axis.groups)


def count_cells(sweep: Sweep[Any], chosen: int, stored: int, *, anew: bool = False) -> str:
    """Say how many cells there are and how many of them are stored.

    Args:
        sweep: the cells.
        chosen: how many of them the user wants.
        stored: how many of these are stored.
        anew: whether what is stored is made anew.
    """
    lengths = [len(axis.points) for axis in sweep.axes.values() if axis is not NO_AXIS]
    shape = f"{' x '.join(map(str, lengths))} = " if len(lengths) > 1 else ""
    count = len(sweep.cells)
    of = f"{chosen:,} of " if chosen < count else shape
    made = " and made anew" if anew else ""
    return f"{of}{count:,} {'cell' if count == 1 else 'cells'}, {stored:,} stored{made}"


def about(seconds: float, *, roughly: bool = False) -> str:
    """Say a time in the largest unit that tells enough: ``about 12 min``.

    Args:
        seconds: how long.
        roughly: whether it is less sure than other times.
    """
    minutes = seconds / 60
    if seconds < 100:
        time = f"about {max(1, round(seconds))} s"
    else:
        time = f"about {round(minutes)} min" if minutes < 100 else f"about {round(minutes / 60)} h"
    return f"{time}, a rough guess" if roughly else time
