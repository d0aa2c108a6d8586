"""Mistakes are told before any model is loaded: at once by POST /prompt, or as the sweep starts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer, PromptRefusedError

from .graphs import HARBOUR, Graph, assert_refused, assert_stops, counted

MISSPELT_AXES: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "sampler": ("Sampler", {"values": "euler, dpmp_2m"}, ["item 2 'dpmp_2m'", "nearest: dpmpp_2m"]),
    "scheduler": ("Scheduler", {"values": "karas"}, ["item 1 'karas'", "nearest: karras"]),
    "checkpoint": (
        "Checkpoint",
        {"values": "coast\nhabour"},
        ["item 2 'habour'", "nearest: small/harbour.safetensors"],
    ),
    "pair": (
        "SamplerScheduler",
        {"values": "euler/normal, heun/beat"},
        ["'beat'", "nearest: beta"],
    ),
    "label": (
        "SamplerScheduler",
        {"values": "Euler a, DPM++ 2M Karas"},
        ["item 2 'DPM++ 2M Karas'", "nearest: DPM++ 2M Karras"],
    ),
    "word for a whole number": (
        "Number",
        {"parameter": "steps", "values": "2, few"},
        ["item 2 'few'", "whole number", "10-30 (+5)"],
    ),
    "fraction for a whole number": (
        "Number",
        {"parameter": "steps", "values": "2, 2.5"},
        ["item 2 '2.5'", "whole number"],
    ),
    "number above the bound": (
        "Number",
        {"parameter": "cfg", "values": "99-101"},
        ["item 1 '99-101'", "101", "maximum 100"],
    ),
    "no number": ("Number", {"parameter": "cfg", "values": " , "}, ["values is empty"]),
    "unknown parameter": (
        "Number",
        {"parameter": "config", "values": "1"},
        ["parameter", "config"],
    ),
    "seed": ("Seed", {"values": "1, -2"}, ["item 2 '-2'"]),
    "no seed": ("Seed", {"values": "", "count": 0}, ["values is empty", "count"]),
    "no search text": ("PromptSR", {"values": ""}, ["values is empty"]),
    "size": ("Size", {"values": "64x64, 64"}, ["item 2 '64'", "is not a size", "512x768"]),
    "side": ("Size", {"values": "64x70"}, ["item 1 '64x70'", "multiple of 8", "nearest: 72"]),
    "no prompt": ("Prompt", {"values": "# none"}, ["values is empty"]),
    "prompt target": (
        "Prompt",
        {"values": "a ship", "target": "both"},
        ["target", "'both'", "positive"],
    ),
    "everything left out": ("Sampler", {"values": "euler, !e"}, ["every sampler is left out"]),
    "ambiguous": ("Checkpoint", {"values": "small"}, ["more than one checkpoint", "harbour"]),
    "seed mode": ("Seed", {"count": 2, "mode": "incremnt"}, ["mode", "nearest: increment"]),
    "target": (
        "PromptSR",
        {"values": "ship, island", "target": "negativ"},
        ["target", "nearest: negative"],
    ),
    "match": (
        "PromptSR",
        {"values": "ship, island", "match": "wrd"},
        ["match", "nearest: word"],
    ),
    "no value for a placeholder": (
        "PromptSR",
        {"values": "", "placeholder": "{hero}"},
        ["{hero} axis", "values is empty"],
    ),
    "open quote": ("PromptSR", {"values": '"ship, island'}, ["item 1", "quote"]),
}


@pytest.mark.parametrize(("kind", "inputs", "parts"), MISSPELT_AXES.values(), ids=MISSPELT_AXES)
def test_a_misspelt_axis_is_refused_at_once(
    server: ComfyServer, kind: str, inputs: dict[str, Any], parts: list[str]
) -> None:
    graph = Graph()
    axis = graph.axis(kind, **inputs)
    graph.sweep(**graph.loader(), x_axis=axis)

    assert_refused(server, graph, axis, parts)


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x", "..", "", "a//b", "c:\\..\\x"])
def test_a_name_that_is_no_folder_inside_the_output_folder_is_refused_at_once(
    server: ComfyServer, name: str
) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), name=name)

    assert_refused(server, graph, sweep, ["name", "output folder", "such as"])


@pytest.mark.parametrize(
    ("setting", "value", "parts"),
    [
        ("background", "whitish", ["'whitish'", "is not a colour", "#ffffff"]),
        ("foreground", "#12", ["'#12'", "is not a colour", "#ffffff"]),
        ("transpose", "yxx", ["'yxx'", "nearest: "]),
        ("z_layout", "pags", ["'pags'", "nearest: pages"]),
    ],
)
def test_a_wrong_setting_of_the_sheet_is_refused_at_once(
    server: ComfyServer, setting: str, value: str, parts: list[str]
) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader())
    grid = graph.add("PeriplusGridCompose", sweep=sweep, **{setting: value})

    assert_refused(server, graph, grid, [setting, *parts])


@pytest.mark.parametrize(
    ("setting", "value", "parts"),
    [
        ("sampler_name", "eular", ["'eular'", "nearest: euler"]),
        ("scheduler", "norml", ["'norml'", "nearest: normal"]),
        ("steps", 0, ["min of 1"]),
        ("denoise", 2.0, ["max of 1"]),
        ("seed", "first", ["first"]),
    ],
)
def test_a_wrong_setting_of_the_sweep_is_refused_at_once(
    server: ComfyServer, setting: str, value: Any, parts: list[str]
) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), **{setting: value})

    assert_refused(server, graph, sweep, [setting, *parts])


@pytest.mark.parametrize(
    ("setting", "value", "parts"),
    [
        ("ckpt_name", "habour", ["'habour'", "nearest: small/harbour.safetensors"]),
        ("sampler_name", "eular", ["'eular'", "nearest: euler"]),
        ("scheduler", "norml", ["'norml'", "nearest: normal"]),
        ("handoff", "natve", ["'natve'", "nearest: native"]),
        ("switch_at", 1.5, ["max of 1"]),
    ],
)
def test_a_wrong_setting_of_the_refiner_is_refused_at_once(
    server: ComfyServer, setting: str, value: Any, parts: list[str]
) -> None:
    graph = Graph()
    refiner = graph.add("PeriplusRefiner", **{"ckpt_name": HARBOUR, setting: value})
    graph.sweep(**graph.loader(), refiner=refiner)

    assert_refused(server, graph, refiner, [setting, *parts])


def test_a_mistake_in_a_linked_text_is_told_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    text = graph.add("PrimitiveString", value="euler, dpmp_2m")
    axis = graph.axis("Sampler", values=text)
    graph.sweep(**graph.loader(), x_axis=axis)

    assert_stops(fresh, graph, axis, ["item 2 'dpmp_2m'", "nearest: dpmpp_2m"])


@pytest.mark.parametrize("target", ["both", "positive", "negative"])
def test_a_search_text_in_no_prompt_stops_before_any_load(fresh: ComfyServer, target: str) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values="Ship, island", target=target)
    sweep = graph.sweep(**graph.loader(), y_axis=axis)
    searched = ["a red ship at sea", "fog"]

    parts = ["y_axis", "'Ship'", "capitals", *(searched if target == "both" else [])]
    assert_stops(fresh, graph, sweep, parts)


def test_a_placeholder_in_no_prompt_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values="ship, island", placeholder="{hero}")
    sweep = graph.sweep(**graph.loader(), z_axis=axis)

    assert_stops(fresh, graph, sweep, ["z_axis ({hero})", "the placeholder '{hero}' is neither"])


def test_a_text_that_is_only_within_words_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values="hip, island", match="word")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    assert_stops(fresh, graph, sweep, ["x_axis", "'hip'", "as a whole word"])


def test_two_axes_that_set_one_field_stop_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Sampler", values="euler"),
        z_axis=graph.axis("SamplerScheduler", values="euler/karras"),
    )

    assert_stops(fresh, graph, sweep, ["x_axis", "z_axis", "both set sampler_name", "keep one"])


@pytest.fixture
def limit_of_five(fresh: ComfyServer) -> Iterator[None]:
    path = fresh.base / "user" / "default" / "comfy.settings.json"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"Periplus.Sweep.MaxCells": 5}), encoding="utf-8")
    yield
    if before is None:
        path.unlink()
    else:
        path.write_text(before, encoding="utf-8")


@pytest.mark.usefixtures("limit_of_five")
def test_more_cells_than_the_users_limit_stop_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values="1-3"),
        y_axis=graph.axis("Seed", values="1, 2"),
    )

    assert_stops(fresh, graph, sweep, ["3 x 2 x 1 = 6 cells", "limit of 5", "Settings"])


@pytest.mark.parametrize("name", ["positive", "negative"])
def test_a_checkpoint_axis_refuses_a_conditioning_of_another_clip(
    fresh: ComfyServer, name: str
) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        **{f"{name}_conditioning": graph.text(models["clip"], "a lighthouse")},
        x_axis=graph.axis("Checkpoint", values="coast, harbour"),
    )

    assert_stops(fresh, graph, sweep, [f"{name}_conditioning", "one CLIP", f"text in {name}"])


def test_a_prompt_axis_under_a_linked_conditioning_stops_before_sampling(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        positive_conditioning=graph.text(models["clip"], "a lighthouse"),
        x_axis=graph.axis("PromptSR", values="ship, island"),
    )

    assert_stops(fresh, graph, sweep, ["positive_conditioning", "would change nothing"])


def test_a_clip_skip_under_a_linked_conditioning_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        negative_conditioning=graph.text(models["clip"], "fog"),
        x_axis=graph.axis("Number", parameter="clip_skip", values="0, 2"),
    )

    assert_stops(fresh, graph, sweep, ["negative_conditioning", "clip_skip", "text in negative"])


@pytest.mark.parametrize("parameter", ["width", "height"])
def test_a_size_axis_under_a_linked_latent_stops_before_any_load(
    fresh: ComfyServer, parameter: str
) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        latent_image=graph.add("EmptyLatentImage", width=64, height=64, batch_size=1),
        x_axis=graph.axis("Number", parameter=parameter, values="64, 72"),
    )

    assert_stops(fresh, graph, sweep, ["latent_image", f"x_axis ({parameter})", "unlink"])


def test_a_size_pair_axis_under_a_linked_latent_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        latent_image=graph.add("EmptyLatentImage", width=64, height=64, batch_size=1),
        y_axis=graph.axis("Size", values="64x72"),
    )

    assert_stops(fresh, graph, sweep, ["latent_image", "y_axis (size)", "unlink"])


def test_values_in_place_of_an_axis_stop_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), x_axis="20, 25")
    assert_stops(fresh, graph, sweep, ["x_axis is '20, 25', which is no axis: link an axis node"])


def test_a_sweep_without_models_stops_and_names_what_to_link(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(x_axis=graph.axis("Seed", values="1"))

    assert_stops(fresh, graph, sweep, ["model is not linked", "checkpoint loader"])


def test_a_refiner_without_a_model_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    refiner = graph.add("PeriplusRefiner")
    graph.sweep(**graph.loader(), refiner=refiner)

    assert_stops(fresh, graph, refiner, ["has no model", "ckpt_name", "model and clip"])


def test_a_refiner_with_two_models_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    refiner = graph.add(
        "PeriplusRefiner", ckpt_name=HARBOUR, model=models["model"], clip=models["clip"]
    )
    graph.sweep(**models, refiner=refiner)

    assert_stops(fresh, graph, refiner, ["both ckpt_name", "'small/harbour", "unlink"])


def test_a_switch_axis_without_a_refiner_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="switch_at", values="0.5, 0.8")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    parts = ["x_axis (switch_at), value 1 '0.5'", "needs a refiner", "link a"]
    assert_stops(fresh, graph, sweep, parts)


@pytest.mark.parametrize(("kind", "text"), [("Sampler", "Euler a"), ("Sampler", "DPM++ 2M Karras")])
def test_an_a1111_label_among_samplers_is_sent_to_the_axis_that_takes_it(
    server: ComfyServer, kind: str, text: str
) -> None:
    graph = Graph()
    graph.sweep(**graph.loader(), x_axis=graph.axis(kind, values=f"euler, {text}"))
    with pytest.raises(PromptRefusedError, match=f"sampler axis: item 2 '{re.escape(text)}'"):
        server.run(graph.prompt)


@pytest.mark.parametrize(("kind", "count"), [("Sampler", 30), ("Scheduler", 5), ("Checkpoint", 3)])
def test_names_that_are_left_out_mean_all(server: ComfyServer, kind: str, count: int) -> None:
    graph = Graph()
    graph.add("PreviewAny", source=[graph.axis(kind)[0], 1])
    run = server.run(graph.prompt)
    assert run.status == "success"
    assert len(next(iter(run.outputs.values()))["text"]) >= count


def test_a_linked_number_out_of_bounds_is_refused_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    zero = graph.axis("Seed", values="0")
    graph.sweep(**graph.loader(), steps=[zero[0], 1])
    run = fresh.run(graph.prompt)
    assert run.status == "error"
    assert "steps is 0; it must be between 1 and 10000" in run.error
    assert counted(fresh)["model_loads"] == 0
