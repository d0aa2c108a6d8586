"""What a page hears while a sweep runs: one bar, every cell, and previews where they are wanted."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graphs import HARBOUR, LAGOON, Graph, Link, cell_pixels, forget, manifest, succeed


def bar(run: Run, node: Link) -> list[tuple[float, float]]:
    """Value and length of a node's bar, message by message."""
    return [
        (message.data["value"], message.data["max"])
        for message in run.messages
        if message.kind == "progress" and message.data["node"] == node[0]
    ]


def cell_events(run: Run) -> list[dict[str, Any]]:
    return [message.data for message in run.messages if message.kind == "periplus.cell"]


def test_one_bar_runs_through_all_cells_and_models(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, lagoon"),
        y_axis=graph.axis("Number", parameter="steps", values="2, 3"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
    )

    shown = bar(succeed(fresh, graph), sweep)

    values = [value for value, _ in shown]
    lengths = {length for _, length in shown}
    cells, steps = 4, 2 * (2 + 3)
    assert values[0] == 0
    assert values == sorted(values), "it never runs backwards"
    assert lengths == {values[-1]}, "it has one length, and reaches it"
    assert values[-1] > steps + cells, "steps and decodes of all cells count, and loads as well"
    assert len(set(values)) > 3, "it moves, at most ten times a second"


def test_a_bar_counts_the_steps_of_all_cells(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Seed", values="51, 52")
    sweep = graph.sweep(**graph.loader(), x_axis=axis, steps=20)

    shown = bar(succeed(server, graph), sweep)

    encodes, steps, decodes = 2, 40, 2
    assert shown[-1] == (encodes + steps + decodes,) * 2
    values = {value for value, _ in shown}
    assert len(values) == len(shown), "it tells nothing twice"
    assert values <= set(range(encodes + steps + decodes + 1)), "it moves by whole steps"
    # At most ten values a second are shown: this takes more than one, so some are within a cell.
    assert len(values) > encodes + decodes, "it moves within a cell"


def test_every_cell_is_announced_with_its_place_status_and_file(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Sampler", values="euler, heun"),
        y_axis=graph.axis("Seed", values="61, 62"),
        steps=1,
    )

    run = succeed(server, graph)

    found, events = manifest(run), cell_events(run)
    assert [(event["x"], event["y"], event["z"]) for event in events] == [
        *((0, 0, 0), (1, 0, 0)),
        *((0, 1, 0), (1, 1, 0)),
    ]
    for event, cell in zip(events, found["cells"], strict=True):
        assert event["node"] == sweep[0]
        assert event["status"] == "done"
        assert event["labels"] == cell["labels"]
        assert event["file"] == cell["file"]
        assert (found["folder"] / event["file"]).is_file()
        kind, _, thumbnail = event["thumbnail"].partition(",")
        assert kind == "data:image/jpeg;base64"
        assert Image.open(io.BytesIO(base64.b64decode(thumbnail))).size == (64, 64)


def test_a_page_hears_of_the_sweep_before_its_cells_and_of_its_end(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Seed", values="65, 66")
    sweep = graph.sweep(**graph.loader(), x_axis=axis, steps=1)
    succeed(server, graph)
    forget(server)  # or ComfyUI would not run the sweep node again

    again = succeed(server, graph)

    told = [m for m in again.messages if m.kind in ("periplus.sweep", "periplus.cell")]
    assert [message.kind for message in told] == [
        *("periplus.sweep", "periplus.cell", "periplus.cell", "periplus.sweep")
    ]
    first, last = told[0].data, told[-1].data
    assert first["node"] == sweep[0]
    assert first["axes"]["x"]["labels"] == ["65", "66"]
    assert (first["state"], last["state"]) == ("running", "done")
    assert first["counts"] == {"done": 0, "reused": 2, "failed": 0, "missing": 0}
    assert json.loads(server.view(**view(first["manifest"])))["axes"] == first["axes"]
    assert not any("thumbnail" in message.data for message in told), "nothing is read for it"


def view(reference: dict[str, str]) -> dict[str, str]:
    """The arguments of ComfyServer.view for a file as a page hears of it."""
    return {
        "filename": reference["filename"],
        "subfolder": reference["subfolder"],
        "kind": reference["type"],
    }


def test_a_page_hears_which_cells_are_worked_on(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Refiner", values=f"{HARBOUR}, {LAGOON}"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    run = succeed(fresh, graph)

    work = [message.data["cells"] for message in run.messages if message.kind == "periplus.work"]
    first, second = [0, 0, 0], [1, 0, 0]
    assert work == [[first, second], [first], [second]], "the base is for both"


def test_a_cell_is_announced_while_the_next_one_is_still_to_come(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Seed", values="71, 72")
    # The second takes longer to sample than the first to write.
    sweep = graph.sweep(**graph.loader(), x_axis=axis, steps=20)

    run = succeed(server, graph)

    kinds = [
        message.kind
        for message in run.messages
        if message.kind == "periplus.cell"
        or (message.kind == "progress" and message.data["node"] == sweep[0])
    ]
    first = kinds.index("periplus.cell")
    assert "progress" in kinds[first + 1 :]


def binaries(run: Run) -> list[bytes]:
    return [message.payload for message in run.messages if message.kind == "binary"]


def test_previews_come_only_where_the_user_turned_them_on(
    server: ComfyServer, unusual: ComfyServer
) -> None:
    graph = Graph()
    axis = graph.axis("Seed", values="81, 82")
    graph.sweep(**graph.loader(), x_axis=axis, steps=3)

    without, with_previews = succeed(server, graph), succeed(unusual, graph)

    assert binaries(without) == []
    previews = binaries(with_previews)
    assert len(previews) == 2 * 3
    assert all(b"\xff\xd8\xff" in preview[:64] for preview in previews), "JPEG"
    for x in (0, 1):
        ours, theirs = (cell_pixels(manifest(run), x=x)[0] for run in (without, with_previews))
        assert (ours == theirs).all(), "a preview changes no picture"
