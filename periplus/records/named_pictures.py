"""Names that a person can read: beside the store, a folder for each sweep with its pictures."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..axes.axis import NO_AXIS
from ..files.durable import part_beside
from ..files.folder_names import name_of
from ..sheets.sheet import AxisLabels
from ..sweep import Cell, Place, Sweep
from .store import StoredCell

TEXT = 40
"""Bytes of an axis's name and label in a name: three of them and a long folder name stay below the
260 characters that Windows allows a path."""


class NamedPictures:
    """The folder of a sweep, which holds its pictures by their readable names.

    Args:
        manifest: of the sweep; the folder lies beside it and ends in its digest, so that the same
            sweep goes on in the same folder.
        sweep: the sweep.
    """

    def __init__(self, manifest: Path, sweep: Sweep[Any]) -> None:
        self._root = manifest.parent
        self._names = names_of(sweep)
        names = [axis.name for axis in sweep.axes.values() if axis is not NO_AXIS]
        title = name_of(" x ".join(names), TEXT) or "sweep"
        self._folder = f"{title} {manifest.stem.rpartition('-')[2]}"

    def add(self, cell: Cell[Any], stored: StoredCell) -> list[str]:
        """Give the pictures of a finished cell their names.

        Returns:
            The paths relative to the manifest, with forward slashes.

        Raises:
            OSError: the folder cannot be written.
        """
        found = self._names.at(cell.place, len(stored.pictures))
        names = [f"{self._folder}/{name}" for name in found]
        for picture, name in zip(stored.pictures, names, strict=True):
            give_name(self._root / picture.file, self._root / name)
        return names


class PictureNames:
    """The names of the pictures of a grid: ``z01 seed 7/y02 steps 20, x03 cfg 5.5.png``.

    As on the sheet, each z is a page, here a folder, and in it x runs faster than y. The numbers
    keep the order of the axes, and no two names alike.

    Args:
        axes: those in use, by letter.
    """

    def __init__(self, axes: Mapping[str, AxisLabels]) -> None:
        self._parts = {letter: _parts(letter, axis) for letter, axis in axes.items()}

    def at(self, place: Place, count: int) -> list[str]:
        """Name the pictures at a place.

        Args:
            place: their cell's.
            count: how many there are.
        """
        places = dict(zip("xyz", place, strict=True))
        parts = {letter: known[places[letter]] for letter, known in self._parts.items()}
        page = f"{parts.pop('z')}/" if len(parts) > 1 and "z" in parts else ""
        stem = page + (", ".join(parts[letter] for letter in "zyx" if letter in parts) or "picture")
        if count == 1:
            return [f"{stem}.png"]
        return [f"{stem} ({number:0{_digits(count)}}).png" for number in range(1, count + 1)]


def names_of(sweep: Sweep[Any]) -> PictureNames:
    """Name the pictures of a sweep."""
    axes = sweep.axes.items()
    used = {letter: AxisLabels(a.name, a.labels) for letter, a in axes if a is not NO_AXIS}
    return PictureNames(used)


def give_name(file: Path, path: Path) -> None:
    """Let a picture be found under another path, too, without taking room on the disk for it.

    A file that is there is replaced where it is older than the picture. A newer one stays: it is a
    copy that was made here, or what somebody made of one.

    Args:
        file: the picture.
        path: its other name, on the same file system if it is to be a link.

    Raises:
        OSError: the folder cannot be written.
    """
    with suppress(OSError):
        path.hardlink_to(file)  # which is all, where the name is new and its folder is there
        return
    if path.exists() and path.stat().st_mtime_ns >= file.stat().st_mtime_ns:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = part_beside(path)
    try:
        try:
            temporary.hardlink_to(file)
        except OSError:  # links are not known here (exFAT, some network folders), or are too many
            shutil.copyfile(file, temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _parts(letter: str, axis: AxisLabels) -> list[str]:
    """What each point of an axis adds to a name."""
    digits = _digits(len(axis.labels))
    texts = (_text(axis.name, label) for label in axis.labels)
    return [f"{letter}{i:0{digits}} {text}".rstrip() for i, text in enumerate(texts, start=1)]


def _text(name: str, label: str) -> str:
    both = f"{name} {label}"
    return name_of(both if len(both.encode(errors="replace")) <= TEXT else label, TEXT)


def _digits(count: int) -> int:
    return max(2, len(str(count)))
