"""Making chosen cells of a sweep: which work is done, and what becomes of the other cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from periplus.records.store import CellStore
from scripts.comfy_run import Message
from scripts.comfy_server import ComfyServer

from .graph_sweeps import finished, one_colour, picture
from .graphs import (
    Graph,
    Link,
    assert_refused,
    assert_stops,
    cell_pixels,
    counted,
    forget,
    manifest,
    manifest_in,
    spent,
    succeed,
)
from .test_faults import statuses
from .test_forecast import told

STEPS = 2
BLACK = np.zeros((64, 64, 3), dtype=np.uint8)


def sweep_of(name: str, **inputs: Any) -> Graph:
    """A sweep of 2 checkpoints x 2 seeds."""
    graph = Graph()
    graph.sweep(
        **{
            "x_axis": graph.axis("Checkpoint", values="coast, lagoon"),
            "y_axis": graph.axis("Seed", values="1, 2"),
            "steps": STEPS,
            "name": name,
            **inputs,
        }
    )
    return graph


def seeds(name: str, **inputs: Any) -> Graph:
    """A sweep of 3 seeds, of a linked model."""
    graph = Graph()
    axis = graph.axis("Seed", values="1-3")
    graph.sweep(**{**graph.loader(), "x_axis": axis, "steps": STEPS, "name": name, **inputs})
    return graph


def put_black(found: Mapping[str, Any], cell: int) -> None:
    """Store a black picture as that of a cell."""
    CellStore(found["folder"]).put(found["cells"][cell]["key"], [BLACK], 1.0, {})


@contextmanager
def failing(server: ComfyServer, **fault: Any) -> Iterator[None]:
    server.post("/failing", fault)
    try:
        yield
    finally:
        server.post("/failing")


def test_only_the_chosen_cells_are_worked_for_and_the_others_later(fresh: ComfyServer) -> None:
    name = "test/only"

    run = succeed(fresh, sweep_of(name, only="X2 y01"))

    one = manifest(run)
    assert statuses(one) == ["missing", "done", "missing", "missing"]
    assert one["state"] == "done"
    assert one["forecast"][0] == "1 of 4 cells, 0 stored"
    assert not any("other pictures" in line for line in one["forecast"]), "there is none"
    assert spent(one) == counted(fresh)
    assert counted(fresh) == {
        "model_loads": 1,
        "text_encodes": 2,
        "denoiser_evaluations": STEPS,
        "vae_decodes": 1,
    }
    column = manifest(succeed(fresh, sweep_of(name, only="x1, x2 y1")))
    assert statuses(column) == ["done", "reused", "done", "missing"]
    assert column["forecast"][0] == "3 of 4 cells, 1 stored"
    every = manifest(succeed(fresh, sweep_of(name)))
    assert statuses(every) == ["reused", "reused", "reused", "done"]
    assert counted(fresh)["denoiser_evaluations"] == 4 * STEPS, "each was made once"
    assert one["path"] == column["path"] == every["path"]


def test_linked_models_are_not_run_where_no_chosen_cell_needs_them(fresh: ComfyServer) -> None:
    name = "test/only_linked"
    succeed(fresh, seeds(name, only="x1"))
    forget(fresh)

    found = manifest(succeed(fresh, seeds(name, only="x1, x1 y1")))

    assert statuses(found) == ["reused", "missing", "missing"]
    assert counted(fresh)["model_loads"] == 0


def test_a_sheet_marks_the_cells_that_nobody_wanted(server: ComfyServer) -> None:
    graph = sweep_of("test/only_sheet", only="x1 y1")
    grid = graph.add("PeriplusGridCompose", sweep=["3", 0], legend=False, margin=0)

    run = succeed(server, graph)

    assert manifest(run)["forecast"][1] == run.outputs[grid[0]]["text"][0] == "sheet: 128 x 128 px"


def test_cells_are_made_anew_each_time_and_equal_bytes_keep_their_name(
    fresh: ComfyServer,
) -> None:
    graph = seeds("test/remade", only="x1-2", remake=True)
    first = manifest(succeed(fresh, graph))
    put_black(first, 0)

    second, third = (manifest(succeed(fresh, graph)) for _ in range(2))

    assert statuses(first) == statuses(second) == statuses(third) == ["done", "done", "missing"]
    assert first["forecast"][0] == "2 of 3 cells, 0 stored"
    assert third["forecast"][0] == "2 of 3 cells, 2 stored and made anew"
    assert third["account"]["cells_computed"] == 2
    assert third["account"]["cells_reused"] == 0
    assert counted(fresh)["denoiser_evaluations"] == 3 * 2 * STEPS
    assert [cell["file"] for cell in third["cells"]] == [cell["file"] for cell in first["cells"]]
    shown = manifest(succeed(fresh, seeds("test/remade")))
    assert statuses(shown) == ["reused", "reused", "done"]
    assert cell_pixels(shown)[0].any()


def test_cells_that_were_made_alone_are_made_anew_alone(server: ComfyServer) -> None:
    """Their key says that they are exact."""
    name = "test/remade_alone"
    first = manifest(succeed(server, seeds(name, only="x1-2")))

    anew = manifest(succeed(server, seeds(name, only="x1-2", remake=True, batching="2")))

    assert [cell["mode"] for cell in anew["cells"][:2]] == ["exact", "exact"]
    assert anew["account"]["denoiser_passes"] == anew["account"]["denoiser_evaluations"] > 0
    for x in range(2):
        assert np.array_equal(cell_pixels(anew, x)[0], cell_pixels(first, x)[0])


def test_a_cancel_while_cells_are_remade_keeps_the_old_ones(fresh: ComfyServer) -> None:
    name = "test/remake_cancelled"

    def graph(**inputs: Any) -> Graph:
        return seeds(name, steps=20, **inputs)

    first = manifest(succeed(fresh, graph()))
    cancelled: list[bool] = []

    def cancel(message: Message) -> None:
        if message.kind == "periplus.cell" and message.data["status"] == "done" and not cancelled:
            cancelled.append(True)
            fresh.interrupt()

    run = fresh.run(graph(remake=True).prompt, on_message=cancel)

    assert run.status == "interrupted"
    stopped = manifest_in(fresh, name)
    assert stopped["state"] == "interrupted"
    assert statuses(stopped)[0] == "done" and statuses(stopped)[2] == "reused"
    again = manifest(succeed(fresh, graph()))
    assert statuses(again) == ["reused"] * 3
    for x in range(3):
        assert np.array_equal(cell_pixels(again, x)[0], cell_pixels(first, x)[0])


def test_a_cell_that_cannot_be_remade_keeps_its_picture(server: ComfyServer) -> None:
    name = "test/remake_failed"
    first = manifest(succeed(server, seeds(name)))
    with failing(server, what="sampler", how="error", count=100):
        run = succeed(server, seeds(name, only="x2", remake=True))
    kept = manifest(run)

    assert statuses(kept) == ["reused"] * 3
    assert "not made anew: cannot sample" in kept["cells"][1]["reason"]
    assert [cell["file"] for cell in kept["cells"]] == [cell["file"] for cell in first["cells"]]
    (report,) = run.outputs.values()
    (text,) = [text for text in report["text"] if "old picture" in text]
    assert text.startswith("1 cell keeps its old picture; the first was not made anew: cannot")
    later = manifest(succeed(server, seeds(name, only="x1")))
    assert [cell["reason"] for cell in later["cells"]] == ["", "", ""]


def test_cells_that_failed_keep_their_reason_until_they_are_chosen(server: ComfyServer) -> None:
    name = "test/only_failed"

    def sweep(**inputs: Any) -> dict[str, Any]:
        return manifest(succeed(server, seeds(name, **inputs)))

    with failing(server, what="sampler", how="error", first=2, count=2):
        first = sweep()
    other = sweep(only="x1", remake=True)
    resting = sweep(only="x2", retry_failed=False)
    chosen = sweep(only="x2")
    every = sweep()

    assert statuses(first) == ["done", "failed", "failed"]
    assert statuses(other) == ["done", "failed", "failed"]
    assert statuses(resting) == ["reused", "failed", "failed"]
    assert statuses(chosen) == ["reused", "done", "failed"]
    assert statuses(every) == ["reused", "reused", "done"]
    for found in (other, resting, chosen):
        assert found["cells"][2]["reason"] == first["cells"][2]["reason"] != ""


def test_a_choice_that_names_no_cell_is_refused(fresh: ComfyServer) -> None:
    graph = sweep_of("test/only_refused", only="x1, second row")
    assert_refused(fresh, graph, ["3", 0], ["only: item 2 'second row' does not name cells"])
    graph = sweep_of("test/only_refused", only="x1 y3")
    parts = ["only: item 1 'x1 y3' names row 3, but y_axis (seed) has 2 values; write y1 to y2"]
    assert_stops(fresh, graph, ["3", 0], parts)


def graph_sweep(name: str, **inputs: Any) -> tuple[Graph, Link]:
    graph = Graph()
    made = picture(graph, steps=STEPS)
    axis = graph.axis("Input", node=made.sampler, input="seed", values="1-3")
    return graph, graph.sweep_graph(made.image, x_axis=axis, name=name, **inputs)


def test_only_the_nodes_of_the_chosen_cells_of_a_graph_sweep_are_run(fresh: ComfyServer) -> None:
    name = "test/only_graph"
    graph, sweep = graph_sweep(name, only="x2-3")

    run = succeed(fresh, graph)

    first = manifest(run)
    assert finished(run) == [(1, 0, 0), (2, 0, 0)]
    assert statuses(first) == ["missing", "done", "done"]
    assert counted(fresh)["denoiser_evaluations"] == 2 * STEPS
    assert told(run, sweep)[0].startswith("2 of 3 cells, 0 stored")
    bars = [m.data for m in run.messages if m.kind == "progress" and m.data["node"] == sweep[0]]
    assert (bars[-1]["value"], bars[-1]["max"]) == (2, 2)

    put_black(first, 1)
    graph, sweep = graph_sweep(name, only="x2", remake=True)
    again = succeed(fresh, graph)
    remade = manifest(again)
    assert finished(again) == [(1, 0, 0)]
    assert statuses(remade) == ["missing", "done", "reused"]
    assert np.array_equal(cell_pixels(remade, 1)[0], cell_pixels(first, 1)[0])
    assert told(again, sweep)[0].startswith("1 of 3 cells, 1 stored and made anew")


def test_a_graph_sweep_without_axes_is_remade_each_time(server: ComfyServer) -> None:
    graph = Graph()
    graph.sweep_graph(one_colour(graph), remake=True)

    runs = [manifest(succeed(server, graph)) for _ in range(2)]

    assert [statuses(run) for run in runs] == [["done"], ["done"]]


@pytest.mark.parametrize(
    ("host", "kind"), [("server", "ksampler"), ("server", "graph"), ("unusual", "ksampler")]
)
def test_parts_of_one_sweep_are_made_one_after_the_other(
    request: pytest.FixtureRequest, host: str, kind: str
) -> None:
    """Also where ComfyUI caches nothing."""
    server: ComfyServer = request.getfixturevalue(host)
    forget(server)
    name = f"test/only_parts_{kind}"
    graph = Graph()
    made = picture(graph, steps=STEPS) if kind == "graph" else None
    grids = []
    for only in ("x1", "x2", "x1-2"):
        if made:
            axis = graph.axis("Input", node=made.sampler, input="seed", values="1-3")
            sweep = graph.sweep_graph(made.image, x_axis=axis, name=name, only=only)
        else:
            axis = graph.axis("Seed", values="1-3")
            sweep = graph.sweep(**graph.loader(), x_axis=axis, name=name, steps=STEPS, only=only)
        grids.append(graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0))

    run = succeed(server, graph)

    assert sorted(finished(run)) == [(0, 0, 0), (1, 0, 0)], "each is announced once"
    assert counted(server)["denoiser_evaluations"] == 2 * STEPS
    found = manifest_in(server, name)
    assert set(statuses(found)[:2]) <= {"done", "reused"}
    assert statuses(found)[2] == "missing"
    assert all(run.outputs[grid[0]]["images"] for grid in grids)


def test_a_node_that_is_given_a_list_of_parts_makes_each(fresh: ComfyServer) -> None:
    name = "test/only_list"
    graph = seeds(name)
    parts = graph.axis("Prompt", values="x1\nx2\nx1-2", target="positive")
    graph.prompt["3"]["inputs"]["only"] = [parts[0], 1]

    succeed(fresh, graph)

    found = manifest_in(fresh, name)
    assert statuses(found) == ["reused", "done", "missing"], "as the last one has left it"
    assert counted(fresh)["denoiser_evaluations"] == 2 * STEPS
