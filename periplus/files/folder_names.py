"""From a typed name to a folder that lies inside another, on every file system."""

from __future__ import annotations

import re
from pathlib import Path, PureWindowsPath

from ..errors import PeriplusError

MAX_FILE_NAME = 255
"""Bytes that file systems allow; a longer text names no file."""

MAX_NAME = 1000
"""Bytes of a typed name, so that the files in its folder can have names, too."""

_SLASHES = re.compile(r"\s*[/\\]+\s*")

_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f\ud800-\udfff]|\.$')
"""Characters that some file system refuses in a name, or silently leaves out."""

_NEVER = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of emoji, which are in no file's name that is typed or chosen."""

_DEVICE = re.compile(
    r"(?:con(?:in\$|out\$)?|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE
)
"""Beginnings of names that mean a device on Windows, whatever the folder."""


def folder_inside(root: Path, name: str, what: str = "name") -> Path:
    """Give the folder, or the beginning of files, inside ``root`` that a name means.

    Args:
        root: an existing folder, resolved.
        name: one or more folder names with slashes of either kind between. Characters that some
            file system refuses become ``_``.
        what: the input that the name comes from, for the error.

    Raises:
        PeriplusError: the name is empty, too long, or leads out of ``root``.
    """
    if len(name) <= MAX_NAME:
        parts = [part.strip() for part in name.replace("\\", "/").split("/")]
        safe = [_safe(part) for part in parts]
        folder = root.joinpath(*safe)
        short = len(name.encode("utf-8", "replace")) <= MAX_NAME
        usable = all(part.strip(". ") and len(part.encode()) <= MAX_FILE_NAME for part in safe)
        named = all(part.strip(". ") for part in parts)
        if short and usable and named and is_inside(root, folder.relative_to(root).as_posix()):
            return folder
    shown = name if len(name) <= MAX_FILE_NAME else f"{name[:MAX_FILE_NAME]}…"
    raise PeriplusError(
        f"{what} {shown!r} does not lie inside ComfyUI's output folder; "
        "use a plain name such as periplus or tests/cfg"
    )


def name_of(text: str, limit: int) -> str:
    """Turn any text into the name of a file or folder, as every file system takes it.

    Args:
        text: what the name should say. Slashes become ``-``.
        limit: bytes that the name may have; more are cut off.

    Returns:
        The name, or an empty text where nothing of it can be kept.
    """
    plain = "".join(c if c.isprintable() else " " for c in _SLASHES.sub("-", text))
    short = " ".join(plain.split()).encode()[:limit].decode(errors="ignore")
    return _safe(short.strip(". "))


def _safe(part: str) -> str:
    return _DEVICE.sub(r"_\g<0>", _UNSAFE.sub("_", part))


def may_be_path(text: str) -> bool:
    """Whether a text, untrusted, may be the path of a file; asking a file system for it is safe.

    Whatever a person can see or not see, such as the wide space of Japanese, may be in a name.
    """
    if len(text) > MAX_NAME or _NEVER.search(text) or len(text.encode()) > MAX_NAME:
        return False
    return all(len(part.encode()) <= MAX_FILE_NAME for part in _SLASHES.split(text))


def file_inside(folder: Path, name: str) -> Path | None:
    """The file that a path, untrusted and relative to a folder, means; None where there is none."""
    if not may_be_path(name) or not is_inside(folder, name):
        return None
    path = folder / name
    return path if path.is_file() else None


def is_inside(folder: Path, name: str) -> bool:
    """Whether a path, untrusted and relative to a folder, stays in it, links followed.

    Raises:
        ValueError: no file can have such a name.
    """
    # The text first: on Windows, asking where \\server\share leads sends the user's name there.
    path = PureWindowsPath(name)
    if path.drive or path.root or ".." in path.parts:
        return False
    try:
        return (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle; Python before 3.13 has no OSError for it
        return False
