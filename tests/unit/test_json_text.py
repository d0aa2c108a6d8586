"""JSON of whatever origin: what is refused before it is parsed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from periplus.files.json_text import MAX_BYTES, MAX_DEPTH, parse_json, read_json

from ..fuzz.texts import json_values


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
