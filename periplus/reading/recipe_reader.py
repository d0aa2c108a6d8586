"""From a picture's file to a recipe that this ComfyUI can use, and a report of what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..axes.names import nearest, spelled
from ..errors import PeriplusError
from ..files.json_text import parse_json
from .cell_recipe import read_cell, with_overrides
from .found import FIELDS, Found, first_of
from .graph_recipe import read_graph
from .infotext_recipe import read_infotext
from .picture_texts import read_texts
from .workflow_prompt import prompt_of_workflow

NOT_SAID = "the picture does not say"

WORDS = {"sampler_name": "sampler", "scheduler": "scheduler", "ckpt_name": "checkpoint"}
"""The fields that are names, and what they name."""

_SHOWN = 100
"""Characters of a value in the report."""

_NOTES = 20
"""Notes in the report; a workflow may give rise to any number."""


@dataclass(frozen=True)
class PictureRecipe:
    """What a picture says, as far as this ComfyUI can use it."""

    values: Mapping[str, Any]
    """By field: numbers, texts, and names that are in ComfyUI's lists."""
    gaps: Mapping[str, str]
    """Why the other fields have none."""
    report: str
    """What was found where, and what was not, line by line."""


def read_recipe(path: Path, names: Mapping[str, Sequence[str]]) -> PictureRecipe:
    """Read the recipe in a picture's file, of whatever origin.

    A name that is spelled a little differently here, in case, folder or extension, is the one
    meant; no other name takes its place.

    Args:
        path: a PNG, JPEG or WebP file.
        names: the names that ComfyUI knows, for each of WORDS.

    Raises:
        PeriplusError: the file cannot be read or says nothing of a recipe.
    """
    texts = read_texts(path)
    if not texts:
        raise PeriplusError(
            f"{path.name} carries no recipe: no infotext and no workflow of ComfyUI; choose the "
            "file as it was saved, since many programs and sites remove such texts"
        )
    sources, problems = _read(texts)
    found = first_of(sources)
    if not found.values:
        raise PeriplusError(f"no recipe can be read in {path.name}: {'; '.join(problems)}")
    return _usable(path.name, found, names, problems)


def _read(texts: Mapping[str, str]) -> tuple[list[Found], list[str]]:
    """What each text says, the most exact first, and why some could not be read."""
    found: list[Found] = []
    problems: list[str] = []

    def add(name: str, read: Callable[[str], Found]) -> None:
        if name in texts:
            try:
                found.append(read(texts[name]))
            except ValueError as error:
                problems.append(f"{name}: {error}")

    def as_graph(prompt: Any) -> Found:
        if "periplus" not in texts:
            return read_graph(prompt)
        return read_graph(with_overrides(parse_json(texts["periplus"]), prompt), of_cell=True)

    add("periplus", lambda text: read_cell(parse_json(text)))
    add("prompt", lambda text: as_graph(parse_json(text)))
    add("parameters", read_infotext)
    if "prompt" not in texts:  # which says the same, and names every value
        add("workflow", lambda text: as_graph(prompt_of_workflow(parse_json(text))))
    return found, problems


def _usable(
    file: str, found: Found, names: Mapping[str, Sequence[str]], problems: Sequence[str]
) -> PictureRecipe:
    values, gaps, lines = dict(found.values), dict(found.gaps), [file]
    for name, options in names.items():
        if name in values:
            try:
                values[name] = _resolve(values[name], options, WORDS[name])
            except PeriplusError as error:
                gaps[name] = str(error)
                del values[name]
    for name in FIELDS:
        if name in values:
            lines.append(f"{name}: {_shown(values[name])} ({found.places[name]})")
            if values[name] != found.values[name]:
                lines[-1] += f", there spelled {_shown(found.values[name])}"
        else:
            lines.append(f"{name}: not read, {gaps.setdefault(name, NOT_SAID)}")
    lines += [f"note: {note}" for note in found.notes[:_NOTES]]
    lines += [f"not read: {problem}" for problem in problems]
    return PictureRecipe(values, gaps, "\n".join(lines))


def _resolve(name: str, options: Sequence[str], what: str) -> str:
    """The option that is meant.

    Raises:
        PeriplusError: there is none, or several.
    """
    matches = spelled(name, options)
    if len(matches) == 1:
        return matches[0]
    if matches:
        some = ", ".join(matches[:5])
        raise PeriplusError(f"{_shown(name)} fits more than one {what} here: {some}")
    near = nearest(name, options)
    hint = f"; nearest: {near}" if near else ""
    raise PeriplusError(f"this ComfyUI has no {what} {_shown(name)}{hint}")


def _shown(value: Any) -> str:
    text = str(value).replace("\n", " ")
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text
