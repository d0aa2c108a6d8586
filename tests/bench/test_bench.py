"""The benchmark works, and compares what can be compared; how fast anything is, is not tested."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import provision

from .cells import Costs, least
from .compare import compare, ratio
from .provide import bench_server, provide_models
from .rows import FULL, SMALL, hires, plain, refiners, rows
from .sides import run_loop, run_native, run_sweep
from .table import comparison_lines


@pytest.fixture(scope="module")
def server() -> Iterator[ComfyServer]:
    installation = provision(development=True)
    provide_models(installation, hires(SMALL, quick=True).cells)
    with bench_server(installation, SMALL, "cpu") as running:
        yield running


def pictures(paths: list[Any]) -> list[bytes]:
    found = []
    for path in paths:
        with Image.open(path) as picture:
            found.append(np.asarray(picture).tobytes())
    return found


def test_all_sides_make_the_same_pictures(server: ComfyServer) -> None:
    row = hires(SMALL, quick=True)
    run_sweep(server, row)
    run_native(server, row.cells)
    run_loop(server, row.cells)

    (manifest,) = server.output.glob("bench/*/sweep-*.json")
    cells = json.loads(manifest.read_text(encoding="utf-8"))["cells"]
    ours = pictures([manifest.parent / cell["file"] for cell in cells])
    # The loop's first picture is the one that it warms up with.
    assert pictures(sorted(server.output.glob("loop/*.png"))[1:]) == ours
    assert pictures(sorted(server.output.glob("native/*/*.png"))) == ours
    assert len(set(ours)) == len(row.cells) == 2


def test_a_row_is_measured_and_told(server: ComfyServer) -> None:
    row = plain(SMALL, quick=True)

    comparison = compare(server, row, rounds=1)

    assert comparison.sweep.costs == comparison.least
    # The first evaluation of all four is one, which a native queue cannot know.
    assert comparison.native.costs == replace(comparison.least, denoiser_evaluations=10)
    _head, _rule, line = comparison_lines([comparison])
    assert line.startswith(f"| {row.title} | 4 | ")
    assert " | 1 / 1 | 2 / 2 | 7 / 10 | 4 / 4 | " in line


def test_the_least_shares_whatever_is_equal() -> None:
    row = refiners(SMALL, quick=False)
    loads, steps, switch = 1 + 4, 20, 16
    assert least(row.cells) == Costs(loads, 2 * loads, switch + 4 * (steps - switch), 4)


@pytest.mark.parametrize("scale", [SMALL, FULL])
@pytest.mark.parametrize("quick", [False, True])
def test_rows_have_names_and_distinct_cells(scale: Any, quick: bool) -> None:
    found = rows(scale, quick)
    assert len({row.name for row in found}) == len(found)
    assert all(len(set(row.cells)) == len(row.cells) for row in found)


def test_a_ratio_is_that_of_the_best_rounds() -> None:
    found = ratio([(2.0, 4.0), (3.0, 3.0)])
    assert (found.best, found.lowest, found.highest) == (2 / 3, 0.5, 1.0)
    assert str(found) == "0.67 (0.50 to 1.00)"


def test_the_command_lists_its_rows() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = [line.split(":")[0] for line in ran.stdout.splitlines()]
    assert names == [*(row.name for row in rows(SMALL)), "lockstep", "growth"]
