"""Saved sweeps for the browser, made without a server: their pictures are plain colours."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image

from periplus.records.manifest import FORMAT
from periplus.records.manifest_reader import read_manifest, read_sheet
from periplus.viewer.saved_sweep import PAGE, save_cells, write_page

HOSTILE = "</script><!--<script><img src=x onerror='document.title=\"run\"'>\u2028 ${1} 'x' \\ &lt;"
"""A prompt that would become a script in a page that is written carelessly."""

Axes = Mapping[str, tuple[str, Sequence[str]]]


def save_page(
    folder: Path, axes: Axes, side: int = 64, batch: int = 1, failed: Sequence[int] = ()
) -> Path:
    """Save a sweep of plain colours; gives its page.

    Args:
        folder: an empty one.
        axes: name and labels by letter, those that are in use.
        side: of the pictures in pixels.
        batch: pictures in each cell.
        failed: numbers of the cells that have none, counted from 0.
    """
    labels = {letter: axes.get(letter, ("", ("",))) for letter in "xyz"}
    places = product(*(range(len(labels[letter][1])) for letter in "zyx"))
    entries = [
        _entry(folder, number, place[::-1], labels, side, 0 if number in failed else batch)
        for number, place in enumerate(places)
    ]
    manifest = {
        "periplus": FORMAT,
        "axes": {
            letter: {"name": name, "labels": list(values), "notes": []}
            for letter, (name, values) in labels.items()
        },
        "cells": entries,
    }
    path = folder / "sweep-test.json"
    path.write_text(json.dumps(manifest))
    saved = folder / "saved #1 100%"  # what an address would read as something else
    saved.mkdir()
    sheet, pictures = save_cells(saved, read_sheet(path))
    write_page(saved, path.stem, read_manifest(path), sheet, pictures, ["sheet.png"])
    return saved / PAGE


def _entry(
    folder: Path,
    number: int,
    place: Sequence[int],
    labels: Axes,
    side: int,
    batch: int,
) -> dict[str, Any]:
    files = [f"{number}_{i}.png" for i in range(batch)]
    for i, file in enumerate(files):
        colour = (number * 37 % 256, 80 * i % 256, number * 11 % 256)
        Image.new("RGB", (side, side), colour).save(folder / file)
    settings = {
        name: values[i] for (name, values), i in zip(labels.values(), place, strict=True) if name
    }
    return {
        **dict(zip("xyz", place, strict=True)),
        "status": "done" if files else "failed",
        "reason": "" if files else HOSTILE,
        "files": files,
        "sizes": [[side, side]] * batch,
        "crc32": [zlib.crc32((folder / file).read_bytes()) for file in files],
        "key": "",
        "seconds": 1.5,
        "recipe": {"positive": HOSTILE, "steps": 20, **settings},
    }
