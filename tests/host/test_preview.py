"""What the server tells of a prompt before it is queued: axes, sweeps, and what is wrong."""

from __future__ import annotations

import urllib.error
from typing import Any

import pytest

from scripts.comfy_server import ComfyServer

from .graphs import COAST, HARBOUR, LAGOON, Graph, Link, manifest, succeed
from .natives import save_loras

Json = dict[str, Any]

CHAIN = 600
"""Nodes in a row, of each kind."""


def preview(server: ComfyServer, graph: Graph) -> dict[str, Json]:
    """What is told of each node."""
    return server.post("/periplus/preview", {"prompt": graph.prompt})["nodes"]


def entry(server: ComfyServer, graph: Graph, node: Link) -> Json:
    """What is told of one node."""
    return preview(server, graph)[node[0]]


def test_an_axis_of_numbers_is_told_value_by_value(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="cfg", values="2-4 (+0.5), 7")

    assert entry(server, graph, axis) == {
        "kind": "axis",
        "axis": "cfg",
        "count": 6,
        "labels": ["2", "2.5", "3", "3.5", "4", "7"],
        "items": [],
        "notes": [],
        "unknown": "",
        "errors": [],
    }


def test_names_are_told_as_they_are_written_and_as_the_choices_that_they_are(
    server: ComfyServer,
) -> None:
    graph = Graph()
    checkpoints = graph.axis("Checkpoint", values="!harbour")
    samplers = graph.axis("SamplerScheduler", values="euler a, dpmpp_2m/karras, Euler SGM Uniform")
    refiners = graph.axis("Refiner", values="None")
    save_loras(server)
    loras = graph.axis("Lora", values="none, RED:0.50, red+blue")
    inputs = graph.axis("Input", node="2", input="values", values='a, "b, c"')
    sampler = graph.node("KSampler")
    options = graph.axis("Input", node=sampler, input="scheduler", values="simple, normal")

    told = preview(server, graph)

    names = [item["name"] for item in told[checkpoints[0]]["items"]]
    assert {COAST, LAGOON} <= {*names}
    assert HARBOUR not in names
    assert told[samplers[0]]["items"] == [
        {"text": "Euler a", "name": "Euler a"},
        {"text": "dpmpp_2m/karras", "name": "dpmpp_2m/karras"},
        {"text": "Euler SGM Uniform", "name": None},
    ]
    assert told[refiners[0]]["items"] == [{"text": "none", "name": "none"}]
    assert told[loras[0]]["items"] == [
        {"text": "none", "name": "none"},
        {"text": "red.safetensors:0.5", "name": "red.safetensors"},
        {"text": "red.safetensors+sea/blue.safetensors", "name": None},
    ]
    assert told[inputs[0]]["labels"] == ["a", "b, c"]
    assert told[options[0]]["items"] == [
        {"text": "simple", "name": "simple"},
        {"text": "normal", "name": "normal"},
    ]


def test_names_are_told_item_by_item_where_one_is_wrong(server: ComfyServer) -> None:
    graph = Graph()
    wrong = graph.axis("Sampler", values='# best\nEuler, hen, "a, b", !ddim')
    open_quote = graph.axis("Sampler", values='euler, "heun')

    told = preview(server, graph)

    assert told[wrong[0]]["items"] == [
        {"text": "Euler", "name": "euler"},
        {"text": "hen", "name": None},
        {"text": '"a, b"', "name": None},
        {"text": "!ddim", "name": None},
    ]
    assert told[open_quote[0]]["items"] == []


def test_a_mistake_is_told_on_its_node_and_input(server: ComfyServer) -> None:
    graph = Graph()
    wrong = graph.axis("Number", parameter="cfg", values="2, x")
    sampler = graph.axis("Sampler", values="eular")
    alone = graph.add("PeriplusAxisCombine", a=sampler, mode="zip")
    sweep = graph.sweep(**graph.loader(), x_axis=wrong)

    told = preview(server, graph)

    assert told[wrong[0]]["errors"] == [
        {
            "input": "values",
            "message": "cfg axis: item 2 'x' is not a number or a range; "
            "write it like 7.5, 5-10 (+0.5) or 5-10 [6]",
        }
    ]
    assert "nearest: euler" in told[sampler[0]]["errors"][0]["message"]
    assert told[alone[0]]["errors"] == [{"input": "b", "message": "b is not linked"}]
    assert told[sweep[0]]["errors"] == []
    assert told[sweep[0]]["cells"] is None
    assert "has a mistake" in told[sweep[0]]["unknown"]


def test_a_sweep_is_told_cell_by_cell_with_primitives_followed(server: ComfyServer) -> None:
    graph = Graph()
    text = graph.add("PrimitiveString", value="3-5")
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values=text),
        y_axis=graph.axis("Seed", count=4, start=1),
        steps=graph.add("PrimitiveInt", value=2),
    )

    told = entry(server, graph, sweep)

    assert (told["shape"], told["cells"], told["errors"]) == ([3, 4], 12, [])


def test_what_other_nodes_give_is_not_known(server: ComfyServer) -> None:
    graph = Graph()
    text = graph.add("StringConcatenate", string_a="1", string_b=", 2", delimiter="")
    axis = graph.axis("Number", parameter="cfg", values=text)
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    told = preview(server, graph)

    assert told[axis[0]]["unknown"].startswith("values comes from StringConcatenate (node 1)")
    assert told[axis[0]]["errors"] == told[sweep[0]]["errors"] == []
    assert told[sweep[0]]["unknown"].startswith("x_axis: values comes from")


@pytest.mark.parametrize(
    ("inputs", "at"),
    [
        ({"cfg": 1000}, "cfg"),
        ({"sampler_name": "eular"}, "sampler_name"),
        ({"model": None}, "model"),
        ({"name": "../out"}, "name"),
    ],
)
def test_a_mistake_of_a_sweep_names_its_input(server: ComfyServer, inputs: Json, at: str) -> None:
    graph = Graph()
    sweep = graph.sweep(**{**graph.loader(), **inputs})
    prompt = graph.prompt[sweep[0]]["inputs"]
    graph.prompt[sweep[0]]["inputs"] = {n: v for n, v in prompt.items() if v is not None}

    (error,) = entry(server, graph, sweep)["errors"]

    assert error["input"] == at, error


@pytest.mark.parametrize(
    ("inputs", "at"),
    [
        ({"node": "KSampler2"}, "node"),
        ({"input": "cgf"}, "input"),
        ({"input": "model"}, "input"),
        ({"values": "1, x"}, "values"),
    ],
)
def test_a_mistake_of_an_axis_of_inputs_names_its_input(
    server: ComfyServer, inputs: Json, at: str
) -> None:
    graph = Graph()
    graph.node("KSampler")
    axis = graph.axis("Input", **{"node": "KSampler", "input": "cfg", "values": "1", **inputs})

    (error,) = entry(server, graph, axis)["errors"]

    assert error["input"] == at, error


def test_a_link_of_another_kind_is_a_mistake(server: ComfyServer) -> None:
    graph = Graph()
    refiner = graph.add("PeriplusRefiner", ckpt_name=HARBOUR)
    axis = graph.axis("Number", parameter="cfg", values=graph.axis("Sampler", values="euler"))
    sweep = graph.sweep(**graph.loader(), x_axis=refiner, y_axis=3)

    told = preview(server, graph)

    assert [error["input"] for error in told[sweep[0]]["errors"]] == ["x_axis", "y_axis"]
    assert [error["input"] for error in told[axis[0]]["errors"]] == ["values"]
    assert told[refiner[0]] == {"kind": "pass", "unknown": "", "errors": []}


def test_a_number_in_place_of_an_axis_is_a_mistake(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="cfg", values="5")
    number = graph.add("PrimitiveInt", value=5)
    combined = graph.add("PeriplusAxisCombine", a=axis, b=number, mode="join")

    told = entry(server, graph, combined)["errors"]

    assert told == [{"input": "b", "message": "b takes PERIPLUS_AXIS, but gets 5"}]


@pytest.mark.parametrize("size", [True, 0, -8, 64.0, "64", None, 2**40])
def test_a_latent_of_no_size_is_not_known(server: ComfyServer, size: Any) -> None:
    graph = Graph()
    latent = graph.add("EmptyLatentImage", width=64, height=64, batch_size=size)
    sweep = graph.sweep(**graph.loader(), latent_image=latent)

    assert entry(server, graph, sweep)["unknown"].startswith("latent_image comes from")


def test_a_node_that_is_not_there_leaves_the_rest_to_be_told(server: ComfyServer) -> None:
    graph = Graph()
    model = graph.add("LoaderOfAnotherPack", ckpt_name=COAST)
    axis = graph.axis("Seed", count=3)
    sweep = graph.sweep(model=model, clip=model, vae=model, x_axis=axis)

    told = entry(server, graph, sweep)

    assert (told["cells"], told["stored"], told["errors"]) == (3, None, [])
    assert told["unknown"] == (
        "LoaderOfAnotherPack (node 1) is of a type that this ComfyUI does not have"
    )


def test_a_sweep_of_too_many_cells_is_refused_as_when_it_is_queued(server: ComfyServer) -> None:
    graph = Graph()
    seeds = graph.axis("Seed", count=300, start=1)
    numbers = graph.axis("Number", parameter="cfg", values="1-10 [100]")
    sweep = graph.sweep(**graph.loader(), x_axis=seeds, y_axis=numbers)

    told = entry(server, graph, sweep)

    assert (told["shape"], told["cells"]) == ([300, 100], 30_000)
    assert "more than the limit of 10000" in told["errors"][0]["message"]


def test_a_sweep_of_a_workflow_is_told_by_its_cells(server: ComfyServer) -> None:
    graph = Graph()
    image = graph.add("EmptyImage", width=8, height=8, batch_size=1, color=1)
    axis = graph.axis("Input", node=image[0], input="color", values="1, 2, 3")
    sweep = graph.sweep_graph(image, x_axis=axis)
    apart = graph.axis("Input", node=axis[0], input="node", values="a")
    other = graph.sweep_graph(image, x_axis=apart)

    before = preview(server, graph)
    del graph.prompt[other[0]]
    succeed(server, graph)
    after = entry(server, graph, sweep)

    assert (before[sweep[0]]["cells"], before[sweep[0]]["stored"]) == (3, 0)
    assert (after["stored"], len(after["sheets"]), after["sampler_runs"]) == (3, 1, 0)
    assert "would change nothing" in before[other[0]]["errors"][0]["message"]


def test_a_sweep_that_has_run_is_known_by_its_manifest(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), steps=1)
    assert entry(server, graph, sweep)["manifest"] is None

    path = manifest(succeed(server, graph))["path"]

    folder = path.parent.relative_to(server.output.resolve()).as_posix()
    told = {"filename": path.name, "subfolder": folder, "type": "output"}
    inputs = graph.prompt[sweep[0]]["inputs"]
    inputs |= {"only": "x1", "remake": True, "retry_failed": False}
    assert entry(server, graph, sweep)["manifest"] == told, "which cells are made matters not"
    inputs["seed"] = 8
    assert entry(server, graph, sweep)["manifest"] is None


def test_axes_that_do_not_fit_the_sweep_are_its_mistake(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("PromptSR", values="nowhere, here")
    sweep = graph.sweep(**graph.loader(), y_axis=axis)

    (error,) = entry(server, graph, sweep)["errors"]

    assert error["input"] == "y_axis"
    assert "'nowhere'" in error["message"]


@pytest.mark.parametrize(
    "prompt",
    [None, [], "x", {"1": 2}, {"1": {"class_type": "PeriplusAxisSeed"}}],
)
def test_what_is_no_prompt_is_refused(server: ComfyServer, prompt: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        server.post("/periplus/preview", {"prompt": prompt})

    assert caught.value.code == 400


def test_links_in_a_circle_are_refused(server: ComfyServer) -> None:
    graph = Graph()
    graph.axis("Combine", a=["2", 0], b=["2", 0], mode="join")
    graph.axis("Combine", a=["1", 0], b=["1", 0], mode="join")

    with pytest.raises(urllib.error.HTTPError) as caught:
        preview(server, graph)

    assert b"node 1 is linked to itself" in caught.value.read()


def test_chains_longer_than_pythons_stack_are_told(server: ComfyServer) -> None:
    graph = Graph()
    loader = graph.loader()
    image, one = graph.add("EmptyImage", color=1), graph.axis("Number", parameter="cfg", values=1)
    axis, model = one, loader["model"]
    for _ in range(CHAIN):
        model = graph.add("LoraLoaderModelOnly", model=model, lora_name="x", strength_model=1.0)
        image = graph.add("ImageInvert", image=image)
        axis = graph.axis("Combine", a=axis, b=one, mode="join")
    sweep = graph.sweep(**{**loader, "model": model}, x_axis=axis)
    colours = graph.axis("Input", node="EmptyImage", input="color", values="1, 2")
    other = graph.sweep_graph(image, x_axis=colours)
    # What the page lists first is asked first.
    graph.prompt = dict(reversed(graph.prompt.items()))

    told = preview(server, graph)

    assert (told[sweep[0]]["cells"], told[sweep[0]]["stored"]) == (CHAIN + 1, 0)
    assert (told[other[0]]["cells"], told[other[0]]["stored"]) == (2, 0)


@pytest.mark.parametrize("output", [float("nan"), float("inf"), 0.5])
def test_a_link_to_no_output_is_refused(server: ComfyServer, output: float) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader())
    graph.prompt[sweep[0]]["inputs"]["model"] = ["1", output]

    with pytest.raises(urllib.error.HTTPError) as caught:
        preview(server, graph)

    assert caught.value.code == 400


def test_choices_are_told_with_how_they_are_written(server: ComfyServer) -> None:
    def told(kind: str, **inputs: Any) -> Json:
        question = {"class_type": f"PeriplusAxis{kind}", "inputs": inputs, "prompt": prompt}
        return server.post("/periplus/choices", question)

    prompt = {"4": {"class_type": "KSampler", "inputs": {}}}
    pairs, upscalers = told("SamplerScheduler"), told("Upscaler")
    by_name = {choice["name"]: choice for choice in pairs["choices"]}

    assert {"name": COAST, "text": COAST, "group": ""} in told("Checkpoint")["choices"]
    assert told("Checkpoint")["folder"] == "checkpoints"
    assert told("Refiner")["choices"][0]["name"] == "none"
    assert by_name["euler/karras"]["group"] == "pairs"
    assert by_name["Euler a"]["group"] == "AUTOMATIC1111"
    assert not pairs["empty_is_all"]
    assert {choice["group"] for choice in upscalers["choices"]} >= {"", "latent", "pixels"}
    options = told("Input", node="4", input="scheduler")
    assert {"name": "karras", "text": "karras", "group": ""} in options["choices"]
    assert told("Input", node="4", input="cfg")["choices"] == told("Number")["choices"] == []
