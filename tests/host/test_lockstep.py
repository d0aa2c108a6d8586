"""Cells that share each call of the model equal those that are made alone, but for rounding."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    cell_pixels,
    counted,
    manifest_in,
    manifests,
    succeed,
)
from .test_faults import cancel_when, statuses
from .test_handoff import asked

TOLERANCE = 1e-4
"""Of the largest value in a latent, on the CPU."""


def both_ways(server: ComfyServer, graph: Graph, batching: str, **inputs: Any) -> tuple[Any, Any]:
    """Run a sweep with cells alone and in step; give both manifests."""
    alone = graph.sweep(**inputs)
    in_step = graph.sweep(**inputs, batching=batching)
    found = manifests(succeed(server, graph))
    return found[alone[0]], found[in_step[0]]


def assert_same_but_for_rounding(
    alone: dict[str, Any], in_step: dict[str, Any], distinct: int | None = None
) -> None:
    """Compare cell by cell.

    Args:
        distinct: how many different pictures there must be; None for as many as cells.
    """
    pictures = set()
    for cell in alone["cells"]:
        place = cell["x"], cell["y"], cell["z"]
        pairs = zip(cell_pixels(alone, *place), cell_pixels(in_step, *place), strict=True)
        for one, other in pairs:
            assert np.abs(one.astype(int) - other).max() <= 1, cell["labels"]
            pictures.add(one.tobytes())
    least = len(alone["cells"]) if distinct is None else distinct
    assert len(pictures) >= least, "equal pictures would prove nothing"


def test_latents_of_every_sampler_and_every_scheduler(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    node = graph.node("LatentsInStep", model=models["model"], clip=models["clip"], together=8)
    found = json.loads(succeed(fresh, graph).outputs[node]["text"][0])
    assert len(found["differences"]) >= 40
    assert max(found["differences"].values()) < TOLERANCE, found["differences"]
    # Batches of one and of two pictures share a pass only where their texts are of one length.
    assert found["passes"] * 3 < found["evaluations"]


@pytest.mark.parametrize("batching", ["3", "auto"])
def test_cells_of_a_mixed_grid(fresh: ComfyServer, batching: str) -> None:
    graph = Graph()
    alone, in_step = both_ways(
        fresh,
        graph,
        batching,
        **graph.loader(),
        x_axis=graph.axis("Sampler", values="euler, dpmpp_2m_sde, heun"),
        y_axis=graph.axis("Number", parameter="cfg", values="1, 5.5"),
        z_axis=graph.axis("Number", parameter="steps", values="2, 5"),
    )
    assert_same_but_for_rounding(alone, in_step)
    one, other = alone["account"], in_step["account"]
    assert asked(one) == asked(other)
    assert one["denoiser_passes"] == one["denoiser_evaluations"]
    if batching == "3":
        assert other["denoiser_passes"] < 0.6 * other["denoiser_evaluations"]


def test_sizes_prompts_loras_and_second_passes_in_one_sweep(fresh: ComfyServer) -> None:
    graph = Graph()
    alone, in_step = both_ways(
        fresh,
        graph,
        "8",
        **graph.loader(),
        x_axis=graph.axis("Size", values="64x64, 72x64"),
        y_axis=graph.axis("Prompt", values="a ship\na ship [at night:in rain:0.5]\na AND b"),
        z_axis=graph.axis("Number", parameter="hires_denoise", values="0.4, 0.7"),
        hires=graph.add("PeriplusHiresFix", upscaler="latent: bilinear", scale=1.5),
        prompt_syntax="a1111",
        steps=2,
    )
    assert_same_but_for_rounding(alone, in_step)
    # What is weighed (AND) is asked alone, and so are pictures of other sizes.
    assert in_step["account"]["denoiser_passes"] < alone["account"]["denoiser_passes"]


def test_base_and_refiner(fresh: ComfyServer) -> None:
    graph = Graph()
    alone, in_step = both_ways(
        fresh,
        graph,
        "4",
        **graph.loader(COAST),
        x_axis=graph.axis("Seed", values="1, 2, 3"),
        y_axis=graph.axis("Number", parameter="switch_at", values="0.34, 0.67"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
    )
    assert_same_but_for_rounding(alone, in_step)
    assert in_step["account"]["denoiser_passes"] < 0.6 * alone["account"]["denoiser_passes"]


def test_a_batch_of_pictures_in_every_cell(fresh: ComfyServer) -> None:
    graph = Graph()
    alone, in_step = both_ways(
        fresh,
        graph,
        "4",
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values="1, 3, 5"),
        latent_image=graph.add("EmptyLatentImage", width=64, height=64, batch_size=2),
    )
    assert_same_but_for_rounding(alone, in_step)


def test_a_full_device_makes_fewer_share_and_loses_no_cell(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    models["model"] = graph.add("SmallDevice", model=models["model"], rows=4)
    axis = graph.axis("Seed", values="1-6")
    alone, in_step = both_ways(fresh, graph, "6", **models, x_axis=axis)
    assert_same_but_for_rounding(alone, in_step)
    assert statuses(in_step) == ["done"] * 6


def test_a_device_too_small_for_positive_and_negative_together_loses_no_cell(
    fresh: ComfyServer,
) -> None:
    """ComfyUI then asks for one after the other."""
    graph = Graph()
    models = graph.loader()
    models["model"] = graph.add("SmallDevice", model=models["model"], rows=1, known=True)
    axis = graph.axis("Seed", values="1, 2")
    alone, in_step = both_ways(fresh, graph, "2", **models, x_axis=axis)
    assert statuses(in_step) == ["done"] * 2
    assert_same_but_for_rounding(alone, in_step)


def test_memory_that_weights_would_give_up_counts_as_free(fresh: ComfyServer) -> None:
    graph = Graph()
    node = graph.node("YieldingWeights", model=graph.loader()["model"])
    found = json.loads(succeed(fresh, graph).outputs[node]["text"][0])
    assert found == {"before": 1, "after": 8}


def test_a_cell_that_fits_not_even_alone_fails_and_the_others_go_on(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    models["model"] = graph.add("SmallDevice", model=models["model"], rows=1)
    axis = graph.axis("Number", parameter="cfg", values="1, 4")  # cfg 1 needs the positive only
    sweep = graph.sweep(
        **models, x_axis=axis, y_axis=graph.axis("Seed", values="1, 2"), batching="4"
    )
    found = manifests(succeed(fresh, graph))[sweep[0]]
    assert statuses(found) == ["done", "failed", "done", "failed"]
    assert "out of memory" in found["cells"][1]["reason"]


def test_an_unknown_number_over_a_link_is_refused_before_any_load(unusual: ComfyServer) -> None:
    unusual.post("/counters/reset")
    graph = Graph()
    graph.sweep(**graph.loader(LAGOON), batching=graph.add("TextAsChoice", text="65"))

    run = unusual.run(graph.prompt)

    assert run.status == "error"
    assert "batching '65' is not in its list" in run.error
    assert counted(unusual)["model_loads"] == 0


def test_a_sampler_that_raises_fails_its_own_cells_only(unusual: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Sampler", values="euler, capsizing, heun")
    sweep = graph.sweep(**graph.loader(), x_axis=axis, batching="3")
    found = manifests(succeed(unusual, graph))[sweep[0]]
    assert statuses(found) == ["done", "failed", "done"]
    assert "capsized" in found["cells"][1]["reason"]


def test_cancel_comes_within_a_pass_and_keeps_what_is_finished(fresh: ComfyServer) -> None:
    name = "test/cancelled_in_step"
    graph = Graph()
    axis = graph.axis("Number", parameter="steps", values="2, 2000, 3000")
    graph.sweep(**graph.loader(), x_axis=axis, batching="3", name=name)
    at_cancel: list[int] = []

    def has_finished_a_cell(message: Any) -> bool:
        return message.kind == "periplus.cell" and message.data["status"] == "done"

    run = fresh.run(graph.prompt, on_message=cancel_when(fresh, has_finished_a_cell, at_cancel))
    assert run.status == "interrupted"
    assert counted(fresh)["denoiser_evaluations"] <= at_cancel[0] + 2
    found = manifest_in(fresh, name)
    assert found["state"] == "interrupted"
    assert statuses(found) == ["done", "missing", "missing"]


def test_a_cell_made_alone_serves_a_sweep_in_step_but_not_the_other_way_round(
    fresh: ComfyServer,
) -> None:
    name = "test/modes"

    def reused_and_modes(batching: str, seeds: str) -> tuple[int, list[str]]:
        graph = Graph()
        axis = graph.axis("Seed", values=seeds)
        sweep = graph.sweep(**graph.loader(), x_axis=axis, batching=batching, name=name)
        found = manifests(succeed(fresh, graph))[sweep[0]]
        return found["account"]["cells_reused"], [cell["mode"] for cell in found["cells"]]

    assert reused_and_modes("off", "1, 2") == (0, ["exact", "exact"])
    assert reused_and_modes("4", "1, 2, 3, 4") == (2, ["exact", "exact", "fast", "fast"])
    assert reused_and_modes("2", "3, 4") == (2, ["fast", "fast"])
    assert reused_and_modes("off", "1, 2, 3, 4") == (2, ["exact"] * 4)
