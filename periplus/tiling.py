"""Pictures that go through a VAE in tiles: when they do, and what is kept of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

AUTO, OFF, ON = VAE_TILING = ("auto", "off", "on")
"""Tiles for what does not fit; never; always."""

SIDES = {AUTO: (0, 512, 256), OFF: (0,), ON: (512, 256)}
"""Sides of tiles in pixels, 0 for the whole picture, in the order of preference. 512 is the default
of ComfyUI's own nodes for tiles."""


@dataclass(frozen=True)
class Tiling:
    """How a picture went through its VAE, and with how much memory it would go the same way."""

    side: int = 0
    """Of the tiles, the smallest where there were several, in pixels; 0 for the whole picture."""
    least: int = 0
    """Bytes: with less memory the tiles would be smaller."""
    below: int | None = None
    """Bytes: with as much memory they would be larger; None where more changes nothing."""

    def suits(self, memory: int) -> bool:
        """Whether a picture is made in this way where there are so many bytes of memory."""
        return self.least <= memory and (self.below is None or memory < self.below)


def choose(setting: str, needs: Callable[[int], int], memory: int, limit: int) -> Tiling:
    """Choose how a picture goes through a VAE: in the largest tiles that fit.

    Args:
        setting: one of VAE_TILING.
        needs: bytes that tiles of a side take, 0 for the whole picture; by an estimate.
        memory: bytes that there are.
        limit: bytes above which nothing is tried any more; at most ``memory``.

    Returns:
        What suits ``memory``. Its ``least`` is 0 for the last resort, which is taken where nothing
        fits.
    """
    *sides, last = SIDES[setting]
    below = None
    for side in sides:
        least = needs(side)
        if least <= limit:
            return Tiling(side, least, below)
        below = max(least, memory + 1)
    return Tiling(last, 0, below)


def joined(tilings: Iterable[Tiling | None]) -> Tiling | None:
    """Sum up how a picture went through VAEs one after the other; None is for no VAE."""
    known = [tiling for tiling in tilings if tiling]
    if not known:
        return None
    return Tiling(
        min((tiling.side for tiling in known if tiling.side), default=0),
        max(tiling.least for tiling in known),
        min((tiling.below for tiling in known if tiling.below is not None), default=None),
    )


def tiling_notes(tilings: Iterable[Tiling | None]) -> list[str]:
    """Say of a sweep how many cells went through their VAE in tiles, and why.

    Args:
        tilings: of all cells; None for a cell of which nothing is known.
    """
    found = list(tilings)
    tiled = Counter((t.side, t.below is not None) for t in found if t and t.side)
    return [
        f"{count} of {len(found)} cells decoded in tiles of {side} px"
        + (": the picture does not fit" if does_not_fit else "")
        for (side, does_not_fit), count in tiled.items()
    ]
