"""The LoRA axis: names with strengths, several at once, or none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.axis import SetLoras
from periplus.axes.lora_axis import lora_axis
from periplus.errors import ValuesError
from periplus.recipe import LoraRecipe

OPTIONS = ["sea/whale.safetensors", "glass.safetensors", "odd/a+b.safetensors", "c:2.safetensors"]
WHALE, GLASS, PLUS, COLON = OPTIONS


def points(values: str) -> list[tuple[LoraRecipe, ...]]:
    overrides = (point.overrides for point in lora_axis(values, OPTIONS).points)
    return [lora.loras for (lora,) in overrides if isinstance(lora, SetLoras)]


@pytest.mark.parametrize(
    ("item", "label", "loras"),
    [
        ("none", "none", ()),
        ("None", "none", ()),
        ("whale", "whale", (LoraRecipe(WHALE),)),
        ("sea/whale.safetensors:1", "whale", (LoraRecipe(WHALE),)),
        ("Whale:0.80", "whale:0.8", (LoraRecipe(WHALE, 0.8, 0.8),)),
        ("whale : .8 : 0.6", "whale:0.8:0.6", (LoraRecipe(WHALE, 0.8, 0.6),)),
        ("whale:1:0", "whale:1:0", (LoraRecipe(WHALE, 1, 0),)),
        ("whale:-1.5", "whale:-1.5", (LoraRecipe(WHALE, -1.5, -1.5),)),
        ("gla:100:-100", "glass:100:-100", (LoraRecipe(GLASS, 100, -100),)),
        (
            "whale:0.7+glass",
            "whale:0.7 + glass",
            (LoraRecipe(WHALE, 0.7, 0.7), LoraRecipe(GLASS)),
        ),
        ("glass + glass:2", "glass + glass:2", (LoraRecipe(GLASS), LoraRecipe(GLASS, 2, 2))),
        ("a+b", "a+b", (LoraRecipe(PLUS),)),
        ("a+b:0.5", "a+b:0.5", (LoraRecipe(PLUS, 0.5, 0.5),)),
        ("c:2", "c:2", (LoraRecipe(COLON),)),
        ('"whale:0.5"', "whale:0.5", (LoraRecipe(WHALE, 0.5, 0.5),)),
    ],
)
def test_an_item_gives_a_point_with_a_short_label(
    item: str, label: str, loras: tuple[LoraRecipe, ...]
) -> None:
    axis = lora_axis(item, OPTIONS)
    assert points(item) == [loras]
    assert axis.labels == (label,)
    assert axis.name == "LoRA"
    assert axis.fields == {"loras"}


def test_the_texts_name_the_files_in_full_and_read_back_as_the_same() -> None:
    values = "none, whale:0.8:0.6+glass, a+b:0.5, c:2"
    texts = lora_axis(values, OPTIONS).values
    assert texts[1] == f"{WHALE}:0.8:0.6+{GLASS}"
    assert points("\n".join(map(str, texts))) == points(values)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("", [WHALE, GLASS, PLUS, COLON]),
        ("# all but one\n!whale", [GLASS, PLUS, COLON]),
        ("glass, *", [GLASS, WHALE, PLUS, COLON]),
        ("none, glass:0.5, *, !a+b", [None, GLASS, WHALE, COLON]),
    ],
)
def test_all_and_all_but(values: str, expected: list[str | None]) -> None:
    names = [loras[0].name if loras else None for loras in points(values)]
    assert names == expected


def test_what_is_left_out_is_left_out_of_combinations_too() -> None:
    assert points("whale+glass, none, whale, !gla") == [(), (LoraRecipe(WHALE),)]


def test_labels_of_files_with_one_name_are_told_apart() -> None:
    assert lora_axis("x/a, y/a", ["x/a.pt", "y/a.pt"]).labels == ("x/a.pt", "y/a.pt")


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("whle:0.8", "item 2 'whle' is not a LoRA of this ComfyUI; nearest: sea/whale"),
        ("glass+whle", "item 2 'whle' is not a LoRA"),
        ("glass+", "item 2 '' is not a LoRA"),
        ("glass:strong", "item 2 'glass:strong' is not a LoRA"),
        ("s", "item 2 's' fits more than one LoRA"),
        ("whale:100.5", "item 2 'whale:100.5' has a strength of 100.5; it must be between -100"),
        ("whale:1:-101", "item 2 'whale:1:-101' has a strength of -101; it must be between"),
    ],
)
def test_what_is_no_lora_is_refused(item: str, told: str) -> None:
    with pytest.raises(ValuesError) as error:
        lora_axis(f"whale, {item}", OPTIONS)
    assert told in str(error.value)
    assert str(error.value).startswith("LoRA axis: ")


@given(st.text(alphabet='ab:+0.5-!*#,"\n ', max_size=20))
def test_any_text_gives_points_or_a_refusal(values: str) -> None:
    with contextlib.suppress(ValuesError):
        assert lora_axis(values, ["a.pt", "b.pt"]).points


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("a:b:1 : 0.5", LoraRecipe("a:b.pt", 1.0, 0.5)),
        ("c:1:2:0.5", LoraRecipe("c:1.pt", 2.0, 0.5)),
    ],
)
def test_only_the_last_two_numbers_are_strengths(item: str, expected: LoraRecipe) -> None:
    (point,) = lora_axis(item, ["a:b.pt", "c:1.pt"]).points
    assert [o.loras for o in point.overrides if isinstance(o, SetLoras)] == [(expected,)]


def test_none_needs_no_file() -> None:
    assert lora_axis("none", []).labels == ("none",)


@pytest.mark.parametrize("values", ["", "*", "none, *", "!whale", "none, whale"])
def test_where_there_is_no_file_all_that_names_some_is_refused(values: str) -> None:
    with pytest.raises(ValuesError, match="LoRA axis: no LoRA found in ComfyUI's models folder"):
        lora_axis(values, [])
