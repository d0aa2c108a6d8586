"""Text for the sheet: a font, measured and wrapped lines, one size for all labels of an axis.

Everything is measured with the font that draws it, so what fits here fits on the sheet.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from PIL.ImageFont import FreeTypeFont

LONGEST = 2000  # characters of a text on a sheet; nobody reads more, and setting it takes long
SMALLEST = 11  # px; below it small screens no longer show the letters apart

BUNDLED_FONT = Path(__file__).parent / "fonts" / "NotoSans-Regular.ttf"
# Where systems keep a font with the scripts that the bundled one lacks, Chinese above all.
SYSTEM_FONTS = tuple(
    Path(path)
    for path in (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",  # Hebrew and Arabic
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/TTF/DejaVuSans.ttf",
        "C:/Windows/Fonts/msyh.ttc",
        "C:/Windows/Fonts/YuGothM.ttc",
        "C:/Windows/Fonts/malgun.ttf",
        "C:/Windows/Fonts/segoeui.ttf",
        "/System/Library/Fonts/Hiragino Sans GB.ttc",
        "/System/Library/Fonts/PingFang.ttc",
        "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    )
)

# How good a place between two characters is for a line break, best first.
SPACE, JOINT, TURN, ANYWHERE, NEVER = range(5)
_UNSEEN = ("Cc", "Cf", "Cs")  # control and format characters, lone surrogates
_VARIANTS = range(0xFE00, 0xFE10)  # say how the character before is to look, such as an emoji
_JOINTS = "_-./\\,:;+=|&)]}>"
_FEW_LINES = 4  # labels of so many lines are fine at any cell
_NARROW_EMS = 10  # a narrower column has no room for words broken anywhere
_TURNED_EMS = 14  # where turned labels break
_TELLING = 8  # characters; fewer of a longer text tell nothing


@dataclass(frozen=True)
class TextBlock:
    """Lines of text and the px they take: ``width`` of the longest, ``height`` of all.

    ``rank`` is the worst line break that was needed, SPACE to ANYWHERE.
    """

    lines: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    rank: int = SPACE


@dataclass(frozen=True)
class Labels:
    """All labels of one axis, set at one size; ``turned`` ones read from bottom to top."""

    size: int
    blocks: tuple[TextBlock, ...] = ()
    turned: bool = False

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Width in px of each label as it stands on the sheet."""
        return tuple(block.height if self.turned else block.width for block in self.blocks)

    @cached_property
    def heights(self) -> tuple[int, ...]:
        """Height in px of each label as it stands on the sheet."""
        return tuple(block.width if self.turned else block.height for block in self.blocks)

    @cached_property
    def width(self) -> int:
        """Width in px of the widest label, 0 without any."""
        return max(self.widths, default=0)

    @cached_property
    def height(self) -> int:
        """Height in px of the tallest label, 0 without any."""
        return max(self.heights, default=0)


@lru_cache(maxsize=64)
def load_font(path: Path, size: int) -> FreeTypeFont:
    """Return the font file at a size in px."""
    # The bundled scripts need no shaping, and the basic engine measures the same everywhere.
    engine = ImageFont.Layout.BASIC if path == BUNDLED_FONT else None
    return ImageFont.truetype(str(path), size, layout_engine=engine)


def choose_font(texts: Sequence[str]) -> Path:
    """Return the font for a sheet: the one that lacks the fewest of the texts' characters.

    The bundled font wins a tie; characters that no font has show as its replacement box.
    """
    characters = _seen(texts)
    if not _missing(BUNDLED_FONT, characters):
        return BUNDLED_FONT
    fonts = [BUNDLED_FONT, *(path for path in SYSTEM_FONTS if path.is_file())]
    return min(fonts, key=lambda path: len(_missing(path, characters)))


def boxed(texts: Iterable[str], font: Path) -> frozenset[str]:
    """Return the characters of some texts that the font draws as its replacement box."""
    return _missing(font, _seen(texts))


def _seen(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(c for text in set(texts) for c in clean(text) if not c.isspace())


# A sheet is measured again and again, with cells of other sizes.
@lru_cache(maxsize=64)
def _missing(path: Path, characters: frozenset[str]) -> frozenset[str]:
    """Return the characters that the font has no glyph for."""
    font = ImageFont.truetype(str(path), 16, layout_engine=ImageFont.Layout.BASIC)
    box = _drawn("\U0010ffff", font)  # never assigned: every font draws its box for it
    return frozenset(character for character in characters if _drawn(character, font) == box)


def _drawn(character: str, font: FreeTypeFont) -> bytes:
    image = Image.new("1", (32, 32))
    ImageDraw.Draw(image).text((0, 0), character, 1, font)
    return image.tobytes()


def clean(text: str) -> str:
    """Return the text on one line: composed letters, single spaces, no control characters.

    One that is longer than LONGEST is cut.
    """
    if len(text) > LONGEST:
        text = f"{text[:LONGEST]}…"
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(
        c for c in composed if unicodedata.category(c) not in _UNSEEN and ord(c) not in _VARIANTS
    )


def line_height(font: FreeTypeFont) -> int:
    """Return the distance in px between two lines, which is also the height of one."""
    return sum(font.getmetrics())


def wrap(text: str, font: FreeTypeFont, width: int) -> TextBlock:
    """Break a text into lines of at most ``width`` px.

    A line ends at a space if it can, else after a joint such as ``_`` or ``-``, else where the
    case turns or a number starts, else anywhere. Only a single character that is wider than
    ``width`` makes a line wider.
    """
    filler = _Filler(font, width)
    rank = filler.add(clean(text), SPACE - 1)
    lines = tuple(line for line in map(str.rstrip, filler.lines) if line)
    widest = math.ceil(filler.widest)
    return TextBlock(lines, widest, len(lines) * line_height(font), max(rank, SPACE))


class _Filler:
    """Fills lines of a width with pieces of text, each split as little as possible."""

    def __init__(self, font: FreeTypeFont, width: int) -> None:
        self.lines = [""]
        self.widest = 0.0
        self._used = 0.0
        self._font = font
        self._width = width

    def add(self, piece: str, rank: int) -> int:
        """Add a piece that was split off at a break of this rank; return the worst break made."""
        needed = _length(piece.rstrip(), self._font)
        if self._used + needed <= self._width:
            self._append(piece, needed)
            return SPACE
        if needed <= self._width or rank == ANYWHERE:
            self.lines.append("")
            self._used = 0.0
            self._append(piece, needed)
            return rank
        return max(self.add(part, rank + 1) for part in _split(piece, rank + 1))

    def _append(self, piece: str, needed: float) -> None:
        self.lines[-1] += piece
        self.widest = max(self.widest, self._used + needed)
        self._used += _length(piece, self._font)


# Labels are wrapped again and again until they fit: what does not depend on the width is kept.
@lru_cache(maxsize=65536)
def _length(text: str, font: FreeTypeFont) -> float:
    return font.getlength(text)


@lru_cache(maxsize=4096)
def _split(text: str, rank: int) -> tuple[str, ...]:
    """Cut a text wherever a break is as good as ``rank`` or better."""
    cuts = [i for i, (a, b) in enumerate(pairwise(text), 1) if _rank(a, b) <= rank]
    return tuple(text[start:end] for start, end in pairwise([0, *cuts, len(text)]))


def _rank(a: str, b: str) -> int:
    """Return how good a line break between two neighbouring characters is."""
    if a == " ":
        return ANYWHERE if b == "/" else SPACE  # "euler /" and "karras", not "/ karras"
    if unicodedata.category(b).startswith("M"):
        return NEVER  # an accent stays with its letter
    if a in ".," and b.isdigit():
        return ANYWHERE  # 1.0 and 0,5 are numbers
    if (a in _JOINTS and b not in _JOINTS) or "W" in map(unicodedata.east_asian_width, a + b):
        return JOINT
    if (
        (a.islower() and b.isupper())
        or (a.isalpha() and b.isdigit())
        or (a.isdigit() and b.isalpha())
    ):
        return TURN
    return ANYWHERE


def set_text(text: str, font: FreeTypeFont, width: int) -> TextBlock:
    """Wrap a text at ``width`` px, then even out its lines without adding one."""
    best = wrap(text, font, width)
    if len(best.lines) < 2:
        return best
    low = 0  # px; at this width the text needs more lines or worse breaks
    while best.width - low > 1:
        middle = (low + best.width) // 2
        block = wrap(text, font, middle)
        even = len(block.lines) == len(best.lines) and block.rank <= best.rank
        if even and block.width <= middle:
            best = block
        else:
            low = middle
    return best


def sizes_between(largest: int, smallest: int) -> tuple[int, ...]:
    """Return font sizes in px from the largest down to the smallest, about a tenth apart."""
    sizes = [largest]
    while sizes[-1] > smallest:
        sizes.append(max(smallest, min(sizes[-1] - 1, round(sizes[-1] * 0.9))))
    return tuple(sizes)


def fit_beside(
    labels: Sequence[str], heights: Sequence[int], width: int, font: Path, sizes: Sequence[int]
) -> Labels:
    """Set labels that stand beside rows of the given ``heights``, in px.

    Takes the size at which all labels read best within ``width`` and the height of their row. If
    there is none, the smallest size and twice the width; a row that is still too low must then
    grow to its label.
    """

    def rooms(line: int) -> list[float]:
        return [max(line, min(height, _room(height, line))) for height in heights]

    size = _best_size(labels, [width] * len(labels), rooms, font, sizes, ANYWHERE)
    if size is None:
        size, width = sizes[-1], 2 * width
    face = load_font(font, size)
    return Labels(size, tuple(set_text(label, face, width) for label in labels))


def fit_above(
    labels: Sequence[str], widths: Sequence[int], font: Path, sizes: Sequence[int]
) -> Labels:
    """Set labels that stand above columns of the given ``widths``, in px.

    Takes the size at which all labels read best. If there is none, labels on wide columns take the
    lines they need at the smallest size; those on narrow ones are turned, as rows of text that
    stand on the columns.
    """
    smallest = sizes[-1]
    narrow = min(widths) < _NARROW_EMS * smallest

    def rooms(line: int) -> list[float]:
        return [_room(width, line) for width in widths]

    size = _best_size(labels, widths, rooms, font, sizes, TURN if narrow else ANYWHERE)
    if size is None and narrow:
        flat = fit_beside(labels, widths, _TURNED_EMS * smallest, font, sizes[-1:])
        return replace(flat, turned=True)
    face = load_font(font, size or smallest)
    texts = zip(labels, widths, strict=True)
    return Labels(size or smallest, tuple(set_text(label, face, width) for label, width in texts))


def _room(extent: int, line: int) -> float:
    """Return the height that a label may take at a row or column of that extent, in px."""
    return max(_FEW_LINES * line, 0.45 * extent)


def _best_size(
    labels: Sequence[str],
    widths: Sequence[int],
    rooms: Callable[[int], Sequence[float]],
    font: Path,
    sizes: Sequence[int],
    worst: int,
) -> int | None:
    """Return the size with the best line breaks, and of those the largest; None if none fits.

    A label fits if it keeps to its width, to its room (which depends on the height of a line) and
    to breaks no worse than ``worst``.
    """
    best, best_rank = None, worst + 1
    for size in sizes:
        face = load_font(font, size)
        room = rooms(line_height(face))
        rank = JOINT
        for label, width, height in zip(labels, widths, room, strict=True):
            block = wrap(label, face, width)
            rank = NEVER if block.height > height else max(rank, block.rank)
            if rank >= best_rank:
                break
        else:
            best, best_rank = size, rank
    return best


def shorten(text: str, font: FreeTypeFont, width: int, height: int) -> TextBlock:
    """Set as much of a text as a ``width`` x ``height`` px box holds; "…" stands for the rest.

    A box too small for more than a few letters stays empty.
    """
    whole = wrap(text, font, width)
    lines = whole.lines[: height // line_height(font)]
    if not lines or font.getlength("abc…") > width:
        return TextBlock()
    if len(lines) < len(whole.lines):
        lines = (*lines[:-1], _cut(lines[-1], font, width))
        if sum(map(len, lines)) <= _TELLING:
            return TextBlock()
    widest = math.ceil(max(map(font.getlength, lines)))
    return TextBlock(lines, widest, len(lines) * line_height(font), whole.rank)


def _cut(line: str, font: FreeTypeFont, width: int) -> str:
    """Return the start of a line that leaves room for "…", whole words if there are any."""
    for rank in (SPACE, TURN, ANYWHERE):
        for start in reversed(tuple(accumulate(_split(line, rank)))):
            shown = start.rstrip(" " + _JOINTS) + "…"
            if font.getlength(shown) <= width:
                return shown
    return "…"
