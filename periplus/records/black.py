"""Pictures that are all black: drawn as they are, since a prompt may ask for night, but told of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from PIL import Image

from ..files.picture import pixel_digest
from .store import Picture, StoredCell


def black_note(cell: StoredCell) -> str:
    """Say that pictures of a cell are all black; an empty text where none is."""
    black, count = sum(map(is_black, cell.pictures)), len(cell.pictures)
    if not black:
        return ""
    if black == count:
        return "all black"
    return f"{black} of {count} pictures {'is' if black == 1 else 'are'} all black"


def is_black(picture: Picture) -> bool:
    """Whether every pixel of a picture is 0, by its digest; not known of those without one."""
    return picture.digest in _digests_of_black(picture.width, picture.height)


def black_notes(warnings: Iterable[str]) -> list[str]:
    """Say of a sweep how many cells have black pictures.

    Args:
        warnings: of all cells.
    """
    count = sum(map(bool, warnings))
    if not count:
        return []
    cells = "1 cell is" if count == 1 else f"{count} cells are"
    return [f"{cells} black: look for a fault of the model or VAE, if no prompt asks for it"]


@cache
def _digests_of_black(width: int, height: int) -> frozenset[str]:
    return frozenset(pixel_digest(Image.new(mode, (width, height))) for mode in ("RGB", "RGBA"))
