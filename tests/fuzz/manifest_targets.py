"""Manifests and the store's records: real ones in which something is not as it should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from periplus.errors import PeriplusError
from periplus.files.picture import read_picture
from periplus.records.manifest_reader import read_sheet, select_cells
from periplus.records.store import CellStore
from periplus.sheets.compose import draw
from periplus.sheets.fit import DEFAULT_MEGAPIXELS, SMALLER, fit
from periplus.sheets.sheet import Style, transpose
from periplus.viewer.found_sweeps import latest_sweeps
from periplus.viewer.viewer_data import shown_sweep

from ..unit.records.manifests import CFG, STEPS, finish, manifest_of, written
from .target import Target, sandbox
from .texts import json_values, texts

FILES = (
    *(
        "../secret.png",
        "cells/../../secret.png",
        "/etc/passwd",
        "out/secret.png",
        "link.png",
        "loop",
    ),
    *("loop/x.png", "a\0b", "\ud800.png", "x" * 5000, "a/" * 2000, "\\\\server\\share\\x.png"),
    *("//server/share/x.png", "C:\\x.png", "C:x.png", "\\\\?\\C:\\x", ".", "..", "NUL"),
    *("", "~/x.png", "file:///etc/passwd", "picture.png", "cells"),
)
NOISE = (
    *(b"[", b"]", b"{", b"}", b'"', b",", b"null", b"NaN", b"-Infinity", b"1e999", b"\xff", b"\0"),
    *(b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'"' + b"x" * 10**6 + b'"', b"\\ud800"),
)
SIDES = (0, -1, 65_000, 10**6, 10**30, 10**400, float("nan"), float("inf"), "9" * 5000)
KEY = "ab" * 32


@cache
def real() -> Any:
    """The content of a manifest of four cells, two pictures each."""
    with TemporaryDirectory() as folder:
        manifest = manifest_of(Path(folder), x=STEPS, y=CFG)
        finish(manifest, pictures=2)
        return written(manifest)


RECORD = {
    "pictures": [
        {"file": f"cells/ab/{KEY}.png", "width": 5, "height": 4, "bytes": 3, "digest": ""}
    ],
    "seconds": 1.5,
    "tiling": {"side": 512, "least": 5, "below": None},
}


def _places(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in pairs:
        yield (*path, name)
        if isinstance(value, dict | list):
            yield from _places(value, (*path, name))


@st.composite
def _wrong(draw: st.DrawFn, original: Any) -> bytes:
    """A JSON text with one to three wrong values, or with noise in it."""
    content = json.loads(json.dumps(original))
    for _ in range(draw(st.integers(0, 3))):
        places = list(_places(content))
        if not places:
            break
        *parents, last = draw(st.sampled_from(places))
        at = content
        for name in parents:
            at = at[name]
        at[last] = draw(json_values | st.sampled_from(FILES))
    data = json.dumps(content).encode()
    if draw(st.integers(0, 4)) == 0:
        start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 20))
        data = data[:start] + draw(st.sampled_from(NOISE)) + data[start + length :]
    return data


def _folder() -> Path:
    """A sweep's folder with a picture and links that lead elsewhere, and a secret beside it."""
    folder = sandbox() / "sweep"
    folder.mkdir()
    (sandbox() / "secret.png").write_bytes(b"secret")
    (folder / "picture.png").write_bytes(b"no picture")
    for name, goal in (("out", ".."), ("link.png", "../secret.png"), ("loop", "loop")):
        (folder / name).symlink_to(goal)
    return folder


def _read(case: tuple[bytes, str]) -> None:
    data, select = case
    folder = _folder()
    path = folder / "sweep.json"
    path.write_bytes(data)
    sheet = read_sheet(path)
    for picture in select_cells(path, select):
        assert picture.file.resolve().is_relative_to(folder), picture.file
        _refused_or_read(picture.file, picture.size)
    assert len(sheet.cells) <= 10**6


def _show(data: bytes) -> None:
    folder = _folder()
    path = folder / "sweep-1.json"
    path.write_bytes(data)
    assert len(latest_sweeps(folder, 5)) <= 1
    for cell in shown_sweep(path)["cells"]:
        for file in cell["files"]:
            assert (folder / file).resolve().is_relative_to(folder), file


def _draw(data: bytes) -> None:
    path = _folder() / "sweep.json"
    path.write_bytes(data)
    sheet = transpose(read_sheet(path, "title"), "yzx")
    fitted = fit(sheet, Style(max_cell=64), DEFAULT_MEGAPIXELS, SMALLER)
    for page in fitted.pages:
        for lines in draw(page, fitted.style):
            assert lines.shape[1] == page.width


def _find(data: bytes) -> None:
    folder = _folder()
    record = folder / "cells" / "ab" / f"{KEY}.json"
    record.parent.mkdir(parents=True)
    record.write_bytes(data)
    record.with_suffix(".png").write_bytes(b"png")
    store = CellStore(folder)
    cell = store.find(KEY)
    if cell is not None:
        cell.suits(5)
        assert len(cell.digests) == len(cell.pictures)
        for picture in cell.pictures:
            assert (folder / picture.file).resolve().is_relative_to(folder), picture.file


def _refused_or_read(path: Path, size: tuple[int, int]) -> None:
    with suppress(PeriplusError):
        read_picture(path, size)


def _manifest(**changes: Any) -> bytes:
    return json.dumps({**real(), **changes}).encode()


def _axis(*labels: str) -> dict[str, Any]:
    return {"name": "x", "labels": labels, "notes": []}


def _cell(**changes: Any) -> dict[str, Any]:
    place = {"x": 0, "y": 0, "z": 0, "status": "done", "reason": ""}
    return {**place, "files": ["picture.png"], "sizes": [[4, 4]], **changes}


def _at_worst() -> list[bytes]:
    axes = {letter: _axis(*("1",) * 10_000) for letter in "xyz"}
    one = dict.fromkeys("xyz", _axis("1"))
    long = dict.fromkeys("xyz", _axis("wide words " * 200_000))
    marks = dict.fromkeys("xyz", _axis("e" + "\u0301\u0323" * 100_000))
    return [
        _manifest(axes=axes),
        _manifest(axes=long, cells=[_cell()]),
        _manifest(axes=marks, cells=[_cell()]),
        *(_manifest(axes=one, cells=[_cell(files=[name])]) for name in FILES),
        *(
            _manifest(axes=one, cells=[_cell(sizes=[[side, side]])])
            for side in (
                0,
                -1,
                65_000,
                10**6,
                10**30,
                10**400,
                float("nan"),
                float("inf"),
                "9" * 5000,
            )
        ),
        _manifest(axes=one, cells=[_cell(files=["picture.png"] * 1000, sizes=[[4, 4]] * 1000)]),
        _manifest(axes=one, cells=[_cell(status="failed", files=[], sizes=[], reason="x" * 10**7)]),
        b'{"periplus": 1, "axes": ' + b"[" * 10**6,
        b'{"periplus": 1' + b"0" * 10**6 + b"}",
    ]


MANIFESTS = st.deferred(lambda: _wrong(real()))
RECORDS = st.deferred(lambda: _wrong(RECORD))

TARGETS_OF_MANIFESTS = (
    Target(
        "manifests",
        st.tuples(MANIFESTS, texts(("1", "-", ",", "4", "1-4"))),
        _read,
        [(data, "") for data in _at_worst()] + [(_manifest(), "1-" + "9" * 30)],
    ),
    Target("sweeps in the viewer", MANIFESTS, _show, _at_worst()),
    Target("sheets of manifests", MANIFESTS, _draw, _at_worst()),
    Target("records of cells", RECORDS, _find, [b"[" * 10**6, b'{"pictures": {}}', b"null", b"5"]),
)
"""What lies in an output folder, which may come from anywhere."""
