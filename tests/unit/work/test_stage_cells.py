"""Every run is known to be for the cells that are made from it."""

from __future__ import annotations

from dataclasses import replace

from periplus.recipe import RefinerRecipe
from periplus.sweep import Cell
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stage_cells import cells_by_stage
from periplus.work.stages import Encode, Sample

from .plans import BASE


def test_a_base_is_for_all_its_refiners_and_a_refiner_for_one_cell() -> None:
    recipes = [replace(BASE, refiner=RefinerRecipe(name)) for name in ("a", "b")]
    cells = [Cell(x, 0, 0, recipe) for x, recipe in enumerate(recipes)]

    found = cells_by_stage({decode_stage(c.recipe, Links()): [c] for c in cells})

    runs = {stage.source: cells for stage, cells in found.items() if isinstance(stage, Sample)}
    assert runs == {"base": cells, "a": cells[:1], "b": cells[1:]}
    assert not any(isinstance(stage, Encode) for stage in found)


def test_equal_cells_are_made_by_one_run() -> None:
    cells = [Cell(x, 0, 0, BASE) for x in range(3)]
    decode = decode_stage(BASE, Links())

    found = cells_by_stage({decode: cells})

    assert found == {decode: cells, decode.latent: cells}
