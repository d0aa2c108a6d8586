"""From a typed name to a folder: what it becomes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from periplus.errors import PeriplusError
from periplus.files.folder_names import file_inside, folder_inside, is_inside, may_be_path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "output"
    root.mkdir()
    return root


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("periplus", "periplus"),
        ("tests/cfg", "tests/cfg"),
        ("tests\\cfg", "tests/cfg"),
        (" tests / кот ", "tests/кот"),
        ("C:x", "C_x"),
        ("a?b*c", "a_b_c"),
        ("half \ud83d emoji", "half _ emoji"),
        ("a\0b", "a_b"),
        ("v1.", "v1_"),
        (".hidden", ".hidden"),
        ("con", "_con"),
        ("a/NUL.txt", "a/_NUL.txt"),
        ("com1", "_com1"),
        ("CONIN$", "_CONIN$"),
        ("console", "console"),
    ],
)
def test_a_name_is_a_folder_on_every_file_system(root: Path, name: str, expected: str) -> None:
    assert folder_inside(root, name) == root / expected


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            ".",
            "..",
            "../x",
            "a/../../x",
            "a\\..\\x",
            "/x",
            "a//b",
            "a/",
            "...",
            ". .",
            ".. /x",
        ),
        *("\\\\server\\share", "link", "link/x", "loop/x", "x" * 256, "猫" * 86, "a/" * 500 + "a"),
        "x" * 10_000,
    ],
)
def test_a_name_that_is_no_folder_inside_is_refused(root: Path, name: str) -> None:
    (root / "link").symlink_to(root.parent)
    (root / "loop").symlink_to("loop")
    with pytest.raises(PeriplusError, match="does not lie inside ComfyUI's output") as error:
        folder_inside(root, name)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("name", ["x.png", "cells/ab/x.png", "", "cells\\x.png"])
def test_a_path_that_stays_in_the_folder_is_inside(root: Path, name: str) -> None:
    assert is_inside(root, name)


@pytest.mark.parametrize(
    "name",
    ["../x", "a/../../x", "/x", "loop", "\\\\server\\share\\x.png", "//server/x", "C:x", "C:\\x"],
)
def test_a_path_that_leads_out_is_not_inside(root: Path, name: str) -> None:
    (root / "loop").symlink_to("loop")
    assert not is_inside(root, name)


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "no.png", "../secret.png", "link.png", "loop", "half \ud83d.png", "a\0b"),
        *("x" * 300, "猫" * 100, "a/" * 500, "a/" * 100_000, "x.png/x.png"),
    ],
)
def test_a_path_that_means_no_file_inside_means_none(root: Path, name: str) -> None:
    (root.parent / "secret.png").touch()
    (root / "x.png").touch()
    (root / "link.png").symlink_to("../secret.png")
    (root / "loop").symlink_to("loop")
    assert file_inside(root, name) is None
    assert file_inside(root, "x.png") == root / "x.png"


def test_the_place_of_a_network_share_is_not_looked_up(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(path: Path, strict: bool = False) -> Path:
        raise AssertionError(f"{path} was looked up")

    monkeypatch.setattr(Path, "resolve", resolve)
    assert not is_inside(root, "\\\\server\\share\\x.png")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.safetensors", True),
        ("wide\u3000space.safetensors", True),
        ("Screenshot 9.41\u202fAM.png", True),
        ("family \U0001f468\u200d\U0001f469.png", True),
        (f"{'x' * 200}/{'y' * 200}/a.png", True),
        (f"{'x' * 200}\\{'y' * 200}.png", True),
        ("船" * 86, False),
        ("a/" * 501, False),
        ("line\nbreak.png", False),
        ("a\0b.png", False),
        ("half \ud83d emoji.png", False),
    ],
)
def test_any_text_that_can_be_a_path_is_taken_for_one(text: str, expected: bool) -> None:
    assert may_be_path(text) is expected
