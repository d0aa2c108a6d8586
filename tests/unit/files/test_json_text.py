"""JSON: dataclasses in it, and what is refused of it before it is parsed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given

from periplus.files.json_text import MAX_BYTES, MAX_DEPTH, json_value, parse_json, read_json
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

from ...fuzz.texts import json_values


@given(json_values)
def test_a_json_text_gives_its_value(value: object) -> None:
    text = json.dumps(value)
    assert json.dumps(parse_json(text)) == json.dumps(parse_json(text.encode())) == text


@pytest.mark.parametrize("brackets", ["[]", ('{"a":', "}")])
def test_a_text_is_as_deep_as_allowed_and_not_deeper(brackets: tuple[str, str]) -> None:
    opening, closing = brackets
    deepest = opening * MAX_DEPTH + ("1" if opening != "[" else "") + closing * MAX_DEPTH
    assert json.dumps(parse_json(deepest)).count(opening[0]) == MAX_DEPTH
    with pytest.raises(ValueError, match="nested more than"):
        parse_json(f"[{deepest}]")
    with pytest.raises(ValueError, match="nested more than"):
        parse_json(opening * 1_000_000)


def test_brackets_in_texts_are_not_depth() -> None:
    value = ["[" * 1000, '"[{' * 1000, "\\" * 3 + "[" * 1000, {"{" * 1000: 1}]
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "[", '"a', '"\\', '["a\\"]', b"\xff", "[1]]", "nul"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_a_large_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="more than 16,777,216 bytes"):
        parse_json('"' + "x" * MAX_BYTES + '"')
    path = tmp_path / "large.json"
    path.write_text('"кот"', encoding="utf-8")
    assert read_json(path, 8) == "кот"
    with pytest.raises(ValueError, match="more than 7 bytes"):
        read_json(path, 7)


RECIPE = Recipe(
    *("a cat, кот", "", 7, 20, 7.5, "euler", "normal"),
    loras=(LoraRecipe("whale"), LoraRecipe("glass", 0.5)),
    refiner=RefinerRecipe("refiner"),
    hires=HiresRecipe("latent: bilinear"),
)


def test_dataclasses_are_objects_of_their_fields_at_any_depth() -> None:
    assert json.dumps(json_value(RECIPE)) == json.dumps(asdict(RECIPE))


def test_the_values_of_all_fields_may_be_written_in_another_way() -> None:
    found = json_value(RECIPE, lambda value: "7" if value == 7 else value)
    assert found == {**json_value(RECIPE), "seed": "7"}
    assert json_value(RECIPE.loras, lambda _: 0) == [dict.fromkeys(asdict(RECIPE.loras[0]), 0)] * 2
