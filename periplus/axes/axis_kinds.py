"""From values text to an axis: one function for each kind of axis node."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from ..errors import PeriplusError, ValuesError
from ..recipe import LATENT_PIXELS, MAX_LORA_STRENGTH, MAX_SEED
from .a1111 import A1111_SAMPLERS, SamplerPair, resolve_pair
from .axis import LORA_STRENGTH, Axis, Override, Point, ReplaceText, SetField, SetLoraStrength
from .names import check_name, resolve_list, resolve_name, resolve_names, split_names
from .values import (
    COMMENT,
    MAX_VALUES,
    Item,
    format_number,
    parse_floats,
    parse_ints,
    split_lines,
    split_values,
)

MAX_RANDOM_SEED = 2**48 - 1
"""Seeds that we draw stay exact in every JSON reader; typed ones may use the whole range."""

RANDOM = -1
"""Stands for a random seed in a list of seeds."""

SEED_MODES = ("increment", "random")
PROMPTS = ("positive", "negative")
TARGETS = ("both", *PROMPTS)
MATCHES = ("any", "word")

NOTHING = "(nothing)"
"""The label of an empty text."""

_SIZE = re.compile(r"\s*([0-9]{1,9})\s*[x\u00d7]\s*([0-9]{1,9})\s*", re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


@dataclass(frozen=True)
class NumberParameter:
    """A number of the recipe that can be an axis, and its bounds in ComfyUI's own nodes."""

    field: str
    whole: bool
    minimum: int
    maximum: int
    multiple: int = 0
    """What the number must be a multiple of; 0 for any."""

    def nearest(self, value: float) -> float:
        """The multiple that is nearest to a value; the value itself where any will do."""
        return round(value / self.multiple) * self.multiple if self.multiple else value


NUMBERS: Mapping[str, NumberParameter] = {
    number.field: number
    for number in (
        NumberParameter("steps", True, 1, 10_000),
        NumberParameter("cfg", False, 0, 100),
        NumberParameter("denoise", False, 0, 1),
        NumberParameter("clip_skip", True, 0, 24),
        NumberParameter("switch_at", False, 0, 1),
        NumberParameter(LORA_STRENGTH, False, -MAX_LORA_STRENGTH, MAX_LORA_STRENGTH),
        NumberParameter("hires_denoise", False, 0, 1),
        NumberParameter("hires_steps", True, 0, 10_000),
        NumberParameter("hires_scale", False, 1, 8),
        NumberParameter("width", True, 16, 16_384, LATENT_PIXELS),
        NumberParameter("height", True, 16, 16_384, LATENT_PIXELS),
    )
}
"""The parameters of a number axis, by name."""


SETTINGS: Mapping[str, NumberParameter] = {
    **NUMBERS,
    "seed": NumberParameter("seed", True, 0, MAX_SEED),
}
"""The numbers that a sweep takes, by name."""


def check_setting(name: str, value: object) -> None:
    """Refuse a number that a sweep cannot take; it may come over a link, unchecked by ComfyUI.

    Raises:
        PeriplusError: the value is not a number, not a whole one where it must be, or out of
            bounds.
    """
    number = SETTINGS[name]
    kind, kinds = ("a whole number", int) if number.whole else ("a number", (int, float))
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise PeriplusError(f"{name} is {value!r}, which is not {kind}")
    if not number.minimum <= value <= number.maximum:
        raise PeriplusError(
            f"{name} is {value}; it must be between {number.minimum} and {number.maximum}"
        )


def number_axis(parameter: str, values: str) -> Axis:
    """Make an axis of numbers.

    Args:
        parameter: one of NUMBERS.
        values: the values text.

    Raises:
        PeriplusError: the parameter is none of them.
        ValuesError: an item is not a number, or out of bounds; or there is none.
    """
    check_name(parameter, tuple(NUMBERS), what="parameter")
    number = NUMBERS[parameter]
    bounds = {"minimum": number.minimum, "maximum": number.maximum}
    with errors_of(parameter):
        found = (
            parse_ints(values, **bounds, multiple=number.multiple)
            if number.whole
            else parse_floats(values, **bounds)
        )
    override = SetLoraStrength if parameter == LORA_STRENGTH else partial(SetField, parameter)
    points = tuple(Point(format_number(value), (override(value),)) for value in found)
    return _filled(Axis(parameter, points), "20, 25, 30 or 10-50 (+5)")


def size_axis(values: str) -> Axis:
    """Make an axis of picture sizes, ``width x height`` in pixels.

    Raises:
        ValuesError: an item is no size, or has a side that a picture cannot have; or there is none.
    """
    with errors_of("size"):
        sizes = [_read_size(item) for item in split_values(values)]
    points = tuple(
        Point(f"{width}x{height}", (SetField("width", width), SetField("height", height)))
        for width, height in sizes
    )
    return _filled(Axis("size", points), "512x768, 768x512")


def seed_axis(values: str, count: int, start: int, mode: str, draw: int) -> Axis:
    """Make an axis of seeds: those listed, then ``count`` more.

    Args:
        values: the values text, may be empty; -1 stands for a random seed.
        count: how many seeds to add, 0 or more.
        start: the first of them, or what random ones are drawn from; -1 for a random one.
        mode: one of SEED_MODES: ``increment`` (start, start + 1, ...) or ``random``.
        draw: another number draws other random seeds; the same one draws the same again.

    Raises:
        PeriplusError: an item is not a seed (0 to 2**64 - 1, or -1); or there is none at all; or
            the mode is unknown, or ``count`` above ``MAX_VALUES``.
    """
    check_name(mode, SEED_MODES, what="mode")
    if count > MAX_VALUES:
        raise PeriplusError(f"count is {count}; it must be between 0 and {MAX_VALUES}")
    with errors_of("seed"):
        listed = parse_ints(values, minimum=RANDOM, maximum=MAX_SEED)
    source = random.Random(f"periplus {draw}")
    seeds = [_drawn(source) if seed == RANDOM else seed for seed in listed]
    if mode == "random":
        source = source if start == RANDOM else random.Random(start)
        seeds += [_drawn(source) for _ in range(count)]
    else:
        first = _drawn(source) if start == RANDOM else start
        seeds += [(first + i) % (MAX_SEED + 1) for i in range(count)]
    points = tuple(Point(str(seed), (SetField("seed", seed),)) for seed in seeds)
    return _filled(Axis("seed", points), "1, 2, 3 or a count above 0")


def name_axis(field: str, what: str, values: str, options: Sequence[str]) -> Axis:
    """Make an axis of names that ComfyUI has in a list: samplers, schedulers, checkpoints.

    Args:
        field: the recipe's field.
        what: what the names are, for the axis's name and for errors.
        values: the values text; empty for all.
        options: the names.

    Raises:
        ValuesError: a name is not in the list; the text gives its position and the nearest one.
    """
    with errors_of(what):
        if field == "sampler_name":
            _refuse_labels(values, options)
        names = resolve_names(values, options, what=what)
    labels = short_names(names) if field == "ckpt_name" else names
    points = tuple(
        Point(label, (SetField(field, name),)) for label, name in zip(labels, names, strict=True)
    )
    return Axis(what, points)


def file_axis(
    what: str,
    values: str,
    options: Sequence[str],
    override: Callable[[str], Override],
    *,
    without: str = "",
    others: Mapping[str, str] = MappingProxyType({}),
) -> Axis:
    """Make an axis of files, perhaps with a word for a point that names none of them.

    Args:
        what: what the files are, for the axis's name and for errors.
        values: the values text; empty for all files.
        options: the files that ComfyUI knows.
        override: gives what a file changes, or the empty text where none is named.
        without: the word; empty if there is none.
        others: other words for options, in small letters, and the options.

    Raises:
        ValuesError: a name is not in the list; the text gives its position and the nearest one.
    """

    def read(item: Item) -> str:
        word = item.text.casefold()
        if without and word == without:
            return ""
        return others.get(word) or resolve_name(item, options, what=what)

    with errors_of(what):
        names = resolve_list(values, options, what=what, read=read, names=lambda name: (name,))
    return Axis(
        what,
        tuple(
            Point(label or without, (override(name),))
            for label, name in zip(short_names(names), names, strict=True)
        ),
    )


def sampler_scheduler_axis(values: str, samplers: Sequence[str], schedulers: Sequence[str]) -> Axis:
    """Make an axis of samplers with their schedulers: ``dpmpp_2m/karras`` or A1111's labels.

    Raises:
        ValuesError: an item is neither; or there is none.
    """
    with errors_of("sampler"):
        pairs = [resolve_pair(item, samplers, schedulers) for item in split_values(values)]
    points = tuple(
        Point(
            pair.label,
            (SetField("sampler_name", pair.sampler_name), SetField("scheduler", pair.scheduler)),
            _nearest_note(pair) if pair.note else "",
        )
        for pair in pairs
    )
    return _filled(Axis("sampler", points), "dpmpp_2m/karras, Euler a")


def prompt_axis(values: str, target: str) -> Axis:
    """Make an axis of whole prompts, one a line.

    Args:
        values: the prompts. Commas belong to them; blank lines and those that begin with ``#`` do
            not count. A line in quotes is taken as it stands between them, be it empty.
        target: one of PROMPTS, the prompt to set.

    Raises:
        PeriplusError: there is no prompt, or the target is unknown.
    """
    check_name(target, PROMPTS, what="target")
    lines = (line.strip() for line in split_lines(values))
    texts = [_unquoted(line) for line in lines if line and not line.startswith(COMMENT)]
    points = tuple(Point(text or NOTHING, (SetField(target, text),)) for text in texts)
    return _filled(Axis(f"{target} prompt", points), "a cat on a chair")


def prompt_sr_axis(
    values: str, target: str, placeholder: str = "", match: str = MATCHES[0]
) -> Axis:
    """Make an axis of prompt search and replace.

    Args:
        values: search, replacement, replacement, ... The search is a value too. With a placeholder:
            replacements only.
        target: one of TARGETS, the prompts that are searched.
        placeholder: the text that all values take the place of, and the axis's name; may be empty.
        match: one of MATCHES: ``any`` finds the text within words too, ``word`` as a word only.

    Raises:
        PeriplusError: there is no search text, or the target or match is unknown.
    """
    check_name(target, TARGETS, what="target")
    check_name(match, MATCHES, what="match")
    placeholder = placeholder.strip()
    name = placeholder or "prompt S/R"
    with errors_of(name):
        texts = [item.text for item in split_values(values)]
        if texts and not (placeholder or texts[0]):
            raise ValuesError("is empty; the first item is the text to search for", position=1)
    points = tuple(
        Point(
            text or NOTHING,
            (ReplaceText(placeholder or texts[0], text, target, match, bool(placeholder)),),
        )
        for text in texts
    )
    return _filled(Axis(name, points), "cat, dog, bird")


def short_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of files as a sheet prints them: without folder and extension where that is clear."""
    stems = [name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] for name in names]
    of_stem, of_name = Counter(stems), Counter(names)
    return tuple(
        stem if of_stem[stem] == of_name[name] else name
        for stem, name in zip(stems, names, strict=True)
    )


def _read_size(item: Item) -> tuple[int, int]:
    match = _SIZE.fullmatch(item.text)
    if match is None:
        raise item.refusal("is not a size", hint="write width x height, such as 512x768")
    width, height = int(match[1]), int(match[2])
    for name, side in (("width", width), ("height", height)):
        number = NUMBERS[name]
        nearest = min(max(number.nearest(side), number.minimum), number.maximum)
        if side != nearest:
            raise item.refusal(
                f"has a {name} of {side}; it must be a multiple of {number.multiple} between "
                f"{number.minimum} and {number.maximum}",
                hint=f"nearest: {nearest}",
            )
    return width, height


def _unquoted(line: str) -> str:
    quoted = _QUOTED.fullmatch(line)
    return line if quoted is None else quoted[1].replace('""', '"')


def _refuse_labels(values: str, samplers: Sequence[str]) -> None:
    for item in split_names(values, samplers):
        if item.text in A1111_SAMPLERS and item.text.lower() not in samplers:
            raise item.refusal(
                "is A1111's name for a sampler with its scheduler",
                hint="an Axis: Sampler + Scheduler node takes it",
            )


@contextmanager
def errors_of(axis: str) -> Iterator[None]:
    """Let errors in the values tell which axis they are about."""
    try:
        yield
    except ValuesError as error:
        raise error.of_axis(axis) from None


def _nearest_note(pair: SamplerPair) -> str:
    return f"drawn with {pair.sampler_name}/{pair.scheduler}, the nearest; {pair.note}"


def _filled(axis: Axis, example: str) -> Axis:
    if not axis.points:
        raise ValuesError(f"values is empty; give at least one, such as {example}", axis=axis.name)
    return axis


def _drawn(source: random.Random) -> int:
    return source.randint(0, MAX_RANDOM_SEED)
