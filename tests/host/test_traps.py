"""Nine wrong results that other grids give, each shown not to come about here.

Two parts lie elsewhere: of trap 5, that no option is forgotten, in ``test_options.py``; of trap 8,
that the label of z stands on a page once, in ``tests/unit/sheets/test_layout.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scripts.comfy_run import Message, Run
from scripts.comfy_server import ComfyServer

from .graph_sweeps import picture
from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    Link,
    assert_cells_equal,
    assert_equal_to_native,
    assert_stops,
    cell_pixels,
    counted,
    manifest,
    pixels,
    saved_pixels,
    succeed,
)
from .natives import RED, save_loras, with_clip_skip, with_loras

BARE = {"legend": False, "margin": 0}


def statuses(manifest: dict[str, Any]) -> list[str]:
    return [cell["status"] for cell in manifest["cells"]]


def sheet_of(server: ComfyServer, run: Run, grid: Link) -> Any:
    """The pixels of the only page that a grid node shows."""
    (page,) = run.outputs[grid[0]]["images"]
    return pixels(server.base / "temp" / page["subfolder"] / page["filename"])


def tile(sheet: Any, column: int, row: int = 0) -> Any:
    return sheet[64 * row : 64 * row + 64, 64 * column : 64 * column + 64]


# 1: the texts as the first checkpoint encoded them steer every checkpoint, or clip skip adds up.
def test_every_checkpoint_and_clip_skip_has_texts_encoded_of_its_own(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("Number", parameter="clip_skip", values="0, 2"),
    )
    coast, harbour = graph.loader(COAST), graph.loader(HARBOUR)
    for skip in (0, 2):
        for name, models in (("coast", coast), ("harbour", harbour)):
            skipped = with_clip_skip(graph, models, skip) if skip else models
            graph.native(skipped, f"own_texts_{name}_{skip}")
    graph.native({**harbour, "clip": coast["clip"]}, "texts_of_another")

    prefixes = [f"own_texts_{name}_{skip}" for skip in (0, 2) for name in ("coast", "harbour")]
    assert_equal_to_native(server, graph, sweep, prefixes)

    (another,), (own,) = (saved_pixels(server, name) for name in ("texts_of_another", prefixes[1]))
    assert not np.array_equal(another, own), "otherwise it would not show whose texts they are"


# 2: of two S/R axes one counts only, values are split at "; ", and "007" becomes 7.
def test_two_search_and_replace_axes_both_count_and_texts_stay_as_typed(
    server: ComfyServer,
) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        positive="a ship, pier 1",
        x_axis=graph.axis("PromptSR", values="a ship, a boat; two oars"),
        y_axis=graph.axis("PromptSR", values="1, 007, 2.50"),
    )
    prompts = [
        f"{ship}, pier {pier}"
        for pier in ("1", "007", "2.50")
        for ship in ("a ship", "a boat; two oars")
    ]
    for index, prompt in enumerate(prompts):
        graph.native(models, f"replaced_{index}", positive=prompt)

    found = assert_equal_to_native(
        server, graph, sweep, [f"replaced_{index}" for index in range(len(prompts))]
    )

    assert [cell["recipe"]["positive"] for cell in found["cells"]] == prompts


# 2, of any node's text.
def test_a_text_that_looks_like_a_number_reaches_a_node_as_typed(server: ComfyServer) -> None:
    texts = ("007", "2.50; true")
    graph = Graph()
    made = picture(graph)
    axis = graph.axis("Input", node=made.positive, input="text", values=", ".join(texts))
    graph.sweep_graph(made.image, x_axis=axis)
    found = manifest(succeed(server, graph))
    native = Graph()
    models = native.loader()
    for index, text in enumerate(texts):
        native.native(models, f"typed_{index}", positive=text)
    succeed(server, native)

    assert_cells_equal(server, found, ["typed_0", "typed_1"])


# 3: a checkpoint axis loads the bare file, and patches of the linked model are lost.
@pytest.mark.parametrize("name", ["model", "clip"])
def test_a_checkpoint_axis_refuses_to_lose_a_patch(fresh: ComfyServer, name: str) -> None:
    graph = Graph()
    models = graph.loader()
    patch = {
        "model": ("FreeU_V2", {"model": models["model"], "b1": 1, "b2": 1, "s1": 1, "s2": 1}),
        "clip": ("CLIPSetLastLayer", {"clip": models["clip"], "stop_at_clip_layer": -2}),
    }
    class_type, inputs = patch[name]
    models[name] = graph.add(class_type, **inputs)
    sweep = graph.sweep(**models, x_axis=graph.axis("Checkpoint", values="coast, harbour"))

    source = f"{name} comes from {class_type} (node {models[name][0]})"
    assert_stops(fresh, graph, sweep, [source, "would be lost", "straight from a"])


# 3: and the way out keeps them.
def test_a_graph_sweep_keeps_a_lora_on_every_checkpoint(fresh: ComfyServer) -> None:
    save_loras(fresh)
    chain = [(RED, 1.0, 0.5)]
    graph = Graph()
    made = picture(graph, with_loras(graph, graph.loader(), chain))
    graph.sweep_graph(
        made.image,
        x_axis=graph.axis("Input", node="1", input="ckpt_name", values="coast, lagoon"),
        y_axis=graph.axis("Input", node="LoraLoader", input="strength_model", values="0, 1"),
    )

    found = manifest(succeed(fresh, graph))

    assert counted(fresh)["model_loads"] == 2
    native = Graph()
    coast, lagoon = native.loader(COAST), native.loader(LAGOON)
    prefixes = []
    for strength in (0.0, 1.0):
        for models in (coast, lagoon):
            prefixes.append(f"kept_{len(prefixes)}")
            native.native(with_loras(native, models, [(RED, strength, 0.5)]), prefixes[-1])
    succeed(fresh, native)
    assert_cells_equal(fresh, found, prefixes)


# 4: of a batch of latents only the first is used, or composing stops at it.
def test_a_cell_has_all_pictures_of_a_batch_and_so_has_the_sheet(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    batch = graph.add("EmptyLatentImage", width=64, height=64, batch_size=2)
    axis = graph.axis("Seed", values="8, 9")
    sweep = graph.sweep(**models, latent_image=batch, x_axis=axis, steps=1)
    images = graph.add("PeriplusSweepImages", sweep=sweep)
    graph.add("SaveImage", images=images, filename_prefix="batched")
    labels = graph.add("PreviewAny", source=[images[0], 1])
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    for seed in (8, 9):
        graph.native(models, f"batch_of_{seed}", latent_image=batch, seed=seed, steps=1)

    run = succeed(server, graph)

    assert_cells_equal(server, manifest(run), ["batch_of_8", "batch_of_9"], batch=2)
    natives = [picture for seed in (8, 9) for picture in saved_pixels(server, f"batch_of_{seed}")]
    saved = saved_pixels(server, "batched")
    assert all(map(np.array_equal, saved, natives)) and len(saved) == 4
    assert run.outputs[labels[0]]["text"] == ["seed 8", "seed 8", "seed 9", "seed 9"]
    sheet = sheet_of(server, run, grid)
    assert all(contains(sheet, native) for native in natives)


def contains(sheet: Any, picture: Any) -> bool:
    """Whether the picture is somewhere on the sheet, at full size."""
    height, width = picture.shape[:2]
    rows, columns = sheet.shape[0] - height + 1, sheet.shape[1] - width + 1
    starts = (sheet[:rows, :columns] == picture[0, 0]).all(axis=-1)
    return any(
        np.array_equal(sheet[row : row + height, column : column + width], picture)
        for row, column in np.argwhere(starts)
    )


# 5: texts are cached by the prompt alone, so a LoRA's part in them and clip skip are ignored.
def test_the_text_part_of_a_lora_and_clip_skip_are_in_the_picture(server: ComfyServer) -> None:
    save_loras(server)
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        x_axis=graph.axis("Lora", values="none, red:0:0.5"),
        y_axis=graph.axis("Number", parameter="clip_skip", values="0, 2"),
    )
    prefixes = []
    for skip in (0, 2):
        for chain in ([], [(RED, 0.0, 0.5)]):
            patched = with_loras(graph, models, chain)
            prefixes.append(f"text_part_{len(prefixes)}")
            graph.native(with_clip_skip(graph, patched, skip) if skip else patched, prefixes[-1])

    assert_equal_to_native(server, graph, sweep, prefixes)


# 6: an error in one cell moves all later ones by one place.
def test_a_failed_cell_leaves_the_others_at_their_places(unusual: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Sampler", values="capsizing, euler, heun"),
        y_axis=graph.axis("Number", parameter="cfg", values="3, 7"),
    )
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    models = graph.loader()
    for index, cfg in enumerate((3.0, 7.0)):
        for name in ("euler", "heun"):
            graph.native(models, f"place_{name}_{index}", sampler_name=name, cfg=cfg)

    run = succeed(unusual, graph)

    found = manifest(run)
    assert statuses(found) == ["failed", "done", "done"] * 2
    reasons = {cell["reason"] for cell in found["cells"] if cell["x"] == 0}
    assert reasons == {"cannot sample: the sampler has capsized"}
    sheet = sheet_of(unusual, run, grid)
    for row in range(2):
        for column, name in enumerate(("euler", "heun"), start=1):
            (native,) = saved_pixels(unusual, f"place_{name}_{row}")
            assert np.array_equal(tile(sheet, column, row), native)
            assert np.array_equal(cell_pixels(found, column, row)[0], native)


# 6: and a grid of one cell never comes out.
def test_a_grid_of_one_cell_comes_out(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(**models, x_axis=graph.axis("Seed", values="7"))
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    graph.native(models, "only_one")

    run = succeed(server, graph)

    assert np.array_equal(sheet_of(server, run, grid), saved_pixels(server, "only_one")[0])


# 7: the grid is made one cell too early, without the last picture.
@pytest.mark.parametrize("kind", ["sampler", "graph"])
def test_the_last_picture_is_there(server: ComfyServer, kind: str) -> None:
    graph = Graph()
    if kind == "sampler":
        sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="51-53"))
    else:
        made = picture(graph)
        axis = graph.axis("Input", node=made.sampler, input="seed", values="51-53")
        sweep = graph.sweep_graph(made.image, x_axis=axis)
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    images = graph.add("PeriplusSweepImages", sweep=sweep)
    graph.add("SaveImage", images=images, filename_prefix=f"all_{kind}")
    graph.native(graph.loader(), f"last_{kind}", seed=53)

    run = succeed(server, graph)

    (last,) = saved_pixels(server, f"last_{kind}")
    sheet, saved = sheet_of(server, run, grid), saved_pixels(server, f"all_{kind}")
    assert (sheet.shape, len(saved)) == ((64, 3 * 64, 3), 3)
    assert np.array_equal(tile(sheet, 2), last)
    assert np.array_equal(saved[2], last)


def begins(sweep: Link, count: int) -> Callable[[list[Message]], bool]:
    """Whether the sweep node, and then this many of its segments but one, have begun."""

    def have_begun(messages: list[Message]) -> bool:
        running = [m.data.get("display_node") for m in messages if m.kind == "executing"]
        return running.count(sweep[0]) == count

    return have_begun


def steps_of(sweep: Link, count: int) -> Callable[[list[Message]], bool]:
    def are_done(messages: list[Message]) -> bool:
        return any(
            m.kind == "progress" and m.data["node"] == sweep[0] and m.data["value"] >= count
            for m in messages
        )

    return are_done


def finished_cells(messages: list[Message]) -> int:
    return sum(message.kind == "periplus.cell" for message in messages)


def cells_of(_: Link, count: int) -> Callable[[list[Message]], bool]:
    return lambda messages: finished_cells(messages) == count


# 8: a cancel that comes as a cell begins is forgotten.
@pytest.mark.parametrize(
    ("moment", "count"),
    [
        (begins, 1),
        (begins, 2),
        (steps_of, 1),
        (steps_of, 10),
        (cells_of, 1),
        (cells_of, 2),
        (begins, 3),
        (cells_of, 3),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_cancel_at_any_moment_holds(fresh: ComfyServer, moment: Any, count: int) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("Seed", values="1, 2"),
        steps=60,
    )
    is_time = moment(sweep, count)
    messages: list[Message] = []
    at_cancel: list[int] = []

    def cancel(message: Message) -> None:
        messages.append(message)
        if not at_cancel and is_time(messages):
            fresh.interrupt()
            at_cancel.append(finished_cells(messages))

    run = fresh.run(graph.prompt, on_message=cancel)

    assert run.status == "interrupted"
    assert finished_cells(messages) <= at_cancel[0] + 1 < 5, "one may have been on its way"


# 9: one missing cell, and there is no sheet at all.
def test_a_sheet_with_a_missing_cell_comes_out(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="61-63"))
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **BARE)
    found = manifest(succeed(server, graph))
    first, gone, last = (cell_pixels(found, x)[0] for x in range(3))
    (found["folder"] / found["cells"][1]["file"]).unlink()
    graph.prompt[grid[0]]["inputs"]["background"] = "#202020"

    sheet = sheet_of(server, succeed(server, graph), grid)

    assert sheet.shape == (64, 3 * 64, 3)
    assert np.array_equal(tile(sheet, 0), first)
    assert not np.array_equal(tile(sheet, 1), gone)
    assert np.array_equal(tile(sheet, 2), last)
