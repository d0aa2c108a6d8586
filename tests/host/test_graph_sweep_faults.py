"""Sweep Graph where things go wrong: mistakes are told first, and what is finished stays."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from scripts.comfy_run import Message
from scripts.comfy_server import ComfyServer, PromptRefusedError

from .graph_sweeps import finished, one_colour, picture
from .graphs import (
    COAST,
    HARBOUR,
    Graph,
    cell_pixels,
    counted,
    manifest,
    manifest_in,
    manifests,
    succeed,
)
from .test_partial_sheet import assert_shows_the_first_of_three, run_until_shown

colours = itertools.count(0xABC000)
"""Pictures that no other test has made, so that none is cached."""

MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "node": ({"node": "KSamplr"}, "node 'KSamplr' is not in this workflow; nearest: KSampler"),
    "id": ({"node": "99"}, "node '99' is not in this workflow; write the id, the title"),
    "title": (
        {"node": "Twin"},
        "node 'Twin' is the title of 2 nodes; write the id of one of them: 2, 3",
    ),
    "type": (
        {"node": "CLIPTextEncode"},
        "node 'CLIPTextEncode' is the type of 2 nodes; write the id of one of them: 2, 3",
    ),
    "input": ({"input": "cfgs"}, "input 'cfgs' is none of node 5 (KSampler); nearest: cfg"),
    "model": (
        {"input": "model"},
        "input 'model' of node 5 (KSampler) takes MODEL, which cannot be typed; choose an input "
        "that takes a number",
    ),
    "number": (
        {"values": "5, seven"},
        "node 5 (KSampler), cfg axis: item 2 'seven' is not a number",
    ),
    "bound": (
        {"values": "5, 101"},
        "node 5 (KSampler), cfg axis: item 2 '101' is above the maximum 100",
    ),
    "choice": (
        {"input": "sampler_name", "values": "euler, hun"},
        "node 5 (KSampler), sampler_name axis: item 2 'hun' is not a sampler_name of this ComfyUI; "
        "nearest: heun",
    ),
    "file": (
        {"node": "1", "input": "ckpt_name", "values": "coast, habour"},
        "item 2 'habour' is not a ckpt_name of this ComfyUI; nearest: small/harbour.safetensors",
    ),
    "no value": ({"values": " ,"}, "values is empty; give at least one, such as 5, 7.5, 10"),
    "elsewhere": (
        {"node": "8", "input": "color", "values": "1, 2"},
        "x_axis (EmptyImage color) would change nothing: color of node 8 has no part in image",
    ),
}


@pytest.mark.parametrize(("inputs", "text"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_before_anything_else_runs(
    server: ComfyServer, inputs: dict[str, str], text: str
) -> None:
    graph = Graph()
    made = picture(graph, seed=101)
    for node_id in (made.positive, made.negative):
        graph.prompt[node_id]["_meta"] = {"title": "Twin"}
    # Other branches, of which ComfyUI does one or another first.
    graph.add("SaveImage", images=made.image, filename_prefix="mistake")
    for _ in range(8):
        graph.add("PreviewImage", images=one_colour(graph, next(colours)))
    values = {"node": made.sampler, "input": "cfg", "values": "5, 7", **inputs}
    axis = graph.axis("Input", **values)
    sweep = graph.sweep_graph(made.image, x_axis=axis)

    run = server.run(graph.prompt)

    assert run.status == "error"
    assert text in run.error
    assert {*run.executed} <= {axis[0], sweep[0]}


@pytest.mark.parametrize(
    ("inputs", "text"),
    [
        ({"node": " "}, "node is empty: name the node that the values are for"),
        ({"input": ""}, "input is empty: name the input that the values are for"),
        ({"values": '"3, 5'}, "opens a quote that is never closed"),
    ],
)
def test_what_no_workflow_could_have_is_refused_at_once(
    server: ComfyServer, inputs: dict[str, str], text: str
) -> None:
    graph = Graph()
    image = one_colour(graph)
    axis = {"node": image[0], "input": "color", "values": "1, 2", **inputs}
    graph.sweep_graph(image, x_axis=graph.axis("Input", **axis))
    with pytest.raises(PromptRefusedError, match=text):
        server.run(graph.prompt)


def test_two_axes_of_one_input_are_refused(server: ComfyServer) -> None:
    graph = Graph()
    image = one_colour(graph)
    axis = graph.axis("Input", node=image[0], input="color", values="1, 2")
    graph.sweep_graph(image, x_axis=axis, y_axis=axis)

    run = server.run(graph.prompt)

    assert f"both set color of node {image[0]}, so one would overrule the other" in run.error


def test_each_sweep_names_the_other_for_axes_that_it_cannot_use(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    graph.sweep_graph(made.image, x_axis=graph.axis("Number", parameter="cfg", values="3"))
    other = Graph()
    axis = other.axis("Input", node="PeriplusSweepKSampler", input="cfg", values="3")
    other.sweep(**other.loader(), x_axis=axis)

    runs = [fresh.run(prompt) for prompt in (graph.prompt, other.prompt)]

    assert "x_axis (cfg) is for Sweep KSampler; Sweep Graph takes axes from" in runs[0].error
    assert "link the axis to a Sweep Graph node" in runs[1].error
    assert counted(fresh)["model_loads"] == 0


def test_a_cell_that_raises_stops_the_sweep_and_leaves_what_is_finished(
    fresh: ComfyServer,
) -> None:
    folder = fresh.base / "models" / "checkpoints"
    broken = folder / "broken.safetensors"
    broken.write_bytes((folder / COAST).read_bytes()[:200_000])
    graph = Graph()
    made = picture(graph)
    axis = graph.axis("Input", node="1", input="ckpt_name", values="coast, broken, harbour")
    sweep = graph.sweep_graph(made.image, x_axis=axis, name="test/graph_raises")
    grid = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)
    try:
        run, left = run_until_shown(fresh, graph, grid)
        stopped = manifest_in(fresh, "test/graph_raises")
        broken.write_bytes((folder / HARBOUR).read_bytes())

        again = manifest(succeed(fresh, graph))
    finally:
        broken.unlink()

    assert run.status == "error"
    assert run.error.startswith(f"Node {sweep[0]} (PeriplusSweepGraph)")
    assert stopped["state"] == "failed"
    assert [cell["status"] for cell in stopped["cells"]] == ["done", "missing", "missing"]
    assert [cell["status"] for cell in again["cells"]] == ["reused", "done", "done"]
    assert np.array_equal(cell_pixels(again, 1)[0], cell_pixels(again, 2)[0])
    assert_shows_the_first_of_three(left, cell_pixels(again)[0])


def test_a_cancel_leaves_what_is_finished(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph, steps=30)
    axis = graph.axis("Input", node=made.sampler, input="seed", values="81-83")
    sweep = graph.sweep_graph(made.image, x_axis=axis, name="test/graph_cancelled")
    grid = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)

    def cancel_after_a_cell(message: Message) -> None:
        if message.kind == "periplus.cell":
            fresh.interrupt()

    run, left = run_until_shown(fresh, graph, grid, cancel_after_a_cell)
    stopped = manifest_in(fresh, "test/graph_cancelled")
    again = manifest(succeed(fresh, graph))

    assert run.status == "interrupted"
    assert stopped["state"] == "interrupted"
    assert counted(fresh)["denoiser_evaluations"] < 4 * 30
    assert [cell["status"] for cell in stopped["cells"]] == ["done", "missing", "missing"]
    assert [cell["status"] for cell in again["cells"]] == ["reused", "done", "done"]
    assert_shows_the_first_of_three(left, cell_pixels(again)[0])


def test_a_cell_without_a_picture_fails_alone(server: ComfyServer) -> None:
    graph = Graph()
    listed = graph.add("Nothing", images=one_colour(graph), empty=False)
    axis = graph.axis("Input", node="Nothing", input="empty", values="true, false")
    graph.sweep_graph(listed, x_axis=axis)

    found = manifest(succeed(server, graph))

    assert [cell["status"] for cell in found["cells"]] == ["failed", "done"]
    assert found["cells"][0]["reason"] == "the workflow gave no picture"


def test_what_is_no_picture_fails_its_cell_alone(server: ComfyServer) -> None:
    graph = Graph()
    chosen = graph.add("Choosy", what="picture")
    axis = graph.axis("Input", node="Choosy", input="what", values="")
    sweep = graph.sweep_graph(chosen, x_axis=axis)
    grid = graph.add("PeriplusGridCompose", sweep=sweep)

    run = succeed(server, graph)
    found = manifests(run)[sweep[0]]

    assert grid[0] in run.outputs, "the sweep goes on to its end"
    assert [cell["status"] for cell in found["cells"]] == ["done", *["failed"] * 3, "done"]
    assert [cell["reason"] for cell in found["cells"][1:4]] == [
        "the workflow gave no picture",
        "the workflow gave a picture of the shape 8 x 8 x 1, and not of height x width x 3 or 4",
        "a node of the workflow blocked it before there was a picture",
    ]


def test_a_picture_of_nan_fails_its_cell_alone(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph, steps=1)
    axis = graph.axis("Input", node=made.sampler, input="seed", values="71-73")
    graph.sweep_graph(made.image, x_axis=axis)
    fresh.post("/failing", {"what": "vae", "how": "nan", "first": 2})

    found = manifest(succeed(fresh, graph))

    assert [cell["status"] for cell in found["cells"]] == ["done", "failed", "done"]
    assert found["cells"][1]["reason"] == "the workflow gave a picture of NaN"


def test_cells_are_stored_one_by_one_whatever_comfyui_would_rather_run(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    made = picture(graph)
    shown = graph.add("ShowAndPass", images=made.image)
    axis = graph.axis("Input", node=made.sampler, input="seed", values="91-93")
    graph.sweep_graph(shown, x_axis=axis)

    run = succeed(fresh, graph)

    kinds = [
        message.kind if message.kind == "periplus.cell" else "shown"
        for message in run.messages
        if message.kind == "periplus.cell"
        or (message.kind == "executed" and message.data["display_node"] == shown[0])
    ]
    assert kinds == ["shown"] + ["shown", "periplus.cell"] * 3, "the first is none of a cell"


def test_without_a_cache_a_loader_serves_all_its_cells_too(unusual: ComfyServer) -> None:
    unusual.post("/counters/reset")
    graph = Graph()
    made = picture(graph, seed=31)
    graph.sweep_graph(
        made.image,
        x_axis=graph.axis("Input", node=made.sampler, input="cfg", values="3, 5"),
        y_axis=graph.axis("Input", node=made.loader, input="ckpt_name", values="coast, harbour"),
    )

    run = succeed(unusual, graph)

    assert counted(unusual)["model_loads"] == 2
    assert [y for _, y, _ in finished(run)] == [0, 0, 1, 1]
