"""No sweep leaves a thread, however it ends: threads hold models and latents."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import COAST, HARBOUR, Graph, forget, manifest_in, succeed
from .test_faults import cancel_when


def strands(server: ComfyServer) -> int:
    return server.get("/instep/strands")["strands"]


def continuous(graph: Graph) -> Any:
    return graph.add("PeriplusRefiner", ckpt_name=HARBOUR, handoff="continuous", switch_at=0.5)


def refined(graph: Graph, **inputs: Any) -> Any:
    """Add a sweep in step of which runs wait for their refiner."""
    axis = graph.axis("Seed", values="1, 2, 3")
    common = {"x_axis": axis, "refiner": continuous(graph), "batching": "2"}
    return graph.sweep(**graph.loader(COAST), **{**common, **inputs})


@pytest.mark.parametrize("batching", ["off", "2"])
def test_of_a_finished_sweep_none_is_left(fresh: ComfyServer, batching: str) -> None:
    graph = Graph()
    refined(graph, steps=4, batching=batching)
    succeed(fresh, graph)
    assert strands(fresh) == 0


@pytest.mark.parametrize("segment", ["base", "refiner"])
def test_of_a_cancelled_sweep_none_is_left(fresh: ComfyServer, segment: str) -> None:
    graph = Graph()
    steps = 60
    sweep = refined(graph, steps=steps)

    def is_time(message: Any) -> bool:
        mine = message.kind == "progress" and message.data["node"] == sweep[0]
        done = 0.1 if segment == "base" else 0.7
        return mine and message.data["value"] > done * message.data["max"]

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, is_time, []))
    assert run.status == "interrupted"
    assert strands(fresh) == 0


def test_of_failed_cells_none_is_left(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    models["model"] = graph.add("SmallDevice", model=models["model"], rows=1)
    axis = graph.axis("Number", parameter="cfg", values="1, 4")
    graph.sweep(**models, x_axis=axis, refiner=continuous(graph), batching="2", steps=4)
    succeed(fresh, graph)
    assert strands(fresh) == 0


def test_of_a_prompt_that_ends_between_two_segments_none_is_left_in_the_next(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    refined(graph, steps=2, name="test/between")
    fresh.post("/instep/cancel")
    assert fresh.run(graph.prompt).status == "interrupted"
    # Nobody tells the sweep: it finds out a moment later, and leaves its sheet.
    deadline = time.monotonic() + 30
    while manifest_in(fresh, "test/between")["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    forget(fresh)
    assert strands(fresh) == 0


@pytest.mark.parametrize("batching", ["off", "2"])
def test_runs_that_wait_for_their_refiner_keep_no_text_encoder(
    fresh: ComfyServer, batching: str
) -> None:
    graph = Graph()
    checkpoint = graph.axis("Checkpoint", values=COAST)
    common = {"refiner": continuous(graph), "batching": batching, "steps": 40}
    sweep = graph.sweep(x_axis=checkpoint, y_axis=graph.axis("Seed", values="1, 2"), **common)
    clips: list[int] = []

    def count(message: Any) -> None:
        mine = message.kind == "progress" and message.data["node"] == sweep[0]
        if mine and not clips and message.data["value"] > 0.6 * message.data["max"]:
            clips.append(fresh.get("/instep/strands")["clips"])

    succeed(fresh, graph, on_message=count)
    assert clips == [1], "that of the refiner"


def abandoned(server: ComfyServer, *, cancelled: bool) -> dict[str, Any]:
    graph = Graph()
    node = graph.node("AbandonedRuns", model=graph.loader()["model"], cancelled=cancelled)
    return json.loads(succeed(server, graph).outputs[node]["text"][0])


def test_runs_that_nobody_has_looked_at_are_closed_too(fresh: ComfyServer) -> None:
    assert abandoned(fresh, cancelled=False) == {"first": "a", "before": 2, "after": 0}


def test_a_run_that_is_closed_late_takes_the_model_from_no_other(fresh: ComfyServer) -> None:
    """The next prompt may be sampling on it when it is noticed that this one has ended."""
    graph = Graph()
    models = graph.loader()
    node = graph.node("OvertakenRun", model=models["model"], clip=models["clip"])
    found = json.loads(succeed(fresh, graph).outputs[node]["text"][0])
    assert found == {"undisturbed": True, "overtaken": True}


def test_a_cancel_that_one_run_notices_comes_before_the_others_results(fresh: ComfyServer) -> None:
    assert abandoned(fresh, cancelled=True) == {"first": "cancelled", "before": 0, "after": 0}
