"""Prompt editing: what AUTOMATIC1111 1.6 makes of these prompts, and properties of any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.errors import PeriplusError
from periplus.prompts import a1111_schedule
from periplus.prompts.a1111_schedule import MAX_DEPTH, schedule

SYNTAX = st.lists(
    st.sampled_from([*"([:|])\\", " ", "\n", "red", "5", "-1", "0.5", ".25", "1e1"]), max_size=40
).map("".join)
TEXTS = st.one_of(st.text(max_size=60), SYNTAX)
STEPS = st.integers(1, 40)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a [cat:dog:4] b", [(4, "a cat b"), (10, "a dog b")]),
        ("a [cat:dog:0.5] b", [(5, "a cat b"), (10, "a dog b")]),
        ("a [cat:dog:.29] b", [(2, "a cat b"), (10, "a dog b")]),
        ("a [cat: 4 ]", [(4, "a "), (10, "a cat")]),
        ("a [cat::4]", [(4, "a cat"), (10, "a ")]),
        ("[:dog:4]", [(4, ""), (10, "dog")]),
        ("[a:b:2][c:d:6]", [(2, "ac"), (6, "bc"), (10, "bd")]),
        ("[ a : b : 3]", [(3, " a "), (10, " b ")]),
    ],
)
def test_an_edit_changes_after_its_step(prompt: str, expected: list[tuple[int, str]]) -> None:
    assert list(schedule(prompt, 10)) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("0", [(10, "b")]),
        ("0.0", [(10, "b")]),
        ("-3", [(10, "b")]),
        ("1e-1", [(10, "b")]),
        ("1", [(1, "a"), (10, "b")]),
        ("+1.", [(10, "a")]),
        ("10", [(10, "a")]),
        ("1.0", [(10, "a")]),
        ("99", [(10, "a")]),
        ("1e9999", [(10, "a")]),
    ],
)
def test_an_edit_outside_of_the_steps_never_changes(
    when: str, expected: list[tuple[int, str]]
) -> None:
    assert list(schedule(f"[a:b:{when}]", 10)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a [b:.5] c", [(10, "a b c")]),
        ("a [b:1.5] c", [(5, "a  c"), (10, "a b c")]),
        ("[a:b:1.0]", [(10, "b")]),
        ("[a:b:1.25]", [(2, "a"), (10, "b")]),
        ("[a:b:2.0]", [(10, "a")]),
        ("[a:b:2.5]", [(10, "a")]),
        ("[a:b:5]", [(10, "b")]),
        ("[a:b:20]", [(10, "b")]),
        ("[a:b:24]", [(4, "a"), (10, "b")]),
        ("[a:b:30]", [(10, "a")]),
        ("[a::1.5][b:21]", [(1, "a"), (5, "ab"), (10, "b")]),
    ],
)
def test_a_second_pass_of_10_steps_goes_on_after_a_first_of_20(
    prompt: str, expected: list[tuple[int, str]]
) -> None:
    assert list(schedule(prompt, 10, 20)) == expected


def test_in_a_second_pass_an_alternation_starts_anew() -> None:
    assert schedule("[a|b|c]", 4, 3) == schedule("[a|b|c]", 4)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("[a|b]", ["a", "b", "a", "b", "a"]),
        ("[a|b|c] x", ["a x", "b x", "c x", "a x", "b x"]),
        ("[fe|]male", ["female", "male", "female", "male", "female"]),
        ("[fe|||]male", ["female", "male", "male", "male", "female"]),
        ("[[a|b]|c]", ["a", "c", "a", "c", "a"]),
        ("[x:[a|b]:2]", ["x", "x", "a", "b", "a"]),
        ("[[x:y:2]|b]", ["x", "b", "y", "b", "y"]),
        ("[a:[b:c:4]:2]", ["a", "a", "b", "b", "c"]),
        ("[[a:b:2]:c:4]", ["a", "a", "b", "b", "c"]),
        ("[a:[b:c:2]:4]", ["a", "a", "a", "a", "c"]),
    ],
)
def test_text_at_each_step(prompt: str, expected: list[str]) -> None:
    assert texts_by_step(prompt, len(expected)) == expected


def texts_by_step(prompt: str, steps: int) -> list[str]:
    pieces, texts = schedule(prompt, steps), []
    for end, text in pieces:
        texts += [text] * (end - len(texts))
    return texts


@pytest.mark.parametrize(
    ("prompt", "first", "last"),
    [
        ("[(a:1.2):3]", "", "(a:1.2)"),
        ("[[[a]]:3]", "", "[[a]]"),
        ("([a:b:3]:1.3)", "(a:1.3)", "(b:1.3)"),
        ("[a [b]|c]", "a [b]", "c"),
        (r"[\[a\|:b\::3]", r"\[a\|", r"b\:"),
        ("a: b, [c:d:3]", "a: b, c", "a: b, d"),
    ],
)
def test_emphasis_and_escapes_stay_for_later(prompt: str, first: str, last: str) -> None:
    pieces = schedule(prompt, 4)

    assert (pieces[0][1], pieces[-1][1]) == (first, last)


@pytest.mark.parametrize(
    ("prompt", "first", "last"),
    [
        ("a [cat [c:d:3]", "a [cat c", "a [cat d"),
        ("(a ] [c:d:3]", "(a ] c", "(a ] d"),
        ("(a:b:c) [c:d:3]", "(a:b:c) c", "(a:b:c) d"),
        ("[c:d:3]] e", "c] e", "d] e"),
        ("[x:[c:d:3]:y] e", "[x:c:y] e", "[x:d:y] e"),
    ],
)
def test_brackets_that_mean_nothing_are_text_around_those_that_do(
    prompt: str, first: str, last: str
) -> None:
    pieces = schedule(prompt, 4)

    assert (pieces[0][1], pieces[-1][1]) == (first, last)


@pytest.mark.parametrize(
    "prompt",
    [
        "plain text",
        "",
        "[a:b]",
        "[a:b:c]",
        "[a:b:c:3]",
        "[a:b:(3)]",
        "[a:b:1.2.3]",
        "[a:(b:3]",
        "[(a:b:c):d:3]",
        "[a:b|c:3]",
        "[a|b:c:3]",
        "[a|b",
        "[c:d:3] a | b",
        "(a|b) [c:d:3]",
        "[c:d:3] \\",
        "[c:d:3] \\\n",
    ],
)
def test_what_the_grammar_refuses_is_the_prompt_as_it_is(prompt: str) -> None:
    assert schedule(prompt, 4) == ((4, prompt),)


def test_brackets_that_are_nested_too_deeply_are_text() -> None:
    deep = "[" * MAX_DEPTH + "[a:b:2]" + "]" * MAX_DEPTH
    deepest = deep[1:-1]

    assert [text for _, text in schedule(deepest, 4)] == [
        "[" * (MAX_DEPTH - 1) + letter + "]" * (MAX_DEPTH - 1) for letter in "ab"
    ]
    assert schedule(deep, 4)[0][1].startswith("[" * MAX_DEPTH)


@pytest.mark.parametrize("prompt", ["[" * 5000, "([" * 5000, "[a:" * 5000 + ":3]" * 5000])
def test_a_long_row_of_brackets_is_read(prompt: str) -> None:
    assert schedule(prompt, 20)[-1][0] == 20


@given(TEXTS, STEPS)
def test_steps_rise_to_the_last_and_neighbours_differ(prompt: str, steps: int) -> None:
    pieces = schedule(prompt, steps)
    ends, texts = [0, *(end for end, _ in pieces)], [text for _, text in pieces]

    assert ends == sorted(set(ends))
    assert ends[-1] == steps
    assert all(texts[i] != texts[i + 1] for i in range(len(texts) - 1))


@given(st.text(st.characters(exclude_characters="\\[]():|")), STEPS)
def test_a_text_without_special_characters_is_one_piece(prompt: str, steps: int) -> None:
    assert schedule(prompt, steps) == ((steps, prompt),)


WORDS = st.text(st.characters(exclude_characters="\\[]():|"), min_size=1, max_size=8)


@given(WORDS, WORDS, st.integers(1, 30), STEPS)
def test_any_edit_is_its_words_in_turn(before: str, after: str, when: int, steps: int) -> None:
    expected = [before if step <= when else after for step in range(1, steps + 1)]

    assert texts_by_step(f"[{before}:{after}:{when}]", steps) == expected


@given(st.lists(WORDS, min_size=2, max_size=5), STEPS)
def test_any_alternation_goes_round(words: list[str], steps: int) -> None:
    expected = [words[step % len(words)] for step in range(steps)]

    assert texts_by_step(f"[{'|'.join(words)}]", steps) == expected


def test_a_long_prompt_that_changes_too_often_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(a1111_schedule, "MAX_CHARACTERS", 50)
    assert len(schedule("[a|b]", 10)) == 10
    assert schedule("x" * 100, 10) == ((10, "x" * 100),)
    with pytest.raises(PeriplusError, match="of 6 characters that changes 10 times is too much"):
        schedule("[a|b]c", 10)
