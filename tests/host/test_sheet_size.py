"""Sheets that are too large for one page or for memory."""

from __future__ import annotations

import io

from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import Graph, manifest, saved_pixels, succeed

SIDE = 256


def test_a_sheet_that_is_too_large_is_drawn_smaller_or_on_pages(server: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Seed", values=", ".join(map(str, range(1, 5)))),
        y_axis=graph.axis("Number", parameter="cfg", values=", ".join(map(str, range(1, 6)))),
        width=SIDE,
        height=SIDE,
        steps=1,
        name="test/large",
    )
    bare = {"sweep": sweep, "legend": False, "margin": 0, "max_megapixels": 1}
    smaller = graph.add("PeriplusGridCompose", **bare)
    pages = graph.add("PeriplusGridCompose", too_large="pages", **bare)
    graph.add("SaveImage", images=pages, filename_prefix="large")

    run = succeed(server, graph)

    assert manifest(run)["counts"]["done"] == 20
    (small,) = run.outputs[smaller[0]]["images"]
    content = server.view(small["filename"], small["subfolder"], small["type"])
    with Image.open(io.BytesIO(content)) as sheet:
        assert sheet.size == (4 * 223, 5 * 223)
    assert "is too large" in run.outputs[smaller[0]]["text"][0]
    assert "cells of at most 223 px" in run.outputs[smaller[0]]["text"][0]
    shapes = [page.shape for page in saved_pixels(server, "large")]
    assert shapes == [(2 * SIDE, 4 * SIDE, 3), (3 * SIDE, 4 * SIDE, 3)]
    assert "2 pages" in run.outputs[pages[0]]["text"][0]
