"""Tiles: the native nodes for tiles, where they are asked for or the picture does not fit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graphs import (
    LAGOON,
    SETTINGS,
    Graph,
    Link,
    assert_cells_equal,
    assert_equal_to_native,
    cell_pixels,
    counted,
    forget,
    manifest,
    save_vae_of,
    saved_pixels,
    succeed,
)

WIDE: dict[str, Any] = {"width": 640, "height": 128, "steps": 1, "cfg": 1.0}
"""A picture that is longer than a tile."""
FILE = "tiled.safetensors"
DOES_NOT_FIT = "decoded in tiles of {} px: the picture does not fit"


def strained(graph: Graph, *, side: int = 512, **what: bool) -> dict[str, Link]:
    """The models of a loader, with a VAE for which large pictures do not fit."""
    models = graph.loader()
    options = {"side": side, "estimates": False, "video": False, **what}
    return {**models, "vae": graph.add("StrainedVAE", vae=models["vae"], **options)}


def sizes(found: dict[str, Any]) -> list[int | None]:
    """The sizes of the cells' tiles; what the pictures say of it is the same."""
    for cell in found["cells"]:
        for file in cell["files"]:
            with Image.open(found["folder"] / file) as picture:
                assert json.loads(picture.info["periplus"])["tile_size"] == cell["tile_size"]
    return [cell["tile_size"] for cell in found["cells"]]


def statuses(found: dict[str, Any]) -> list[str]:
    return [cell["status"] for cell in found["cells"]]


def shown(run: Run, sweep: Link) -> str:
    """What a sweep node tells its page."""
    (texts,) = (o["text"] for node, o in run.outputs.items() if node.split(".")[0] == sweep[0])
    return "\n".join(texts)


def test_asked_for_each_vae_decodes_as_vae_decode_tiled_does(fresh: ComfyServer) -> None:
    save_vae_of(fresh, LAGOON, FILE)
    graph = Graph()
    models = graph.loader()
    # By name, so that the checkpoint's VAE is one that the sweep loads.
    sweep = graph.sweep(
        x_axis=graph.axis("VAE", values=f"baked, {FILE}"),
        y_axis=graph.axis("Checkpoint", values="coast"),
        vae_tiling="on",
        **WIDE,
    )
    other = {**models, "vae": graph.add("VAELoader", vae_name=FILE)}
    graph.native(models, "tiled_own", tile=512, **WIDE)
    graph.native(other, "tiled_file", tile=512, **WIDE)
    graph.native(models, "whole_own", **WIDE)

    found = assert_equal_to_native(fresh, graph, sweep, ["tiled_own", "tiled_file"])

    (tiled,), (whole,) = (saved_pixels(fresh, name) for name in ("tiled_own", "whole_own"))
    assert not np.array_equal(tiled, whole), "equal pictures would prove nothing"
    assert sizes(found) == [512, 512]
    assert found["account"]["vae_tiled"] == found["account"]["vae_decodes"] == 2


def test_a_second_pass_is_encoded_as_vae_encode_tiled_does(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    hires = graph.add("PeriplusHiresFix", upscaler="pixels: lanczos", scale=2.0, denoise=0.5)
    narrow = {"width": 320, "height": 64, "steps": 1, "cfg": 1.0}
    sweep = graph.sweep(**models, hires=hires, vae_tiling="on", **narrow)
    texts = {name: graph.text(models["clip"], SETTINGS[name]) for name in ("positive", "negative")}
    names = ("seed", "sampler_name", "scheduler")
    settings = {**{name: SETTINGS[name] for name in names}, **texts, "steps": 1, "cfg": 1.0}
    tiles = {"tile_size": 512, "overlap": 64, "temporal_size": 64, "temporal_overlap": 8}

    def sample(latent: Link, denoise: float) -> Link:
        inputs = {**settings, "model": models["model"], "latent_image": latent}
        return graph.add("KSampler", **inputs, denoise=denoise)

    empty = graph.add("EmptyLatentImage", width=320, height=64, batch_size=1)
    first = graph.add("VAEDecodeTiled", vae=models["vae"], samples=sample(empty, 1.0), **tiles)
    size = {"width": 640, "height": 128, "crop": "disabled"}
    large = graph.add("ImageScale", image=first, upscale_method="lanczos", **size)
    for prefix, node, options in (
        ("encode_tiled", "VAEEncodeTiled", tiles),
        ("encode_whole", "VAEEncode", {}),
    ):
        latent = graph.add(node, pixels=large, vae=models["vae"], **options)
        graph.save(models["vae"], sample(latent, 0.5), prefix, tile=512)

    found = assert_equal_to_native(fresh, graph, sweep, ["encode_tiled"])

    (whole,) = saved_pixels(fresh, "encode_whole")
    assert not np.array_equal(cell_pixels(found)[0], whole), "equal pictures would prove nothing"
    assert sizes(found) == [512]
    assert found["account"]["vae_tiled"] == 3


def test_what_fits_is_decoded_whole_and_recorded_so(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(**models, **WIDE)
    graph.native(models, "fits", **WIDE)

    run = succeed(fresh, graph)

    found = manifest(run)
    assert_cells_equal(fresh, found, ["fits"])
    assert sizes(found) == [0]
    assert found["account"]["vae_tiled"] == 0
    assert "tiles" not in shown(run, sweep)


@pytest.mark.parametrize(("side", "length"), [(512, 640), (256, 320)])
def test_what_does_not_fit_by_the_vaes_estimate_is_decoded_in_tiles_that_do(
    fresh: ComfyServer, side: int, length: int
) -> None:
    graph = Graph()
    models = strained(graph, side=side, estimates=True)
    axis = graph.axis("Size", values=f"64x64, {length}x64")
    sweep = graph.sweep(**models, x_axis=axis, steps=1)
    graph.native(models, f"small_{side}", steps=1)
    graph.native(models, f"large_{side}", tile=side, width=length, steps=1)

    run = succeed(fresh, graph)

    found = manifest(run)
    assert_cells_equal(fresh, found, [f"small_{side}", f"large_{side}"])
    assert sizes(found) == [0, side]
    assert found["account"]["vae_tiled"] == 1
    assert f"1 of 2 cells {DOES_NOT_FIT.format(side)}" in shown(run, sweep)


def test_what_runs_out_of_memory_is_decoded_in_tiles_and_so_is_what_follows(
    fresh: ComfyServer,
) -> None:
    graph = Graph()
    models = strained(graph, side=256)
    large = {**WIDE, "width": 320, "height": 256}
    sweep = graph.sweep(**models, x_axis=graph.axis("Seed", values="1, 2"), **large)
    graph.native(models, "out_1", tile=256, seed=1, **large)
    graph.native(models, "out_2", tile=256, seed=2, **large)

    run = succeed(fresh, graph)

    found = manifest(run)
    assert_cells_equal(fresh, found, ["out_1", "out_2"])
    assert sizes(found) == [256, 256]
    assert found["account"]["vae_tiled"] == found["account"]["vae_decodes"] == 2
    assert counted(fresh)["vae_decodes"] == 1, "the second picture was not tried whole"
    assert f"2 of 2 cells {DOES_NOT_FIT.format(256)}" in shown(run, sweep)


def test_off_never_makes_tiles(fresh: ComfyServer) -> None:
    graph = Graph()
    models = strained(graph, estimates=True)
    sweep = graph.sweep(**models, vae_tiling="off", **WIDE)
    graph.native(graph.loader(), "off", **WIDE)

    found = assert_equal_to_native(fresh, graph, sweep, ["off"])

    assert sizes(found) == [0]


def test_without_tiles_a_picture_that_runs_out_of_memory_has_failed(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Size", values="64x64, 640x128")
    graph.sweep(**strained(graph, side=256), x_axis=axis, steps=1, vae_tiling="off")

    found = manifest(succeed(fresh, graph))

    assert statuses(found) == ["done", "failed"]
    assert found["cells"][1]["reason"] == "cannot decode: out of memory"


def test_a_vae_for_video_is_left_to_comfyui(fresh: ComfyServer) -> None:
    graph = Graph()
    models = strained(graph, estimates=True, video=True)
    sweep = graph.sweep(**models, vae_tiling="on", **WIDE)
    graph.native(models, "video", **WIDE)

    found = assert_equal_to_native(fresh, graph, sweep, ["video"])

    assert sizes(found) == [None]
    assert found["account"]["vae_tiled"] == 0


def test_each_setting_has_cells_of_its_own_and_finds_them_again(fresh: ComfyServer) -> None:
    graph = Graph()
    models = strained(graph, estimates=True)

    def run(setting: str) -> tuple[dict[str, Any], str]:
        again = Graph()
        again.prompt = dict(graph.prompt)
        sweep = again.sweep(**models, **WIDE, vae_tiling=setting, name="test/settings")
        ran = succeed(fresh, again)
        return manifest(ran), shown(ran, sweep)

    first = {setting: run(setting)[0] for setting in ("auto", "on", "off")}
    again = {setting: run(setting) for setting in first}

    assert [statuses(found) for found in first.values()] == [["done"]] * 3
    assert [statuses(found) for found, _ in again.values()] == [["reused"]] * 3
    assert [sizes(found) for found, _ in again.values()] == [[512], [512], [0]]
    assert f"1 of 1 cells {DOES_NOT_FIT.format(512)}" in again["auto"][1]


@pytest.mark.parametrize("tiling", [(512, 0, 1), (0, 2**60, None)])
def test_a_cell_of_a_device_with_other_memory_is_made_again_where_it_would_differ(
    fresh: ComfyServer, tiling: tuple[int, int, int | None]
) -> None:
    graph = Graph()
    graph.sweep(**graph.loader(), steps=1)
    found = manifest(succeed(fresh, graph))
    (record,) = found["folder"].glob("cells/*/*.json")
    content = json.loads(record.read_text(encoding="utf-8"))
    made = dict(zip(("side", "least", "below"), tiling, strict=True))
    record.write_text(json.dumps({**content, "tiling": made}), encoding="utf-8")

    forget(fresh)
    again = manifest(succeed(fresh, graph))

    assert statuses(again) == ["done"]
    assert sizes(again) == [0]
