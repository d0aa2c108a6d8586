"""The manifest: what it says of a sweep, and how it is named and written."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from periplus.axes.axis import Axis
from periplus.axes.axis_kinds import number_axis, sampler_scheduler_axis
from periplus.axes.combine import combine
from periplus.axes.lora_axis import lora_axis
from periplus.recipe import LoraRecipe, Recipe, RefinerRecipe
from periplus.records.manifest import KINDS_OF_WORK, Account, CellState, manifest_name
from periplus.sweep import expand
from periplus.tiling import Tiling

from .manifests import BASE, CFG, STEPS, finish, keys_of, manifest_of, pictures_of, stored, written

LORAS = ["whale", "glass"]


def as_json(recipe: Recipe) -> Any:
    return json.loads(json.dumps(asdict(recipe)))


# What is written


def test_a_finished_cell_is_described_completely(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, z=CFG)
    finish(manifest, "reused", pictures=2)
    cell = manifest.sweep.cells[1]
    key = manifest.keys[cell]
    files = [picture.file for picture in pictures_of(manifest, cell)]
    assert written(manifest)["cells"][1] == {
        "x": 1,
        "y": 0,
        "z": 0,
        "labels": {"x": "20", "z": "5"},
        "status": "reused",
        "reason": "",
        "warning": "all black",
        "file": files[0],
        "files": files,
        "sizes": [[5, 4], [6, 4]],
        "seconds": 1.5,
        "named": [],
        "crc32": [zlib.crc32((tmp_path / file).read_bytes()) for file in files],
        "key": key,
        "recipe": as_json(cell.recipe),
        "tile_size": None,
        "mode": "exact",
    }


def test_each_cell_has_a_line_of_its_own(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, z=CFG)
    manifest.write()
    lines = manifest.path.read_text(encoding="utf-8").splitlines()
    cells = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"x"')]
    assert cells == written(manifest)["cells"]
    assert len(cells) == 4


def test_cells_without_pictures_say_why(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    manifest.set(manifest.sweep.cells[1], CellState("failed", reason="out of memory"))
    manifest.write()
    parts = ("status", "reason", "file", "files", "seconds")
    assert [tuple(cell[part] for part in parts) for cell in written(manifest)["cells"]] == [
        ("missing", "", None, [], None),
        ("failed", "out of memory", None, [], None),
    ]


def test_a_recipe_can_be_made_again_from_its_entry(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=lora_axis("whale:0.8:0.5 + glass", LORAS))
    manifest.write()
    entry = written(manifest)["cells"][1]["recipe"]
    refiner = RefinerRecipe(**entry.pop("refiner"))
    loras = tuple(LoraRecipe(**lora) for lora in entry.pop("loras"))
    assert loras == (LoraRecipe("whale", 0.8, 0.5), LoraRecipe("glass"))
    again = Recipe(**entry, loras=loras, refiner=refiner)
    assert again == replace(BASE, steps=20, loras=loras)


def test_the_sweep_is_described_by_name_state_axes_and_times(tmp_path: Path) -> None:
    pairs = sampler_scheduler_axis("Euler, UniPC", ["euler", "uni_pc"], ["normal"])
    manifest = manifest_of(tmp_path, y=pairs)
    manifest.state = "interrupted"
    manifest.write()
    content = written(manifest)
    assert content["periplus"] == 1
    assert content["name"] == "periplus"
    assert content["state"] == "interrupted"
    assert content["axes"] == {
        "x": {"name": "", "labels": [""], "notes": []},
        "y": {"name": "sampler", "labels": ["Euler", "UniPC"], "notes": list(pairs.notes)},
        "z": {"name": "", "labels": [""], "notes": []},
    }
    created, updated = (datetime.fromisoformat(content[at]) for at in ("created", "updated"))
    assert created <= updated
    assert updated.utcoffset() is not None


def test_a_crossed_axis_has_flat_labels_and_groups_over_them(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=combine(STEPS, CFG, "cross"))
    manifest.write()
    assert written(manifest)["axes"]["x"] == {
        "name": "steps / cfg",
        "labels": ["10 / 5", "10 / 6.5", "20 / 5", "20 / 6.5"],
        "notes": [],
        "groups": [{"label": "10", "count": 2}, {"label": "20", "count": 2}],
    }


def test_axes_that_changed_nothing_are_named_and_none_at_first(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    manifest.write()
    assert written(manifest)["unchanged"] == []
    manifest.unchanged = ["y"]
    manifest.write()
    assert written(manifest)["unchanged"] == ["y"]


def test_the_account_tells_all_that_is_counted(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path)
    manifest.account = Account(denoiser_evaluations=40)
    manifest.account.seconds["sample"] += 2.5
    manifest.write()
    assert written(manifest)["account"] == {
        "model_loads": 0,
        "text_encodes": 0,
        "denoiser_evaluations": 40,
        "denoiser_passes": 0,
        "evaluations_shared": 0,
        "vae_decodes": 0,
        "vae_encodes": 0,
        "vae_tiled": 0,
        "cells_computed": 0,
        "cells_reused": 0,
        "seconds": dict.fromkeys(KINDS_OF_WORK, 0.0) | {"sample": 2.5},
    }


def test_cells_are_counted_by_their_status(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS, y=CFG)
    for cell, status in zip(manifest.sweep.cells, ("done", "failed", "done"), strict=False):
        manifest.set(cell, CellState(status))
    manifest.write()
    assert written(manifest)["counts"] == {"done": 2, "reused": 0, "failed": 1, "missing": 1}
    assert manifest.count("done") == 2


def test_a_page_gets_the_part_of_an_entry_that_it_draws(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    finish(manifest)
    cell = manifest.sweep.cells[1]
    left_out = {"named", "crc32", "key", "recipe", "tile_size", "mode"}
    expected = {part: v for part, v in manifest.entry(cell).items() if part not in left_out}
    assert manifest.place(cell) == expected


def test_a_picture_tells_its_recipe_and_key(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    cell = manifest.sweep.cells[1]
    picture = stored(manifest, cell).pictures[0]
    with Image.open(tmp_path / picture.file) as image:
        told = json.loads(image.info["periplus"])
    key = manifest.keys[cell]
    recipe = as_json(cell.recipe)
    making = {"recipe": recipe, "key": key, "tile_size": None, "mode": "exact"}
    assert told == {**making, "linked": []}


def test_cells_that_were_made_in_step_say_so(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    one, other = manifest.sweep.cells[:2]
    manifest.fast_keys = frozenset([manifest.keys[other]])
    assert [manifest.entry(cell)["mode"] for cell in (one, other)] == ["exact", "fast"]
    assert json.loads(manifest.texts(other)["periplus"])["mode"] == "fast"


def test_tiles_are_told_in_the_entry_and_in_the_picture(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    cell = manifest.sweep.cells[1]
    cell_stored = replace(stored(manifest, cell), tiling=Tiling(256, 10, 20))
    manifest.set(cell, CellState("done", cell_stored))
    assert manifest.entry(cell)["tile_size"] == 256
    assert json.loads(manifest.texts(cell, Tiling(512))["periplus"])["tile_size"] == 512


def test_a_picture_has_an_infotext_for_other_tools(tmp_path: Path) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    picture = stored(manifest, manifest.sweep.cells[1]).pictures[0]
    with Image.open(tmp_path / picture.file) as image:
        assert image.info["parameters"].startswith("a cat, кот\nSteps: 20, Sampler: Euler, ")
    manifest.linked["positive_conditioning"] = "Node (node 5)"
    assert manifest.texts(manifest.sweep.cells[1]).keys() == {"periplus"}


def test_a_failing_write_keeps_the_manifest_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = manifest_of(tmp_path, x=STEPS)
    manifest.write()
    before = manifest.path.read_bytes()
    manifest.set(manifest.sweep.cells[0], CellState("failed", reason="out of memory"))

    def fail(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        manifest.write()
    assert manifest.path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [manifest.path]


# The name


def test_the_same_sweep_continues_the_same_file() -> None:
    one, other = (expand(BASE, number_axis("steps", "10, 20"), CFG) for _ in range(2))
    assert manifest_name(one, keys_of(one)) == manifest_name(other, keys_of(other))


@pytest.mark.parametrize(
    ("x", "y", "z"),
    [
        (CFG, STEPS, None),
        (STEPS, None, CFG),
        (number_axis("steps", "20, 10"), CFG, None),
        (number_axis("steps", "10, 20, 30"), CFG, None),
        (replace(STEPS, name="Steps"), CFG, None),
        (
            replace(STEPS, points=(replace(STEPS.points[0], label="ten"), STEPS.points[1])),
            CFG,
            None,
        ),
    ],
)
def test_another_order_axis_or_label_is_another_file(
    x: Axis, y: Axis | None, z: Axis | None
) -> None:
    sweep, other = expand(BASE, STEPS, CFG), expand(BASE, x, y, z)
    assert manifest_name(sweep, keys_of(sweep)) != manifest_name(other, keys_of(other))


def test_other_keys_are_another_file() -> None:
    sweep = expand(BASE, STEPS)
    keys = keys_of(sweep)
    newer = keys_of(sweep, torch="3.0")
    assert manifest_name(sweep, keys) != manifest_name(sweep, newer)
