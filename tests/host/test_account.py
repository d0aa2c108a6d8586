"""The least possible work: what a sweep costs, by its own account and by the counting pack."""

from __future__ import annotations

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
    forget,
    manifest,
    spent,
    succeed,
)

NOTHING = {
    "model_loads": 0,
    "text_encodes": 0,
    "denoiser_evaluations": 0,
    "vae_decodes": 0,
}


@pytest.mark.parametrize(("letter", "other"), [("x", "y"), ("y", "z"), ("z", "x")])
def test_each_checkpoint_is_loaded_once_wherever_its_axis_lies(
    fresh: ComfyServer, letter: str, other: str
) -> None:
    graph = Graph()
    axes = {
        f"{letter}_axis": graph.axis("Checkpoint", values="coast, harbour, lagoon"),
        f"{other}_axis": graph.axis("Sampler", values="euler, dpmpp_2m"),
    }
    graph.sweep(**axes, steps=2)

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 6
    assert spent(found) == {
        "model_loads": 3,
        "text_encodes": 6,
        "denoiser_evaluations": 12 - 3,  # both samplers begin alike
        "vae_decodes": 6,
    }
    assert counted(fresh) == spent(found)


def test_base_and_refiner_by_name_are_loaded_once_each(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5, 7"),
        y_axis=graph.axis("Sampler", values="euler, dpmpp_2m"),
        z_axis=graph.axis("Checkpoint", values="coast"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert spent(found) == {
        "model_loads": 2,
        "text_encodes": 4,
        "denoiser_evaluations": 1 + 6,  # all bases begin alike, and have one step
        "vae_decodes": 6,
    }
    assert counted(fresh) == spent(found)


def test_a_linked_base_is_loaded_by_its_loader_and_only_the_refiner_by_the_sweep(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5, 7"),
        y_axis=graph.axis("Sampler", values="euler, dpmpp_2m"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert spent(found) == {
        "model_loads": 1,
        "text_encodes": 4,
        "denoiser_evaluations": 1 + 6,  # all bases begin alike, and have one step
        "vae_decodes": 6,
    }
    assert counted(fresh) == {**spent(found), "model_loads": 2}


def test_several_bases_share_one_load_of_the_refiner(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, lagoon"),
        y_axis=graph.axis("Number", parameter="cfg", values="3, 7"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert spent(found) == {
        "model_loads": 3,
        "text_encodes": 6,
        "denoiser_evaluations": 2 + 4,
        "vae_decodes": 4,
    }
    assert counted(fresh) == spent(found)


def test_bases_are_kept_for_their_second_passes_after_the_refiner(fresh: ComfyServer) -> None:
    def passes(graph: Graph) -> dict[str, Any]:
        return {
            "refiner": graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
            "hires": graph.add("PeriplusHiresFix", upscaler="latent: bilinear", scale=1.5, steps=2),
            "steps": 2,
        }

    graph = Graph()
    graph.sweep(**passes(graph), x_axis=graph.axis("Checkpoint", values="coast, lagoon"))

    found = manifest(succeed(fresh, graph))

    assert found["account"]["model_loads"] == 3
    assert counted(fresh)["model_loads"] == 3
    assert fresh.get("/counters")["reads_ahead"] == 2  # of all but the first
    for x, name in enumerate((COAST, LAGOON)):
        linked = Graph()
        linked.sweep(**linked.loader(name), **passes(linked))
        (expected,) = cell_pixels(manifest(succeed(fresh, linked)))
        assert np.array_equal(cell_pixels(found, x)[0], expected)


def test_a_refiner_that_is_also_a_base_is_loaded_once(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, lagoon, harbour"),
        y_axis=graph.axis("Refiner", values="coast, harbour, none"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 9
    assert found["account"]["model_loads"] == 3
    assert counted(fresh)["model_loads"] == 3


def test_a_switch_after_the_last_step_needs_no_refiner(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=1.0),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert spent(found) == {
        "model_loads": 0,
        "text_encodes": 2,
        "denoiser_evaluations": 2,
        "vae_decodes": 1,
    }


def test_a_finished_sweep_costs_nothing_and_runs_no_loader(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    graph.sweep(
        **models,
        x_axis=graph.axis("Number", parameter="cfg", values="3, 5"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )
    first = manifest(succeed(fresh, graph))
    forget(fresh)

    run = succeed(fresh, graph)

    again = manifest(run)
    assert again["account"]["cells_reused"] == 2
    assert again["account"]["cells_computed"] == 0
    assert spent(again) == counted(fresh) == NOTHING
    assert models["model"][0] not in run.executed
    assert [cell["status"] for cell in again["cells"]] == ["reused", "reused"]
    assert [cell["files"] for cell in again["cells"]] == [cell["files"] for cell in first["cells"]]


def test_a_longer_axis_computes_only_its_new_cells(fresh: ComfyServer) -> None:
    def sweep(values: str) -> dict[str, Any]:
        graph = Graph()
        axis = graph.axis("Number", parameter="cfg", values=values)
        graph.sweep(**graph.loader(COAST), x_axis=axis, steps=2, name="test/longer")
        return manifest(succeed(fresh, graph))

    sweep("4, 5")
    forget(fresh)
    longer = sweep("3, 4, 5, 6")

    assert [cell["status"] for cell in longer["cells"]] == ["done", "reused", "reused", "done"]
    assert spent(longer) == {
        "model_loads": 0,
        "text_encodes": 2,
        "denoiser_evaluations": 4 - 1,
        "vae_decodes": 2,
    }
    assert counted(fresh) == {**spent(longer), "model_loads": 1}


def test_equal_cells_are_made_once(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="cfg", values="5, 5.0, 5")
    graph.sweep(**graph.loader(COAST), x_axis=axis, steps=2)

    found = manifest(succeed(fresh, graph))

    assert [cell["status"] for cell in found["cells"]] == ["done"] * 3
    assert found["account"]["vae_decodes"] == 1
    assert found["account"]["denoiser_evaluations"] == 2


def test_each_text_is_encoded_once(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("PromptSR", values="ship, island, whale", target="positive"),
        y_axis=graph.axis("Seed", values="1, 2"),
        steps=1,
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 6
    assert found["account"]["text_encodes"] == 4
    assert counted(fresh)["text_encodes"] == 4


def test_evaluations_are_counted_as_the_sampler_makes_them(fresh: ComfyServer) -> None:
    steps = 3
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Sampler", values="euler, heun"),
        y_axis=graph.axis("Number", parameter="cfg", values="1, 5"),
        steps=steps,
    )

    found = manifest(succeed(fresh, graph))

    # Heun asks twice at each step but the last, at the first as Euler does; CFG 1 leaves out the
    # negative, not the call.
    assert found["account"]["denoiser_evaluations"] == 2 * (steps + 2 * steps - 1 - 1)
    assert found["account"]["evaluations_shared"] == 2
    assert counted(fresh)["denoiser_evaluations"] == found["account"]["denoiser_evaluations"]
