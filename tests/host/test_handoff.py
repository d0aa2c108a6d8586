"""The refiner takes over inside the base's sampler run: handoff continuous."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    Graph,
    assert_cells_equal,
    assert_stops,
    cell_pixels,
    manifests,
    spent,
    succeed,
)
from .natives import masked
from .test_faults import statuses

SAMPLERS = "euler, dpmpp_2m, dpmpp_2m_sde, heun, uni_pc, lms, euler_ancestral, euler_cfg_pp"


def continuous(graph: Graph, name: str, **inputs: Any) -> Any:
    return graph.add("PeriplusRefiner", ckpt_name=name, handoff="continuous", **inputs)


def pictures(found: dict[str, Any]) -> list[Any]:
    return [cell_pixels(found, c["x"], c["y"], c["z"])[0].astype(int) for c in found["cells"]]


def asked(account: dict[str, Any]) -> int:
    """How often samplers have called the denoiser, or the memo instead of it."""
    return account["denoiser_evaluations"] + account["evaluations_shared"]


def test_a_switch_to_the_same_model_changes_nothing_whatever_the_sampler(
    fresh: ComfyServer,
) -> None:
    """Memory of earlier steps and random numbers are kept: not one bit differs."""
    graph = Graph()
    axis = graph.axis("Sampler", values=SAMPLERS)
    whole = graph.sweep(**graph.loader(COAST), x_axis=axis, steps=5)
    refiner = continuous(graph, COAST, switch_at=0.4)
    switched = graph.sweep(**graph.loader(COAST), x_axis=axis, steps=5, refiner=refiner)
    found = manifests(succeed(fresh, graph))
    pairs = zip(pictures(found[whole[0]]), pictures(found[switched[0]]), strict=True)
    assert [bool((one == other).all()) for one, other in pairs] == [True] * 8


def test_a_switch_to_the_same_flow_model_changes_nothing(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    models["model"] = graph.add("ModelSamplingAuraFlow", model=models["model"], shift=1.7)
    linked = {name: models[name] for name in ("model", "clip")}
    refiner = graph.add("PeriplusRefiner", **linked, handoff="continuous", switch_at=0.4)
    axis = graph.axis("Sampler", values="euler, dpmpp_2m, dpmpp_2m_sde, heun, euler_ancestral")
    whole = graph.sweep(**models, x_axis=axis, steps=5)
    switched = graph.sweep(**models, x_axis=axis, steps=5, refiner=refiner)
    found = manifests(succeed(fresh, graph))
    pairs = list(zip(pictures(found[whole[0]]), pictures(found[switched[0]]), strict=True))
    assert [bool((one == other).all()) for one, other in pairs] == [True] * 5
    assert len({one.tobytes() for one, _ in pairs}) == 5, "equal pictures would prove nothing"
    assert spent(found[switched[0]])["text_encodes"] == 4, "the refiner has texts of its own"


def test_an_inpainting_model_is_told_of_the_mask_before_and_after_a_switch(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    models = graph.loader(COAST)
    models["model"] = graph.add("Inpainting", model=models["model"])
    linked = {name: models[name] for name in ("model", "clip")}
    refiner = graph.add("PeriplusRefiner", **linked, handoff="continuous", switch_at=0.5)
    start = {"latent_image": masked(graph, models)}
    whole = graph.sweep(**models, **start)
    switched = graph.sweep(**models, **start, refiner=refiner)
    graph.native(models, "inpainted", **start)
    found = manifests(succeed(fresh, graph))
    assert_cells_equal(fresh, found[whole[0]], ["inpainted"])
    assert_cells_equal(fresh, found[switched[0]], ["inpainted"])
    assert spent(found[switched[0]])["text_encodes"] == 4, "the refiner has texts of its own"


def test_a_sampler_without_memory_gives_what_the_native_handoff_gives(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="switch_at", values="0.2, 0.6")
    samplers = graph.axis("Sampler", values="euler, dpmpp_2m")
    common = {"x_axis": axis, "y_axis": samplers, "steps": 5}
    native = graph.add("PeriplusRefiner", ckpt_name=HARBOUR)
    one = graph.sweep(**graph.loader(COAST), **common, refiner=native)
    other = graph.sweep(**graph.loader(COAST), **common, refiner=continuous(graph, HARBOUR))
    alone = graph.sweep(**graph.loader(COAST), y_axis=samplers, steps=5)
    found = manifests(succeed(fresh, graph))
    native_ones, continuous_ones = pictures(found[one[0]]), pictures(found[other[0]])
    for index in (0, 1):  # euler: rounding only
        assert np.abs(native_ones[index] - continuous_ones[index]).max() <= 1
    assert np.abs(native_ones[3] - continuous_ones[3]).max() > 1, "dpmpp_2m keeps its memory"
    assert np.abs(pictures(found[alone[0]])[0] - continuous_ones[0]).max() > 1


def test_a_grid_costs_two_loads_and_no_call_more_than_one_run(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values=COAST),
        y_axis=graph.axis("Seed", values="1, 2, 3"),
        steps=4,
        refiner=continuous(graph, HARBOUR, switch_at=0.5),
    )
    found = manifests(succeed(fresh, graph))[sweep[0]]
    assert statuses(found) == ["done"] * 3
    assert spent(found) == {
        "model_loads": 2,
        "text_encodes": 4,
        "denoiser_evaluations": 12,
        "vae_decodes": 3,
    }


def test_runs_in_step_are_handed_over_too(fresh: ComfyServer) -> None:
    graph = Graph()
    inputs = {
        **graph.loader(COAST),
        "x_axis": graph.axis("Sampler", values="euler, dpmpp_2m, heun, dpmpp_2m_sde"),
        "y_axis": graph.axis("Number", parameter="switch_at", values="0.2, 0.6, 1"),
        "steps": 5,
        "refiner": continuous(graph, HARBOUR),
    }
    alone = graph.sweep(**inputs)
    in_step = graph.sweep(**inputs, batching="8")
    found = manifests(succeed(fresh, graph))
    for one, other in zip(pictures(found[alone[0]]), pictures(found[in_step[0]]), strict=True):
        assert np.abs(one - other).max() <= 1
    accounts = [found[sweep[0]]["account"] for sweep in (alone, in_step)]
    assert accounts[1]["denoiser_passes"] < 0.5 * accounts[0]["denoiser_passes"]
    assert asked(accounts[0]) == asked(accounts[1])


def test_prompts_that_change_go_on_where_they_were(fresh: ComfyServer) -> None:
    graph = Graph()
    common = {
        "x_axis": graph.axis("Sampler", values="euler, dpmpp_2m"),
        "steps": 6,
        "positive": "[a ship:a storm:3] [at night|at noon]",
        "prompt_syntax": "a1111",
    }
    whole = graph.sweep(**graph.loader(COAST), **common)
    refiner = continuous(graph, COAST, switch_at=0.34)
    switched = graph.sweep(**graph.loader(COAST), **common, refiner=refiner)
    found = manifests(succeed(fresh, graph))
    pairs = zip(pictures(found[whole[0]]), pictures(found[switched[0]]), strict=True)
    assert [bool((one == other).all()) for one, other in pairs] == [True, True]


@pytest.mark.parametrize("own", [{"sampler_name": "heun"}, {"scheduler": "karras"}])
def test_a_sampler_of_the_refiners_own_is_refused(fresh: ComfyServer, own: dict[str, str]) -> None:
    graph = Graph()
    refiner = continuous(graph, HARBOUR, **own)
    graph.sweep(**graph.loader(), refiner=refiner)
    [(name, value)] = own.items()
    assert_stops(fresh, graph, refiner, ["handoff 'continuous'", f"{name} '{value}'", "native"])


def test_a_sampler_that_raises_fails_its_own_cells_only(unusual: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Sampler", values="euler, capsizing")
    refiner = continuous(graph, HARBOUR, switch_at=0.5)
    sweep = graph.sweep(**graph.loader(), x_axis=axis, refiner=refiner)
    found = manifests(succeed(unusual, graph))[sweep[0]]
    assert statuses(found) == ["done", "failed"]
    assert "capsized" in found["cells"][1]["reason"]


def test_without_the_refiners_file_cells_fail_with_that_reason(fresh: ComfyServer) -> None:
    path = fresh.base / "models" / "checkpoints" / "broken.safetensors"
    path.write_bytes(b"no checkpoint")
    graph = Graph()
    refiner = continuous(graph, "broken.safetensors", switch_at=0.5)
    sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="1, 2"), refiner=refiner)
    run = fresh.run(graph.prompt)
    path.unlink()
    assert run.status == "error"
    assert f"Node {sweep[0]} " in run.error
    assert "cannot load broken.safetensors" in run.error
