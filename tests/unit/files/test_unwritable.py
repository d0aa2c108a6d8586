"""A folder that cannot be written is told with the way out."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from periplus.files.unwritable import UnwritableError, check_writable, writing_to


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    check_writable(folder)
    assert list(folder.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UnwritableError, match="--output-directory") as caught:
        check_writable(tmp_path / "file" / "folder")
    assert str(tmp_path / "file" / "folder") in str(caught.value)


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "make room on the disk"),
        (errno.EROFS, "make the folder writable"),
        (errno.EACCES, "make the folder writable"),
    ],
)
def test_the_advice_is_that_for_the_error(code: int, advice: str) -> None:
    with pytest.raises(UnwritableError) as caught, writing_to(Path("here")):
        raise OSError(code, os.strerror(code))
    reason = os.strerror(code)
    assert str(caught.value).startswith(f"cannot write to here: {reason}. What is finished is kept")
    assert advice in str(caught.value)


def test_an_error_of_another_kind_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), writing_to(Path("here")):
        raise ZeroDivisionError
