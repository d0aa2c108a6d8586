"""That the arrows which ARCHITECTURE.md draws between the folders all point one way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST, NODES = ROOT / "periplus" / "host", ROOT / "nodes"
MODULES = sorted((ROOT / "periplus").rglob("*.py")) + sorted(NODES.glob("*.py"))

COMFYUI = {"comfy", "comfy_api", "comfy_execution", "execution", "folder_paths", "nodes", "server"}
"""ComfyUI's own modules."""

SCHEMA = {"comfy_api", "comfy_execution"}
"""Those that a node is declared with."""


def drawn() -> list[list[Path]]:
    """The places of the drawing, from the top down; modules on one line are one place."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawing = text.partition("## Layers")[2].split("```")[1]
    places = []
    for line in drawing.strip().splitlines():
        folder = HOST if line.startswith("  ") else ROOT
        names, _, _ = line.strip().partition("  ")
        paths = [folder / name for name in re.split(r",? ", names)]
        places.append([paths[0], *(paths[0].parent / path.name for path in paths[1:])])
    return places


def place_of(module: Path, places: list[list[Path]]) -> int:
    """The number of the innermost place that a module belongs to, from the top down."""
    found = [
        number
        for number, paths in enumerate(places)
        if any(module.is_relative_to(path) for path in paths)
    ]
    return found[-1]


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for file in MODULES:
        yield file, ast.parse(file.read_text(encoding="utf-8"))


def own_modules(file: Path, tree: ast.Module) -> Iterator[Path]:
    """The pack's own modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            start = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for name in node.names:
                module = start / f"{name.name}.py"
                yield module if module.exists() else start.with_suffix(".py")


def packages(tree: ast.Module) -> set[str]:
    """What a module imports from elsewhere."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


def test_what_is_drawn_exists() -> None:
    assert [path for paths in drawn() for path in paths if not path.exists()] == []


def test_modules_import_from_their_own_folder_or_from_further_down() -> None:
    places = drawn()
    upward = [
        f"{file.relative_to(ROOT)} imports {module.relative_to(ROOT)}"
        for file, tree in trees()
        for module in own_modules(file, tree)
        if place_of(module, places) < place_of(file, places)
    ]
    assert upward == []


def test_only_host_touches_comfyui() -> None:
    outside = [
        f"{file.relative_to(ROOT)} imports {', '.join(sorted(found))}"
        for file, tree in trees()
        if not file.is_relative_to(HOST)
        if (found := packages(tree) & COMFYUI - (SCHEMA if file.is_relative_to(NODES) else set()))
    ]
    assert outside == []
