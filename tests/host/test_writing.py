"""Pictures are written beside the sampling, and none that is finished is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from scripts.comfy_run import Message
from scripts.comfy_server import ComfyServer

from .graph_sweeps import picture
from .graphs import Graph, counted, manifest, manifest_in, succeed
from .test_faults import statuses

STEPS = 6


@pytest.fixture
def disk(fresh: ComfyServer) -> Iterator[ComfyServer]:
    """The shared server, whose disk is mended after the test."""
    yield fresh
    fresh.post("/disk")


def three_cells_of_a_workflow(name: str) -> Graph:
    graph = Graph()
    made = picture(graph, steps=STEPS)
    axis = graph.axis("Input", node=made.sampler, input="seed", values="1-3")
    graph.sweep_graph(made.image, x_axis=axis, name=name)
    return graph


def three_cells(name: str) -> Graph:
    graph = Graph()
    axis = graph.axis("Seed", values="1-3")
    graph.sweep(**graph.loader(), x_axis=axis, steps=STEPS, name=name)
    return graph


def once_the_second_is_sampled(
    server: ComfyServer, then: Callable[[], None]
) -> Callable[[Message], None]:
    """Do something once, after the first cell's last step and before any cell is finished."""
    done: list[Message] = []

    def on_message(message: Message) -> None:
        if not done and counted(server).get("denoiser_evaluations", 0) > STEPS:
            done.append(message)
            then()
        assert done or message.kind != "periplus.cell"

    return on_message


@pytest.mark.parametrize("cells", [three_cells, three_cells_of_a_workflow])
def test_a_cell_is_written_while_the_next_one_is_sampled(
    disk: ComfyServer, cells: Callable[[str], Graph]
) -> None:
    graph = cells("test/written_beside")
    disk.post("/disk", {"slow": True})

    def mend() -> None:
        disk.post("/disk")

    run = disk.run(graph.prompt, on_message=once_the_second_is_sampled(disk, mend), timeout=60)

    assert run.status == "success"
    events = [message.data for message in run.messages if message.kind == "periplus.cell"]
    assert [(event["x"], event["status"]) for event in events] == [(x, "done") for x in range(3)]
    assert statuses(manifest(run)) == ["done"] * 3


def test_a_cancel_waits_for_what_is_being_written(disk: ComfyServer) -> None:
    graph = three_cells("test/written_at_cancel")
    disk.post("/disk", {"slow": True})

    def cancel() -> None:
        disk.interrupt()
        disk.post("/disk")

    run = disk.run(graph.prompt, on_message=once_the_second_is_sampled(disk, cancel), timeout=60)

    assert run.status == "interrupted"
    found = manifest_in(disk, "test/written_at_cancel")
    assert found["state"] == "interrupted"
    assert statuses(found) == ["done", "missing", "missing"]


def test_a_folder_that_cannot_be_written_is_refused_before_a_load(fresh: ComfyServer) -> None:
    name = "test/unwritable"
    (fresh.output / "test").mkdir(exist_ok=True)
    (fresh.output / name).write_text("no folder")

    run = fresh.run(three_cells(name).prompt)

    assert run.status == "error"
    assert f"cannot write to {fresh.output / name}: " in run.error
    assert counted(fresh)["model_loads"] == 0


@pytest.mark.parametrize("room", [1, 2])
def test_a_full_disk_stops_the_sweep_with_its_error_and_what_is_finished_stays(
    disk: ComfyServer, room: int
) -> None:
    name = f"test/full_disk_{room}"
    graph = three_cells(name)
    disk.post("/disk", {"room": room})

    run = disk.run(graph.prompt)
    stopped = manifest_in(disk, name)
    disk.post("/disk")
    again = manifest(succeed(disk, graph))

    assert run.status == "error"
    assert f"cannot write to {disk.output / name}: No space left on device" in run.error
    assert "make room on the disk" in run.error
    assert stopped["state"] == "failed"
    kept = ["done"] * room
    assert statuses(stopped) == kept + ["missing"] * (3 - room)
    assert statuses(again) == ["reused"] * room + ["done"] * (3 - room)
