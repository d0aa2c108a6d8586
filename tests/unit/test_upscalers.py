"""Upscalers by name, and how large they make a picture."""

from __future__ import annotations

import pytest

from periplus.axes.upscaler_axis import upscaler_axis
from periplus.upscalers import (
    A1111_UPSCALERS,
    METHODS,
    Upscaler,
    enlarged,
    parse_upscaler,
    upscaler_names,
)


def test_a_method_says_whether_it_works_on_the_latent_or_on_pixels() -> None:
    assert parse_upscaler("latent: bislerp") == Upscaler("latent", "bislerp")
    assert parse_upscaler("pixels: lanczos") == Upscaler("pixels", "lanczos")


@pytest.mark.parametrize("file", ["4x_foolhardy.pth", "esrgan/2x: odd.safetensors", "bislerp"])
def test_every_other_name_is_a_models_file(file: str) -> None:
    assert parse_upscaler(file) == Upscaler("model", file)


def test_names_of_models_follow_the_methods() -> None:
    names = upscaler_names(["2x.pth"])
    assert names == (*METHODS, "2x.pth")
    assert set(A1111_UPSCALERS.values()) <= set(METHODS)


def test_an_axis_takes_methods_models_labels_and_none() -> None:
    axis = upscaler_axis("None, latent: area, Lanczos, 2x", ["2x.pth"])
    assert axis.labels == ("none", "latent: area", "pixels: lanczos", "2x")
    assert axis.values == ("", "latent: area", "pixels: lanczos", "2x.pth")


def test_all_upscalers_are_with_a_second_pass() -> None:
    assert upscaler_axis("*", ["2x.pth"]).values == (*METHODS, "2x.pth")


@pytest.mark.parametrize(
    ("side", "scale", "expected"),
    [(512, 2.0, 1024), (512, 1.5, 768), (520, 1.3, 672), (64, 1.0, 64), (104, 1.9, 192)],
)
def test_an_enlarged_side_is_cut_to_whole_places_of_the_latent(
    side: int, scale: float, expected: int
) -> None:
    assert enlarged(side, scale) == expected
