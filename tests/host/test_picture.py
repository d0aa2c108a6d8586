"""A picture to start from: encoded by the VAE of each cell, as VAEEncode before KSampler does."""

from __future__ import annotations

import shutil
from typing import Any

import numpy as np
import pytest

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    Link,
    assert_cells_equal,
    assert_equal_to_native,
    assert_stops,
    cell_pixels,
    counted,
    manifest,
    manifests,
    save_ramp,
    save_vae_of,
    spent,
    succeed,
)

ODD, WIDE = "odd.png", "wide.png"
"""Pictures: one whose sides are no multiples of 8, and one that is wider than high."""
FILE = "picture_vae.safetensors"


@pytest.fixture(scope="module", autouse=True)
def files(server: ComfyServer) -> None:
    save_ramp(server.base / "input" / ODD, 70, 83)
    save_ramp(server.base / "input" / WIDE, 96, 64)
    (server.base / "models" / "vae").mkdir(parents=True, exist_ok=True)
    save_vae_of(server, LAGOON, FILE)


def encoded(graph: Graph, image: Link, vae: Link) -> Link:
    return graph.add("VAEEncode", pixels=image, vae=vae)


def test_cfg_by_denoise_from_a_picture_is_what_the_native_nodes_make(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    image = graph.add("LoadImage", image=ODD)
    graph.sweep(
        **models,
        image=image,
        x_axis=graph.axis("Number", parameter="cfg", values="3, 8"),
        y_axis=graph.axis("Number", parameter="denoise", values="0.4, 0.9"),
    )
    native, prefixes = Graph(), []
    models = native.loader()
    latent = encoded(native, native.add("LoadImage", image=ODD), models["vae"])
    for denoise in (0.4, 0.9):
        for cfg in (3.0, 8.0):
            prefixes.append(f"from_picture_{len(prefixes)}")
            native.native(models, prefixes[-1], latent_image=latent, cfg=cfg, denoise=denoise)

    found = manifest(succeed(fresh, graph))
    assert found["account"]["vae_encodes"] == fresh.get("/counters")["vae_encodes"] == 1
    assert spent(found) == {**counted(fresh), "model_loads": 0}
    assert found["linked"]["image"] == f"LoadImage (node {image[0]})"
    assert [found["cells"][0]["recipe"][side] for side in ("width", "height")] == [64, 80]
    succeed(fresh, native)
    assert_cells_equal(fresh, found, prefixes)


def test_each_vae_encodes_the_picture_for_its_own_cells(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        image=graph.add("LoadImage", image=ODD),
        denoise=0.6,
        x_axis=graph.axis("VAE", values="baked, picture_vae"),
        y_axis=graph.axis("Checkpoint", values="coast, harbour"),
    )
    native, prefixes = Graph(), []
    image = native.add("LoadImage", image=ODD)
    for name in (COAST, HARBOUR):
        models = native.loader(name)
        for vae in (models["vae"], native.add("VAELoader", vae_name=FILE)):
            prefixes.append(f"vae_of_picture_{len(prefixes)}")
            latent = encoded(native, image, vae)
            values = {"latent_image": latent, "denoise": 0.6}
            native.native({**models, "vae": vae}, prefixes[-1], **values)

    found = manifest(succeed(fresh, graph))
    assert found["account"]["vae_encodes"] == fresh.get("/counters")["vae_encodes"] == 3
    assert spent(found) == counted(fresh)
    assert spent(found)["model_loads"] == 2 + 1
    succeed(fresh, native)
    assert_cells_equal(fresh, found, prefixes)


def test_a_vae_of_its_own_encodes_once_for_all_checkpoints(fresh: ComfyServer) -> None:
    graph = Graph()
    image = graph.add("LoadImage", image=WIDE)
    vae = graph.add("VAELoader", vae_name=FILE)
    axis = graph.axis("Checkpoint", values="coast, harbour")
    sweep = graph.sweep(vae=vae, image=image, denoise=0.6, x_axis=axis)
    latent = encoded(graph, image, vae)
    prefixes = ["picture_on_coast", "picture_on_harbour"]
    for prefix, name in zip(prefixes, (COAST, HARBOUR), strict=True):
        models = {**graph.loader(name), "vae": vae}
        graph.native(models, prefix, latent_image=latent, denoise=0.6)

    found = assert_equal_to_native(fresh, graph, sweep, prefixes)

    assert found["account"]["vae_encodes"] == 1


def test_every_picture_of_a_batch_is_kept(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    image = graph.add("RepeatImageBatch", image=graph.add("LoadImage", image=WIDE), amount=2)
    sweep = graph.sweep(**models, image=image, denoise=0.6)
    latent = encoded(graph, image, models["vae"])
    graph.native(models, "picture_batch", latent_image=latent, denoise=0.6)

    assert_equal_to_native(server, graph, sweep, ["picture_batch"], batch=2)


def test_an_axis_of_sizes_resizes_the_picture(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    image = graph.add("LoadImage", image=WIDE)
    axis = graph.axis("Size", values="96x64, 64x72")
    sweep = graph.sweep(**models, image=image, denoise=0.6, x_axis=axis)
    size = {"width": 64, "height": 72, "crop": "disabled", "upscale_method": "lanczos"}
    small = graph.add("ImageScale", image=image, **size)
    for prefix, start in (("own_size", image), ("resized", small)):
        latent = encoded(graph, start, models["vae"])
        graph.native(models, prefix, latent_image=latent, denoise=0.6)

    assert_equal_to_native(server, graph, sweep, ["own_size", "resized"])


@pytest.mark.parametrize("switch_at", [0.5, 0.0])
def test_further_passes_go_on_from_a_picture_as_from_a_latent(
    server: ComfyServer, switch_at: float
) -> None:
    graph = Graph()
    models = graph.loader()
    image = graph.add("LoadImage", image=WIDE)
    starts: tuple[dict[str, Any], ...] = (
        {"image": image},
        {"latent_image": encoded(graph, image, models["vae"])},
    )
    passes = {
        "refiner": graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=switch_at),
        "hires": graph.add("PeriplusHiresFix", upscaler="pixels: lanczos", scale=1.5),
        "denoise_steps": "a1111",
        "denoise": 0.8,
    }
    sweeps = [graph.sweep(**models, **start, **passes, steps=4)[0] for start in starts]

    found = manifests(succeed(server, graph))

    ours, from_latent = (cell_pixels(found[sweep])[0] for sweep in sweeps)
    assert ours.shape == (96, 144, 3)
    assert np.array_equal(ours, from_latent)
    assert found[sweeps[0]]["account"]["vae_encodes"] == 2
    assert found[sweeps[1]]["account"]["vae_encodes"] == 1


def test_a_cell_is_known_by_what_the_picture_shows(server: ComfyServer) -> None:
    def status(file: str) -> str:
        graph = Graph()
        image = graph.add("LoadImage", image=file)
        graph.sweep(**graph.loader(), image=image, denoise=0.5, steps=1, name="test/known_picture")
        return manifest(succeed(server, graph))["cells"][0]["status"]

    folder = server.base / "input"
    shutil.copyfile(folder / WIDE, folder / "another_name.png")

    assert [status(file) for file in (WIDE, "another_name.png", ODD)] == ["done", "reused", "done"]


def test_a_picture_beside_a_latent_is_refused_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        latent_image=graph.add("EmptyLatentImage", width=64, height=64, batch_size=1),
        image=graph.add("LoadImage", image=WIDE),
    )

    assert_stops(fresh, graph, sweep, ["latent_image and image are both linked", "unlink one"])
