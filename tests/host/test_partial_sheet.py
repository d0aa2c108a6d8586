"""A sweep that ends early leaves a sheet of what there is, in its folder and on the page."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scripts.comfy_run import Message, Run
from scripts.comfy_server import HOST, ComfyServer
from scripts.web_socket import WebSocket

from .graphs import Graph, Link, cell_pixels, manifest, manifest_in, pixels, succeed
from .test_faults import cancel_when, statuses
from .test_strands_end import refined

LONG = 24
"""Steps with which a cell takes longer to sample than the one before to write."""


def has_finished_a_cell(message: Message) -> bool:
    return message.kind == "periplus.cell"


def slow_sweep(graph: Graph, name: str) -> Link:
    axis = graph.axis("Number", parameter="cfg", values="3, 5, 7")
    return graph.sweep(**graph.loader(), x_axis=axis, steps=LONG, name=name)


def sheets(server: ComfyServer, name: str) -> list[Path]:
    return sorted((server.output / name).glob("sweep-*_partial_*_.png"))


def shown_on(run: Run, node: Link) -> list[dict[str, Any]]:
    """What a node of the page was told to show."""
    executed = (message.data for message in run.messages if message.kind == "executed")
    return [data["output"] for data in executed if data["display_node"] == node[0]]


def run_until_shown(
    server: ComfyServer,
    graph: Graph,
    node: Link,
    on_message: Callable[[Message], None] = lambda _: None,
) -> tuple[Run, Any]:
    """Run a graph that ends early until a node shows a picture, which may be after the end.

    Returns:
        The run without its messages, and the picture's pixels.
    """
    client_id = uuid.uuid4().hex
    with WebSocket(HOST, server.port, f"/ws?clientId={client_id}") as connection:
        prompt_id = server.submit(graph.prompt, client_id=client_id)
        while True:
            content = connection.receive(60)
            if isinstance(content, bytes):
                continue
            parsed = json.loads(content)
            message = Message(parsed["type"], parsed["data"])
            on_message(message)
            if message.kind == "executed" and message.data["display_node"] == node[0]:
                (image,) = message.data["output"]["images"]
                shown = pixels(server.output / image["subfolder"] / image["filename"])
                return Run(prompt_id, (), server.history(prompt_id)), shown


def assert_shows_the_first_of_three(sheet: Any, first: Any) -> None:
    """One cell and two missing ones, without legend and margin."""
    assert sheet.shape == (64, 3 * 64, 3)
    assert np.array_equal(sheet[:, :64], first)
    assert not np.array_equal(sheet[:, 64:128], first)
    assert np.array_equal(sheet[:, 64:128], sheet[:, 128:]), "both are drawn as missing"


def test_a_cancel_leaves_a_sheet_as_grid_compose_would_draw_it(fresh: ComfyServer) -> None:
    name = "test/partial"
    graph = Graph()
    sweep = slow_sweep(graph, name)
    grid = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, has_finished_a_cell, []))

    assert run.status == "interrupted"
    found = manifest_in(fresh, name)
    assert found["state"] == "interrupted"
    assert statuses(found) == ["done", "missing", "missing"]
    (file,) = sheets(fresh, name)
    assert_shows_the_first_of_three(pixels(file), cell_pixels(found)[0])
    (shown,) = shown_on(run, grid)
    reference = {"filename": file.name, "subfolder": name, "type": "output"}
    assert shown["images"] == [reference]
    assert shown["text"] == ["sheet: 1 of 3 cells, since the sweep ended early"]
    (told,) = run.outputs.values()
    assert told["sheets"] == [reference], "in the history, too"
    assert told["periplus"][0]["account"]["cells_computed"] == 1


def test_another_cancel_leaves_another_sheet_and_the_whole_one_is_drawn_in_the_end(
    fresh: ComfyServer,
) -> None:
    name = "test/partial_twice"
    graph = Graph()
    sweep = slow_sweep(graph, name)

    def made_one(message: Message) -> bool:
        return has_finished_a_cell(message) and message.data["status"] == "done"

    runs = [fresh.run(graph.prompt, on_message=cancel_when(fresh, made_one, [])) for _ in range(2)]

    assert [run.status for run in runs] == ["interrupted"] * 2
    first, second = sheets(fresh, name)
    assert not np.array_equal(pixels(first), pixels(second))
    shown = [shown_on(run, sweep)[-1]["images"][0]["filename"] for run in runs]
    assert shown == [first.name, second.name], "on the sweep node, without a Grid Compose"
    succeed(fresh, graph)
    assert sheets(fresh, name) == [first, second]


def test_a_cancel_before_the_first_cell_leaves_no_sheet(fresh: ComfyServer) -> None:
    name = "test/partial_none"
    graph = Graph()
    sweep = slow_sweep(graph, name)

    def has_sampled(message: Message) -> bool:
        mine = message.kind == "progress" and message.data["node"] == sweep[0]
        return mine and message.data["value"] > 4

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, has_sampled, []))

    assert run.status == "interrupted"
    assert manifest_in(fresh, name)["state"] == "interrupted"
    assert sheets(fresh, name) == []


def test_an_error_that_stops_a_sweep_leaves_a_sheet(fresh: ComfyServer) -> None:
    name = "test/partial_error"
    graph = Graph()
    grid = graph.add("PeriplusGridCompose", sweep=slow_sweep(graph, name), legend=False, margin=0)
    fresh.post("/disk", {"room": 1})
    try:
        run = fresh.run(graph.prompt)
    finally:
        fresh.post("/disk")

    assert run.status == "error"
    assert "No space left on device" in run.error
    (file,) = sheets(fresh, name)
    assert_shows_the_first_of_three(pixels(file), cell_pixels(manifest_in(fresh, name))[0])
    (shown,) = shown_on(run, grid)
    assert shown["images"][0]["filename"] == file.name


def test_a_cancel_between_two_segments_leaves_a_sheet(fresh: ComfyServer) -> None:
    """ComfyUI raises it before the next node, which is never told."""
    name = "test/partial_between"
    first = Graph()
    refined(first, x_axis=first.axis("Seed", values="1"), steps=2, name=name)
    (picture,) = cell_pixels(manifest(succeed(fresh, first)))
    graph = Graph()
    sweep = refined(graph, steps=2, name=name)
    grid = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)
    fresh.post("/instep/cancel")

    run, left = run_until_shown(fresh, graph, grid)

    assert run.status == "interrupted"
    manifests = (fresh.output / name).glob("sweep-*.json")
    states = [json.loads(path.read_text(encoding="utf-8"))["state"] for path in manifests]
    assert sorted(states) == ["done", "interrupted"]
    assert_shows_the_first_of_three(left, picture)
