"""Prompts in AUTOMATIC1111's language."""

from __future__ import annotations

from hypothesis import strategies as st

from periplus.prompts.a1111_attention import comfy_chunks, read_attention
from periplus.prompts.a1111_prompt import read_script, refuse_networks
from periplus.prompts.a1111_schedule import schedule

from .target import Target
from .texts import texts

PIECES = (
    *(
        "(",
        ")",
        "[",
        "]",
        ":",
        "|",
        "\\",
        "\\(",
        "\\]",
        " ",
        ",",
        "a",
        "cat",
        "AND",
        "BREAK",
        "AND ",
    ),
    *(":1.2)", ":0.5]", "::3]", ":1", ".", "[a:b:0.5]", "[a|b]", "(a:1.1)", " :1.2 AND ", "1e999"),
    *("<lora:x:1>", "<lora:", ">", "embedding:x", "9" * 400, "-", "+", "AND "),
)
CALLS = (1, 2, 3, 20, 150)
AT_WORST = (
    *(bracket * 50_000 for bracket in ("(", "[", ")", "]", ":", "|", "\\", "[(", "([", "()", "[]")),
    *(
        "(" * 50_000 + ")" * 50_000,
        "[" * 50_000 + ":1]" * 50_000,
        "[a:" * 25_000 + ":1]" * 25_000,
    ),
    *("[a|b]" * 40_000, "[a:b:1]" * 30_000, "(a:1.1)" * 30_000, "a:b" * 60_000, "[[a|b]|" * 15_000),
    *(
        " AND " * 40_000,
        "BREAK " * 40_000,
        ": " * 50_000,
        "(a:" + " " * 100_000,
        ":1" + " " * 10**5,
    ),
    *(
        "<lora:" * 40_000,
        "(a:999999999)" * 30_000,
        "(" * 99 + "a" + ":999999999)" * 99,
        "[a:b:9e999]",
    ),
    *("\\\\" * 60_000, "[a:b:" + "9" * 100_000 + "]", "(a:1." + "0" * 100_000, ":" + "1" * 10**5),
    *("[a:b:9e999]", "[a:b:" + " " * 100_000, "a AND b:" + " " * 100_000 + "x"),
    "(a:0." + "1" * 10**5 + ")",
)


def _script(case: tuple[str, int, int, bool]) -> None:
    prompt, calls, before, composed = case
    script = read_script(prompt, calls, before, composed=composed)
    read_script.cache_clear()
    assert script.parts and script.only_text in (None, *script.texts)


def _schedule(case: tuple[str, int, int]) -> None:
    prompt, steps, before = case
    ends = [end for end, _ in schedule(prompt, steps, before)]
    assert ends == sorted(set(ends)) and ends[-1] == steps and ends[0] >= 1


def _attention(prompt: str) -> None:
    pieces = read_attention(prompt)
    assert sum(len(piece.text) for piece in pieces) <= len(prompt) * 2
    assert comfy_chunks(prompt)


TARGETS_OF_PROMPTS = (
    Target(
        "A1111 schedule",
        st.tuples(texts(PIECES), st.sampled_from(CALLS), st.sampled_from((0, 20))),
        _schedule,
        [*((text, 20, 0) for text in AT_WORST), ("[a|b]" * 20_000, 30_000, 0)],
    ),
    Target("A1111 attention", texts(PIECES), _attention, AT_WORST),
    Target(
        "A1111 script",
        st.tuples(texts(PIECES), st.sampled_from(CALLS), st.sampled_from((0, 20)), st.booleans()),
        _script,
        [(text, 20, 0, True) for text in AT_WORST],
    ),
    Target("A1111 networks", texts(PIECES), refuse_networks, AT_WORST),
)
"""The language piece by piece, and as a whole."""
