"""The values syntax: AUTOMATIC1111's vectors, its traps with our result, and properties."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.values import (
    MAX_VALUES,
    Item,
    format_number,
    parse_floats,
    parse_ints,
    split_values,
    written,
)
from periplus.errors import ValuesError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("  \n , ", []),
        ("a, b, c", ["a", "b", "c"]),
        ('"a, b", c', ["a, b", "c"]),
        ('a,"b, c"', ["a", "b, c"]),
        ("'a, b', c", ["'a", "b'", "c"]),
        ("a,,b", ["a", "b"]),
        ("a,", ["a"]),
        ("a\nb\nc", ["a", "b", "c"]),
        ("a, b\r\nc, d", ["a", "b", "c", "d"]),
        ("a\n\nb", ["a", "b"]),
        ('"multi\nline", b', ["multi\nline", "b"]),
        (r"\"a, b\", c", [r"\"a", r"b\"", "c"]),
        ("<lora:x:0.5>, <lora:x:1>", ["<lora:x:0.5>", "<lora:x:1>"]),
        ('"a" b, c', ["a b", "c"]),
        ('5" nails, c', ['5" nails', "c"]),
    ],
)
def test_text_splits_as_in_a1111(text: str, expected: list[str]) -> None:
    assert [item.text for item in split_values(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a, "b, c"', ["a", "b, c"]),  # A1111 before 1.10 splits it in three
        ('a, "", b', ["a", "", "b"]),
        ('""', [""]),
        ('"say ""hi"", you"', ['say "hi", you']),
        ('" a ", b', [" a ", "b"]),
        ('\t"a"\t,b', ["a", "b"]),
    ],
)
def test_quotes_protect_commas_quotes_spaces_and_emptiness(text: str, expected: list[str]) -> None:
    assert [item.text for item in split_values(text)] == expected


def test_position_counts_the_items_that_are_not_blank() -> None:
    assert split_values('a,, "",\n b') == (Item("a", 1), Item("", 2), Item("b", 3))


@pytest.mark.parametrize("text", ['a, "unterminated, b', 'a,\n"b""', 'a, "b""c'])
def test_unclosed_quote_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(ValuesError, match="opens a quote that is never closed") as error:
        split_values(text)
    assert error.value.position == 2
    assert error.value.item.startswith('"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("1-5", [1, 2, 3, 4, 5]),
        ("1-5 (+2)", [1, 3, 5]),
        ("5-1 (-2)", [5, 3, 1]),
        ("1-10 [5]", [1, 3, 5, 7, 10]),
        ("1-10[5]", [1, 3, 5, 7, 10]),
        ("0-10 [3]", [0, 5, 10]),
        ("10-0 [5]", [10, 7, 5, 2, 0]),
        ("-5-0 [3]", [-5, -2, 0]),
        ("1-10 [1]", [1]),
        ("1-10 (+4)", [1, 5, 9]),
        ("20-55 (+10)", [20, 30, 40, 50]),
        ("1-3,7-9", [1, 2, 3, 7, 8, 9]),
        ("1 - 5", [1, 2, 3, 4, 5]),
        ("-3--1", [-3, -2, -1]),
        ("-1", [-1]),
        ("-1, -2", [-1, -2]),
        ('"1-3"', [1, 2, 3]),
        ("1\n2\n3", [1, 2, 3]),
        ("1,2\n3", [1, 2, 3]),
        ("+3", [3]),
        ("1-5 (+2 )", [1, 3, 5]),
        ("18446744073709551615", [2**64 - 1]),
    ],
)
def test_ints_are_those_of_a1111(text: str, expected: list[int]) -> None:
    values = parse_ints(text)
    assert list(values) == expected
    assert all(type(value) is int for value in values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5-1 (-1)", [5, 4, 3, 2, 1]),  # A1111 stops at 3
        ("10-5", [10, 9, 8, 7, 6, 5]),  # A1111: nothing
        ("10-5 (2)", [10, 8, 6]),
        ("1-5 ( +2)", [1, 3, 5]),  # A1111 refuses these
        ("1-5 ( + 2 )", [1, 3, 5]),
        ("1-5 (2)", [1, 3, 5]),
        ("1-5(2)", [1, 3, 5]),
        ("1-10 [ 5 ]", [1, 3, 5, 7, 10]),
        ("1,,3", [1, 3]),
        ("1,2,", [1, 2]),
        ("   ", []),
        ("5.0", [5]),
        ("5-5 (-1)", [5]),
        ("2--2 (-2)", [2, 0, -2]),
    ],
)
def test_int_traps_of_a1111_give_the_sane_result(text: str, expected: list[int]) -> None:
    assert list(parse_ints(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("1.5", "abc", "1;2", "1 2", "- 3", "1e3", "0x10", "1_000", "1-5 [2.5]", "1-5 (0.5)"),
        *("nan", "1-", "-", "1-5 [-3]", "1-5 (--1)", "1-5 (+1) [3]", "1.5-3", "１", '""'),
        "9" * 5000,
    ],
)
def test_what_is_no_whole_number_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(ValuesError, match="is not a whole number") as error:
        parse_ints(f"7, {text}")
    assert error.value.position == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("1-3 (+0.5)", [1, 1.5, 2, 2.5, 3]),
        ("1-3", [1, 2, 3]),
        ("5-1 (-1)", [5, 4, 3, 2, 1]),
        ("1-10 [5]", [1, 3.25, 5.5, 7.75, 10]),
        ("0-1 [1]", [0]),
        ("-1-1 (+0.5)", [-1, -0.5, 0, 0.5, 1]),
        ("7, 7.5, 8", [7, 7.5, 8]),
        (".5", [0.5]),
        ("1,5", [1, 5]),
    ],
)
def test_floats_are_those_of_a1111(text: str, expected: list[float]) -> None:
    values = parse_floats(text)
    assert list(values) == expected
    assert all(type(value) is float for value in values)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.0-1.0 [6]", [0, 0.2, 0.4, 0.6, 0.8, 1]),  # A1111: 0.6000000000000001
        ("0-1 (+0.1)", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]),
        ("0.1-0.5 (+0.1)", [0.1, 0.2, 0.3, 0.4, 0.5]),
        ("0-1 (+0.3)", [0, 0.3, 0.6, 0.9]),  # A1111 goes on to 1.2
        ("1.5-4", [1.5, 2.5, 3.5]),  # A1111 goes on to 4.5
        ("10-5 (-3)", [10, 7]),  # A1111 goes on to 4
        ("1-0", [1, 0]),  # A1111: nothing
        ("5-1", [5, 4, 3, 2, 1]),
        (".5-1 (.25)", [0.5, 0.75, 1]),  # A1111 refuses these
        ("0-1 (+.25)", [0, 0.25, 0.5, 0.75, 1]),
        ("1-3 (0.5)", [1, 1.5, 2, 2.5, 3]),
        ("1e-3", [0.001]),
        ("1E2", [100]),
        ("1e-3-1e-2 [3]", [0.001, 0.0055, 0.01]),
        ("7,,8", [7, 8]),
        ("-.5--1 (.25)", [-0.5, -0.75, -1]),
    ],
)
def test_float_traps_of_a1111_give_the_sane_result(text: str, expected: list[float]) -> None:
    assert list(parse_floats(text)) == expected


@pytest.mark.parametrize(
    "text",
    ["abc", "nan", "inf", "-inf", "1_000", "0x10", "0-1 [2.7]", "1e", "1e999", ".", "1 2", "1;2"],
)
def test_what_is_no_number_is_refused_with_its_position(text: str) -> None:
    with pytest.raises(ValuesError, match="is not a number") as error:
        parse_floats(f"7, {text}")
    assert error.value.position == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [("1-10 [0]", "asks for 0 values"), ("1-3 (+0)", "step of 0"), ("1-3 (0)", "step of 0")],
)
def test_ranges_that_lead_nowhere_are_refused(text: str, reason: str) -> None:
    for parse in (parse_ints, parse_floats):
        with pytest.raises(ValuesError, match=reason):
            parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10-5 (+1)", "counts down but its step is +1; write 10-5 (-1)"),
        ("1 - 5 ( - 2 )", "counts up but its step is -2; write 1-5 (+2)"),
        ("-1--3 (+0.5)", "counts down but its step is +0.5; write -1--3 (-0.5)"),
    ],
)
def test_step_against_the_direction_is_refused_with_the_right_spelling(
    text: str, message: str
) -> None:
    with pytest.raises(ValuesError) as error:
        parse_floats(text)
    assert str(error.value) == f"item 1 '{text}' {message}"
    parse_floats(error.value.hint.removeprefix("write "))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.5, 1.2", "item 2 '1.2' is above the maximum 1"),
        ("-0.1", "item 1 '-0.1' is below the minimum 0"),
        ("0-2 (0.75)", "item 1 '0-2 (0.75)' gives 1.5, which is above the maximum 1"),
        ("1--1", "item 1 '1--1' gives -1, which is below the minimum 0"),
    ],
)
def test_values_out_of_bounds_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValuesError) as error:
        parse_floats(text, minimum=0, maximum=1)
    assert str(error.value) == message


def test_bounds_themselves_are_allowed() -> None:
    assert parse_ints("1-3", minimum=1, maximum=3) == (1, 2, 3)
    assert parse_floats("0-1 [2]", minimum=0, maximum=1) == (0, 1)


@pytest.mark.parametrize("text", ["0-100000", "1-2 (0.00001)", "0-1 [100001]", "1-2 (1e-99)"])
def test_range_of_too_many_values_is_refused(text: str) -> None:
    with pytest.raises(ValuesError, match="above 100,000 values"):
        parse_floats(text)


def test_many_ranges_together_may_not_exceed_the_limit_either() -> None:
    assert len(parse_ints("1-100000")) == MAX_VALUES
    with pytest.raises(ValuesError) as error:
        parse_ints("1-100000, 1")
    assert error.value.position == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (5.0, "5"),
        (100.0, "100"),
        (0.30000000000000004, "0.3"),
        (-0.0, "0"),
        (-1e-12, "0"),
        (0.123456789, "0.12345679"),
        (1e-8, "0.00000001"),
        (1e20, "100000000000000000000"),
        (-7.5, "-7.5"),
    ],
)
def test_numbers_are_written_short_and_without_exponent(value: float, text: str) -> None:
    assert format_number(value) == text


NUMBERS = st.decimals(min_value=-50, max_value=50, places=2).map(str)
STEPS = st.decimals(min_value="0.1", max_value=20, places=2).map(str)


@given(st.text() | st.text(alphabet='0123456789.-+()[] e,\n"', max_size=30))
def test_any_text_is_read_or_refused_with_a_values_error(text: str) -> None:
    for parse in (split_values, parse_ints, parse_floats):
        try:
            parse(text)
        except ValuesError as error:
            assert str(error)


@given(NUMBERS, NUMBERS, STEPS)
def test_step_ranges_start_at_the_start_and_stop_within_a_step_of_the_end(
    start: str, end: str, step: str
) -> None:
    values = [Fraction(str(value)) for value in parse_floats(f"{start}-{end} ({step})")]
    assert values[0] == Fraction(start)
    assert all(min(values[0], Fraction(end)) <= v <= max(values[0], Fraction(end)) for v in values)
    assert abs(Fraction(end) - values[-1]) < Fraction(step)
    gaps = {abs(b - a) for a, b in pairwise(values)}
    assert gaps <= {Fraction(step)}


@given(NUMBERS, NUMBERS, st.integers(min_value=2, max_value=40))
def test_count_ranges_hit_both_ends_and_run_the_same_both_ways(
    start: str, end: str, count: int
) -> None:
    up = parse_floats(f"{start}-{end} [{count}]")
    down = parse_floats(f"{end}-{start} [{count}]")
    assert (len(up), up[0], up[-1]) == (count, float(start), float(end))
    assert up == down[::-1]


@given(st.integers(-50, 50), st.integers(0, 20), st.integers(min_value=1, max_value=9))
def test_step_ranges_that_meet_their_end_are_mirror_images(
    start: int, steps: int, step: int
) -> None:
    end = start + steps * step
    up = parse_ints(f"{start}-{end} (+{step})")
    assert up == parse_ints(f"{end}-{start} (-{step})")[::-1]
    assert len(up) == steps + 1


@given(st.floats(min_value=-1e6, max_value=1e6).map(lambda value: round(value, 8)))
def test_written_numbers_read_back_as_they_were(value: float) -> None:
    assert parse_floats(format_number(value)) == (value,)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r"))))
def test_quoted_texts_come_back_whole(texts: list[str]) -> None:
    quoted = ", ".join('"' + text.replace('"', '""') + '"' for text in texts)
    assert [item.text for item in split_values(quoted)] == texts


def test_a_list_of_too_many_items_is_refused_whatever_they_are() -> None:
    assert len(split_values("a," * MAX_VALUES)) == MAX_VALUES
    with pytest.raises(ValuesError, match="brings the list above 100,000 values"):
        split_values("a," * (MAX_VALUES + 1))


@given(st.lists(st.text(st.sampled_from('ab ,"\n\r\t#*'), max_size=6), max_size=4))
def test_what_is_written_as_an_item_is_read_as_it_was(texts: list[str]) -> None:
    unix = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]

    assert [item.text for item in split_values(", ".join(map(written, texts)))] == unix


def test_only_what_needs_quotes_gets_them() -> None:
    assert [*map(written, ("a b", 'a "b"', "a, b", '"a"', " a", ""))] == [
        "a b",
        'a "b"',
        '"a, b"',
        '"""a"""',
        '" a"',
        '""',
    ]
