"""Typed names: what resolves, what is refused, and which name is offered instead."""

from __future__ import annotations

import pytest

from periplus.axes.names import check_name, nearest, resolve_name, resolve_names, split_names
from periplus.axes.values import Item
from periplus.errors import PeriplusError, ValuesError

SAMPLERS = ["euler", "euler_ancestral", "heun", "dpm_2", "lms", "dpmpp_2m", "uni_pc"]
FILES = [
    "sd_xl_base_1.0.safetensors",
    "SDXL/dreamshaper_8_pruned_fp16.safetensors",
    "SDXL\\juggernaut.ckpt",
    "old/anything.ckpt",
    "new/anything.safetensors",
    "Upper.safetensors",
    "upper.safetensors",
]


def refusal(text: str, options: list[str], what: str = "checkpoint") -> str:
    with pytest.raises(ValuesError) as error:
        resolve_name(Item(text, 2), options, what=what)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sd_xl_base_1.0.safetensors", "sd_xl_base_1.0.safetensors"),
        ("upper.safetensors", "upper.safetensors"),
        ("SD_XL_Base_1.0.safetensors", "sd_xl_base_1.0.safetensors"),
        ("sd_xl_base_1.0", "sd_xl_base_1.0.safetensors"),
        ("sd_xl_base_1.0.safetensors [31e35c80fc]", "sd_xl_base_1.0.safetensors"),
        ("SDXL\\dreamshaper_8_pruned_fp16", "SDXL/dreamshaper_8_pruned_fp16.safetensors"),
        ("dreamshaper_8_pruned_fp16.safetensors", "SDXL/dreamshaper_8_pruned_fp16.safetensors"),
        ("sdxl/juggernaut.ckpt", "SDXL\\juggernaut.ckpt"),
        ("juggernaut", "SDXL\\juggernaut.ckpt"),
        ("old/anything", "old/anything.ckpt"),
        ("anything.safetensors", "new/anything.safetensors"),
        ("juggernaut.ck", "SDXL\\juggernaut.ckpt"),
        ("Shaper_8", "SDXL/dreamshaper_8_pruned_fp16.safetensors"),
    ],
)
def test_a_name_resolves_when_it_can_mean_one_file_only(text: str, expected: str) -> None:
    assert resolve_name(Item(text, 1), FILES, what="checkpoint") == expected


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("anything", "old/anything.ckpt, new/anything.safetensors"),
        ("UPPER.safetensors", "Upper.safetensors, upper.safetensors"),
        ("any", "old/anything.ckpt, new/anything.safetensors"),
    ],
)
def test_an_ambiguous_name_is_refused_with_its_candidates(text: str, candidates: str) -> None:
    assert refusal(text, FILES) == (
        f"item 2 '{text}' fits more than one checkpoint; write one in full: {candidates}"
    )


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    assert refusal("eulr", SAMPLERS, "sampler") == (
        "item 2 'eulr' is not a sampler of this ComfyUI; nearest: euler"
    )


def test_a_name_like_no_other_is_refused_with_some_that_are_valid() -> None:
    assert refusal("xyzzy", SAMPLERS, "upscale model") == (
        "item 2 'xyzzy' is not an upscale model of this ComfyUI; "
        "valid: euler, euler_ancestral, heun, dpm_2, lms and 2 more"
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Eulr", "euler"),
        ("dpmp_2m", "dpmpp_2m"),
        ("jugernaut", "SDXL\\juggernaut.ckpt"),
        ("dreamshaper", "SDXL/dreamshaper_8_pruned_fp16.safetensors"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_nearest_finds_misspellings_and_parts_of_names(name: str, expected: str | None) -> None:
    assert nearest(name, SAMPLERS + FILES) == expected


def test_empty_text_means_every_name() -> None:
    assert resolve_names(" \n", SAMPLERS, what="sampler") == tuple(SAMPLERS)


def test_listed_names_keep_their_order_and_take_comfyuis_spelling() -> None:
    assert resolve_names("Heun, euler\nheun", SAMPLERS, what="sampler") == ("heun", "euler", "heun")


def test_the_position_of_a_bad_name_is_told() -> None:
    with pytest.raises(ValuesError, match=r"^item 3 'hein' is not a sampler .* nearest: heun$"):
        resolve_names("euler, lms, hein", SAMPLERS, what="sampler")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", SAMPLERS),
        ("lms, *", ["lms", *(name for name in SAMPLERS if name != "lms")]),
        ("*, *", SAMPLERS),
        ("!heun", [name for name in SAMPLERS if name != "heun"]),
        ("!euler", [name for name in SAMPLERS if name != "euler"]),
        ("!EUL", ["heun", "dpm_2", "lms", "dpmpp_2m", "uni_pc"]),
        ("! dpm, !no_such", ["euler", "euler_ancestral", "heun", "lms", "uni_pc"]),
        ("heun, *, !euler, !p", ["heun", "euler_ancestral", "lms"]),
        ("!lms, heun, lms", ["heun"]),
        ('# not now: heun\neuler\n  # lms, "heun\r\nlms', ["euler", "lms"]),
        ("# nothing is listed", SAMPLERS),
        ("# all but\n!m", ["euler", "euler_ancestral", "heun", "uni_pc"]),
    ],
)
def test_stars_exclamation_marks_and_comments_in_a_list(text: str, expected: list[str]) -> None:
    assert resolve_names(text, SAMPLERS, what="sampler") == tuple(expected)


def test_a_file_is_left_out_by_the_spelling_that_fits_it_best() -> None:
    files = ["a/ship.ckpt", "b/ship.ckpt", "ship", "shipwreck.ckpt"]

    def kept(text: str) -> list[str]:
        return list(resolve_names(text, files, what="checkpoint"))

    assert kept("!ship") == ["a/ship.ckpt", "b/ship.ckpt", "shipwreck.ckpt"]
    assert kept("!ship.ckpt") == ["ship", "shipwreck.ckpt"]
    assert kept("!A\\Ship") == ["b/ship.ckpt", "ship", "shipwreck.ckpt"]
    assert kept("!shipw") == ["a/ship.ckpt", "b/ship.ckpt", "ship"]


@pytest.mark.parametrize("name", ["#1.ckpt", "!new.ckpt", "*.ckpt", "*"])
def test_a_name_that_begins_with_a_sign_still_means_itself(name: str) -> None:
    files = ["old.ckpt", name]
    spellings = (name, name.removesuffix(".ckpt"), f'"{name}"', f"{name}, old")
    for text in spellings:
        assert resolve_names(text, files, what="checkpoint")[0] == name
    assert resolve_names(f"!{name}", files, what="checkpoint") == ("old.ckpt",)


def test_a_sign_in_the_middle_of_a_name_or_a_line_is_no_sign() -> None:
    files = ["no#1.ckpt", "wow!.ckpt", "a*b.ckpt"]
    assert resolve_names("wow!, no#1, a*b", files, what="checkpoint") == (
        "wow!.ckpt",
        "no#1.ckpt",
        "a*b.ckpt",
    )
    with pytest.raises(ValuesError, match="item 2 '# heun'"):
        resolve_names("lms, # heun", SAMPLERS, what="sampler")


@pytest.mark.parametrize("text", ["!e, !m, !pc, !dpm", "heun, !heun", "*, !_, !e, !l"])
def test_a_list_that_leaves_out_everything_is_refused(text: str) -> None:
    with pytest.raises(ValuesError, match=r"^every sampler is left out; take away one of the !"):
        resolve_names(text, SAMPLERS, what="sampler")


@pytest.mark.parametrize("text", ["lms, !", "lms, ! "])
def test_an_exclamation_mark_alone_is_refused(text: str) -> None:
    with pytest.raises(ValuesError, match=r"item 2 '!' leaves out nothing; .* such as !name"):
        resolve_names(text, SAMPLERS, what="sampler")


def test_an_empty_name_fits_nothing() -> None:
    with pytest.raises(ValuesError, match="item 1 '' is not a sampler"):
        resolve_names('""', SAMPLERS, what="sampler")


def test_comments_do_not_count_as_items() -> None:
    items = split_names("# one\neuler, heun\n#two, three\nlms", SAMPLERS)
    assert [(item.text, item.position) for item in items] == [
        ("euler", 1),
        ("heun", 2),
        ("lms", 3),
    ]


@pytest.mark.parametrize("text", ["", "model"])
def test_no_options_at_all_is_told(text: str) -> None:
    with pytest.raises(ValuesError, match=r"^no checkpoint found in ComfyUI's models folder$"):
        resolve_names(text, [], what="checkpoint")


@pytest.mark.parametrize("name", ["euler", None])
def test_a_choice_in_its_list_or_not_known_yet_passes(name: str | None) -> None:
    check_name(name, SAMPLERS, what="sampler_name")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Eular", "sampler_name 'Eular' is not in its list; nearest: euler"),
        ("EULER", "sampler_name 'EULER' is not in its list; nearest: euler"),
        ("", "sampler_name '' is not in its list; valid: euler, euler_ancestral, heun, dpm_2, lms"),
    ],
)
def test_a_choice_outside_its_list_is_refused_with_the_nearest(name: str, expected: str) -> None:
    with pytest.raises(PeriplusError) as error:
        check_name(name, SAMPLERS, what="sampler_name")
    assert str(error.value).startswith(expected)


def test_a_text_that_is_too_long_to_be_a_misspelling_has_no_nearest_name() -> None:
    assert nearest("eulr" * 100, ["euler" * 100]) is None
    assert nearest("eulr" * 10, ["euler" * 10]) == "euler" * 10


def test_a_star_after_all_names_adds_none() -> None:
    assert resolve_names("lms, *, *", SAMPLERS, what="sampler") == (
        "lms",
        *(name for name in SAMPLERS if name != "lms"),
    )
