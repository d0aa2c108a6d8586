"""Small manifests for tests, with their pictures in a store beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from periplus.axes.axis import Axis
from periplus.axes.axis_kinds import number_axis
from periplus.recipe import Recipe, RefinerRecipe
from periplus.records.manifest import CellState, Manifest, manifest_name
from periplus.records.store import CellStore, Picture, StoredCell
from periplus.sweep import Cell, Sweep, expand
from periplus.work.keys import stage_key
from periplus.work.recipe_stages import Links, decode_stage

BASE = Recipe(
    "a cat, кот", "", 2**64 - 1, 20, 7.0, "euler", "normal", refiner=RefinerRecipe("refiner")
)
STEPS = number_axis("steps", "10, 20")
CFG = number_axis("cfg", "5, 6.5")
DENOISE = number_axis("denoise", "0.5, 1")


def keys_of(sweep: Sweep, torch: str = "2.9") -> dict[Cell, str]:
    """Keys as on a host with this version of torch."""
    stages = {cell: decode_stage(cell.recipe, Links()) for cell in sweep.cells}
    unknown: defaultdict[str, str] = defaultdict(str)
    return {cell: stage_key(stage, unknown, {"torch": torch}) for cell, stage in stages.items()}


def manifest_of(
    folder: Path, x: Axis | None = None, y: Axis | None = None, z: Axis | None = None
) -> Manifest:
    """The manifest of a sweep whose cells are all still missing."""
    sweep = expand(BASE, x, y, z)
    keys = keys_of(sweep)
    return Manifest(folder / manifest_name(sweep, keys), "periplus", sweep, keys)


def stored(manifest: Manifest, cell: Cell, pictures: int = 1) -> StoredCell:
    """Put pictures of a cell in the store: each a pixel wider than the one before."""
    images = [np.zeros((4, 5 + i, 3), dtype=np.uint8) for i in range(pictures)]
    store = CellStore(manifest.path.parent)
    return store.put(manifest.keys[cell], images, 1.5, manifest.texts(cell))


def finish(manifest: Manifest, status: str = "done", pictures: int = 1) -> None:
    """Store every cell and write the manifest."""
    for cell in manifest.sweep.cells:
        manifest.set(cell, CellState(status, stored(manifest, cell, pictures)))
    manifest.write()


def pictures_of(manifest: Manifest, cell: Cell) -> tuple[Picture, ...]:
    """The pictures of a finished cell."""
    stored = manifest.cells[cell].stored
    assert stored
    return stored.pictures


def manifest_file(manifest: Manifest, cell: Cell) -> str:
    """The record of a cell in the store."""
    key = manifest.keys[cell]
    return f"cells/{key[:2]}/{key}.json"


def written(manifest: Manifest) -> dict[str, Any]:
    return json.loads(manifest.path.read_text(encoding="utf-8"))


def rewrite(manifest: Manifest, content: Any) -> Path:
    manifest.path.write_text(json.dumps(content), encoding="utf-8")
    return manifest.path
