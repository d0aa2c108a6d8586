"""Which model files have a picture beside them, as users of ComfyUI's model library put it there.

ComfyUI serves these pictures, but tells of none that there is, so a page that asked for each would
fill the console with errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import folder_paths

from ...errors import PeriplusError
from ...files.folder_names import is_inside

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif"})
PREVIEW = ".preview"
"""May stand between the name of a model and the extension of its picture."""

GLOB_SIGNS = frozenset("*?[")
"""ComfyUI looks for pictures by a glob pattern, and finds none for a path with one of these."""


def model_pictures(question: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Tell which models have a picture.

    Args:
        question: ``folder`` is ComfyUI's name of a folder of models, such as "loras".

    Returns:
        ``places``: by the name of the model, the number of the path below which it lies, as
        ComfyUI's ``/experiment/models/preview`` route takes it.

    Raises:
        PeriplusError: ComfyUI knows no such folder.
    """
    folder = question.get("folder")
    if not isinstance(folder, str) or folder not in folder_paths.folder_names_and_paths:
        raise PeriplusError(f"'{folder}' is no folder of models")
    names = {Path(name) for name in folder_paths.get_filename_list(folder)}
    places: dict[str, int] = {}
    for place, root in enumerate(map(Path, folder_paths.get_folder_paths(folder))):
        for below in {name.parent for name in names}:
            places |= {str(name): place for name in names & _pictured(root, below)}
    return {"places": places}


def _pictured(root: Path, below: Path) -> set[Path]:
    """The files in one folder that a picture is named after, itself or before ``.preview``.

    None of them is a link that leads out of ``root``: newer versions of ComfyUI refuse those.
    """
    folder = root / below
    if not folder.is_dir() or not GLOB_SIGNS.isdisjoint(str(folder)):
        return set()
    files = [below / path.name for path in folder.iterdir()]
    pictures = {
        picture.stem.removesuffix(PREVIEW)
        for picture in files
        if picture.suffix.lower() in EXTENSIONS and is_inside(root, str(picture))
    }
    return {
        file
        for file in files
        if file.stem in pictures and GLOB_SIGNS.isdisjoint(file.name) and is_inside(root, str(file))
    }
