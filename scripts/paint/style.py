"""Styles: ways of drawing the same scenes, each a change to the large picture before reduction."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image, ImageChops, ImageEnhance, ImageFilter

Style = Callable[[Image.Image], Image.Image]

PAPER = (246, 238, 220)
CHALK = (255, 240, 236)
INK = (34, 34, 44)
LEAD = (20, 20, 26)
EDGE = 22
"""How much grey values have to differ for a line of ink between them."""


def flat(image: Image.Image) -> Image.Image:
    """Return the picture as it is: flat paint."""
    return image


def ink(image: Image.Image) -> Image.Image:
    """Return dark outlines on paper, thinly washed with the colours."""
    wash = Image.blend(image, Image.new("RGB", image.size, PAPER), 0.55)
    lines = outlines(image).filter(ImageFilter.MaxFilter(3))
    return Image.composite(Image.new("RGB", image.size, INK), wash, lines)


def outlines(image: Image.Image) -> Image.Image:
    """Return a mask of the edges between different colours."""
    edges = image.filter(ImageFilter.FIND_EDGES).convert("L")
    # The filter marks the picture's own frame too.
    inside = Image.new("L", image.size, 0)
    inside.paste(255, (1, 1, image.width - 1, image.height - 1))
    return ImageChops.darker(edges, inside).point([0] * EDGE + [255] * (256 - EDGE))


def pastel(image: Image.Image) -> Image.Image:
    """Return the picture in light, vivid chalk with soft edges."""
    soft = image.filter(ImageFilter.GaussianBlur(image.width / 90))
    vivid = ImageEnhance.Color(soft).enhance(1.9)
    return Image.blend(vivid, Image.new("RGB", image.size, CHALK), 0.4)


def glass(image: Image.Image) -> Image.Image:
    """Return the picture as stained glass: glowing colours between broad lead."""
    vivid = ImageEnhance.Color(image).enhance(1.7)
    wide = max(3, round(image.width / 36) | 1)
    lead = outlines(image).filter(ImageFilter.MaxFilter(wide))
    return Image.composite(Image.new("RGB", image.size, LEAD), vivid, lead)


STYLES: dict[str, Style] = {"coast": flat, "harbour": ink, "lagoon": pastel}
"""The styles by the names of their checkpoints."""
