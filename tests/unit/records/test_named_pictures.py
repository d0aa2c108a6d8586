"""Names that a person can read: what they say, and that no two of a sweep are alike."""

from __future__ import annotations

import os
import shutil
from itertools import product
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from periplus.axes.axis import NO_AXIS, Axis, Point
from periplus.records.named_pictures import NamedPictures, give_name, names_of
from periplus.records.store import CellStore
from periplus.sweep import Cell, Sweep, expand, span

from .manifests import BASE, CFG, DENOISE, STEPS

KEY = "ab" + "0" * 62


def sweep_of(**axes: Axis) -> Sweep[None]:
    return span({letter: axes.get(letter, NO_AXIS) for letter in "xyz"}, lambda _: None, 10_000)


def axis(name: str, *labels: str) -> Axis:
    return Axis(name, tuple(map(Point, labels)))


def names(sweep: Sweep[Any], count: int = 1) -> list[str]:
    known = names_of(sweep)
    return [name for cell in sweep.cells for name in known.at(cell.place, count)]


# What they say


def test_they_say_what_the_cells_show() -> None:
    one, two = expand(BASE, x=CFG), expand(BASE, x=CFG, y=STEPS)
    assert names(one) == ["x01 cfg 5.png", "x02 cfg 6.5.png"]
    assert names(two)[1:3] == ["y01 steps 10, x02 cfg 6.5.png", "y02 steps 20, x01 cfg 5.png"]
    assert names(expand(BASE, z=CFG)) == ["z01 cfg 5.png", "z02 cfg 6.5.png"]
    assert names(expand(BASE)) == ["picture.png"]
    three = expand(BASE, x=CFG, y=STEPS, z=DENOISE)
    assert names(three)[-1] == "z02 denoise 1/y02 steps 20, x02 cfg 6.5.png"
    assert names(expand(BASE, x=CFG, z=STEPS))[0] == "z01 steps 10/x01 cfg 5.png"


def test_the_pictures_of_a_batch_are_numbered() -> None:
    found = names(expand(BASE, x=CFG), count=2)
    assert found[:2] == ["x01 cfg 5 (01).png", "x01 cfg 5 (02).png"]


def test_in_a_folder_they_stand_in_the_order_of_the_cells() -> None:
    sweep = sweep_of(x=axis("n", *map(str, range(120))), y=STEPS)
    assert names(sweep) == sorted(names(sweep))


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("coast / 5", "x01 model coast-5.png"),
        ("small\\coast", "x01 model small-coast.png"),
        ('a "b": <c>?*|', "x01 model a _b__ _c____.png"),
        ("two\nlines\t ", "x01 model two lines.png"),
        ("ends. . .", "x01 model ends.png"),
        ("..", "x01 model.png"),
        ("\ud800\u202egnp", "x01 model gnp.png"),
        ("маяк", "x01 model маяк.png"),
        ("a boat, " * 9, "x01 a boat, a boat, a boat, a boat, a boat,.png"),
    ],
)
def test_labels_are_kept_as_far_as_files_can_have_such_names(label: str, expected: str) -> None:
    assert names(sweep_of(x=axis("model", label))) == [expected]


def test_a_name_that_means_a_device_on_windows_is_none() -> None:
    folder = NamedPictures(Path("sweep-0f3a.json"), sweep_of(x=axis("aux.x", "1")))._folder
    assert folder == "_aux.x 0f3a"


texts = st.text(max_size=60)


@given(st.lists(texts, min_size=1, max_size=3), texts, texts)
def test_whatever_labels_say_names_differ_and_suit_every_file_system(
    labels: list[str], name: str, other: str
) -> None:
    sweep = sweep_of(x=axis(name, *labels), y=axis(other, *labels), z=axis(name, *labels))
    found = names(sweep, 2)
    assert len({n.casefold() for n in found}) == 2 * len(sweep.cells)
    for path in map(PureWindowsPath, found):
        assert len(path.parts) == 2
        assert not path.is_reserved()
        for part in path.parts:
            assert part == part.strip(" ") and not part.endswith(".")
            assert not set('<>:"|?*\\') & set(part)
            assert part.isprintable()
            assert len(part.encode()) <= 120
        assert len(str(path)) <= 160


# Files


def picture(folder: Path, seed: int) -> tuple[CellStore, Any]:
    store = CellStore(folder)
    pixels = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return store, store.put(KEY, [pixels], 1.0, {})


def cell_and_names(folder: Path) -> tuple[Cell[None], NamedPictures]:
    sweep = sweep_of(x=axis("cfg", "5"))
    return sweep.cells[0], NamedPictures(folder / "sweep-0f3a.json", sweep)


def test_a_name_is_a_link_and_outlives_the_stores_own(tmp_path: Path) -> None:
    _, stored = picture(tmp_path, 0)
    cell, named = cell_and_names(tmp_path)
    (name,) = named.add(cell, stored)
    file = tmp_path / stored.pictures[0].file
    assert name == "cfg 0f3a/x01 cfg 5.png"
    assert file.samefile(tmp_path / name)
    file.unlink()
    with Image.open(tmp_path / name) as opened:
        assert opened.size == (5, 4)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    _, stored = picture(tmp_path, 0)
    cell, named = cell_and_names(tmp_path)
    assert named.add(cell, stored) == named.add(cell, stored)
    assert len(list((tmp_path / "cfg 0f3a").iterdir())) == 1


@pytest.mark.parametrize("links", [True, False], ids=["links", "copies"])
def test_a_picture_that_is_made_anew_takes_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    cell, named = cell_and_names(tmp_path)
    for seed in range(2):
        _, stored = picture(tmp_path, seed)
        file = tmp_path / stored.pictures[0].file
        later = file.stat().st_mtime_ns + 10**9 * seed * 3600
        os.utime(file, ns=(later, later))
        (name,) = named.add(cell, stored)
        assert (tmp_path / name).read_bytes() == file.read_bytes()
    assert len(list((tmp_path / "cfg 0f3a").iterdir())) == 1


def refuse_link(*_: Path) -> None:
    raise PermissionError("no links here")


def test_where_no_links_can_be_made_it_is_a_copy_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[Any] = []
    copyfile = shutil.copyfile
    monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    monkeypatch.setattr(shutil, "copyfile", lambda *a: copied.append(a) or copyfile(*a))
    _, stored = picture(tmp_path, 0)
    cell, named = cell_and_names(tmp_path)
    (name,) = named.add(cell, stored)
    named.add(cell, stored)
    file = tmp_path / stored.pictures[0].file
    assert (tmp_path / name).read_bytes() == file.read_bytes()
    assert not file.samefile(tmp_path / name)
    assert len(copied) == 1


def test_what_somebody_has_put_in_its_place_stays(tmp_path: Path) -> None:
    _, stored = picture(tmp_path, 0)
    file, path = tmp_path / stored.pictures[0].file, tmp_path / "named.png"
    path.write_bytes(b"retouched")
    os.utime(file, ns=(10**18, 10**18))
    give_name(file, path)
    assert path.read_bytes() == b"retouched"


def test_a_failing_link_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Path, "hardlink_to", refuse_link)
    monkeypatch.setattr(shutil, "copyfile", half)
    _, stored = picture(tmp_path, 0)
    with pytest.raises(OSError, match="disk full"):
        give_name(tmp_path / stored.pictures[0].file, tmp_path / "named" / "x.png")
    assert list((tmp_path / "named").iterdir()) == []


def test_all_cells_of_a_grid_have_names(tmp_path: Path) -> None:
    _, stored = picture(tmp_path, 0)
    sweep = sweep_of(x=CFG, y=STEPS, z=DENOISE)
    named = NamedPictures(tmp_path / "sweep-0f3a.json", sweep)
    found = [name for cell in sweep.cells for name in named.add(cell, stored)]
    folder = tmp_path / "cfg x steps x denoise 0f3a"
    assert sorted(p.name for p in folder.iterdir()) == ["z01 denoise 0.5", "z02 denoise 1"]
    assert all((tmp_path / name).is_file() for name in found)
    assert len(set(found)) == len(list(product("xx", "yy", "zz")))
