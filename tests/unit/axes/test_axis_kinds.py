"""From values text to an axis: bounds, labels, seeds, names, pairs and search texts."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes.axis import Axis, ReplaceText, SetField
from periplus.axes.axis_kinds import (
    MAX_RANDOM_SEED,
    MAX_SEED,
    NUMBERS,
    file_axis,
    name_axis,
    number_axis,
    prompt_axis,
    prompt_sr_axis,
    sampler_scheduler_axis,
    seed_axis,
    short_names,
    size_axis,
)
from periplus.errors import PeriplusError, ValuesError

SAMPLERS = ["euler", "euler_ancestral", "heun", "dpmpp_2m", "uni_pc"]
SCHEDULERS = ["normal", "karras", "simple"]
CHECKPOINTS = ["sdxl/base_1.0.safetensors", "v1-5.ckpt", "old\\anything.ckpt", "anything.ckpt"]


def overrides(axis: Axis) -> list[tuple[object, ...]]:
    return [point.overrides for point in axis.points]


def seeds(values: str = "", count: int = 0, start: int = -1, mode: str = "increment") -> Axis:
    return seed_axis(values, count, start, mode, draw=7)


# Numbers


@pytest.mark.parametrize(
    ("parameter", "values", "labels", "numbers"),
    [
        ("steps", "10-20 (+5), 1", ("10", "15", "20", "1"), (10, 15, 20, 1)),
        ("cfg", "7, 7.50, 0-0.3 (0.1)", ("7", "7.5", "0", "0.1", "0.2", "0.3"), None),
        ("switch_at", "0, 1", ("0", "1"), (0.0, 1.0)),
        ("width", "512", ("512",), (512,)),
    ],
)
def test_a_number_axis_sets_its_parameter_and_labels_it_shortly(
    parameter: str, values: str, labels: tuple[str, ...], numbers: tuple[float, ...] | None
) -> None:
    axis = number_axis(parameter, values)
    assert axis.name == parameter
    assert axis.labels == labels
    assert axis.values == (numbers or (7.0, 7.5, 0.0, 0.1, 0.2, 0.3))
    assert axis.fields == {parameter}


def test_the_bounds_are_those_of_comfyuis_own_nodes() -> None:
    assert {n.field: (n.minimum, n.maximum) for n in NUMBERS.values()} == {
        "steps": (1, 10_000),
        "cfg": (0, 100),
        "denoise": (0, 1),
        "clip_skip": (0, 24),
        "lora_strength": (-100, 100),
        "switch_at": (0, 1),
        "hires_denoise": (0, 1),
        "hires_steps": (0, 10_000),
        "hires_scale": (1, 8),
        "width": (16, 16_384),
        "height": (16, 16_384),
    }


@pytest.mark.parametrize("parameter", NUMBERS)
def test_a_number_axis_takes_its_bounds_and_nothing_beyond(parameter: str) -> None:
    number = NUMBERS[parameter]
    axis = number_axis(parameter, f"{number.minimum}, {number.maximum}")
    assert axis.values == (number.minimum, number.maximum)
    kind = int if number.whole else float
    assert {type(value) for value in axis.values} == {kind}
    step = 1 if number.whole else 0.01
    for beyond in (number.minimum - step, number.maximum + step):
        with pytest.raises(ValuesError, match=f"item 2 '{beyond}' is (below|above) the m"):
            number_axis(parameter, f"{number.minimum}, {beyond}")


def test_a_fraction_of_a_step_is_refused() -> None:
    with pytest.raises(ValuesError, match=r"item 2 '20\.5' is not a whole number"):
        number_axis("steps", "20, 20.5")


@pytest.mark.parametrize("values", ["", " , \n"])
def test_an_empty_number_axis_is_refused_with_an_example(values: str) -> None:
    with pytest.raises(ValuesError, match=r"values is empty; .* 20, 25, 30"):
        number_axis("steps", values)


# Seeds


def test_listed_seeds_come_first_then_count_more() -> None:
    axis = seeds("5, 0, 18446744073709551615", count=3, start=100)
    assert axis.values == (5, 0, MAX_SEED, 100, 101, 102)
    assert axis.labels == ("5", "0", "18446744073709551615", "100", "101", "102")
    assert axis.fields == {"seed"}


def test_increment_wraps_around_after_the_last_seed() -> None:
    assert seeds(count=3, start=MAX_SEED - 1).values == (MAX_SEED - 1, MAX_SEED, 0)


def test_each_minus_one_is_drawn_once_and_becomes_a_seed_of_its_own() -> None:
    axis = seeds("-1, 7, -1")
    first, listed, second = axis.values
    assert listed == 7
    assert first != second
    assert axis.labels == (str(first), "7", str(second))
    assert overrides(axis)[0] == (SetField("seed", first),)


def test_increment_from_a_random_start_counts_on_from_one_draw() -> None:
    first, second, third = (int(value) for value in seeds(count=3).values)
    assert (second, third) == (first + 1, first + 2)
    assert seeds(count=1).values == (first,)


def test_random_seeds_are_reproducible_from_their_start() -> None:
    other_draw = seed_axis("", 5, 42, "random", draw=8)
    assert seeds(count=5, start=42, mode="random") == other_draw
    assert len(set(other_draw.values)) == 5
    assert seeds(count=5, start=43, mode="random") != other_draw


def test_a_longer_random_axis_begins_with_the_shorter_one() -> None:
    long = seeds(count=8, start=42, mode="random").values
    assert long[:3] == seeds(count=3, start=42, mode="random").values


def test_random_seeds_without_a_start_come_from_the_draw() -> None:
    one, other = (seed_axis("", 3, -1, "random", draw=n) for n in (1, 2))
    assert one != other
    assert one == seed_axis("", 3, -1, "random", draw=1)


@given(st.integers(), st.sampled_from(["increment", "random"]))
def test_drawn_seeds_stay_exact_in_every_json_reader(entropy: int, mode: str) -> None:
    axis = seed_axis("-1", 1, -1, mode, entropy)
    assert all(0 <= int(seed) <= MAX_RANDOM_SEED < 2**53 for seed in axis.values)


@pytest.mark.parametrize("values", ["1, -2", "1, 18446744073709551616", "1, 0.5"])
def test_what_is_no_seed_is_refused_with_its_position(values: str) -> None:
    with pytest.raises(ValuesError, match="item 2 "):
        seeds(values)


def test_no_seed_at_all_is_refused() -> None:
    with pytest.raises(ValuesError, match=r"values is empty; .* a count above 0"):
        seeds("", count=0)


def test_an_unknown_mode_is_refused_with_the_nearest() -> None:
    with pytest.raises(PeriplusError, match=r"mode 'incremental' .* nearest: increment"):
        seeds(count=1, mode="incremental")


# Names


def test_a_name_axis_sets_the_name_as_comfyui_spells_it() -> None:
    axis = name_axis("sampler_name", "sampler", "Heun, euler", SAMPLERS)
    assert axis.name == "sampler"
    assert axis.labels == ("heun", "euler")
    assert overrides(axis) == [
        (SetField("sampler_name", "heun"),),
        (SetField("sampler_name", "euler"),),
    ]


def test_an_empty_name_axis_has_all_names() -> None:
    assert name_axis("scheduler", "scheduler", "", SCHEDULERS).labels == tuple(SCHEDULERS)


def test_an_unknown_name_is_refused_with_its_position_and_the_nearest_one() -> None:
    with pytest.raises(ValuesError, match=r"item 2 'huen' is not a sampler .* nearest: heun"):
        name_axis("sampler_name", "sampler", "euler, huen", SAMPLERS)


def test_an_a1111_label_in_a_comment_is_no_mistake() -> None:
    values = "# Euler a, DPM++ 2M Karras\nheun"
    assert name_axis("sampler_name", "sampler", values, SAMPLERS).labels == ("heun",)


def test_checkpoints_are_labelled_shortly_but_set_in_full() -> None:
    axis = name_axis("ckpt_name", "checkpoint", "v1-5, base_1.0", CHECKPOINTS)
    assert axis.labels == ("v1-5", "base_1.0")
    assert axis.values == ("v1-5.ckpt", "sdxl/base_1.0.safetensors")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a/one.ckpt", "b\\two.safetensors", "three.1.ckpt"], ("one", "two", "three.1")),
        (["a/one.ckpt", "b/one.ckpt", "two.ckpt"], ("a/one.ckpt", "b/one.ckpt", "two")),
        (["one.ckpt", "one.safetensors"], ("one.ckpt", "one.safetensors")),
        (["one.ckpt", "one.ckpt"], ("one", "one")),
        (["a/one.ckpt", "a/one.ckpt", "one.ckpt"], ("a/one.ckpt", "a/one.ckpt", "one.ckpt")),
    ],
)
def test_short_names_drop_folder_and_extension_where_that_is_clear(
    names: list[str], expected: tuple[str, ...]
) -> None:
    assert short_names(names) == expected


@given(st.lists(st.from_regex(r"\A(a/|b/)?[xy]{1,2}\.(ckpt|safetensors)\Z"), max_size=8))
def test_different_files_never_share_a_short_name(names: list[str]) -> None:
    by_label: dict[str, set[str]] = {}
    for label, name in zip(short_names(names), names, strict=True):
        by_label.setdefault(label, set()).add(name)
    assert all(len(files) == 1 for files in by_label.values())


VAES = ["sepia.safetensors", "sd/mse.ckpt", "taesd"]


def vaes(values: str) -> Axis:
    return file_axis("VAE", values, VAES, partial(SetField, "vae_name"), without="baked")


@pytest.mark.parametrize(
    ("values", "labels", "names"),
    [
        ("", ("sepia", "mse", "taesd"), tuple(VAES)),
        ("Baked, mse", ("baked", "mse"), ("", "sd/mse.ckpt")),
        ("baked, tae, *", ("baked", "taesd", "sepia", "mse"), ("", "taesd", *VAES[:2])),
        ("baked, *, !s", ("baked",), ("",)),
    ],
)
def test_a_file_axis_has_a_word_for_no_file(
    values: str, labels: tuple[str, ...], names: tuple[str, ...]
) -> None:
    axis = vaes(values)
    assert (axis.name, axis.labels, axis.values) == ("VAE", labels, names)


def test_an_unknown_file_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ValuesError, match=r"VAE axis: item 2 'seppia' is not a VAE .* sepia"):
        vaes("baked, seppia")


# Samplers with their schedulers


def test_a_pair_sets_sampler_and_scheduler_together() -> None:
    axis = sampler_scheduler_axis("heun/karras, DPM++ 2M Karras", SAMPLERS, SCHEDULERS)
    assert axis.name == "sampler"
    assert axis.labels == ("heun/karras", "DPM++ 2M Karras")
    assert overrides(axis) == [
        (SetField("sampler_name", "heun"), SetField("scheduler", "karras")),
        (SetField("sampler_name", "dpmpp_2m"), SetField("scheduler", "karras")),
    ]
    assert axis.notes == ()


def test_a_label_without_an_equal_carries_its_note() -> None:
    axis = sampler_scheduler_axis("Euler a, UniPC", SAMPLERS, SCHEDULERS)
    assert [note.partition(":")[0] for note in axis.notes] == ["UniPC"]
    assert axis.points[1].note.startswith("drawn with uni_pc/normal, the nearest; ")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("heun/karras, euler", "item 2 'euler' names no scheduler; write euler/normal"),
        ("heun/karras, heun/karas", "item 2 .* nearest: karras"),
        ("LMS", "item 1 'LMS' needs the sampler lms"),
        ("", "values is empty; .* dpmpp_2m/karras, Euler a"),
    ],
)
def test_what_is_no_pair_is_refused(values: str, told: str) -> None:
    with pytest.raises(ValuesError, match=told):
        sampler_scheduler_axis(values, SAMPLERS, SCHEDULERS)


# Prompt search and replace


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ("cat, dog, bird", ["cat", "dog", "bird"]),
        ('"a cat, red", "a dog, ""big"""', ["a cat, red", 'a dog, "big"']),
        ('" cat", " dog "', [" cat", " dog "]),
        ("<lora:x:0.5>, <lora:x:1>", ["<lora:x:0.5>", "<lora:x:1>"]),
        ("cat\ndog", ["cat", "dog"]),
    ],
)
def test_each_text_replaces_the_first_which_is_a_value_too(values: str, texts: list[str]) -> None:
    axis = prompt_sr_axis(values, "negative")
    assert axis.labels == tuple(texts)
    assert overrides(axis) == [(ReplaceText(texts[0], text, "negative"),) for text in texts]
    assert axis.fields == frozenset()


def test_quotes_with_nothing_between_delete_the_text() -> None:
    axis = prompt_sr_axis('", red", ""', "both")
    assert axis.labels == (", red", "(nothing)")
    assert axis.values == (", red", "")


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("", "values is empty; .* cat, dog, bird"),
        ('"", dog', "item 1 '' is empty; the first item is the text to search for"),
        ('cat, "dog', "item 2 .* never closed"),
    ],
)
def test_a_search_and_replace_without_a_search_text_is_refused(values: str, told: str) -> None:
    with pytest.raises(ValuesError, match=told):
        prompt_sr_axis(values, "both")


@pytest.mark.parametrize("placeholder", ["{hero}", " {hero} "])
def test_all_values_take_the_place_of_a_placeholder(placeholder: str) -> None:
    axis = prompt_sr_axis('knight, "", wizard', "positive", placeholder)
    assert (axis.name, axis.labels) == ("{hero}", ("knight", "(nothing)", "wizard"))
    assert overrides(axis) == [
        (ReplaceText("{hero}", text, "positive", is_placeholder=True),)
        for text in ("knight", "", "wizard")
    ]


@pytest.mark.parametrize("placeholder", ["", "{hero}"])
def test_whole_words_are_searched_where_asked_for(placeholder: str) -> None:
    axis = prompt_sr_axis("cat, dog", "both", placeholder, "word")
    assert {point.overrides[0].match for point in axis.points} == {"word"}  # type: ignore[attr-defined]


def test_a_placeholder_that_is_blank_is_none() -> None:
    assert prompt_sr_axis("cat, dog", "both", "  ") == prompt_sr_axis("cat, dog", "both")


def test_a_placeholder_without_values_is_refused() -> None:
    with pytest.raises(ValuesError, match=r"\{hero\} axis: values is empty"):
        prompt_sr_axis("", "both", "{hero}")


def test_an_unknown_match_is_refused_with_the_nearest() -> None:
    with pytest.raises(PeriplusError, match=r"match 'words' .* nearest: word"):
        prompt_sr_axis("cat, dog", "both", match="words")


def test_an_unknown_target_is_refused_with_the_nearest() -> None:
    with pytest.raises(PeriplusError, match=r"target 'Positive' .* nearest: positive"):
        prompt_sr_axis("cat, dog", "Positive")


@pytest.mark.parametrize("parameter", ["width", "height"])
def test_a_side_that_no_latent_has_is_refused_with_the_nearest(parameter: str) -> None:
    with pytest.raises(ValuesError, match="item 2 '70' is not a multiple of 8; nearest: 72"):
        number_axis(parameter, "64, 70")
    with pytest.raises(ValuesError, match=r"item 1 '64-80 \(\+4\)' gives 68, which is not a mul"):
        number_axis(parameter, "64-80 (+4)")


# Sizes


def test_a_size_sets_width_and_height() -> None:
    axis = size_axis("512x768, 768 X 512\n16\u00d716384")
    assert axis.name == "size"
    assert axis.labels == ("512x768", "768x512", "16x16384")
    assert overrides(axis)[0] == (SetField("width", 512), SetField("height", 768))
    assert axis.fields == {"width", "height"}


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("512", "is not a size; write width x height"),
        ("512x", "is not a size"),
        ("-8x512", "is not a size"),
        ("512x768x3", "is not a size"),
        ("70x512", "has a width of 70; it must be a multiple of 8 between 16 and 16384; near.* 72"),
        ("512x8", "has a height of 8; it must be .*; nearest: 16"),
        ("16392x8", "has a width of 16392; it must be .*; nearest: 16384"),
    ],
)
def test_what_is_no_size_is_refused(item: str, told: str) -> None:
    with pytest.raises(ValuesError, match=f"size axis: item 2 '{item}' {told}"):
        size_axis(f"64x64, {item}")


def test_no_size_at_all_is_refused() -> None:
    with pytest.raises(ValuesError, match=r"values is empty; .* 512x768"):
        size_axis(" ,")


# Whole prompts


def test_each_line_is_a_whole_prompt() -> None:
    values = '# not this\n a cat, (red:1.2) \r\n\n"# 1"\n"a ""big"" dog "\n""\n"a" and "b"\n"open'
    axis = prompt_axis(values, "negative")
    texts = ("a cat, (red:1.2)", "# 1", 'a "big" dog ', "", '"a" and "b"', '"open')
    assert axis.name == "negative prompt"
    assert axis.values == texts
    assert axis.labels == tuple(text or "(nothing)" for text in texts)
    assert axis.fields == {"negative"}


@pytest.mark.parametrize("values", ["", "\n# only a comment"])
def test_no_prompt_at_all_is_refused(values: str) -> None:
    with pytest.raises(ValuesError, match="positive prompt axis: values is empty"):
        prompt_axis(values, "positive")


def test_a_prompt_axis_sets_one_prompt() -> None:
    with pytest.raises(PeriplusError, match="target 'both' is not in its list; valid: positive"):
        prompt_axis("a cat", "both")


def test_a_count_of_seeds_that_came_over_a_link_is_limited() -> None:
    with pytest.raises(PeriplusError, match="count is 1000000000; it must be between 0 and"):
        seed_axis("", 10**9, 1, "increment", 0)
