"""Emphasis: the weights that AUTOMATIC1111 1.6 reads, and the text that gives ComfyUI the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.prompts.a1111_attention import MAX_OPEN, comfy_chunks, read_attention

SYNTAX = st.lists(
    st.sampled_from([*"([:])\\", " ", "red", "1.3", "(a:1.2)", "BREAK", "\n"]), max_size=40
).map("".join)
TEXTS = st.one_of(st.text(max_size=60), SYNTAX)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a ship", [("a ship", 1.0)]),
        ("", []),
        ("a (red) ship", [("a ", 1.0), ("red", 1.1), (" ship", 1.0)]),
        ("((cat))", [("cat", 1.1 * 1.1)]),
        ("[cat]", [("cat", 1 / 1.1)]),
        ("[[fog]]", [("fog", 1 / 1.1 / 1.1)]),
        ("(cat:1.3)", [("cat", 1.3)]),
        ("( cat : 1.2 )", [(" cat ", 1.2)]),
        ("(cat:-0.5)", [("cat", -0.5)]),
        ("(cat:.5)", [("cat", 0.5)]),
        ("(a (b:1.1):1.5)", [("a ", 1.5), ("b", 1.1 * 1.5)]),
        ("((a:1.2) b:0.5)", [("a", 1.2 * 0.5), (" b", 0.5)]),
        ("([a])", [("a", 1 / 1.1 * 1.1)]),
        ("(a)(b)", [("ab", 1.1)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("(cat", [("cat", 1.1)]),
        ("[cat", [("cat", 1 / 1.1)]),
        ("cat)", [("cat)", 1.0)]),
        ("cat]:", [("cat]:", 1.0)]),
        ("cat:1.3)", [("cat:1.3)", 1.0)]),
        ("(cat:1.2.3)", [("cat:1.2.3", 1.1)]),
        ("(cat:.) a", [("cat:.", 1.1), (" a", 1.0)]),
        (r"\(a\) \[b\] c\\d", [(r"(a) [b] c\d", 1.0)]),
        (r"a\b", [("ab", 1.0)]),
        (r"(\(a\):1.2)", [("(a)", 1.2)]),
        ("a BREAK b", [("a", 1.0), ("BREAK", -1.0), ("b", 1.0)]),
        ("(a BREAK b:1.2)", [("a", 1.2), ("BREAK", -1.2), ("b", 1.2)]),
    ],
)
def test_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    pieces = read_attention(prompt)

    assert [text for text, _ in pieces] == [text for text, _ in expected]
    assert [weight for _, weight in pieces] == pytest.approx([weight for _, weight in expected])


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a (red:1.3) ship", ["a (red:1.3) ship"]),
        ("a (red) ship", ["a (red:1.1) ship"]),
        ("[fog]", [f"(fog:{1 / 1.1!r})"]),
        ("(a (b:2):1.5)", ["(a :1.5)(b:3.0)"]),
        (r"\(a\) [\(b\):2] c", [rf"\(a\) (\(b\):2:{1 / 1.1!r}) c"]),
        ("cat)", [r"cat\)"]),
        (r"x\\(b:1.2)", ["x\\ (b:1.2)"]),
        ("a BREAK b", ["a", "b"]),
        ("a\n BREAK\nb BREAKFAST", ["a", "b BREAKFAST"]),
        ("BREAK a", ["", "a"]),
        ("a BREAK BREAK (b)", ["a", "", "(b:1.1)"]),
        ("a BREAK ", ["a"]),
        ("BREAK", [""]),
        ("(a BREAK b:1.2)", ["(a:1.2)(BREAK:-1.2)(b:1.2)"]),
    ],
)
def test_chunks_for_comfyui(prompt: str, expected: list[str]) -> None:
    assert list(comfy_chunks(prompt)) == expected


def test_too_many_open_brackets_are_text() -> None:
    (piece,) = read_attention("(" * (MAX_OPEN + 2) + "a")

    assert piece.text == "((a"
    assert piece.weight == pytest.approx(1.1**MAX_OPEN)


@pytest.mark.parametrize(
    "prompt", ["(" * 9000, "(a" * 9000 + ")" * 9000, "BREAK " * 3000, ":" + " " * 9000 + "BREAK"]
)
def test_a_long_prompt_is_read(prompt: str) -> None:
    assert comfy_chunks(prompt)


@given(TEXTS)
def test_reading_what_was_written_gives_the_same_weights(prompt: str) -> None:
    for chunk, written in zip(chunks_of(prompt), comfy_chunks(prompt), strict=False):
        assert comfy_weights(written) == [(c, w) for text, w in chunk for c in text if c.strip()]


def chunks_of(prompt: str) -> list[list[tuple[str, float]]]:
    chunks: list[list[tuple[str, float]]] = [[]]
    for piece in read_attention(prompt):
        if piece == ("BREAK", -1.0):
            chunks.append([])
        else:
            chunks[-1].append(piece)
    return chunks


def comfy_weights(text: str) -> list[tuple[str, float]]:
    """The weight of each visible character, by ComfyUI's rules for what is never nested."""
    found, weight, start, i = [], 1.0, 0, 0
    while i < len(text):
        if text[i : i + 2] in (r"\(", r"\)"):
            found.append((text[i + 1], weight))
            i += 2
            continue
        if text[i] == "(":
            start, weight = len(found), 0.0
        elif text[i] == ")":
            colon = max(k for k in range(start, len(found)) if found[k][0] == ":")
            weight = float("".join(character for character, _ in found[colon + 1 :]))
            found[start:] = [(character, weight) for character, _ in found[start:colon]]
            weight = 1.0
        elif text[i].strip():
            found.append((text[i], weight))
        i += 1
    return found


@given(st.text(st.characters(exclude_characters="\\[]()"), max_size=60))
def test_a_text_without_brackets_stays_as_it_is(prompt: str) -> None:
    if "BREAK" not in prompt and prompt:
        assert comfy_chunks(prompt) == (prompt,)
