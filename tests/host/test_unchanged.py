"""An axis that changed nothing is reported: in the manifest, on the node and on the sheet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graphs import Graph, cell_pixels, forget, manifest, pixels, succeed

EQUAL = "euler, ddim"
"""Without a mask these samplers are one."""


def run_sweep(server: ComfyServer, **options: Any) -> tuple[Run, dict[str, Any]]:
    """Sweep samplers on y, and cfg on x, unless told otherwise."""
    graph = Graph()
    samplers = options.pop("samplers", EQUAL)
    axes = {
        "x_axis": graph.axis("Number", parameter="cfg", values=options.pop("cfg", "3, 8")),
        "y_axis": graph.axis("Sampler", values=samplers),
    }
    graph.sweep(**graph.loader(), **axes, **options)
    run = succeed(server, graph)
    return run, manifest(run)


def shown(run: Run) -> tuple[list[str], list[str]]:
    """What the sweep node says: the letters, and its lines of text."""
    (output,) = run.outputs.values()
    return output["periplus"][0]["unchanged"], output["text"]


def test_an_axis_of_equal_pictures_is_reported(server: ComfyServer) -> None:
    run, found = run_sweep(server)

    assert found["unchanged"] == ["y"]
    letters, lines = shown(run)
    assert letters == ["y"]
    assert lines == ["cells: 4 done", "y (sampler) changed nothing"]
    for x in (0, 1):
        assert np.array_equal(cell_pixels(found, x=x, y=0)[0], cell_pixels(found, x=x, y=1)[0])
    assert len({cell["key"] for cell in found["cells"]}) == 4


@pytest.mark.parametrize("samplers", ["euler, ddim, heun", "heun, euler, ddim", "euler"])
def test_an_axis_that_changes_something_or_has_one_point_is_not(
    server: ComfyServer, samplers: str
) -> None:
    run, found = run_sweep(server, samplers=samplers, cfg="3")

    assert found["unchanged"] == []
    assert shown(run)[0] == []
    assert not any("changed nothing" in line for line in shown(run)[1])


def test_a_zipped_axis_that_changes_nothing_is_reported_by_its_whole_name(
    server: ComfyServer,
) -> None:
    graph = Graph()
    samplers = graph.axis("Sampler", values=EQUAL)
    schedulers = graph.axis("Scheduler", values="normal, sgm_uniform")  # alike for one step
    axis = graph.axis("Combine", a=samplers, b=schedulers, mode="zip")
    graph.sweep(**graph.loader(), z_axis=axis, steps=1)

    run = succeed(server, graph)

    assert manifest(run)["unchanged"] == ["z"]
    assert shown(run)[1][-1] == "z (sampler / scheduler) changed nothing"


def test_only_finished_cells_count(unusual: ComfyServer) -> None:
    _, found = run_sweep(unusual, samplers="euler, capsizing, ddim")

    assert [cell["status"] for cell in found["cells"]] == ["done"] * 2 + ["failed"] * 2 + [
        "done"
    ] * 2
    assert found["unchanged"] == ["y"]


def test_the_sheet_tells_it_below_the_cells(server: ComfyServer) -> None:
    def height(samplers: str) -> int:
        graph = Graph()
        axis = graph.axis("Sampler", values=samplers)
        sweep = graph.sweep(**graph.loader(), x_axis=axis)
        grid = graph.add("PeriplusGridCompose", sweep=sweep)
        (page,) = succeed(server, graph).outputs[grid[0]]["images"]
        return pixels(server.base / "temp" / page["filename"]).shape[0]

    assert height("euler, ddim") >= height("euler, heun") + 11


def test_it_is_told_of_reused_cells_too(fresh: ComfyServer) -> None:
    name = "test/unchanged"
    run_sweep(fresh, name=name)
    forget(fresh)

    run, again = run_sweep(fresh, name=name)

    assert [cell["status"] for cell in again["cells"]] == ["reused"] * 4
    assert again["unchanged"] == ["y"]
    assert shown(run)[0] == ["y"]
