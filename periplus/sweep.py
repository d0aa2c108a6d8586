"""A sweep: a base recipe, up to three axes, and the cells that they span."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from .axes.axis import LORA_STRENGTH, NO_AXIS, Axis
from .errors import PeriplusError, shown
from .recipe import MAX_SEED, Recipe

DEFAULT_MAX_CELLS = 10_000

R = TypeVar("R")
"""What says how a cell's picture is made: a :class:`Recipe`, or a ``GraphRecipe``."""

Place = tuple[int, int, int]

NEXT_ROW, NEXT_PAGE = 10_000, 100_000_000
"""How much the seed grows from row to row and from page to page: fixed, so that a longer axis
leaves the other cells' seeds as they were."""

VARY_SEED: Mapping[str, tuple[int, int, int]] = {
    "no": (0, 0, 0),
    "per column": (1, 0, 0),
    "per row": (0, 1, 0),
    "per page": (0, 0, 1),
    "per cell": (1, NEXT_ROW, NEXT_PAGE),
}
"""What is added to the seed for each step along x, y and z."""


@dataclass(frozen=True)
class Cell(Generic[R]):
    """One place of the grid and the recipe of its picture."""

    x: int
    y: int
    z: int
    recipe: R

    @property
    def place(self) -> Place:
        """(x, y, z), each counted from 0."""
        return self.x, self.y, self.z


@dataclass(frozen=True)
class Sweep(Generic[R]):
    """The cells of a grid, x fastest, then y, then z."""

    x: Axis
    y: Axis
    z: Axis
    cells: tuple[Cell[R], ...]

    @property
    def axes(self) -> dict[str, Axis]:
        """The axes by their letter."""
        return {"x": self.x, "y": self.y, "z": self.z}

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of single values, over all axes."""
        return tuple(note for axis in self.axes.values() for note in axis.notes)

    def labels(self, cell: Cell[R]) -> dict[str, str]:
        """The cell's label on each axis that is in use, by the axis's letter."""
        places = zip(self.axes.items(), cell.place, strict=True)
        return {letter: axis.points[i].label for (letter, axis), i in places if axis is not NO_AXIS}


def expand(
    base: Recipe,
    x: Axis | None = None,
    y: Axis | None = None,
    z: Axis | None = None,
    *,
    vary_seed: str = "no",
    max_cells: int = DEFAULT_MAX_CELLS,
) -> Sweep[Recipe]:
    """Span the grid: apply every combination of points to the base recipe.

    The overrides of all axes are applied phase by phase, in each phase x first, then y, then z.

    Args:
        vary_seed: one of VARY_SEED.

    Raises:
        PeriplusError: an empty axis, two axes that set one field, a strength of LoRAs where there
            are none, a value that does not apply to the recipe, seeds that an axis gives and that
            shall vary besides, or more than ``max_cells`` cells. The text names axis and value.
    """
    axes = {"x": x or NO_AXIS, "y": y or NO_AXIS, "z": z or NO_AXIS}
    _refuse_strength_of_nothing(base, axes)
    if vary_seed != "no":
        _refuse_seeds(axes, vary_seed)
    seeded = partial(_seeded, base, vary_seed)
    return span(axes, lambda place: _applied(seeded(place), axes, place), max_cells)


def span(axes: dict[str, Axis], recipe_at: Callable[[Place], R], max_cells: int) -> Sweep[R]:
    """Span the grid, with the recipe of each place.

    Args:
        axes: all three by letter, NO_AXIS for one that is not linked.
        recipe_at: gives the recipe of a place.
        max_cells: the most cells allowed.

    Raises:
        PeriplusError: an empty axis, two axes that set one field, or too many cells.
    """
    _refuse_empty(axes)
    _refuse_shared_fields(axes)
    count = len(axes["x"].points) * len(axes["y"].points) * len(axes["z"].points)
    if count > max_cells:
        shape = " x ".join(str(len(axis.points)) for axis in axes.values())
        raise PeriplusError(
            f"{shape} = {count} cells are more than the limit of {max_cells}; shorten an axis, or "
            "raise the limit (Settings > Periplus > Sweep)"
        )
    cells = tuple(
        Cell(ix, iy, iz, recipe_at((ix, iy, iz)))
        for iz in range(len(axes["z"].points))
        for iy in range(len(axes["y"].points))
        for ix in range(len(axes["x"].points))
    )
    return Sweep(axes["x"], axes["y"], axes["z"], cells)


def _refuse_empty(axes: dict[str, Axis]) -> None:
    for letter, axis in axes.items():
        if not axis.points:
            raise PeriplusError(f"{letter}_axis ({axis.name}) is empty: give it at least one value")


def _refuse_shared_fields(axes: dict[str, Axis]) -> None:
    owner: dict[str, str] = {}
    for letter, axis in axes.items():
        for field in sorted(axis.fields):
            if field in owner:
                raise PeriplusError(
                    f"{owner[field]}_axis ({axes[owner[field]].name}) and {letter}_axis "
                    f"({axis.name}) both set {field}, so one would overrule the other; keep one"
                )
            owner[field] = letter


def _refuse_seeds(axes: dict[str, Axis], vary_seed: str) -> None:
    for letter, axis in axes.items():
        if "seed" in axis.fields:
            raise PeriplusError(
                f"vary_seed is '{vary_seed}', but {letter}_axis ({axis.name}) gives the seeds; set "
                "vary_seed to 'no', or unlink the axis"
            )


def _seeded(base: Recipe, vary_seed: str, place: Place) -> Recipe:
    grows = sum(step * at for step, at in zip(VARY_SEED[vary_seed], place, strict=True))
    return replace(base, seed=(base.seed + grows) % (MAX_SEED + 1))


def _refuse_strength_of_nothing(base: Recipe, axes: dict[str, Axis]) -> None:
    if base.loras or any("loras" in axis.fields for axis in axes.values()):
        return
    for letter, axis in axes.items():
        if LORA_STRENGTH in axis.fields:
            raise PeriplusError(
                f"{letter}_axis ({axis.name}) needs LoRAs to set the strength of: link an Axis: "
                "LoRA node as another axis"
            )


def _applied(base: Recipe, axes: dict[str, Axis], place: Place) -> Recipe:
    """Apply a point of each axis: phase by phase, in each phase x, then y, then z."""
    steps = [
        (override, letter, index)
        for (letter, axis), index in zip(axes.items(), place, strict=True)
        for override in axis.points[index].overrides
    ]
    recipe = base
    for override, letter, index in sorted(steps, key=lambda step: step[0].phase):
        try:
            recipe = override.apply(recipe)
        except PeriplusError as error:
            axis = axes[letter]
            label = shown(axis.labels[index])
            raise PeriplusError(
                f"{letter}_axis ({axis.name}), value {index + 1} '{label}': {error}"
            ) from error
    return recipe
