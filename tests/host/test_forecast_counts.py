"""What a sweep is said to cost before it is queued is what its account says afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import COAST, HARBOUR, Graph, Link, manifest, save_ramp, succeed
from .test_preview import entry

Json = dict[str, Any]


def checkpoints_and_samplers(graph: Graph) -> Link:
    return graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("SamplerScheduler", values="euler/simple, heun/beta, dpm_2/karras"),
        z_axis=graph.axis("Number", parameter="denoise", values="0.5, 1"),
    )


def base_and_refiner(graph: Graph) -> Link:
    return graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="switch_at", values="0.3, 0.5, 1"),
        y_axis=graph.axis("Number", parameter="cfg", values="1, 5"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
        steps=4,
        sampler_name="heun",
    )


def continuous_handoff(graph: Graph) -> Link:
    return graph.sweep(
        x_axis=graph.axis("Number", parameter="switch_at", values="0.3, 0.5"),
        y_axis=graph.axis("Sampler", values="euler, heun"),
        z_axis=graph.axis("Checkpoint", values="coast"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, handoff="continuous"),
    )


def loras_and_second_passes(graph: Graph) -> Link:
    return graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("Upscaler", values="none, latent: area, pixels: area"),
        hires=graph.add("PeriplusHiresFix", upscaler="latent: area", scale=1.5, denoise=0.4),
        scheduler="ddim_uniform",
        steps=7,
    )


@pytest.mark.parametrize(
    "build",
    [
        checkpoints_and_samplers,
        base_and_refiner,
        continuous_handoff,
        loras_and_second_passes,
    ],
)
def test_the_costs_that_are_told_come_true(server: ComfyServer, build: Any) -> None:
    graph = Graph()
    sweep = build(graph)

    told = entry(server, graph, sweep)
    account = manifest(succeed(server, graph))["account"]
    again = entry(server, graph, sweep)

    asked = account["denoiser_evaluations"] + account["evaluations_shared"]
    assert told["errors"] == []
    assert told["model_loads"] == account["model_loads"]
    assert (told["evaluations"], told["shared"]) == (asked, account["evaluations_shared"])
    assert (told["stored"], again["stored"]) == (0, told["cells"])
    assert again["model_loads"] == again["steps"] == again["evaluations"] == 0


def test_only_what_is_missing_counts(server: ComfyServer) -> None:
    def told(values: str) -> Json:
        graph = Graph()
        axis = graph.axis("Number", parameter="cfg", values=values)
        sweep = graph.sweep(**graph.loader(), x_axis=axis, name="test/half", steps=2)
        found = entry(server, graph, sweep)
        succeed(server, graph)
        return {name: found[name] for name in ("cells", "stored", "steps", "evaluations")}

    assert told("3, 4") == {"cells": 2, "stored": 0, "steps": 4, "evaluations": 4}
    assert told("3, 4, 5") == {"cells": 3, "stored": 2, "steps": 2, "evaluations": 2}


def test_with_a_linked_picture_the_work_is_that_of_all_cells(server: ComfyServer) -> None:
    save_ramp(server.base / "input" / "counted.png", 64, 64)
    graph = Graph()
    picture = graph.add("LoadImage", image="counted.png")
    axis = graph.axis("Number", parameter="cfg", values="3, 4")
    sweep = graph.sweep(**graph.loader(), image=picture, x_axis=axis, steps=2, denoise=0.5)

    told = entry(server, graph, sweep)

    assert (told["cells"], told["stored"], told["steps"], told["sheets"]) == (2, None, 4, [])
    assert told["unknown"].startswith("image comes from LoadImage (node 1)")


def test_looking_leaves_no_trace_in_the_store(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), steps=1)
    found = manifest(succeed(server, graph))
    (record,) = (found["folder"] / "cells").glob("*/*.json")
    before = record.stat().st_mtime_ns

    told = entry(server, graph, sweep)

    assert told["stored"] == 1
    assert record.stat().st_mtime_ns == before


def test_the_time_of_a_sweep_follows_from_one_half_as_long(server: ComfyServer) -> None:
    def guessed_and_spent(seeds: str) -> tuple[float | None, float]:
        graph = Graph()
        sweep = graph.sweep(
            x_axis=graph.axis("Checkpoint", values="coast, harbour"),
            y_axis=graph.axis("Seed", values=seeds),
            steps=8,
        )
        told = entry(server, graph, sweep)
        seconds = manifest(succeed(server, graph))["account"]["seconds"]
        return told["seconds"], sum(seconds.values()) - seconds["store"]

    guessed_and_spent("1-2")
    guessed, spent = guessed_and_spent("3-6")

    assert guessed is not None
    assert spent / 2 < guessed < spent * 2


def test_a_known_model_and_size_give_a_time_and_a_sheet(server: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(**graph.loader(), seed=71, steps=2)
    succeed(server, graph)
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), seed=72, steps=200)
    graph.add("PeriplusGridCompose", sweep=sweep)

    told = entry(server, graph, sweep)

    assert told["seconds"] > 0
    assert not told["rough"]
    assert len(told["sheets"]) == 1 and told["sheets"][0].endswith(" px")
