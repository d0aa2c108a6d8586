"""LoRAs: each cell is what LoraLoader makes, with the least possible reading and patching."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    Graph,
    assert_cells_equal,
    assert_equal_to_native,
    assert_refused,
    assert_stops,
    counted,
    forget,
    manifest,
    spent,
    succeed,
)
from .natives import Lora, save_lora, save_loras, with_loras


@pytest.fixture(scope="module", autouse=True)
def loras(server: ComfyServer) -> Path:
    """Two LoRAs and one that cannot be read; returns their folder."""
    folder = save_loras(server)
    (folder / "broken.safetensors").write_bytes(b"no tensors")
    return folder


def test_each_point_is_what_a_chain_of_loaders_makes(server: ComfyServer) -> None:
    values = "red:0.8:0.5, none, blue:1:0, red:-0.7, blue:0:0.9, red:0.5 + blue:0.4, blue+red"
    chains: list[list[Lora]] = [
        [("red", 0.8, 0.5)],
        [],
        [("sea/blue", 1.0, 0.0)],
        [("red", -0.7, -0.7)],
        [("sea/blue", 0.0, 0.9)],
        [("red", 0.5, 0.5), ("sea/blue", 0.4, 0.4)],
        [("sea/blue", 1.0, 1.0), ("red", 1.0, 1.0)],
    ]
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(**models, x_axis=graph.axis("Lora", values=values))
    for i, chain in enumerate(chains):
        graph.native(with_loras(graph, models, chain), f"chain_{i}")

    found = assert_equal_to_native(server, graph, sweep, [f"chain_{i}" for i in range(len(chains))])

    labels = [cell["labels"]["x"] for cell in found["cells"]]
    assert labels[0] == "red:0.8:0.5"
    assert labels[5] == "red:0.5 + blue:0.4"


def test_each_file_is_read_once_for_a_checkpoint_and_each_choice_applied_once(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Number", parameter="lora_strength", values="0.5, -1"),
        y_axis=graph.axis("Lora", values="red, sea/blue"),
        z_axis=graph.axis("Checkpoint", values="coast, harbour"),
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 8
    assert spent(found) == {
        "model_loads": 2,
        "text_encodes": 16,
        "denoiser_evaluations": 24,
        "vae_decodes": 8,
    }
    assert counted(fresh) == spent(found)
    counts = fresh.get("/counters")
    assert counts["lora_reads"] == 4
    assert counts["lora_patches"] == 16, "once for the CLIP and once for the model"

    native = Graph()
    prefixes = []
    for checkpoint in (COAST, HARBOUR):
        models = native.loader(checkpoint)
        for name in ("red", "sea/blue"):
            for strength in (0.5, -1.0):
                patched = with_loras(native, models, [(name, strength, strength)])
                prefixes.append(f"grid_{len(prefixes)}")
                native.native(patched, prefixes[-1])
    succeed(fresh, native)
    assert_cells_equal(fresh, found, prefixes)


def test_the_order_of_the_axes_changes_no_cell(server: ComfyServer) -> None:
    def sweep(loras: str, strengths: str) -> dict[str, Any]:
        graph = Graph()
        axes = {
            loras: graph.axis("Lora", values="none, red:0.3"),
            strengths: graph.axis("Number", parameter="lora_strength", values="0.5, 1"),
        }
        graph.sweep(**graph.loader(), **axes, name="test/lora_order", steps=1)
        return manifest(succeed(server, graph))

    first = sweep("x_axis", "y_axis")
    turned = sweep("y_axis", "x_axis")

    assert [cell["status"] for cell in first["cells"]] == ["done"] * 4
    assert len({cell["key"] for cell in first["cells"]}) == 3, "none has no strength"
    assert [cell["status"] for cell in turned["cells"]] == ["reused"] * 4
    loras = [cell["recipe"]["loras"] for cell in turned["cells"]]
    strengths = [[lora["strength_model"] for lora in of_cell] for of_cell in loras]
    assert strengths == [[], [], [0.5], [1.0]]


def test_a_lora_comes_before_the_clip_skip_and_after_what_is_linked(server: ComfyServer) -> None:
    graph = Graph()
    linked = with_loras(graph, graph.loader(), [("red", 0.4, 0.4)])
    sweep = graph.sweep(
        **linked,
        x_axis=graph.axis("Lora", values="none, blue:0.5"),
        y_axis=graph.axis("Number", parameter="clip_skip", values="2, 3"),
    )
    prefixes = []
    for skip in (2, 3):
        for chain in ([], [("sea/blue", 0.5, 0.5)]):
            models = with_loras(graph, linked, chain)
            models["clip"] = graph.add(
                "CLIPSetLastLayer", clip=models["clip"], stop_at_clip_layer=-skip
            )
            prefixes.append(f"over_linked_{len(prefixes)}")
            graph.native(models, prefixes[-1])

    assert_equal_to_native(server, graph, sweep, prefixes)


def test_a_linked_conditioning_goes_with_loras_for_the_model_alone(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        positive_conditioning=graph.text(models["clip"], "a lighthouse"),
        x_axis=graph.axis("Lora", values="none, red:0.8:0"),
    )
    for i, strength in enumerate((0.0, 0.8)):
        patched = graph.add(
            "LoraLoaderModelOnly",
            model=models["model"],
            lora_name="red.safetensors",
            strength_model=strength,
        )
        graph.native({**models, "model": patched}, f"only_{i}", positive="a lighthouse")

    assert_equal_to_native(server, graph, sweep, ["only_0", "only_1"])


def test_a_changed_file_is_noticed(server: ComfyServer, loras: Path) -> None:
    def statuses() -> list[str]:
        graph = Graph()
        axis = graph.axis("Lora", values="none, red, green")
        graph.sweep(**graph.loader(), x_axis=axis, name="test/lora_file", steps=1)
        return [cell["status"] for cell in manifest(succeed(server, graph))["cells"]]

    save_lora(loras, "green", 3)
    assert statuses() == ["done"] * 3
    save_lora(loras, "green", 4)
    forget(server)
    assert statuses() == ["reused", "reused", "done"]
    (loras / "green.safetensors").unlink()


def test_a_lora_that_cannot_be_read_fails_its_own_cells_only(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Lora", values="none, broken, broken:1:0, red")
    graph.sweep(**graph.loader(), x_axis=axis, steps=1)

    cells = manifest(succeed(server, graph))["cells"]

    assert [cell["status"] for cell in cells] == ["done", "failed", "failed", "done"]
    for cell in cells[1:3]:
        assert cell["reason"].startswith("cannot apply the LoRA broken.safetensors: ")


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ("red, blu:0.5, bleu", ["item 3 'bleu'", "is not a LoRA", "nearest: sea/blue.safetensors"]),
        ("red:200", ["item 1 'red:200'", "strength of 200", "between -100 and 100"]),
        ("red, !r", ["every LoRA is left out"]),
    ],
)
def test_a_mistake_in_the_list_is_refused_at_once(
    server: ComfyServer, values: str, parts: list[str]
) -> None:
    graph = Graph()
    axis = graph.axis("Lora", values=values)
    graph.sweep(**graph.loader(), x_axis=axis)

    assert_refused(server, graph, axis, ["LoRA axis", *parts])


def test_a_strength_without_loras_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="lora_strength", values="0.5, 1")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    assert_stops(fresh, graph, sweep, ["x_axis (lora_strength)", "needs LoRAs", "Axis: LoRA"])


def test_a_lora_for_a_linked_conditioning_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        negative_conditioning=graph.text(models["clip"], "fog"),
        x_axis=graph.axis("Lora", values="red"),
    )

    parts = ["negative_conditioning", "a LoRA would not change it", "name:0.8:0"]
    assert_stops(fresh, graph, sweep, parts)
