"""From a finished cell to a workflow of ComfyUI's own nodes that makes this one picture again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..errors import PeriplusError
from ..files.json_text import parse_json
from ..graphs.prompt_graph import Link
from ..reading.cell_recipe import LINKS, START_SIZE, with_overrides
from ..reading.picture_graph import PictureGraph
from ..reading.stored_recipe import recipe_of
from ..tiling import SIDES
from ..work.batch_size import FAST
from .behind_links import BehindLinks
from .recipe_graph import Making, wire_recipe
from .wiring import Wiring

_PREFIX = "ComfyUI"
"""How the saved picture's name begins: ComfyUI's own default."""

_TILES = {side for sides in SIDES.values() for side in sides}


@dataclass(frozen=True)
class FinishedCell:
    """What is known of a finished cell, all of it of whatever origin."""

    entry: Mapping[str, Any]
    """What the manifest says of it."""
    linked: Mapping[str, Any]
    """What the manifest says was linked to the sweep node, by input: a word on its source."""
    texts: Mapping[str, str]
    """The texts in the picture's file by name, see ``picture_texts``."""


@dataclass(frozen=True)
class NativeGraph:
    """A workflow that makes one cell."""

    prompt: dict[str, dict[str, Any]]
    """In API format; nodes in the order in which one would wire them."""
    notes: tuple[str, ...]
    """Why its picture may differ from the cell's, where it may."""


def native_graph(cell: FinishedCell, scale_of: Callable[[str], float]) -> NativeGraph:
    """Say a cell in ComfyUI's own nodes.

    What a recipe names is said anew. What was linked to the sweep node, which no recipe tells, and
    the workflow that a graph sweep repeats are copied from the workflow in the picture, together
    with whatever other packs' nodes are in it.

    Args:
        cell: the cell.
        scale_of: how many times larger an upscale model makes a picture, by the name of its file.

    Raises:
        PeriplusError: it cannot be said; the text says why, and how else.
    """
    wiring = Wiring()
    picture = _Picture(cell.texts, wiring)
    recipe = cell.entry.get("recipe")
    if isinstance(recipe, Mapping) and "overrides" in recipe:
        image = picture.whole_workflow()
    else:
        image = wire_recipe(recipe_of(recipe), _making(cell, picture), picture, scale_of, wiring)
    wiring.node("SaveImage", images=image, filename_prefix=_PREFIX)
    if cell.entry.get("mode") == FAST:
        wiring.note("the cell was made in step with others (batching), so rounding may differ")
    return NativeGraph(wiring.prompt, tuple(wiring.notes))


class _Picture:
    """The texts in the picture of a cell, each read when it is needed."""

    def __init__(self, texts: Mapping[str, str], wiring: Wiring) -> None:
        self._texts = texts
        self._wiring = wiring

    @property
    def start_size(self) -> tuple[int, int] | None:
        """Width and height, in pixels, of the linked picture; None where that is not told."""
        match self._making.get(START_SIZE):
            case [int(width), int(height)]:
                return width, height
        return None

    def copy(self, *names: str) -> Link:
        """Copy what is linked to the sweep node, see :meth:`BehindLinks.copy`."""
        return self._behind.copy(*names)

    def whole_workflow(self) -> Link:
        """Copy what the picture of a graph sweep's cell is made by, with what the cell sets.

        A stored cell may have been made by another sweep: its own texts fit together.
        """
        prompt = with_overrides(self._making, self._read("prompt"))
        return self._behind_links(prompt).copy("image")

    @cached_property
    def _behind(self) -> BehindLinks:
        return self._behind_links(self._read("prompt"))

    def _behind_links(self, prompt: Any) -> BehindLinks:
        return BehindLinks(PictureGraph(prompt), self._making.get(LINKS), self._wiring)

    @cached_property
    def _making(self) -> Mapping[str, Any]:
        making = self._read("periplus")
        if not isinstance(making, Mapping):
            raise PeriplusError("the text of a cell in its picture is none of a cell")
        return making

    def _read(self, name: str) -> Any:
        if name not in self._texts:
            raise PeriplusError(
                "the cell is made with nodes that are linked to the sweep, and its picture does "
                "not tell them, since ComfyUI ran with --disable-metadata: run the sweep without "
                "that option and under another name, or open the workflow that made it"
            )
        try:
            return parse_json(self._texts[name])
        except ValueError as error:
            raise PeriplusError(
                f"the text {name} in the cell's picture cannot be read: {error}"
            ) from error


def _making(cell: FinishedCell, picture: _Picture) -> Making:
    linked, side = cell.linked, cell.entry.get("tile_size")
    return Making(
        linked=frozenset(linked),
        # The word on a source names its node: a VAE from the model's own node is the model's.
        own_vae="vae" in linked and linked["vae"] not in (linked.get("model"), linked.get("clip")),
        start_size=picture.start_size if "image" in linked else None,
        tile_size=side if isinstance(side, int) and side in _TILES else 0,
    )
