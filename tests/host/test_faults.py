"""What goes wrong in mid sweep costs only the cells that it concerns."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.comfy_run import Message
from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    LAGOON,
    SIZE,
    Graph,
    cell_pixels,
    counted,
    forget,
    manifest,
    manifest_in,
    pixels,
    save_misfit_vae,
    succeed,
)

LONG = 150
"""Steps of a run that is cancelled long before its end."""


@pytest.fixture
def broken(server: ComfyServer) -> Iterator[Path]:
    """A checkpoint that begins well and ends too early, as after a broken download."""
    folder = server.base / "models" / "checkpoints"
    path = folder / "broken.safetensors"
    with (folder / COAST).open("rb") as whole:
        path.write_bytes(whole.read(200_000))
    yield path
    path.unlink()


def statuses(manifest: dict[str, Any]) -> list[str]:
    return [cell["status"] for cell in manifest["cells"]]


@pytest.mark.usefixtures("broken")
def test_an_unreadable_checkpoint_fails_its_own_cells_only(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, broken, harbour"),
        y_axis=graph.axis("Number", parameter="cfg", values="3, 7"),
        steps=1,
    )
    grid = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)
    images = graph.add("PreviewImage", images=graph.add("PeriplusSweepImages", sweep=sweep))

    run = succeed(fresh, graph)

    found = manifest(run)
    assert found["state"] == "done"
    assert statuses(found) == ["done", "failed", "done"] * 2
    for cell in found["cells"]:
        assert ("cannot load broken.safetensors: " in cell["reason"]) == (cell["x"] == 1)
        assert (cell["file"] is None) == (cell["x"] == 1)
    assert found["account"]["model_loads"] == 2
    assert counted(fresh)["model_loads"] == 3, "the failed one was tried once, for both its cells"
    assert len(run.outputs[images[0]]["images"]) == 4
    sheet = pixels(fresh.base / "temp" / run.outputs[grid[0]]["images"][0]["filename"])
    assert_drawn_as_failed(sheet[:64, 64:128])
    for x in (0, 2):
        assert (sheet[:64, 64 * x : 64 * x + 64] == cell_pixels(found, x=x)[0]).all()


def assert_drawn_as_failed(tile: Any) -> None:
    """A pale red ground with a text on it."""
    assert tile.shape == (64, 64, 3)
    red, green, blue = tile[0, 0]
    assert red > green and red > blue
    assert len({tuple(pixel) for row in tile for pixel in row}) > 2
    assert (tile == tile[0, 0]).all(axis=-1).mean() > 0.5


@pytest.mark.usefixtures("broken")
def test_a_sweep_of_which_every_cell_fails_is_an_error_with_the_first_reason(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Checkpoint", values="broken"),
        y_axis=graph.axis("Number", parameter="cfg", values="3, 7"),
        name="test/all_fail",
    )

    run = fresh.run(graph.prompt)

    assert run.status == "error"
    assert "none of the 2 cells could be made" in run.error
    assert "cannot load broken.safetensors: " in run.error
    assert statuses(manifest_in(fresh, "test/all_fail")) == ["failed", "failed"]


def test_an_unreadable_refiner_fails_the_refined_cells_only(
    fresh: ComfyServer, broken: Path
) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="switch_at", values="0.5, 1"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=broken.name),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert statuses(found) == ["failed", "done"]
    assert "cannot load broken.safetensors: " in found["cells"][0]["reason"]


def test_a_failed_cell_is_tried_again_and_the_others_are_reused(
    fresh: ComfyServer, broken: Path
) -> None:
    graph = Graph()
    graph.sweep(x_axis=graph.axis("Checkpoint", values="coast, broken"), steps=1)
    first = manifest(succeed(fresh, graph))
    shutil.copyfile(broken.parent / COAST, broken)

    again = manifest(succeed(fresh, graph))

    assert statuses(first) == ["done", "failed"]
    assert statuses(again) == ["reused", "done"]
    assert again["account"]["model_loads"] == 1


def test_failed_cells_rest_where_they_are_not_to_be_tried_again(
    fresh: ComfyServer, broken: Path
) -> None:
    told: list[str] = []

    def sweep(*, retry_failed: bool) -> dict[str, Any]:
        graph = Graph()
        axis = graph.axis("Checkpoint", values="coast, broken")
        graph.sweep(x_axis=axis, steps=1, name="test/resting", retry_failed=retry_failed)
        forget(fresh)
        run = succeed(fresh, graph)
        told[:] = [m.data["status"] for m in run.messages if m.kind == "periplus.cell"]
        return manifest(run)

    first, resting = sweep(retry_failed=False), sweep(retry_failed=False)
    told_at_rest, loads_at_rest = [*told], counted(fresh)["model_loads"]
    tried = sweep(retry_failed=True)

    assert statuses(first) == ["done", "failed"]
    assert statuses(resting) == statuses(tried) == ["reused", "failed"]
    assert resting["cells"][1]["reason"] == first["cells"][1]["reason"]
    assert f"cannot load {broken.name}: " in resting["cells"][1]["reason"]
    assert loads_at_rest == 0
    assert told_at_rest == ["reused", "failed"], "the page hears of every cell"
    assert counted(fresh)["model_loads"] == 1


def test_a_picture_that_is_deleted_in_mid_run_is_missing_and_made_again(
    fresh: ComfyServer,
) -> None:
    name = "test/deleted"
    graph = Graph()
    graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="1-3"), name=name)

    def delete_the_first(message: Message) -> None:
        if message.kind == "periplus.cell" and message.data["x"] == 0:
            (fresh.output / name / message.data["file"]).unlink(missing_ok=True)

    first = manifest(succeed(fresh, graph, on_message=delete_the_first))
    again = manifest(succeed(fresh, graph))

    assert statuses(first) == ["missing", "done", "done"]
    assert first["cells"][0]["reason"] == "its picture was deleted while the sweep ran"
    assert statuses(again) == ["done", "reused", "reused"]


def test_a_text_of_another_model_s_clip_is_told_by_its_width(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(**graph.loader(), positive_conditioning=graph.add("WideText"))

    run = fresh.run(graph.prompt)

    assert (
        "a text is encoded 2048 numbers wide, but the model takes 768: encode it with the CLIP of "
        "the model's own kind"
    ) in run.error


def test_a_latent_of_another_model_s_vae_is_told_by_its_channels(fresh: ComfyServer) -> None:
    save_misfit_vae(fresh, "misfit.safetensors")
    graph = Graph()
    axis = graph.axis("VAE", values="baked, misfit")
    image = graph.add("EmptyImage", **SIZE, batch_size=1, color=0xC06030)
    graph.sweep(**graph.loader(), x_axis=axis, image=image)

    found = manifest(succeed(fresh, graph))

    assert statuses(found) == ["done", "failed"]
    assert "the latent has 16 channels, but the model takes 4" in found["cells"][1]["reason"]


def test_an_unreadable_upscale_model_is_named(fresh: ComfyServer) -> None:
    folder = fresh.base / "models" / "upscale_models"
    folder.mkdir(exist_ok=True)
    (folder / "torn.safetensors").write_bytes(b"no model")
    graph = Graph()
    hires = graph.add("PeriplusHiresFix", upscaler="pixels: area", scale=1.5, steps=1)
    axis = graph.axis("Upscaler", values="pixels: area, torn")
    graph.sweep(**graph.loader(), x_axis=axis, hires=hires, steps=1)

    found = manifest(succeed(fresh, graph))
    (folder / "torn.safetensors").unlink()

    assert statuses(found) == ["done", "failed"]
    assert "cannot load torn.safetensors: " in found["cells"][1]["reason"]


def test_a_choice_over_a_link_is_checked_before_any_load(unusual: ComfyServer) -> None:
    unusual.post("/counters/reset")
    graph = Graph()
    eular = graph.add("TextAsChoice", text="eular")
    graph.sweep(**graph.loader(LAGOON), sampler_name=eular)

    run = unusual.run(graph.prompt)

    assert run.status == "error"
    assert "sampler_name 'eular' is not in its list; nearest: euler" in run.error
    assert counted(unusual)["model_loads"] == 0


def cancel_when(
    server: ComfyServer, is_time: Callable[[Message], bool], seen: list[int]
) -> Callable[[Message], None]:
    """Cancel once, and note how many evaluations had been made by then."""

    def on_message(message: Message) -> None:
        if not seen and is_time(message):
            server.interrupt()
            seen.append(counted(server)["denoiser_evaluations"])

    return on_message


def test_cancel_comes_within_a_step(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), steps=LONG, name="test/cancelled_early")
    at_cancel: list[int] = []

    def has_sampled(message: Message) -> bool:
        encodes = 2
        mine = message.kind == "progress" and message.data["node"] == sweep[0]
        return mine and message.data["value"] > encodes

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, has_sampled, at_cancel))

    assert run.status == "interrupted"
    assert 0 < counted(fresh)["denoiser_evaluations"] <= at_cancel[0] + 2 < LONG
    found = manifest_in(fresh, "test/cancelled_early")
    assert found["state"] == "interrupted"
    assert statuses(found) == ["missing"]


def test_cells_finished_before_a_cancel_are_kept_and_reused(fresh: ComfyServer) -> None:
    name = "test/cancelled_late"
    graph = Graph()
    axis = graph.axis("Number", parameter="cfg", values="3, 5, 7")
    # The second takes longer to sample than the first to write.
    graph.sweep(**graph.loader(), x_axis=axis, steps=24, name=name)
    at_cancel: list[int] = []

    def has_finished_a_cell(message: Message) -> bool:
        return message.kind == "periplus.cell"

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, has_finished_a_cell, at_cancel))

    assert run.status == "interrupted"
    assert counted(fresh)["denoiser_evaluations"] <= at_cancel[0] + 2
    cancelled = manifest_in(fresh, name)
    assert cancelled["state"] == "interrupted"
    assert statuses(cancelled) == ["done", "missing", "missing"]
    picture = cell_pixels(cancelled)[0]

    finished = manifest(succeed(fresh, graph))

    assert finished["state"] == "done"
    assert statuses(finished) == ["reused", "done", "done"]
    assert (cell_pixels(finished)[0] == picture).all()


def test_cancel_comes_within_a_few_tiles(fresh: ComfyServer) -> None:
    name = "test/cancelled_tiles"
    graph = Graph()
    size = {"width": 768, "height": 768}
    settings = {**size, "vae_tiling": "on", "steps": 1, "cfg": 1.0}
    sweep = graph.sweep(**graph.loader(), **settings, name=name)
    tiles: list[Message] = []

    def cancel_after_a_tile(message: Message) -> None:
        # The sweep's own bar is kept on the sweep node, too; that of the tiles is not.
        inner = message.kind == "progress" and message.data["node"] != sweep[0]
        if inner and message.data["max"] > 10:
            if not tiles:
                fresh.interrupt()
            tiles.append(message)

    run = fresh.run(graph.prompt, on_message=cancel_after_a_tile)

    assert run.status == "interrupted"
    assert 0 < len(tiles) < tiles[0].data["max"]
    assert statuses(manifest_in(fresh, name)) == ["missing"]
