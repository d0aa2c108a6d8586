"""ComfyUI's folders and files: where a sweep may write, and what a model file is known by."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folder_paths
from comfy.cli_args import args

from ..errors import PeriplusError
from ..keys import digest
from ..manifest import has_failed_cells

_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f]')
"""Characters that some file system refuses in a name."""


def sweep_folder(name: str) -> Path:
    """Give the folder in ComfyUI's output folder that a sweep of this name writes to.

    Args:
        name: one or more folder names with slashes between.

    Raises:
        PeriplusError: the name is empty or leads out of the output folder.
    """
    parts = [part.strip() for part in name.replace("\\", "/").split("/")]
    output = Path(folder_paths.get_output_directory()).resolve()
    folder = output.joinpath(*(_UNSAFE.sub("_", part) for part in parts))
    if not all(part.strip(".") for part in parts) or not folder.resolve().is_relative_to(output):
        raise PeriplusError(
            f"name {name!r} is not a folder inside ComfyUI's output folder; "
            "use a plain name such as periplus or tests/cfg"
        )
    return folder


def retry_token(name: str) -> str:
    """Something new each time while a sweep of this name has failed cells, else the empty text.

    As part of what ComfyUI caches a sweep by, it makes a queued workflow try them again.
    """
    return uuid.uuid4().hex if has_failed_cells(sweep_folder(name)) else ""


def output_reference(path: Path) -> dict[str, str]:
    """Name a file of the output folder the way ComfyUI's ``/view`` route takes it."""
    relative = path.relative_to(Path(folder_paths.get_output_directory()).resolve())
    subfolder = relative.parent.as_posix()
    return {
        "filename": relative.name,
        "subfolder": "" if subfolder == "." else subfolder,
        "type": "output",
    }


def manifest_reference(path: Path) -> dict[str, str]:
    """Tell a page or a client where a manifest is."""
    return {"manifest": str(path), **output_reference(path)}


def temp_folder() -> Path:
    """ComfyUI's folder for previews, emptied when it starts."""
    return Path(folder_paths.get_temp_directory())


def file_identity(path: Path) -> str:
    """A digest of a file's name, size and time, by which a changed file is noticed."""
    stat = path.stat()
    return digest([path.name, stat.st_size, stat.st_mtime_ns])


def checkpoint_identity(name: str) -> str:
    """:func:`file_identity` of a checkpoint.

    Raises:
        FileNotFoundError: ComfyUI has no checkpoint of this name.
    """
    return file_identity(Path(folder_paths.get_full_path_or_raise("checkpoints", name)))


def find_file(value: str) -> Path | None:
    """Find the model or input file that a text in a node's input names, if it names one."""
    if "\n" in value or "." not in value or len(value) > 500:
        return None
    for kind in folder_paths.folder_names_and_paths:
        found = folder_paths.get_full_path(kind, value)
        if found is not None:
            return Path(found)
    root = Path(folder_paths.get_input_directory()).resolve()
    path = (root / value).resolve()
    return path if path.is_relative_to(root) and path.is_file() else None


def metadata_texts(prompt: Any, extra_pnginfo: Mapping[str, Any] | None) -> dict[str, str]:
    """The text chunks that ComfyUI puts into its pictures: the prompt graph and the workflow.

    Empty where ComfyUI runs with ``--disable-metadata``.
    """
    if args.disable_metadata:
        return {}
    texts = {} if prompt is None else {"prompt": json.dumps(prompt)}
    return texts | {name: json.dumps(value) for name, value in (extra_pnginfo or {}).items()}
