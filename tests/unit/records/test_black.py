"""Black pictures are noticed by their digest, without reading a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from periplus.records.black import black_note, black_notes
from periplus.records.store import CellStore

BLACK, GREY = (np.full((4, 5, 3), value, np.uint8) for value in (0, 1))


@pytest.mark.parametrize(
    ("pictures", "note"),
    [
        ([BLACK], "all black"),
        ([BLACK, BLACK], "all black"),
        ([GREY, BLACK], "1 of 2 pictures is all black"),
        ([GREY, BLACK, BLACK], "2 of 3 pictures are all black"),
        ([GREY], ""),
        ([np.zeros((4, 5, 4), np.uint8)], "all black"),
    ],
)
def test_black_pictures_are_told(tmp_path: Path, pictures: list[np.ndarray], note: str) -> None:
    store = CellStore(tmp_path)
    store.put("ab" * 32, pictures, 1.0, {})
    stored = store.find("ab" * 32)
    assert stored is not None
    assert black_note(stored) == note


@pytest.mark.parametrize(
    ("warnings", "begin"), [(["", "all black"], "1 cell is "), (["all black"] * 2, "2 cells are ")]
)
def test_a_sweep_tells_how_many_cells_are_black(warnings: list[str], begin: str) -> None:
    (line,) = black_notes(warnings)
    assert line.startswith(f"{begin}black: ")


def test_a_sweep_without_black_cells_tells_nothing() -> None:
    assert black_notes(["", ""]) == []
