"""Kinds of axes: what each sets is what a native graph with these settings makes."""

from __future__ import annotations

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import Graph, assert_equal_to_native


def test_sizes_are_width_by_height(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(**models, x_axis=graph.axis("Size", values="64x72, 72 X 64"))
    graph.native(models, "size_64", width=64, height=72)
    graph.native(models, "size_72", width=72, height=64)

    found = assert_equal_to_native(server, graph, sweep, ["size_64", "size_72"])

    assert [cell["labels"] for cell in found["cells"]] == [{"x": "64x72"}, {"x": "72x64"}]


@pytest.mark.parametrize("target", ["positive", "negative"])
def test_whole_prompts_take_the_place_of_the_sweeps_own(server: ComfyServer, target: str) -> None:
    prompts = ["an island, palms (tall:1.2)", "# a hut", ""]
    graph = Graph()
    models = graph.loader()
    values = f'# islands\n{prompts[0]}\n\n"{prompts[1]}"\n""\n'
    sweep = graph.sweep(**models, y_axis=graph.axis("Prompt", values=values, target=target))
    prefixes = [f"prompt_{target}_{i}" for i in range(len(prompts))]
    for prefix, prompt in zip(prefixes, prompts, strict=True):
        graph.native(models, prefix, **{target: prompt})

    assert_equal_to_native(server, graph, sweep, prefixes)


def test_a_clip_skip_counts_from_the_last_layer(server: ComfyServer) -> None:
    graph = Graph()
    plain = graph.loader()
    axis = graph.axis("Number", parameter="clip_skip", values="0, 2, 3")
    sweep = graph.sweep(**plain, x_axis=axis)
    graph.native(plain, "clip_skip_0")
    for skip in (2, 3):
        clip = graph.add("CLIPSetLastLayer", clip=plain["clip"], stop_at_clip_layer=-skip)
        graph.native({**plain, "clip": clip}, f"clip_skip_{skip}")

    assert_equal_to_native(server, graph, sweep, [f"clip_skip_{skip}" for skip in (0, 2, 3)])
