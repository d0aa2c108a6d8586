"""Combined axes on a real server: cells as natively made, headers on the sheet, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    Graph,
    Link,
    cell_pixels,
    counted,
    manifest,
    manifests,
    saved_pixels,
    spent,
    succeed,
)


def combined(graph: Graph, a: Link, b: Link, mode: str) -> Link:
    return graph.axis("Combine", a=a, b=b, mode=mode)


def number(graph: Graph, parameter: str, values: str) -> Link:
    return graph.axis("Number", parameter=parameter, values=values)


def assert_cells_are_native(
    server: ComfyServer, graph: Graph, sweep: Link, prefix: str, cells: list[dict[str, Any]]
) -> Mapping[str, Any]:
    """Run, and compare the cells along x with native graphs of these settings."""
    for x, settings in enumerate(cells):
        loader = graph.loader(settings.pop("ckpt_name", COAST))
        graph.native(loader, f"{prefix}_{x}", **settings)
    found = manifests(succeed(server, graph))[sweep[0]]
    assert len(found["cells"]) == len(cells)
    pictures = [cell_pixels(found, x=x)[0] for x in range(len(cells))]
    for x, picture in enumerate(pictures):
        assert np.array_equal(picture, saved_pixels(server, f"{prefix}_{x}")[0])
    assert len({picture.tobytes() for picture in pictures}) == len(cells)
    return found


def test_a_zip_of_sampler_scheduler_and_steps_is_one_axis(server: ComfyServer) -> None:
    graph = Graph()
    samplers = graph.axis("Sampler", values="euler, heun, dpmpp_2m")
    schedulers = graph.axis("Scheduler", values="normal, karras, simple")
    pairs = combined(graph, samplers, schedulers, "zip")
    axis = combined(graph, pairs, number(graph, "steps", "2, 3, 4"), "zip")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    found = assert_cells_are_native(
        server,
        graph,
        sweep,
        "zipped",
        [
            {"sampler_name": "euler", "scheduler": "normal", "steps": 2},
            {"sampler_name": "heun", "scheduler": "karras", "steps": 3},
            {"sampler_name": "dpmpp_2m", "scheduler": "simple", "steps": 4},
        ],
    )

    assert found["axes"]["x"] == {
        "name": "sampler / scheduler / steps",
        "labels": ["euler / normal / 2", "heun / karras / 3", "dpmpp_2m / simple / 4"],
        "notes": [],
    }


def test_joined_axes_of_two_settings_leave_the_other_at_the_bases(server: ComfyServer) -> None:
    graph = Graph()
    axis = combined(graph, number(graph, "steps", "1, 2"), number(graph, "cfg", "3, 8"), "join")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    found = assert_cells_are_native(
        server, graph, sweep, "joined", [{"steps": 1}, {"steps": 2}, {"cfg": 3.0}, {"cfg": 8.0}]
    )

    assert found["axes"]["x"]["labels"] == ["steps 1", "steps 2", "cfg 3", "cfg 8"]


def test_a_cross_is_one_axis_in_groups_and_loads_each_checkpoint_once(server: ComfyServer) -> None:
    graph = Graph()
    checkpoints = graph.axis("Checkpoint", values="coast, harbour")
    axis = combined(graph, number(graph, "cfg", "3, 8"), checkpoints, "cross")
    sweep = graph.sweep(x_axis=axis)

    found = assert_cells_are_native(
        server,
        graph,
        sweep,
        "crossed",
        [
            {"cfg": cfg, "ckpt_name": checkpoint}
            for cfg in (3.0, 8.0)
            for checkpoint in (COAST, HARBOUR)
        ],
    )

    assert found["axes"]["x"]["labels"] == [
        "3 / coast",
        "3 / harbour",
        "8 / coast",
        "8 / harbour",
    ]
    assert found["axes"]["x"]["groups"] == [
        {"label": "3", "count": 2},
        {"label": "8", "count": 2},
    ]
    assert found["account"]["model_loads"] == 2


def test_a_joined_checkpoint_axis_takes_the_linked_model_elsewhere(fresh: ComfyServer) -> None:
    graph = Graph()
    checkpoints = graph.axis("Checkpoint", values="harbour")
    axis = combined(graph, checkpoints, number(graph, "cfg", "3, 8"), "join")
    sweep = graph.sweep(**graph.loader(COAST), x_axis=axis)

    assert_cells_are_native(
        fresh,
        graph,
        sweep,
        "checkpoint_or_cfg",
        [{"ckpt_name": HARBOUR}, {"cfg": 3.0}, {"cfg": 8.0}],
    )


def test_a_joined_checkpoint_axis_without_a_linked_model_is_refused(fresh: ComfyServer) -> None:
    graph = Graph()
    checkpoints = graph.axis("Checkpoint", values="harbour")
    axis = combined(graph, checkpoints, number(graph, "cfg", "3, 8"), "join")
    graph.sweep(x_axis=axis)

    run = fresh.run(graph.prompt)

    assert "model is not linked and no axis names a checkpoint for every cell" in run.error
    assert counted(fresh)["model_loads"] == 0


def test_cells_that_a_plain_axis_made_are_found_by_a_combined_one(fresh: ComfyServer) -> None:
    def run(combine: bool) -> Mapping[str, Any]:
        graph = Graph()
        x, y = number(graph, "cfg", "3, 8"), graph.axis("Sampler", values="euler, heun")
        axes = {"x_axis": combined(graph, x, y, "cross")} if combine else {"x_axis": x, "y_axis": y}
        sweep = graph.sweep(**graph.loader(), **axes, name="test/plain_or_crossed", steps=1)
        return manifests(succeed(fresh, graph))[sweep[0]]

    run(combine=False)
    again = run(combine=True)

    assert [cell["status"] for cell in again["cells"]] == ["reused"] * 4
    assert spent(again)["denoiser_evaluations"] == 0


def test_labels_of_single_pictures_say_everything(server: ComfyServer) -> None:
    graph = Graph()
    axis = combined(
        graph, graph.axis("Sampler", values="euler, heun"), number(graph, "cfg", "3, 8"), "cross"
    )
    sweep = graph.sweep(**graph.loader(), x_axis=axis, steps=1)
    labels = graph.add("PreviewAny", source=[graph.add("PeriplusSweepImages", sweep=sweep)[0], 1])

    run = succeed(server, graph)

    assert run.outputs[labels[0]]["text"] == [
        f"sampler / cfg {pair}" for pair in ("euler / 3", "euler / 8", "heun / 3", "heun / 8")
    ]


def test_a_crossed_axis_takes_one_more_line_on_the_sheet(server: ComfyServer) -> None:
    def height(mode: str) -> int:
        graph = Graph()
        cfg = number(graph, "cfg", "3, 8" if mode == "cross" else "3, 3, 8, 8")
        steps = number(graph, "steps", "1, 2" if mode == "cross" else "1, 2, 1, 2")
        sweep = graph.sweep(**graph.loader(), x_axis=combined(graph, cfg, steps, mode))
        grid = graph.add("PeriplusGridCompose", sweep=sweep, font_size=11)
        (page,) = succeed(server, graph).outputs[grid[0]]["images"]
        folder = server.base / "temp"
        with Image.open(folder / page["subfolder"] / page["filename"]) as image:
            return image.height

    assert height("cross") > height("zip") + 11


@pytest.mark.parametrize(
    ("a", "b", "mode", "parts"),
    [
        (("cfg", "3, 8"), ("steps", "1, 2, 3"), "zip", ["a (cfg) has 2 and b (steps) has 3"]),
        (("cfg", "3, 8"), ("cfg", "4, 5"), "zip", ["a (cfg) and b (cfg) both set cfg", "join"]),
        (("cfg", "3, 8"), ("cfg", "4"), "cross", ["a (cfg) and b (cfg) both set cfg", "join"]),
        (("cfg", "0-99"), ("steps", "1-10000"), "cross", ["1,000,000 values", "shorten"]),
    ],
)
def test_what_cannot_be_combined_is_told_before_any_load(
    fresh: ComfyServer, a: tuple[str, str], b: tuple[str, str], mode: str, parts: list[str]
) -> None:
    graph = Graph()
    axis = combined(graph, number(graph, *a), number(graph, *b), mode)
    graph.sweep(**graph.loader(), x_axis=axis)

    run = fresh.run(graph.prompt)

    assert run.status == "error"
    assert run.error.startswith(f"Node {axis[0]} "), run.error
    assert [part for part in parts if part not in run.error] == [], run.error
    assert counted(fresh)["model_loads"] == 0


def test_an_axis_outside_must_not_set_what_a_combined_one_sets(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = combined(graph, number(graph, "cfg", "3, 8"), number(graph, "steps", "1, 2"), "join")
    graph.sweep(**graph.loader(), x_axis=axis, y_axis=number(graph, "steps", "4"))

    run = fresh.run(graph.prompt)

    assert "x_axis (cfg + steps) and y_axis (steps) both set steps" in run.error


def test_a_crossed_z_axis_is_laid_out_in_a_row(server: ComfyServer) -> None:
    graph = Graph()
    axis = combined(graph, number(graph, "cfg", "3, 8"), graph.axis("Seed", values="1, 2"), "cross")
    sweep = graph.sweep(**graph.loader(), z_axis=axis, steps=1)
    grid = graph.add("PeriplusGridCompose", sweep=sweep, z_layout="row")

    run = succeed(server, graph)

    assert len(run.outputs[grid[0]]["images"]) == 1
    assert len(manifest(run)["cells"]) == 4
