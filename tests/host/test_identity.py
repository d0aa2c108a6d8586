"""What a cell is known by: nothing that changes its pixels is overlooked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scripts.comfy_server import ComfyServer, PromptRefusedError
from scripts.provision import Installation

from .graphs import COAST, HARBOUR, Graph, cell_pixels, manifest, saved_pixels, succeed


def test_models_that_come_in_a_list_are_told_apart(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    multipliers = graph.axis("Number", parameter="denoise", values="0.2, 1")
    rescaled = graph.add("RescaleCFG", model=models["model"], multiplier=[multipliers[0], 2])
    sweep = graph.sweep(**{**models, "model": rescaled}, cfg=9.0)
    images = graph.add("PeriplusSweepImages", sweep=sweep)
    graph.add("SaveImage", images=images, filename_prefix="told_apart")
    graph.native({**models, "model": rescaled}, "native_told_apart", cfg=9.0)

    succeed(fresh, graph)

    swept, native = saved_pixels(fresh, "told_apart"), saved_pixels(fresh, "native_told_apart")
    assert len(swept) == len(native) == 2
    assert not np.array_equal(native[0], native[1])
    assert all(map(np.array_equal, swept, native))


def test_a_linked_file_that_changes_is_not_taken_for_the_old_one(
    fresh: ComfyServer, installation: Installation, request: pytest.FixtureRequest
) -> None:
    source = installation.models("small")["checkpoints/small"] / Path(COAST).name
    # With the wide space of Japanese, and longer than the name of one file may be.
    name = f"{'x' * 200}/{'y' * 60}/my\u3000own.safetensors"
    own = fresh.base / "models" / "checkpoints" / name
    own.parent.mkdir(parents=True)
    request.addfinalizer(own.unlink)
    shutil.copyfile(source, own)

    def run(values: str) -> dict[str, Any]:
        graph = Graph()
        axis = graph.axis("Number", parameter="cfg", values=values)
        graph.sweep(**graph.loader(name), x_axis=axis, name="changing")
        return manifest(succeed(fresh, graph))["account"]

    assert run("1")["cells_computed"] == 1
    assert run("1, 2")["cells_computed"] == 1, "the file is the same"
    os.utime(own, ns=(1, 1))
    assert run("1, 2, 3")["cells_computed"] == 3, "what is loaded may be the old file"


def test_an_embedding_in_a_linked_text_that_changes_is_not_taken_for_the_old_one(
    fresh: ComfyServer, request: pytest.FixtureRequest
) -> None:
    own = fresh.base / "models" / "embeddings" / "own-style.pt"
    own.parent.mkdir(parents=True, exist_ok=True)
    request.addfinalizer(own.unlink)

    def run(seeds: str) -> int:
        graph = Graph()
        models = graph.loader()
        text = graph.text(models["clip"], "a ship, (embedding:own-style:1.2)")
        axis = graph.axis("Seed", values=seeds)
        graph.sweep(**models, positive_conditioning=text, x_axis=axis, steps=1, name="embedded")
        return manifest(succeed(fresh, graph))["account"]["cells_computed"]

    torch.save({"string_to_param": {"*": torch.zeros(1, 768)}}, own)
    assert run("1") == 1
    assert run("1, 2") == 1, "the file is the same"
    torch.save({"string_to_param": {"*": torch.ones(1, 768)}}, own)
    assert run("1, 2, 3") == 3, "what is encoded may be the old file"


def test_a_file_that_is_replaced_with_its_size_and_time_kept_is_not_taken_for_the_old_one(
    fresh: ComfyServer, installation: Installation, request: pytest.FixtureRequest
) -> None:
    coast, harbour = (
        installation.models("small")["checkpoints/small"] / Path(name).name
        for name in (COAST, HARBOUR)
    )
    own = fresh.base / "models" / "checkpoints" / "replaced.safetensors"
    request.addfinalizer(own.unlink)

    def run(source: Path, seeds: str) -> dict[str, Any]:
        own.unlink(missing_ok=True)
        shutil.copyfile(source, own)
        os.utime(own, ns=(10**18, 10**18))
        graph = Graph()
        graph.sweep(
            x_axis=graph.axis("Checkpoint", values=own.stem),
            y_axis=graph.axis("Seed", values=seeds),
            steps=1,
            name="replaced",
        )
        return manifest(succeed(fresh, graph))

    assert coast.stat().st_size == harbour.stat().st_size
    assert run(coast, "1")["account"]["cells_computed"] == 1
    old = run(coast, "1, 2")
    assert old["account"]["cells_computed"] == 1, "the file is the same"
    new = run(harbour, "1, 2, 3")
    assert new["account"]["cells_computed"] == 3
    assert not np.array_equal(cell_pixels(old)[0], cell_pixels(new)[0])


def test_a_deleted_folder_is_made_anew(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Seed", values="61, 62")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)
    graph.add("PeriplusGridCompose", sweep=sweep)
    folder = manifest(succeed(fresh, graph))["folder"]
    shutil.rmtree(folder)

    again = manifest(succeed(fresh, graph))

    assert again["account"]["cells_computed"] == 2
    assert all(cell_pixels(again, x)[0].any() for x in range(2))


def test_a_long_text_with_a_full_stop_is_no_file(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    text = graph.text(models["clip"], "a ship. " * 60)
    graph.sweep(**models, positive_conditioning=text)
    assert manifest(succeed(fresh, graph))["counts"]["done"] == 1


def test_a_vae_from_another_checkpoint_decodes_every_cell(fresh: ComfyServer) -> None:
    graph = Graph()
    coast, harbour = graph.loader(COAST), graph.loader(HARBOUR)
    graph.sweep(x_axis=graph.axis("Checkpoint", values="coast"), vae=harbour["vae"])
    graph.native({**coast, "vae": harbour["vae"]}, "other_vae")
    run = succeed(fresh, graph)
    (expected,) = saved_pixels(fresh, "other_vae")
    assert np.array_equal(cell_pixels(manifest(run))[0], expected)


def test_a_loader_that_does_more_than_load_is_refused_with_a_checkpoint_axis(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    loader = graph.node("CheckpointLoaderSimple", ckpt_name=COAST, clip_skip=-2)
    axis = graph.axis("Checkpoint", values="coast, harbour")
    graph.sweep(model=[loader, 0], clip=[loader, 1], vae=[loader, 2], x_axis=axis)
    run = fresh.run(graph.prompt)
    assert run.status == "error"
    assert "nothing but ckpt_name" in run.error


def test_a_refiner_without_a_prompt_is_not_sampled_beside_a_linked_one(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    graph.sweep(
        **models,
        positive="",
        positive_conditioning=graph.text(models["clip"], "a ship"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
    )
    run = fresh.run(graph.prompt)
    assert run.status == "error"
    assert "positive prompt into the refiner node" in run.error


def test_a_selection_that_is_no_list_of_numbers_is_refused_at_once(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader())
    images = graph.add("PeriplusSweepImages", sweep=sweep, select="1, two")
    graph.add("PreviewImage", images=images)
    with pytest.raises(PromptRefusedError, match="item 2 'two'"):
        fresh.run(graph.prompt)
