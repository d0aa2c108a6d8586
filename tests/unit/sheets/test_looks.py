"""How a sheet is wanted, as the inputs of the node say."""

from __future__ import annotations

import math
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.sheets.looks import LOOKS, Looks, accepted_looks, read_looks
from periplus.sheets.sheet import Style


def test_inputs_that_are_left_out_have_their_defaults() -> None:
    assert read_looks({}) == LOOKS == Looks()


def test_every_input_is_read() -> None:
    assert read_looks(
        {
            **{"legend": False, "margin": 1, "font_size": 9, "max_cell": 64, "title": "ships"},
            **{"z_layout": "row", "background": "black", "foreground": "white"},
            **{"transpose": "yxz", "max_megapixels": 3, "too_large": "pages"},
            **{"format": "webp", "quality": 7, "filename_prefix": "a/b"},
        }
    ) == Looks(
        "ships",
        "yxz",
        Style(False, 1, 9, 64, "black", "white", "row"),
        3,
        "pages",
        "webp",
        7,
        "a/b",
    )


@pytest.mark.parametrize(
    ("inputs", "parts"),
    [
        ({"format": "wepb"}, ["format 'wepb'", "nearest: webp"]),
        ({"transpose": "yxx"}, ["transpose 'yxx'"]),
        ({"too_large": "page"}, ["too_large 'page'", "nearest: pages"]),
        ({"z_layout": "pags"}, ["z_layout 'pags'"]),
        ({"background": "whitish"}, ["background 'whitish'"]),
        ({"format": "pyramid"}, ["pyramid", "filename_prefix", "such as"]),
    ],
)
def test_a_wrong_choice_is_refused(inputs: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(PeriplusError) as refused:
        read_looks(inputs)
    assert [part for part in parts if part not in str(refused.value)] == []


def test_whether_there_is_a_legend_is_read_as_comfyui_reads_it() -> None:
    legends = [read_looks({"legend": value}).style.legend for value in (0, "no", {"a": []})]
    assert legends == [False, True, True]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"margin": "wide"}, {"max_megapixels": None}, {"transpose": 3}, {"background": ["a"]}),
        *({"font_size": 100_000}, {"max_cell": math.nan}, {"quality": math.inf}),
    ],
)
def test_inputs_that_comfyui_refuses_have_no_looks(wrong: dict[str, Any]) -> None:
    """The sweep before the node runs all the same, so what reads them must not raise."""
    assert accepted_looks({"title": "ships", **wrong}) is None
    assert accepted_looks({"title": "ships"}) == read_looks({"title": "ships"})
