"""AUTOMATIC1111's prompt language: what steers each evaluation, and native graphs as proof."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    HARBOUR,
    Graph,
    Link,
    cell_pixels,
    manifest,
    manifests,
    saved_pixels,
    succeed,
)
from .natives import conditioned, guided_sum

A, B = "a red ship at sea", "a lighthouse at night"
EDIT = f"[{A}:{B}:0.5]"
EVALUATIONS = {"euler": 4, "dpmpp_2m": 4, "heun": 7, "dpmpp_sde": 7}
"""Of four steps. Heun and DPM++ SDE call twice a step, but once in the last."""


def encoded_texts(server: ComfyServer, texts: dict[str, str]) -> dict[str, str]:
    """The letters of texts by the digest that the counting pack gives to the encoded text."""
    names = {}
    for letter, text in texts.items():
        graph = Graph()
        graph.native(graph.loader(), f"digest_{letter}", positive=text, steps=1)
        server.post("/counters/reset")
        succeed(server, graph)
        ((positive, _),) = server.get("/counters/conditionings")
        names[positive[0]] = letter
    assert len(names) == len(texts)
    return names


def test_each_evaluation_is_steered_by_the_text_that_a1111_shows_it(fresh: ComfyServer) -> None:
    names = encoded_texts(fresh, {"a": A, "b": B, "f": "fog", "s": "storm"})
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        positive=EDIT,
        negative="[fog|storm]",
        x_axis=graph.axis("Sampler", values=", ".join(EVALUATIONS)),
        steps=4,
        prompt_syntax="a1111",
    )
    fresh.post("/counters/reset")

    found = manifest(succeed(fresh, graph))

    seen = iter(fresh.get("/counters/conditionings"))
    runs = [[next(seen) for _ in range(count)] for count in EVALUATIONS.values()]
    assert list(seen) == []
    positives, negatives = (
        ["".join(names[digest] for call in run for digest in call[side]) for run in runs]
        for side in (0, 1)
    )
    assert positives == ["aaab", "aaab", "aaaaabb", "aaaaabb"]
    assert negatives == ["ffsf", "ffsf", "ffsfsfs", "ffsfsfs"]
    assert found["account"]["text_encodes"] == 4


def test_a_refiner_goes_on_with_the_text_that_is_due(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        positive=EDIT,
        steps=4,
        prompt_syntax="a1111",
    )

    succeed(fresh, graph)

    base_1, base_2, refiner_1, refiner_2 = [
        positive for positive, _ in fresh.get("/counters/conditionings")
    ]
    assert base_1 == base_2
    assert len(refiner_1) == len(refiner_2) == 1
    assert refiner_1 != refiner_2


def test_a_second_pass_goes_on_in_the_timeline_of_the_first(fresh: ComfyServer) -> None:
    names = encoded_texts(fresh, {"a": A, "b": B, "f": "fog", "s": "storm"})
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        positive=f"[{A}:{B}:1.5]",
        negative="[fog:storm:2]",
        hires=graph.add("PeriplusHiresFix", upscaler="latent: bilinear", scale=1.5, steps=4),
        steps=4,
        prompt_syntax="a1111",
    )
    fresh.post("/counters/reset")

    succeed(fresh, graph)

    calls = fresh.get("/counters/conditionings")
    texts = ["".join(names[digest] for call in calls for digest in call[side]) for side in (0, 1)]
    assert texts == ["aaaa" + "aaab", "fffs" + "ssss"]


@pytest.mark.parametrize("weights", [(1, 1), (1.2, -0.5), (1, -1)])
@pytest.mark.parametrize("cfg", [1.0, 5.0])
def test_and_adds_up_what_each_part_changes(
    server: ComfyServer, weights: tuple[float, float], cfg: float
) -> None:
    graph = Graph()
    models = graph.loader()
    prompt = " AND ".join(f"{t} :{w}" for t, w in zip((A, B), weights, strict=True))
    sweep = a1111(graph, models, positive=prompt, cfg=cfg)
    prefix = f"sum_{weights}_{cfg}"
    first, second = weights
    guided_sum(graph, models, (A, B), (first * cfg, second * cfg), prefix)

    found = manifests(succeed(server, graph))[sweep[0]]

    (expected,), (actual,) = saved_pixels(server, prefix), cell_pixels(found)
    difference = np.abs(actual.astype(int) - expected.astype(int))
    assert difference.max() <= 1
    assert expected.std() > 1


PLAIN = {
    "weights": "a (red:1.3) ship at sea",
    "nested": "((lighthouse)) at night, (storm:0.6), (very (calm))",
    "escapes": "an island, \\(drawn\\) in ink",
    "nothing": "",
    "long": "a very long prompt " + "with many, many words " * 30,
    "colons": "a ship: red, 12:30 o'clock",
}


@pytest.mark.parametrize("prompt", PLAIN.values(), ids=PLAIN)
def test_a_prompt_of_both_languages_gives_the_same_picture(
    server: ComfyServer, prompt: str
) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = a1111(graph, models, positive=prompt, negative="(fog)")
    comfy = graph.sweep(**models, positive=prompt, negative="(fog)", prompt_syntax="comfy")

    found = manifests(succeed(server, graph))

    assert np.array_equal(*(cell_pixels(found[link[0]])[0] for link in (sweep, comfy)))


def test_square_brackets_and_nested_weights_are_comfyuis_weights(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = a1111(graph, models, positive="[fog] (a (red:1.2) ship:1.5)")
    text = f"(fog:{1 / 1.1}) (a :1.5)(red:{1.2 * 1.5})( ship:1.5)"
    conditioned(graph, models, graph.text(models["clip"], text), "nested_weights")

    picture_equal_to(server, graph, sweep, "nested_weights")


def test_a_prompt_without_syntax_is_found_again_under_the_other_choice(
    server: ComfyServer,
) -> None:
    cells = []
    for syntax in ("comfy", "a1111"):
        graph = Graph()
        graph.sweep(**graph.loader(), positive=A, prompt_syntax=syntax, name="test/syntaxes")
        cells.append(manifest(succeed(server, graph))["cells"][0])

    assert [cell["status"] for cell in cells] == ["done", "reused"]
    assert [cell["recipe"]["prompt_syntax"] for cell in cells] == ["comfy", "a1111"]
    assert cells[0]["key"] == cells[1]["key"]


def test_a_linked_conditioning_is_used_as_it_is(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    linked = graph.text(models["clip"], A)
    sweep = a1111(graph, models, positive="<lora:x:1> [a|b]", positive_conditioning=linked)
    conditioned(graph, models, linked, "linked_conditioning")

    picture_equal_to(server, graph, sweep, "linked_conditioning")


@pytest.mark.parametrize("prompt", ["positive", "negative"])
def test_a_lora_tag_stops_before_any_load(fresh: ComfyServer, prompt: str) -> None:
    graph = Graph()
    sweep = a1111(graph, graph.loader(), **{prompt: "ink, <lora:ink:0.8>"})

    run = fresh.run(graph.prompt)

    assert run.status == "error"
    assert run.error.startswith(f"Node {sweep[0]} ")
    assert "<lora:ink:0.8> in the prompt loads nothing here" in run.error
    assert "Axis: LoRA" in run.error
    assert fresh.get("/counters") == {}


def test_an_unknown_syntax_over_a_link_is_refused(unusual: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(**graph.loader(), prompt_syntax=graph.add("TextAsChoice", text="a1112"))

    run = unusual.run(graph.prompt)

    assert run.status == "error"
    assert "prompt_syntax 'a1112' is not in its list; nearest: a1111" in run.error


def a1111(graph: Graph, models: dict[str, Link], **inputs: Any) -> Link:
    return graph.sweep(**models, **inputs, prompt_syntax="a1111")


def picture_equal_to(server: ComfyServer, graph: Graph, sweep: Link, prefix: str) -> Any:
    """Run; the only cell must be the native picture, bit for bit."""
    found = manifests(succeed(server, graph))[sweep[0]]
    (expected,), (actual,) = saved_pixels(server, prefix), cell_pixels(found)
    assert np.array_equal(actual, expected)
    return actual
