"""What a sweep is said to cost before it is queued is what its account says afterwards."""

from __future__ import annotations

import re
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graph_sweeps import picture
from .graphs import COAST, HARBOUR, Graph, Link, manifest, save_ramp, succeed
from .natives import save_loras
from .test_preview import entry

Json = dict[str, Any]


def checkpoints_and_samplers(graph: Graph) -> Link:
    return graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
        y_axis=graph.axis("SamplerScheduler", values="heun/beta, dpm_2/karras"),
        denoise=0.5,
        steps=2,
    )


def base_and_refiner(graph: Graph) -> Link:
    return graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="switch_at", values="0.3, 0.5, 1"),
        y_axis=graph.axis("Number", parameter="cfg", values="1, 5"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR),
        steps=3,
        sampler_name="heun",
    )


def continuous_handoff(graph: Graph) -> Link:
    return graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Number", parameter="switch_at", values="0.3, 0.5"),
        y_axis=graph.axis("Sampler", values="euler, heun"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, handoff="continuous"),
    )


def loras_and_second_passes(graph: Graph) -> Link:
    return graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Lora", values="none, red:0.5"),
        y_axis=graph.axis("Upscaler", values="none, pixels: area"),
        hires=graph.add("PeriplusHiresFix", upscaler="latent: area", scale=1.5, steps=2),
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
    save_loras(server)
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


def test_an_empty_latent_is_known_before_it_is_made(server: ComfyServer) -> None:
    def graph_and_sweep() -> tuple[Graph, Link]:
        graph = Graph()
        size = {"width": graph.add("PrimitiveInt", value=128), "height": 64, "batch_size": 2}
        latent = graph.add("EmptyLatentImage", **size)
        sweep = graph.sweep(**graph.loader(), latent_image=latent, steps=1, name="test/empty")
        graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)
        return graph, sweep

    graph, sweep = graph_and_sweep()
    before = entry(server, graph, sweep)
    succeed(server, graph)
    after = entry(server, *graph_and_sweep())

    assert (before["unknown"], before["stored"], before["steps"]) == ("", 0, 1)
    assert before["sheets"] == after["sheets"] != []
    assert after["stored"] == 1


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
    def sweep_of(seeds: str) -> tuple[Graph, Link]:
        graph = Graph()
        checkpoints = graph.axis("Checkpoint", values="coast, harbour")
        seeded = graph.axis("Seed", values=seeds)
        # A size that no other test has.
        size = {"width": 72, "height": 88}
        return graph, graph.sweep(x_axis=checkpoints, y_axis=seeded, steps=4, **size)

    graph, _ = sweep_of("1")
    run = succeed(server, graph)
    seconds = manifest(run)["account"]["seconds"]
    twice = {name: seconds[name] for name in ("load", "encode")}
    twice |= {name: 2 * seconds[name] for name in ("sample", "decode")}
    told = entry(server, *sweep_of("2-3"))

    assert not told["rough"]
    assert sum(twice.values()) / 2 < told["seconds"] < sum(twice.values()) * 2


def test_the_time_of_a_sweep_of_a_workflow_follows_from_one_half_as_long(
    fresh: ComfyServer,
) -> None:
    def sweep_of(seeds: str, steps: int = 11) -> tuple[Graph, Link]:
        graph = Graph()
        # As many steps as in no other test.
        made = picture(graph, graph.loader(HARBOUR), steps=steps)
        text = "an island, a red ship"
        texts = graph.axis("Input", node=made.positive, input="text", values=text)
        seeded = graph.axis("Input", node=made.sampler, input="seed", values=seeds)
        return graph, graph.sweep_graph(made.image, x_axis=texts, y_axis=seeded)

    first = manifest(succeed(fresh, sweep_of("1")[0]))
    graph, sweep = sweep_of("2-3")
    told, longer = entry(fresh, graph, sweep), entry(fresh, *sweep_of("2-3", steps=44))
    second = manifest(succeed(fresh, graph))

    made = sum(cell["seconds"] for cell in first["cells"])
    assert (told["making"], told["model_loads"], told["sampler_runs"]) == (4, 0, 4)
    assert not told["rough"]
    assert made / 2 < told["seconds"] < made * 4
    assert longer["rough"]
    assert longer["seconds"] > told["seconds"]
    assert re.fullmatch(r"time: about \d+ s", second["forecast"][-1])
