"""Search and replace on a real server: placeholders, whole words, and axes that follow others."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import Graph, Link, cell_pixels, manifests, saved_pixels, succeed


def assert_prompts(
    server: ComfyServer, graph: Graph, sweep: Link, prefix: str, prompts: dict[tuple, str]
) -> None:
    """Run, and compare the cells at these places with native graphs of these prompts."""
    models = graph.loader()
    for place, prompt in prompts.items():
        graph.native(models, f"{prefix}_{place}", positive=prompt)
    found = manifests(succeed(server, graph))[sweep[0]]
    told = {(cell["x"], cell["y"], cell["z"]): cell["recipe"] for cell in found["cells"]}
    assert {place: recipe["positive"] for place, recipe in told.items()} == prompts
    pictures = {place: cell_pixels(found, *place)[0] for place in prompts}
    for place, picture in pictures.items():
        assert np.array_equal(picture, saved_pixels(server, f"{prefix}_{place}")[0])
    assert len({picture.tobytes() for picture in pictures.values()}) == len(prompts)


def test_every_value_takes_the_place_of_its_own_placeholder(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        positive="{hero} at {place}",
        x_axis=graph.axis("PromptSR", values="a ship, a whale", placeholder="{hero}"),
        y_axis=graph.axis("PromptSR", values="sea, night", placeholder="{place}"),
    )

    assert_prompts(
        server,
        graph,
        sweep,
        "placeholders",
        {
            (0, 0, 0): "a ship at sea",
            (1, 0, 0): "a whale at sea",
            (0, 1, 0): "a ship at night",
            (1, 1, 0): "a whale at night",
        },
    )


@pytest.mark.parametrize(
    ("match", "expected"),
    [("any", "a boat, boatyard, кот"), ("word", "a boat, shipyard, кот")],
)
def test_words_that_only_hold_the_text_are_left_where_whole_words_are_meant(
    server: ComfyServer, match: str, expected: str
) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values="ship, boat", match=match)
    sweep = graph.sweep(**graph.loader(), positive="a ship, shipyard, кот", x_axis=axis)

    prompts = {(0, 0, 0): "a ship, shipyard, кот", (1, 0, 0): expected}
    assert_prompts(server, graph, sweep, f"match_{match}", prompts)


def test_three_axes_search_one_after_the_other(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        positive="a ship, a whale, a rock",
        x_axis=graph.axis("PromptSR", values="a ship, a whale"),
        y_axis=graph.axis("PromptSR", values="a whale, a rock"),
        z_axis=graph.axis("PromptSR", values="a rock, a bird"),
    )

    assert_prompts(
        server,
        graph,
        sweep,
        "chained",
        {
            (0, 0, 0): "a ship, a whale, a rock",
            (1, 0, 0): "a whale, a whale, a rock",
            (0, 1, 0): "a ship, a rock, a rock",
            (1, 1, 0): "a rock, a rock, a rock",
            (0, 0, 1): "a ship, a whale, a bird",
            (1, 0, 1): "a whale, a whale, a bird",
            (0, 1, 1): "a ship, a bird, a bird",
            (1, 1, 1): "a bird, a bird, a bird",
        },
    )


def test_a_linked_placeholder_is_known_before_the_values_are_judged(server: ComfyServer) -> None:
    graph = Graph()
    linked = graph.add("PrimitiveString", value="{hero}")
    sweep = graph.sweep(
        **graph.loader(),
        positive="{hero} at sea",
        x_axis=graph.axis("PromptSR", values='"", a whale', placeholder=linked),
    )

    prompts = {(0, 0, 0): " at sea", (1, 0, 0): "a whale at sea"}
    assert_prompts(server, graph, sweep, "linked_placeholder", prompts)
