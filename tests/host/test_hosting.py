"""The pack works as users have it: in any folder, without a frontend, without metadata."""

from __future__ import annotations

import io

from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import HARBOUR, Graph, manifest, succeed


def test_a_sweep_runs_under_another_folder_name_without_frontend_and_metadata(
    unusual: ComfyServer,
) -> None:
    graph = Graph()
    sweep = graph.sweep(
        x_axis=graph.axis("Checkpoint", values="coast, lagoon"),
        y_axis=graph.axis("Number", parameter="cfg", values="3, 7"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )
    grid = graph.add("PeriplusGridCompose", sweep=sweep)
    images = graph.add("PreviewImage", images=graph.add("PeriplusSweepImages", sweep=sweep))

    run = succeed(unusual, graph, workflow={"nodes": []})

    found = manifest(run)
    assert [cell["status"] for cell in found["cells"]] == ["done"] * 4
    assert len(run.outputs[images[0]]["images"]) == 4
    (entry,) = run.outputs[grid[0]]["images"]
    sheet = Image.open(io.BytesIO(unusual.view(entry["filename"], kind=entry["type"])))
    cells = [Image.open(found["folder"] / cell["file"]) for cell in found["cells"]]
    assert [picture.info for picture in (sheet, *cells)] == [{}] * 5


def test_the_nodes_know_the_folder_that_they_were_loaded_from(unusual: ComfyServer) -> None:
    described = unusual.object_info("PeriplusSweepKSampler")["PeriplusSweepKSampler"]

    assert described["python_module"] == "custom_nodes.my pack-2"
    assert unusual.fetch("/").startswith(b"<!doctype html><title>no frontend")


def test_every_input_and_output_has_a_tooltip(server: ComfyServer) -> None:
    nodes = {
        name: node for name, node in server.object_info().items() if name.startswith("Periplus")
    }

    assert len(nodes) >= 12
    for name, node in nodes.items():
        assert node["description"], name
        assert all(node["output_tooltips"]), name
        for group in node["input"].values():
            for input_name, (_, *options) in group.items():
                assert group is node["input"].get("hidden") or options[0]["tooltip"], input_name


def test_only_the_internal_nodes_are_kept_out_of_the_menus(server: ComfyServer) -> None:
    kept_out = {
        name
        for name, node in server.object_info().items()
        if name.startswith("Periplus") and (node.get("deprecated") or node.get("dev_only"))
    }

    assert kept_out == {
        *("PeriplusSweepSegment", "PeriplusSweepEnd", "PeriplusSweepTurn"),
        *("PeriplusGraphGroup", "PeriplusGraphCell"),
    }
