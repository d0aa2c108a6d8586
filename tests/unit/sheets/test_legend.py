from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from periplus.sheets import legend
from periplus.sheets.legend import (
    ANYWHERE,
    BUNDLED_FONT,
    JOINT,
    SPACE,
    TURN,
    boxed,
    choose_font,
    clean,
    fit_above,
    fit_beside,
    line_height,
    load_font,
    set_text,
    shorten,
    sizes_between,
    wrap,
)

FONT = load_font(BUNDLED_FONT, 12)
LONG_NAME = "ponyDiffusionV6XL_v6StartWithThisOneBakedVAE-pruned.fp16.saf"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=60) | st.text("ab1_-. Жй字W", max_size=60)


def em(count: float) -> int:
    return round(count * FONT.getlength("m"))


@given(TEXTS, st.integers(1, 200))
def test_wrapping_keeps_every_character(text: str, width: int) -> None:
    block = wrap(text, FONT, width)
    assert "".join(block.lines).replace(" ", "") == clean(text).replace(" ", "")
    assert block.height == len(block.lines) * line_height(FONT)


@given(st.text("abcXYZ01_-. жЖ", max_size=80), st.integers(20, 300))
def test_no_line_is_wider_than_asked_for(text: str, width: int) -> None:
    block = wrap(text, FONT, width)
    assert block.width <= width
    assert all(FONT.getlength(line) <= block.width for line in block.lines)


@pytest.mark.parametrize(
    ("text", "ems", "lines", "rank"),
    [
        ("DPM++ 2M SDE", 7, ("DPM++ 2M", "SDE"), SPACE),
        ("heun / karras", 4, ("heun /", "karras"), SPACE),
        ("dpmpp_2m_sde", 6, ("dpmpp_", "2m_sde"), JOINT),
        ("sd_xl_base_1.0", 6, ("sd_xl_base_", "1.0"), JOINT),
        ("models/base.st", 6, ("models/", "base.st"), JOINT),
        ("dreamShaper8", 6, ("dream", "Shaper8"), TURN),
        ("портретЗимой", 6, ("портрет", "Зимой"), TURN),
        ("aaaaaaaaaaaaaaaa", 5, ("aaaaaaa", "aaaaaaa", "aa"), ANYWHERE),
    ],
)
def test_lines_break_at_the_best_place(
    text: str, ems: int, lines: tuple[str, ...], rank: int
) -> None:
    block = wrap(text, FONT, em(ems))
    assert (block.lines, block.rank) == (lines, rank)


def test_numbers_are_not_broken_at_their_point() -> None:
    assert wrap("v1.25", FONT, em(2.5)).lines == ("v", "1.25")
    assert wrap("base.25", FONT, em(2.5)).lines == ("base", ".25")


def test_chinese_text_breaks_between_any_two_characters() -> None:
    assert wrap("一二三四五六", FONT, em(2)).rank == JOINT


def test_a_vowel_sign_stays_with_its_letter() -> None:
    width = round(1.5 * FONT.getlength("का"))
    assert set(wrap("का" * 20, FONT, width).lines) == {"का"}


def test_evening_out_keeps_the_number_of_lines() -> None:
    text = "a portrait in the park, soft light, film"
    wide, even = wrap(text, FONT, em(16)), set_text(text, FONT, em(16))
    assert len(even.lines) == len(wide.lines) == 2
    assert even.width < wide.width
    lengths = [FONT.getlength(line) for line in even.lines]
    assert min(lengths) > 0.7 * max(lengths)


@given(TEXTS, st.integers(1, 200))
def test_evening_out_never_makes_a_text_larger_or_its_breaks_worse(text: str, width: int) -> None:
    wide, even = wrap(text, FONT, width), set_text(text, FONT, width)
    assert even.width <= wide.width
    assert (even.height, even.rank <= wide.rank) == (wide.height, True)


def test_sizes_go_down_to_the_smallest() -> None:
    assert sizes_between(20, 11) == (20, 18, 16, 14, 13, 12, 11)
    assert sizes_between(11, 11) == (11,)


def test_labels_beside_take_the_largest_size_that_fits() -> None:
    labels = fit_beside(("10", "20"), (512, 512), 300, BUNDLED_FONT, (30, 20, 11))
    assert labels.size == 30
    assert [block.lines for block in labels.blocks] == [("10",), ("20",)]


def test_one_long_label_makes_all_labels_of_the_axis_smaller() -> None:
    labels = fit_beside(("10", LONG_NAME), (128, 128), 200, BUNDLED_FONT, (30, 20, 11))
    assert labels.size < 30
    assert max(block.width for block in labels.blocks) <= 200
    assert max(block.height for block in labels.blocks) <= 128


def test_a_label_beside_a_low_row_becomes_wider_before_the_row_grows() -> None:
    prompt = "a portrait of a woman in an autumn park, soft light, 35 mm film, high detail"
    low = fit_beside((prompt,), (30,), 150, BUNDLED_FONT, (11,))
    assert 150 < low.width <= 300


def test_labels_stand_upright_above_columns_that_are_wide_enough() -> None:
    for width in (128, 256, 1024):
        labels = fit_above(("euler", "dpmpp_2m_sde_gpu"), (width, width), BUNDLED_FONT, (20, 11))
        assert not labels.turned
        assert labels.width <= width


def test_long_names_above_narrow_columns_are_turned_and_fit_them() -> None:
    labels = fit_above((LONG_NAME, "euler"), (64, 64), BUNDLED_FONT, (11,))
    assert labels.turned
    assert labels.width <= 64
    assert labels.height <= 200


def test_a_word_without_any_joint_is_broken_above_wide_columns() -> None:
    labels = fit_above(("n" * 60,), (1024,), BUNDLED_FONT, (50, 35))
    assert not labels.turned
    assert labels.width <= 1024


def test_a_long_prompt_above_a_wide_column_takes_the_lines_it_needs() -> None:
    labels = fit_above(("word " * 200,), (256,), BUNDLED_FONT, (18, 13))
    assert (labels.turned, labels.size) == (False, 13)
    assert labels.width <= 256


def test_shortening_ends_with_an_ellipsis_after_a_whole_word() -> None:
    block = shorten("CUDA out of memory while sampling", FONT, em(6), 2 * line_height(FONT))
    assert block.lines == ("CUDA out", "of…")


def test_shortening_leaves_alone_what_fits() -> None:
    assert shorten("no file", FONT, 200, 100).lines == ("no file",)


@given(TEXTS, st.integers(1, 120), st.integers(1, 60))
def test_a_shortened_text_keeps_to_its_box(text: str, width: int, height: int) -> None:
    block = shorten(text, FONT, width, height)
    assert block.height <= height
    if block.rank < ANYWHERE:
        assert block.width <= width


def test_labels_lose_control_characters_and_runs_of_space() -> None:
    assert clean(" a\n\tb\x00\u200b\ud800  c ") == "a b c"


def test_what_only_says_how_an_emoji_looks_takes_no_room() -> None:
    assert clean("\u26f5\ufe0f ship") == "\u26f5 ship"


def test_letters_that_a_font_lacks_are_found() -> None:
    assert boxed(["a 中 b", "文 а"], BUNDLED_FONT) == {"中", "文"}


def test_decomposed_letters_are_composed() -> None:
    assert clean("и\u0306") == "й"


def test_the_bundled_font_has_latin_greek_and_cyrillic() -> None:
    assert choose_font(["Größe çœur — × …", "αβγ", "Съешь ещё этих булок, їжак"]) == BUNDLED_FONT


def test_a_text_that_no_font_has_keeps_the_bundled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legend, "SYSTEM_FONTS", (Path("no/such/font.ttf"),))
    assert choose_font(["中文"]) == BUNDLED_FONT
    assert FONT.getlength("中") > 0


def test_a_system_font_is_taken_when_it_has_more_of_the_text(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    system = tmp_path / "system.ttf"
    shutil.copy(BUNDLED_FONT, system)
    missing = {BUNDLED_FONT: {"中", "文"}, system: {"文"}}
    monkeypatch.setattr(legend, "SYSTEM_FONTS", (system,))
    monkeypatch.setattr(legend, "_missing", lambda path, characters: missing[path])
    assert choose_font(["中文"]) == system
    missing[system] = {"中", "文"}
    assert choose_font(["中文"]) == BUNDLED_FONT
    assert isinstance(load_font(system, 12), ImageFont.FreeTypeFont)


def test_a_text_that_nobody_would_read_is_cut() -> None:
    assert legend.clean("x" * 2000) == "x" * 2000
    assert legend.clean("x" * 2001) == "x" * 2000 + "…"
