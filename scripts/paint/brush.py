"""Fill shapes on a picture, in units of its side, from the top left corner."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


def blend(first: Colour, second: Colour, share: float) -> Colour:
    """Return a colour between two; ``share`` 0 is the first, 1 the second."""
    mixed = [round(a + (b - a) * share) for a, b in zip(first, second, strict=True)]
    return mixed[0], mixed[1], mixed[2]


class Brush:
    """Draws on a picture in units of its side."""

    def __init__(self, image: Image.Image) -> None:
        self.side = image.width
        self.pen = ImageDraw.Draw(image)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        self.pen.polygon([(x * self.side, y * self.side) for x, y in points], fill=colour)

    def disc(self, centre: Point, across: float, high: float, colour: Colour) -> None:
        """Fill an ellipse with the given half axes."""
        (x, y), side = centre, self.side
        box = ((x - across) * side, (y - high) * side, (x + across) * side, (y + high) * side)
        self.pen.ellipse(box, fill=colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a line through points."""
        places = [(x * self.side, y * self.side) for x, y in points]
        self.pen.line(places, fill=colour, width=max(1, round(width * self.side)), joint="curve")


def trapezium(middle: float, ys: Sequence[float], halves: Sequence[float]) -> list[Point]:
    """Return an upright trapezium, by its upper and lower heights and half widths."""
    (upper, lower), (narrow, wide) = ys, halves
    return [
        (middle - narrow, upper),
        (middle + narrow, upper),
        (middle + wide, lower),
        (middle - wide, lower),
    ]
