"""The sheet of a sweep that ends early: what there is, in the sweep's folder and on the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from comfy_execution.graph_utils import is_link

from ...records.manifest import Manifest
from ...records.manifest_reader import read_sheet
from ...sheets.fit import MEGAPIXEL, SMALLER, fit
from ...sheets.formats import LOSSLESS, PNG
from ...sheets.looks import LOOKS, Looks, accepted_looks
from ...sheets.sheet import transpose
from ...sheets.sheet_files import SheetFiles
from ..prompt.running_node import GRID_COMPOSE, RunningNode
from ..system import paths
from .composing import PREVIEW_COMPRESS_LEVEL, draw_pages

MEGAPIXELS = 30
"""The most that all pages may have together: whoever cancels does not want to wait."""


def leave_sheet(
    manifest: Manifest,
    node: RunningNode,
    texts: Mapping[str, str],
    on_cell: Callable[[], None],
) -> dict[str, list[Any]]:
    """Draw what there is of a sweep, once for each Grid Compose after it.

    The pages are new files beside the manifest. Each Grid Compose shows its own, though it is not
    executed any more; without one, the sweep node does.

    Args:
        manifest: the sweep's, as it is on disk.
        node: the sweep node.
        texts: text chunks for each page's file.
        on_cell: called after each cell that is drawn; what it raises ends the drawing.

    Returns:
        What the sweep node's own output should tell of the files: as "images" what it shows
        itself, as "sheets" what a Grid Compose does.

    Raises:
        OSError: a page cannot be written.
        PeriplusError: the manifest cannot be read.
    """
    made = manifest.count("done") + manifest.count("reused")
    text = f"sheet: {made} of {len(manifest.cells)} cells, since the sweep ended early"
    grids = {grid: found["inputs"] for grid, found in node.followers(GRID_COMPOSE).items()}
    files: list[dict[str, str]] = []
    for grid, inputs in (grids or {node.node_id: {}}).items():
        pages = _save(manifest.path, _looks(inputs), texts, on_cell)
        images = [paths.output_reference(page) for page in pages]
        place = paths.manifest_reference(manifest.path)
        node.show(grid, {"images": images, "text": [text], "periplus": [place]})
        files += images
    return {"sheets" if grids else "images": files}


def _looks(inputs: Mapping[str, Any]) -> Looks:
    """How a Grid Compose draws with these inputs; by default where one is linked, or wrong."""
    of_files = ("format", "quality", "filename_prefix")
    given = {n: value for n, value in inputs.items() if n not in of_files and not is_link(value)}
    return replace(accepted_looks(given) or LOOKS, megapixels=MEGAPIXELS, too_large=SMALLER)


def _save(
    manifest: Path, looks: Looks, texts: Mapping[str, str], on_cell: Callable[[], None]
) -> list[Path]:
    sheet = transpose(read_sheet(manifest, looks.title), looks.order)
    fitted = fit(sheet, looks.style, looks.megapixels, looks.too_large)
    files = SheetFiles(_stems(manifest), PNG, LOSSLESS, texts, PREVIEW_COMPRESS_LEVEL)
    draw_pages(fitted.within(MEGAPIXELS * MEGAPIXEL), [files], on_cell)
    return files.paths


def _stems(manifest: Path) -> Iterator[Path]:
    """Names without extension, numbered as ComfyUI does."""
    return (manifest.with_name(f"{manifest.stem}_partial_{number:05}_") for number in count(1))
