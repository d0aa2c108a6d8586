"""From values text to an axis of a node's input, by the type of the input."""

from __future__ import annotations

import re
from typing import Any

import pytest

from periplus.axes.axis import Axis
from periplus.errors import PeriplusError
from periplus.graphs.graph_sweep import SetInput
from periplus.graphs.input_axis import NodeInput, input_axis, value_text


def target(kind: str, **declared: Any) -> NodeInput:
    return NodeInput("3", "Base", "it", kind, **declared)


def values_of(axis: Axis) -> list[Any]:
    return [point.overrides[0].value for point in axis.points]


@pytest.mark.parametrize(
    ("kind", "declared", "text", "values", "labels"),
    [
        ("INT", {}, "1-5 (+2), 9", [1, 3, 5, 9], ["1", "3", "5", "9"]),
        ("FLOAT", {}, "1-2 (+0.5)", [1.0, 1.5, 2.0], ["1", "1.5", "2"]),
        ("BOOLEAN", {}, "False, true", [False, True], ["false", "true"]),
        ("BOOLEAN", {}, "", [True, False], ["true", "false"]),
        ("STRING", {}, 'a cat, "b, c"\n""', ["a cat", "b, c", ""], ["a cat", "b, c", "(nothing)"]),
        ("STRING", {}, "a.safetensors", ["a.safetensors"], ["a.safetensors"]),
        ("COMBO", {"options": ("euler", "heun")}, "HEUN", ["heun"], ["heun"]),
        ("COMBO", {"options": ("v1.5", "v2.1")}, "", ["v1.5", "v2.1"], ["v1.5", "v2.1"]),
        ("COMBO", {"options": ("d/a.ckpt", "b.pt")}, "a", ["d/a.ckpt"], ["a"]),
        ("COMBO", {"options": (64, 128)}, "128", [128], ["128"]),
    ],
)
def test_values_are_of_the_type_that_the_input_takes(
    kind: str, declared: dict[str, Any], text: str, values: list[Any], labels: list[str]
) -> None:
    axis = input_axis(target(kind, **declared), text)
    assert values_of(axis) == values
    assert list(map(type, values_of(axis))) == list(map(type, values))
    assert list(axis.labels) == labels


def test_the_axis_is_called_by_node_and_input_and_sets_it() -> None:
    axis = input_axis(target("INT"), "4")
    assert axis.name == "Base it"
    assert axis.points[0].overrides == (SetInput("3", "it", 4),)


@pytest.mark.parametrize(
    ("kind", "declared", "text", "error"),
    [
        ("INT", {"minimum": 1}, "2, 0", "item 2 '0' is below the minimum 1"),
        ("FLOAT", {"maximum": 1.0}, "0-2", "item 1 '0-2' gives 2, which is above the maximum 1"),
        ("INT", {}, "1.5", "item 1 '1.5' is not a whole number"),
        ("BOOLEAN", {}, "maybe", "item 1 'maybe' is not an it of this ComfyUI; valid: true, false"),
        ("COMBO", {"options": ("euler", "heun")}, "huen", "nearest: heun"),
        ("COMBO", {}, "a", "has an empty list of choices here"),
        ("INT", {}, "", "values is empty; give at least one, such as 20, 25, 30"),
        ("STRING", {}, " , ", "values is empty"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_node_and_input(
    kind: str, declared: dict[str, Any], text: str, error: str
) -> None:
    with pytest.raises(PeriplusError, match=re.escape("node 3 (Base), it axis: ")) as raised:
        input_axis(target(kind, **declared), text)
    assert error in str(raised.value)


def test_what_cannot_be_typed_is_refused() -> None:
    text = "input 'it' of node 3 (Base) takes LATENT, which cannot be typed"
    with pytest.raises(PeriplusError, match=re.escape(text)):
        input_axis(target("LATENT"), "1")


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (0.1, "0.1"), (7.0, "7"), ("a", "a")])
def test_a_value_is_written_as_it_would_be_typed(value: Any, text: str) -> None:
    assert value_text(value) == text
