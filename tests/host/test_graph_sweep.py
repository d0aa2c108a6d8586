"""Sweep Graph: any input of any node, as the native graphs would do it, with the least work."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graph_sweeps import finished, one_colour, picture
from .graphs import (
    SETTINGS,
    Graph,
    cell_pixels,
    counted,
    forget,
    manifest,
    saved_pixels,
    succeed,
)

SHIP, ISLAND = "a red ship at sea", "an island"


def test_cells_equal_the_native_graphs_and_shared_work_is_done_once(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph)
    graph.sweep_graph(
        made.image,
        x_axis=graph.axis("Input", node=made.sampler, input="cfg", values="3, 5"),
        y_axis=graph.axis("Input", node=made.positive, input="text", values=f"{SHIP}, {ISLAND}"),
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 4
    assert counted(fresh) == {
        "model_loads": 1,
        "text_encodes": 3,
        "denoiser_evaluations": 12,
        "vae_decodes": 4,
    }
    native = Graph()
    models = native.loader()
    for y, text in enumerate((SHIP, ISLAND)):
        for x, cfg in enumerate((3.0, 5.0)):
            native.native(models, f"graph_{x}{y}", cfg=cfg, positive=text)
    succeed(fresh, native)
    for x, y in ((0, 0), (1, 0), (0, 1), (1, 1)):
        assert np.array_equal(cell_pixels(found, x, y)[0], saved_pixels(fresh, f"graph_{x}{y}")[0])


def test_the_manifest_tells_axes_overrides_and_the_source(server: ComfyServer) -> None:
    graph = Graph()
    graph.prompt["77"] = {
        "class_type": "EmptyImage",
        "inputs": {"width": 8, "height": 8, "batch_size": 1, "color": 0},
        "_meta": {"title": "Paint"},
    }
    x, y = (
        graph.axis("Input", node="paint", input=name, values=values)
        for name, values in (("color", "255, 65280"), ("width", "8-16 (+8)"))
    )
    graph.sweep_graph(["77", 0], x_axis=x, y_axis=y)

    found = manifest(succeed(server, graph))

    assert found["state"] == "done"
    assert found["linked"] == {"image": "EmptyImage (node 77)"}
    assert [found["axes"][letter]["name"] for letter in "xyz"] == ["Paint color", "Paint width", ""]
    assert found["axes"]["y"]["labels"] == ["8", "16"]
    assert found["cells"][1]["recipe"] == {
        "overrides": [
            {"node": "77", "input": "color", "value": 65280},
            {"node": "77", "input": "width", "value": 8},
        ]
    }
    assert (cell_pixels(found, 0, 1)[0] == (0, 0, 255)).all()
    assert cell_pixels(found, 0, 1)[0].shape == (8, 16, 3)
    assert (cell_pixels(found, 1, 0)[0] == (0, 255, 0)).all()


@pytest.mark.parametrize("letter", ["x", "y", "z"])
def test_each_checkpoint_is_loaded_once_and_its_cells_come_together(
    fresh: ComfyServer, letter: str
) -> None:
    graph = Graph()
    made = picture(graph)
    axes = {
        letter: graph.axis(
            "Input", node="CheckpointLoaderSimple", input="ckpt_name", values="coast, harbour"
        )
    }
    others = [other for other in "xyz" if other != letter]
    axes[others[0]] = graph.axis("Input", node="KSampler", input="cfg", values="3, 5")
    axes[others[1]] = graph.axis("Input", node="EmptyLatentImage", input="width", values="64, 128")
    graph.sweep_graph(made.image, **{f"{at}_axis": axis for at, axis in axes.items()})

    run = succeed(fresh, graph)

    assert counted(fresh)["model_loads"] == 2
    assert counted(fresh)["text_encodes"] == 4
    checkpoints = [place["xyz".index(letter)] for place in finished(run)]
    assert checkpoints == [0] * 4 + [1] * 4


def test_one_more_value_makes_its_cells_only_and_none_makes_nothing(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph, seed=21)
    axis = graph.axis("Input", node=made.sampler, input="cfg", values="3, 5")
    graph.sweep_graph(made.image, x_axis=axis)
    first = manifest(succeed(fresh, graph))
    forget(fresh)

    again = manifest(succeed(fresh, graph))
    cost_of_nothing = counted(fresh)
    graph.prompt[axis[0]]["inputs"]["values"] = "3, 5, 7"
    more = manifest(succeed(fresh, graph))

    assert first["account"]["cells_computed"] == 2
    assert again["account"]["cells_reused"] == 2
    assert not any(cost_of_nothing.values()), "not even the loader runs"
    assert more["account"]["cells_reused"] == 2
    assert more["account"]["cells_computed"] == 1
    assert counted(fresh)["denoiser_evaluations"] == SETTINGS["steps"]
    same = manifest(succeed(fresh, graph))
    assert same["account"]["cells_reused"] == 3, "an unchanged prompt asks the store again"


def test_the_bar_of_the_sweep_counts_cells(server: ComfyServer) -> None:
    graph = Graph()
    image = one_colour(graph)
    axis = graph.axis("Input", node=image[0], input="color", values="1-2")
    sweep = graph.sweep_graph(image, x_axis=axis)
    succeed(server, graph)
    graph.prompt[axis[0]]["inputs"]["values"] = "1-5"

    run = succeed(server, graph)

    shown = [
        (message.data["value"], message.data["max"])
        for message in run.messages
        if message.kind == "progress" and message.data["node"] == sweep[0]
    ]
    assert [value for value, _ in shown] == sorted(value for value, _ in shown)
    assert (shown[0][0] <= 2, shown[-1]) == (True, (5, 5))


def test_a_deleted_picture_is_made_again(server: ComfyServer) -> None:
    graph = Graph()
    image = one_colour(graph)
    axis = graph.axis("Input", node=image[0], input="color", values="1, 2")
    graph.sweep_graph(image, x_axis=axis)
    found = manifest(succeed(server, graph))
    (found["folder"] / found["cells"][1]["file"]).unlink()

    assert manifest(succeed(server, graph))["counts"] == {
        "done": 1,
        "reused": 1,
        "failed": 0,
        "missing": 0,
    }


def test_every_picture_of_a_batch_and_of_a_list_is_kept(fresh: ComfyServer) -> None:
    graph = Graph()
    made = picture(graph, batch_size=3)
    listed = graph.add("RebatchImages", images=made.image, batch_size=2)
    axis = graph.axis("Input", node=made.sampler, input="sampler_name", values="euler, heun")
    sweep = graph.sweep_graph(listed, x_axis=axis)
    graph.add("PreviewImage", images=graph.add("PeriplusSweepImages", sweep=sweep))
    graph.add("PeriplusGridCompose", sweep=sweep)

    run = succeed(fresh, graph)
    found = manifest(run)
    again = manifest(succeed(fresh, graph))

    assert [len(cell["files"]) for cell in found["cells"]] == [3, 3]
    assert again["account"]["cells_reused"] == 2, "a list in between hides nothing"
    native = Graph()
    models = native.loader()
    latent = native.add("EmptyLatentImage", width=64, height=64, batch_size=3)
    native.native(models, "listed", sampler_name="heun", latent_image=latent)
    succeed(fresh, native)
    for mine, expected in zip(cell_pixels(found, 1), saved_pixels(fresh, "listed"), strict=True):
        assert np.array_equal(mine, expected)


def test_a_link_gives_way_to_the_values_and_the_sweep_says_so(server: ComfyServer) -> None:
    graph = Graph()
    size = graph.add("PrimitiveInt", value=16)
    image = graph.add("EmptyImage", width=size, height=size, batch_size=1, color=255)
    axis = graph.axis("Input", node=image[0], input="width", values="8, 24")
    graph.sweep_graph(image, x_axis=axis)

    run = succeed(server, graph)

    assert [cell_pixels(manifest(run), x)[0].shape for x in (0, 1)] == [(16, 8, 3), (16, 24, 3)]
    (report,) = (output for output in run.outputs.values() if "periplus" in output)
    assert report["text"][1] == (
        f"width of node {image[0]}: the values replace the link from PrimitiveInt (node {size[0]})"
    )


def test_a_file_that_an_axis_names_counts_by_what_is_in_it(server: ComfyServer) -> None:
    folder = server.base / "input"
    native = Graph()
    for name, colour in (("red", 0xFF0000), ("blue", 0x0000FF)):
        image = native.add("EmptyImage", width=8, height=8, batch_size=1, color=colour)
        native.add("SaveImage", images=image, filename_prefix=name)
    succeed(server, native)
    red, blue = (next(server.output.glob(f"{name}_*.png")) for name in ("red", "blue"))
    for name, content in (("one.png", red), ("two.png", blue), ("three.png", red)):
        (folder / name).write_bytes(content.read_bytes())
    graph = Graph()
    # The page of older versions sends an input that the node does not have.
    loaded = graph.add("LoadImage", image="three.png", upload="image")
    axis = graph.axis("Input", node="LoadImage", input="image", values="one, two.png")
    graph.sweep_graph(loaded, x_axis=axis)

    first = manifest(succeed(server, graph))
    again = manifest(succeed(server, graph))
    (folder / "two.png").write_bytes(red.read_bytes())
    changed = manifest(succeed(server, graph))

    assert first["axes"]["x"]["labels"] == ["one", "two"]
    assert [cell_pixels(first, x)[0][0, 0].tolist() for x in (0, 1)] == [[255, 0, 0], [0, 0, 255]]
    assert again["account"]["cells_reused"] == 2
    assert changed["account"]["cells_reused"] == 1
    assert cell_pixels(changed, 1)[0][0, 0].tolist() == [255, 0, 0]


def test_a_file_that_an_object_names_counts_by_what_is_in_it(server: ComfyServer) -> None:
    file = server.base / "input" / "chosen.png"
    file.write_bytes(b"one")
    graph = Graph()
    image = graph.add("FromObject", chosen={"on": True, "of": ["chosen.png"]}, brightness=0.5)
    axis = graph.axis("Input", node="FromObject", input="brightness", values="0.25, 0.75")
    graph.sweep_graph(image, x_axis=axis)

    succeed(server, graph)
    again = manifest(succeed(server, graph))
    file.write_bytes(b"another")
    changed = manifest(succeed(server, graph))

    assert again["account"]["cells_reused"] == 2
    assert changed["account"]["cells_reused"] == 0


def test_an_input_that_a_node_has_for_one_of_its_choices_only(server: ComfyServer) -> None:
    if not server.object_info("ResizeImageMaskNode"):
        pytest.skip("this ComfyUI has no such nodes")
    graph = Graph()
    image = one_colour(graph, 255)
    choices = {"resize_type": "scale by multiplier", "resize_type.multiplier": 1.0}
    resized = graph.add("ResizeImageMaskNode", input=image, scale_method="area", **choices)
    axis = graph.axis("Input", node=resized[0], input="resize_type.multiplier", values="1, 2")
    graph.sweep_graph(resized, x_axis=axis)

    found = manifest(succeed(server, graph))

    assert [cell_pixels(found, x)[0].shape for x in (0, 1)] == [(8, 8, 3), (16, 16, 3)]
