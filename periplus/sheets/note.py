"""The text in the frame of a cell without a picture: a mark, and as much of the reason as fits."""

from __future__ import annotations

from pathlib import Path

from .legend import JOINT, SMALLEST, TextBlock, load_font, set_text, shorten, sizes_between
from .tiles import Box

MARKS = {"failed": "×", "missing": "–"}
WORDS = {"failed": "failed", "missing": "not computed"}
_MARK_SCALE = 1.6  # size of the mark to that of the reason


def set_note(status: str, reason: str, frame: Box, font: Path) -> list[tuple[TextBlock, int, Box]]:
    """Return the texts to draw centred in a frame: lines, font size in px, and their box.

    The reason is set as large as it reads well, from a size that suits the frame down to SMALLEST;
    if it is still too long it ends in "…". Where it does not fit at all the mark stands alone, and
    a frame too small for the mark stays empty.
    """
    status = status if status in MARKS else "missing"
    text = reason or WORDS[status]
    inset = max(3, min(frame.width, frame.height) // 20)
    width, height = frame.width - 2 * inset, frame.height - 2 * inset
    largest = max(SMALLEST, 6 + min(width, height) // 25)
    size, mark, words = SMALLEST, TextBlock(), TextBlock()
    for size in sizes_between(largest, SMALLEST):
        mark = set_text(MARKS[status], load_font(font, round(size * _MARK_SCALE)), width)
        words = set_text(text, load_font(font, size), width)
        if words.rank <= JOINT and mark.height + words.height <= height:
            break
    else:
        words = shorten(text, load_font(font, size), width, height - mark.height)
    if mark.width > width or mark.height > height:
        return []
    top = frame.top + (frame.height - mark.height - words.height) // 2
    notes = [(mark, round(size * _MARK_SCALE), top), (words, size, top + mark.height)]
    return [
        (
            block,
            px,
            Box(frame.left + (frame.width - block.width) // 2, y, block.width, block.height),
        )
        for block, px, y in notes
        if block.lines
    ]
