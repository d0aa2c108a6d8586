"""Values texts of every kind of axis."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from hypothesis import strategies as st

from periplus.axes.axis import Axis, SetField
from periplus.axes.axis_kinds import (
    MATCHES,
    NUMBERS,
    PROMPTS,
    SEED_MODES,
    TARGETS,
    file_axis,
    name_axis,
    number_axis,
    prompt_axis,
    prompt_sr_axis,
    sampler_scheduler_axis,
    seed_axis,
    size_axis,
)
from periplus.axes.combine import MODES, combine
from periplus.axes.lora_axis import lora_axis
from periplus.axes.upscaler_axis import upscaler_axis
from periplus.axes.values import MAX_VALUES
from periplus.errors import PeriplusError
from periplus.graphs.input_axis import NodeInput, input_axis
from periplus.recipe import Recipe
from periplus.sweep import expand
from periplus.work.chosen_cells import check_choice, choose

from .target import Target
from .texts import texts

FILES = [
    *(f"folder/Model_{i}.safetensors" for i in range(500)),
    *("a+b.ckpt", "name:0.5.pt", "!odd.pt", "*.pt", "#1.pt", "кот.safetensors", "dot.", "x [y].pt"),
]
SAMPLERS = ["euler", "euler_ancestral", "dpmpp_2m", "dpmpp_2m_sde_gpu", "heun", "ddim", "lms"]
SCHEDULERS = ["normal", "karras", "exponential", "sgm_uniform", "ddim_uniform", "beta"]
RECIPE = Recipe("a cat", "a dog", 1, 20, 7.0, "euler", "normal")

SYNTAX = (",", ", ", "\n", '"', '""', " ", "-", "#", "!", "*")
NUMERALS = (*SYNTAX, "1", "0.5", "20", "1e-3", "1-5", "(+1)", "[5]", "(", ")", "[", "]", "1e99")
NAMES = (*SYNTAX, "euler", "Euler a", "DPM++ 2M Karras", "/", "karras", "\\", "[31e35c80fc]", "+")
FILE_NAMES = (*NAMES, "Model_1", "MODEL_2", "folder/Model_3", ":", ":0.8", "none", "a+b.ckpt", ".")
SIZES = (*SYNTAX, "512x768", "512", "x", "×", "16384", "8")
WORDS = (*SYNTAX, "cat", "a cat", "dog", "# no", "a")

BLANKS, NESTED = " " * 100_000, "(" * 100_000
CELLS = (*SYNTAX, "x", "y", "z", "x1", "y2", "z3", "1", "9", "100", "0", "X")
CELLS_AT_WORST = (
    *("x1," * 99_999, "x1-100 y1-100\n" * 25_000, "x" * 10**5, "x1-" * 10**5, "x" + "1" * 10**6),
    *(f"x1{BLANKS}-{BLANKS}2{BLANKS}z", "".join(f"x{i}-100 y{i}," for i in range(1, 101)) * 300),
)
GRID = expand(RECIPE, number_axis("steps", "1-100"), number_axis("cfg", "1-100"))
NUMBERS_AT_WORST = (
    *("1-1000000000", "1-1000000000 [1000000000]", "0-1 (0.0000000001)", "1e99-9e99", "9" * 10**6),
    *(f"1-2 ({BLANKS}x", f'"{BLANKS}x"', f"1{BLANKS}-{BLANKS}2 [{BLANKS}", '"' * 99_999, NESTED),
    *("1," * 200_000, "0-99999," * 50, "\n" * 10**6, '"' + '""' * 10**5 + "x"),
)
NAMES_AT_WORST = (
    *("a" + BLANKS + "b", "x" * 10**6, "euler," * 20_000, "EULER," * 20_000, "*," * 20_000),
    *("euler,*," * 20_000, "euler," + "!zz," * 20_000, "#\n" * 20_000, "[" * 10**5, "/" * 10**5),
)
FILES_AT_WORST = (
    *NAMES_AT_WORST,
    *("model_7," * 20_000, "+".join(["model_7"] * 20_000), ":" * 10**5, " :1" * 20_000, "ab" * 99),
    *("Model_1," * 20_000, "odel_77," * 10_000, "+" * 10**5, "a:" + "1" * 10**5),
)
"""Lists of the length that a text of some 400,000 characters can have."""


def _axis(parameter: str) -> Callable[[str], Axis]:
    return lambda text: number_axis(parameter, text)


def _seeds(case: tuple[str, int, int, str]) -> Axis:
    text, count, start, mode = case
    return seed_axis(text, count, start, mode, draw=0)


def _inputs(case: tuple[str, str]) -> Axis:
    kind, text = case
    options = tuple(FILES) if kind == "COMBO" else ()
    bounds = (0, 100) if kind in ("INT", "FLOAT") else (None, None)
    return input_axis(NodeInput("3", "Node", "input", kind, options, *bounds), text)


def _replaced(case: tuple[str, str, str, str, str]) -> None:
    text, prompt, target, match, placeholder = case
    recipe = Recipe(prompt, prompt, 1, 20, 7.0, "euler", "normal")
    expand(recipe, prompt_sr_axis(text, target, placeholder, match))


def _combined(case: tuple[str, str, str]) -> Axis:
    a, b, mode = case
    first, second = number_axis("cfg", a), prompt_axis(b, "positive")
    with suppress(PeriplusError):
        first = combine(first, second, mode)
    return combine(first, first, "join")


def _files(text: str) -> None:
    file_axis("VAE", text, FILES, lambda name: SetField("vae_name", name), without="baked")
    name_axis("ckpt_name", "checkpoint", text, FILES)


def _chosen(text: str) -> None:
    with suppress(PeriplusError):
        check_choice(text)
    choose(text, GRID)


TARGETS_OF_VALUES = (
    *(
        Target(f"numbers: {name}", texts(NUMERALS), _axis(name), NUMBERS_AT_WORST)
        for name in ("steps", "cfg", "width")
        if name in NUMBERS
    ),
    Target(
        "seeds",
        st.tuples(texts(NUMERALS), st.integers(), st.integers(), st.sampled_from(SEED_MODES)),
        _seeds,
        [("", 10**9, 1, "increment"), ("", MAX_VALUES, -1, "random"), ("-1", 0, 0, "random")],
    ),
    Target(
        "names",
        texts(NAMES),
        lambda text: name_axis("sampler_name", "sampler", text, SAMPLERS),
        NAMES_AT_WORST,
    ),
    Target("files", texts(FILE_NAMES), _files, FILES_AT_WORST),
    Target(
        "A1111's labels",
        texts(NAMES),
        lambda text: sampler_scheduler_axis(text, SAMPLERS, SCHEDULERS),
        NAMES_AT_WORST,
    ),
    Target("LoRAs", texts(FILE_NAMES), lambda text: lora_axis(text, FILES), FILES_AT_WORST),
    Target("upscalers", texts(FILE_NAMES), lambda text: upscaler_axis(text, FILES), FILES_AT_WORST),
    Target("sizes", texts(SIZES), size_axis, (*NUMBERS_AT_WORST, "512x" + BLANKS, "8x8," * 20_000)),
    Target(
        "prompts",
        st.tuples(texts(WORDS), st.sampled_from(PROMPTS)),
        lambda case: prompt_axis(*case),
        [('"' * 99_999, "positive"), ("#\n" * 10**5, "negative"), ("a\n" * 10**5, "positive")],
    ),
    Target(
        "search and replace",
        st.tuples(
            *(texts(WORDS), texts(WORDS), st.sampled_from(TARGETS), st.sampled_from(MATCHES)),
            st.sampled_from(["", "{hero}", "a"]),
        ),
        _replaced,
        [
            ("a," + "b" * 10**5, "a" * 10**5, "both", "any", ""),
            (f"a{BLANKS}b, c", "a" + BLANKS, "both", "word", ""),
        ],
    ),
    Target(
        "node inputs",
        st.tuples(
            st.sampled_from(["INT", "FLOAT", "STRING", "BOOLEAN", "COMBO", "MODEL"]),
            texts(FILE_NAMES) | texts(NUMERALS),
        ),
        _inputs,
        [
            *(("COMBO", text) for text in FILES_AT_WORST),
            *(("INT", text) for text in NUMBERS_AT_WORST),
        ],
    ),
    Target("cells of a sweep", texts(CELLS), _chosen, CELLS_AT_WORST),
    Target(
        "combined axes",
        st.tuples(texts(NUMERALS), texts(WORDS), st.sampled_from(MODES)),
        _combined,
        [("0-99 [1000]", "a\n" * 1000, "cross"), ("1-9 [50000]", "a\n" * 20_000, "join")],
    ),
)
"""One for each parser of values."""
