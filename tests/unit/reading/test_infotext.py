"""AUTOMATIC1111's infotexts: read as it reads them, without its traps, and written."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.values import split_lines
from periplus.errors import PeriplusError
from periplus.reading.infotext import (
    MAX_LENGTH,
    NEGATIVE,
    Infotext,
    format_infotext,
    parse_infotext,
)

LIGHTHOUSE = """photo of a lighthouse at dusk, film grain
Negative prompt: blurry, lowres
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1234567890, Size: 512x512, Model hash: \
6ce0161689, Model: v1-5-pruned-emaonly, Clip skip: 2, ENSD: 31337, Version: v1.6.0"""

GRID = r"""a "quoted" castle, red
and a second line
Steps: 20, Sampler: Euler a, CFG scale: 5.0, Seed: 100, Script: X/Y/Z plot, Y Type: Prompt S/R, \
Y Values: "red,\"green, misty\",blue", Z Values: "100, -1", Version: v1.6.0""".replace("\\\n", "")

SETTINGS = "Steps: 20, Sampler: Euler, Seed: 5"


def test_prompts_and_settings_are_read() -> None:
    found = parse_infotext(LIGHTHOUSE)
    assert found.positive == "photo of a lighthouse at dusk, film grain"
    assert found.negative == "blurry, lowres"
    assert list(found.settings.items())[:4] == [
        ("Steps", "20"),
        ("Sampler", "Euler a"),
        ("CFG scale", "7"),
        ("Seed", "1234567890"),
    ]
    assert found.settings["Model hash"] == "6ce0161689"
    assert found.settings["Version"] == "v1.6.0"


def test_quoted_values_are_unquoted() -> None:
    found = parse_infotext(GRID)
    assert found.positive == 'a "quoted" castle, red\nand a second line'
    assert found.negative == ""
    assert found.settings["Script"] == "X/Y/Z plot"
    assert found.settings["Y Values"] == 'red,"green, misty",blue'
    assert found.settings["Z Values"] == "100, -1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Infotext()),
        ("a cat", Infotext("a cat")),
        ("Negative prompt: a dog", Infotext("", "a dog")),
        ("a: b, c: d, e: f", Infotext("a: b, c: d, e: f")),
        ("Steps: up, down", Infotext("Steps: up, down")),
        ("a cat\r\nNegative prompt: a\r\nb\r\n", Infotext("a cat", "a\nb")),
    ],
)
def test_a_text_without_settings_is_all_prompt(text: str, expected: Infotext) -> None:
    assert parse_infotext(text) == expected


def test_the_last_line_that_looks_like_settings_is_the_one() -> None:
    prompt = f"Steps: 1, Sampler: x, Seed: 2\n{NEGATIVE} Steps: many"
    found = parse_infotext(f"{prompt}\n{SETTINGS}\nTemplate: a cat")
    assert (found.positive, found.negative) == ("Steps: 1, Sampler: x, Seed: 2", "Steps: many")
    assert found.settings["Seed"] == "5"


def test_words_of_the_format_inside_a_prompt_belong_to_it() -> None:
    found = parse_infotext(f"the Negative prompt: is here, Steps: 3\n{SETTINGS}")
    assert found.positive == "the Negative prompt: is here, Steps: 3"
    assert found.negative == ""


@pytest.mark.parametrize("value", ['"', '"open', '"a" b', '"\\x"', "a:b"])
def test_a_value_that_is_no_json_is_taken_as_it_stands(value: str) -> None:
    assert parse_infotext(f"{SETTINGS}, Odd: {value}").settings["Odd"] == value


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(PeriplusError, match="characters"):
        parse_infotext("x" * (MAX_LENGTH + 1))


def prompts() -> st.SearchStrategy[str]:
    words = ("a cat", "\n", "Steps: 1, a: b, c: d", NEGATIVE, ",", ": ", '"', "\\", "кот", "\x85")
    texts = st.lists(st.sampled_from(words) | st.text(max_size=5), max_size=6).map("".join)
    return texts.map(lambda text: "\n".join(split_lines(text)).strip())


names = st.text(string.ascii_letters + string.digits + "_-/ ", min_size=1, max_size=30).filter(
    lambda name: name == name.strip(" ") and name[0] not in "-/"
)
settings = st.dictionaries(names, st.text(max_size=20) | st.sampled_from(['"', "a, b: c", "\n"]))


@given(prompts(), prompts(), settings)
def test_what_is_written_is_read_as_the_same(
    positive: str, negative: str, others: dict[str, str]
) -> None:
    if any(line.lstrip().startswith(NEGATIVE) for line in positive.split("\n")):
        return
    first = {"Steps": "20", "Sampler": "Euler a", "Seed": "1"}
    infotext = Infotext(positive, negative, {**first, **others})
    if infotext.settings["Steps"] != "20":
        return
    assert parse_infotext(format_infotext(infotext)) == infotext


@given(st.text(max_size=200))
def test_what_is_read_once_is_read_again_as_the_same(text: str) -> None:
    found = parse_infotext(f"{text}\n{SETTINGS}")
    assert parse_infotext(format_infotext(found)) == found


def test_values_are_quoted_as_json() -> None:
    text = format_infotext(Infotext("a", "", {"Steps": "1", "Hires prompt": 'б, "x"\n'}))
    assert text == "a\nSteps: 1, Hires prompt: " + json.dumps('б, "x"\n', ensure_ascii=False)
