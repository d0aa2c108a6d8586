"""ComfyUI's folders and files: where a sweep may write, and what a model file is known by."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import folder_paths
from comfy.cli_args import args

from ...errors import PeriplusError
from ...files.durable import remove_left_over_in
from ...files.file_digests import content_digest
from ...files.folder_names import MAX_FILE_NAME, file_inside, folder_inside, may_be_path
from ...work.keys import digest
from ...work.load_order import Place
from ...work.stages import embeddings_in

MAX_PREFIX = 200
"""Bytes of how the name of a file begins, so that a number and an extension fit behind it."""

MISSING = "missing"
"""Stands for the identity of a file that was deleted: loading it fails the cells that need it."""

_first_seen: dict[Path, str] = {}
"""What each file was when this process first named it."""


def sweep_folder(name: str) -> Path:
    """Give the folder in ComfyUI's output folder that a sweep of this name writes to.

    Args:
        name: one or more folder names with slashes between.

    Raises:
        PeriplusError: the name is empty, too long, or leads out of the output folder.
    """
    return folder_inside(Path(folder_paths.get_output_directory()).resolve(), name)


def output_reference(path: Path) -> dict[str, str]:
    """Name a file of the output folder the way ComfyUI's ``/view`` route takes it."""
    relative = path.relative_to(Path(folder_paths.get_output_directory()).resolve())
    subfolder = relative.parent.as_posix()
    return {
        "filename": relative.name,
        "subfolder": "" if subfolder == "." else subfolder,
        "type": "output",
    }


def temp_reference(path: Path) -> dict[str, str]:
    """Name a file of the folder for previews the way ComfyUI's ``/view`` route takes it."""
    return {"filename": path.name, "subfolder": "", "type": "temp"}


def manifest_reference(path: Path) -> dict[str, str]:
    """Tell a page or a client where a manifest is."""
    return {"manifest": str(path), **output_reference(path)}


def saved_prefix(prefix: str) -> str:
    """Give a ``filename_prefix`` as ComfyUI takes it, with names that every file system knows.

    Raises:
        PeriplusError: it leads out of the output folder, or is too long.
    """
    root = Path(folder_paths.get_output_directory()).resolve()
    stem = folder_inside(root, prefix, "filename_prefix")
    size = len(stem.name.encode())
    if size > MAX_PREFIX:
        raise PeriplusError(
            f"filename_prefix '{stem.name[:20]}…' begins a name of {size} bytes; a file's name may "
            f"begin with {MAX_PREFIX}, since a number and an extension come behind it"
        )
    return stem.relative_to(root).as_posix()


def saved_folder(prefix: str) -> Path:
    """The folder that files of a ``filename_prefix`` go to; that for previews where it is empty.

    Raises:
        PeriplusError: see :func:`saved_prefix`.
    """
    return (output_folder() / saved_prefix(prefix)).parent if prefix else temp_folder()


def saved_stems(prefix: str, width: int, height: int) -> Iterator[Path]:
    """Give paths for new files in the output folder, without extensions, numbered as ComfyUI does.

    What was left there long ago by writers that were killed is removed.

    Args:
        prefix: how their names begin, with folders before; ``%width%`` and the like have a meaning.
        width, height: of the picture, in px.

    Raises:
        PeriplusError: it leads out of the output folder.
    """
    root = str(Path(folder_paths.get_output_directory()).resolve())
    folder, name, counter, _, _ = folder_paths.get_save_image_path(
        saved_prefix(prefix), root, width, height
    )
    remove_left_over_in(Path(folder), time.time())
    return (Path(folder) / f"{name}_{number:05}_" for number in itertools.count(counter))


def temp_stems() -> Iterator[Path]:
    """Give paths for new files in the folder for previews, without extensions."""
    folder = temp_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / f"periplus_{uuid.uuid4().hex[:12]}" for _ in itertools.count())


def temp_folder() -> Path:
    """ComfyUI's folder for previews, emptied when it starts."""
    return Path(folder_paths.get_temp_directory())


def file_identity(path: Path) -> str:
    """A digest of a file's name, size, time and parts of its content."""
    stat = path.stat()
    return digest([path.name, stat.st_size, stat.st_mtime_ns, content_digest(path)])


def linked_file_identity(path: Path, *, is_read: bool = True) -> str:
    """:func:`file_identity` of a file that a linked node has read, perhaps a while ago.

    When the file has changed since this process first named it, what is in memory may be the old
    one, so the identity is a new one each time.

    Args:
        path: the file.
        is_read: whether a node may read it now, so that from now on it may be in memory.
    """
    now = file_identity(path)
    first = _first_seen.setdefault(path, now) if is_read else _first_seen.get(path, now)
    return now if first == now else uuid.uuid4().hex


def model_identity(kind: str, name: str) -> str:
    """:func:`file_identity` of a model file; MISSING of one that is there no longer.

    Args:
        kind: ComfyUI's name of its folder, such as ``checkpoints``.
        name: its name there.
    """
    found = folder_paths.get_full_path(kind, name)
    return MISSING if found is None else file_identity(Path(found))


def model_file(place: Place) -> Path | None:
    """The file that a segment loads; None where ComfyUI puts it together of several, or has none.

    Args:
        place: the segment's.
    """
    kind = "vae" if place.vae_file else "checkpoints"
    found = folder_paths.get_full_path(kind, place.source)
    return None if found is None else Path(found)


def model_bytes(place: Place) -> int:
    """The size of the file that a segment loads; 1 where there is no one file."""
    file = model_file(place)
    return file.stat().st_size if file else 1


def vae_identity(name: str) -> str:
    """:func:`file_identity` of a VAE file, or of the encoder and decoder that a taesd is made of;
    MISSING of one that is there no longer.
    """
    parts = (f"{name}_encoder.", f"{name}_decoder.")
    files = [f for f in folder_paths.get_filename_list("vae_approx") if f.startswith(parts)]
    if not files:
        return model_identity("vae", name)
    return digest([model_identity("vae_approx", file) for file in sorted(files)])


def embedding_identity(name: str) -> str:
    """:func:`file_identity` of a textual inversion; empty where there is none of this name."""
    file = _embedding_file(name)
    return file_identity(file) if file else ""


def _embedding_file(name: str) -> Path | None:
    for extension in ("", ".safetensors", ".pt", ".bin"):
        found = folder_paths.get_full_path("embeddings", f"{name}{extension}")
        if found is not None:
            return Path(found)
    return None


def find_files(value: str) -> list[Path]:
    """Find the model and input files that a text in a node's input may name.

    It may be the name of one file, or a prompt in which there are textual inversions.
    """
    embeddings = filter(None, map(_embedding_file, embeddings_in(value)))
    return [*embeddings, *_find_named(value)]


def _find_named(value: str) -> list[Path]:
    # ComfyUI stumbles over a path on another drive, and Windows would ask a server for its own.
    if "." not in value or not may_be_path(value) or Path(value).drive:
        return []
    kinds = folder_paths.folder_names_and_paths
    found = (folder_paths.get_full_path(kind, value) for kind in kinds)
    models = [Path(path) for path in found if path is not None]
    name, folder = folder_paths.annotated_filepath(value)
    root = Path(folder or folder_paths.get_input_directory()).resolve()
    path = (root / name).resolve()
    return [*models, path] if path.is_relative_to(root) and path.is_file() else models


def picture_file(name: str) -> Path:
    """The file that a picture's name means: ``a.png``, ``folder/a.png [output]``, ``a.png [temp]``.

    Raises:
        PeriplusError: it is not in ComfyUI's input, output or temp folder.
    """
    inner, folder = folder_paths.annotated_filepath(name)
    root = Path(folder or folder_paths.get_input_directory())
    if found := file_inside(root, inner.strip()):
        return found
    raise PeriplusError(
        f"picture {name[:MAX_FILE_NAME]!r} is not in ComfyUI's input folder; choose one from the "
        "list, or write [output] or [temp] behind a name in these folders"
    )


def output_file(reference: Any) -> Path:
    """The file of the output folder that a page names as ComfyUI's ``/view`` route takes it.

    Args:
        reference: of whatever origin: ``filename``, ``subfolder`` and ``type``, "output".

    Raises:
        PeriplusError: there is no such file in the output folder.
    """
    named = reference if isinstance(reference, Mapping) else {}
    parts = [named.get(key, "") for key in ("subfolder", "filename")]
    inner = "/".join(part for part in parts if isinstance(part, str) and part)
    found = file_inside(output_folder(), inner) if named.get("type") == "output" else None
    if found:
        return found
    raise PeriplusError(f"there is no file {inner[:MAX_FILE_NAME]!r} in ComfyUI's output folder")


def output_folder() -> Path:
    """ComfyUI's output folder."""
    return Path(folder_paths.get_output_directory()).resolve()


def metadata_texts(prompt: Any, extra_pnginfo: Mapping[str, Any] | None) -> dict[str, str]:
    """The text chunks that ComfyUI puts into its pictures: the prompt graph and the workflow.

    Empty where ComfyUI runs with ``--disable-metadata``.
    """
    if args.disable_metadata:
        return {}
    texts = {} if prompt is None else {"prompt": json.dumps(_as_sent(prompt))}
    return texts | {name: json.dumps(value) for name, value in (extra_pnginfo or {}).items()}


def _as_sent(prompt: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """A prompt without the fingerprints that ComfyUI notes in it, some of which are never alike."""
    return {
        node_id: {name: value for name, value in node.items() if name != "is_changed"}
        for node_id, node in prompt.items()
    }
