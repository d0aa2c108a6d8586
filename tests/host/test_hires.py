"""A second pass is what the native nodes make: KSampler, an upscale, KSampler again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import (
    Graph,
    cell_pixels,
    counted,
    manifest,
    manifests,
    saved_pixels,
    spent,
    succeed,
)
from .natives import UPSCALE_MODEL, save_upscale_model, second_pass

UPSCALERS = (
    "latent: bilinear",
    "latent: bislerp",
    "pixels: lanczos",
    "pixels: area",
    UPSCALE_MODEL,
)


@pytest.fixture(scope="module", autouse=True)
def upscale_model(server: ComfyServer) -> None:
    save_upscale_model(server)


def test_cells_equal_two_native_passes_pixel_for_pixel(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    hires = graph.add("PeriplusHiresFix", upscaler=UPSCALERS[0], scale=1.5)
    sweep = graph.sweep(
        **models,
        hires=hires,
        x_axis=graph.axis("Upscaler", values="\n".join(UPSCALERS)),
        y_axis=graph.axis("Number", parameter="hires_denoise", values="0.45, 0.15"),
    )
    for x, upscaler in enumerate(UPSCALERS):
        for y, denoise in enumerate((0.45, 0.15)):
            second_pass(graph, models, upscaler, 1.5, f"pass_{x}_{y}", denoise=denoise)

    found = manifests(succeed(fresh, graph))[sweep[0]]

    pictures = set()
    for x in range(len(UPSCALERS)):
        for y in range(2):
            (expected,) = saved_pixels(fresh, f"pass_{x}_{y}")
            assert expected.shape == (96, 96, 3)
            assert np.array_equal(cell_pixels(found, x, y)[0], expected), (x, y)
            pictures.add(expected.tobytes())
    assert len(pictures) == 2 * len(UPSCALERS)


def test_a_latent_grows_by_the_scale_whatever_its_places_stand_for(fresh: ComfyServer) -> None:
    graph = Graph()
    node = graph.node("LargePlaces", scale=1.5)
    found = json.loads(succeed(fresh, graph).outputs[node]["text"][0])
    assert found["shape"] == [1, 128, 12, 18]


def test_the_second_passs_own_settings_are_used(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    own = {"steps": 2, "denoise": 0.5, "cfg": 3.0, "sampler_name": "heun", "positive": "a storm"}
    hires = graph.add("PeriplusHiresFix", upscaler="pixels: bilinear", scale=2.0, **own)
    sweep = graph.sweep(**models, hires=hires)
    second_pass(graph, models, "pixels: bilinear", 2.0, "own", **own)

    found = manifests(succeed(fresh, graph))[sweep[0]]

    assert np.array_equal(cell_pixels(found)[0], saved_pixels(fresh, "own")[0])


def test_all_second_passes_share_one_first_pass(fresh: ComfyServer) -> None:
    graph = Graph()
    hires = graph.add("PeriplusHiresFix", upscaler=UPSCALERS[0], scale=1.5)
    graph.sweep(
        **graph.loader(),
        hires=hires,
        x_axis=graph.axis("Number", parameter="hires_denoise", values="0.5, 0.7, 1"),
    )
    account = spent(manifest(succeed(fresh, graph)))
    assert account["denoiser_evaluations"] == 3 + 3 * 3
    assert account["vae_decodes"] == 3
    assert account == {**counted(fresh), "model_loads": 0}


def test_none_is_the_first_pass_alone_beside_the_upscalers(fresh: ComfyServer) -> None:
    graph = Graph()
    sweep = graph.sweep(
        **graph.loader(),
        hires=graph.add("PeriplusHiresFix", upscaler="pixels: area", scale=1.5),
        x_axis=graph.axis("Upscaler", values="none, latent: bilinear"),
        y_axis=graph.axis("Number", parameter="hires_denoise", values="0.5, 0.7"),
    )
    sheet = graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)
    run = succeed(fresh, graph)
    found = manifest(run)

    native = Graph()
    models = native.loader()
    native.native(models, "without")
    for y, denoise in enumerate((0.5, 0.7)):
        second_pass(native, models, "latent: bilinear", 1.5, f"with_{y}", denoise=denoise)
    succeed(fresh, native)
    for y in range(2):
        for x, prefix in enumerate(("without", f"with_{y}")):
            (expected,) = saved_pixels(fresh, prefix)
            assert np.array_equal(cell_pixels(found, x, y)[0], expected)
    assert [cell["labels"]["x"] for cell in found["cells"][:2]] == ["none", "latent: bilinear"]
    assert found["cells"][0]["recipe"]["hires"] is None
    assert spent(found)["denoiser_evaluations"] == 3 + 2 * 3
    assert spent(found)["vae_decodes"] == 3
    (page,) = run.outputs[sheet[0]]["images"]
    with Image.open(fresh.base / "temp" / page["subfolder"] / page["filename"]) as image:
        assert image.size == (64 + 96, 2 * 96)


def test_an_axis_of_the_second_pass_needs_one(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Number", parameter="hires_scale", values="1, 2")
    graph.sweep(**graph.loader(), x_axis=axis)
    run = fresh.run(graph.prompt)
    assert run.status == "error"
    assert "hires_scale = 1.0 needs a second pass: link a Sweep Hires Fix node" in (run.error or "")
