"""Files of pictures: mutated, truncated, with absurd sizes, and chunks that unpack to gigabytes."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from periplus.files.picture import read_picture

from .target import Target, sandbox

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIZE = (9, 7)
MODES = ("RGB", "RGBA", "P", "L", "LA", "I;16", "1", "CMYK")
SIDES = (0, 1, 7, 9, 13_377, 13_378, 60_000, 2**31 - 1, 2**32 - 1)
TYPES = (
    *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tEXt", b"zTXt", b"iTXt", b"tRNS", b"iCCP", b"eXIf"),
    *(b"acTL", b"fcTL", b"fdAT", b"gAMA", b"cHRM", b"pHYs", b"sRGB", b"abcd", b"\0\0\0\0"),
)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk whose checksum is right."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, depth: int = 8, colours: int = 2) -> bytes:
    """The chunk that tells a PNG's size."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))


def bomb(size: int) -> bytes:
    """Zeros, packed a thousandfold."""
    packer = zlib.compressobj(9)
    step = bytes(10**6)
    parts = [packer.compress(step) for _ in range(size // len(step))]
    return b"".join(parts) + packer.flush()


def files() -> Iterator[bytes]:
    """Whole pictures of many kinds."""
    info = PngInfo()
    info.add_text("prompt", '{"1": {}}')
    info.add_text("workflow", "x" * 300, zip=True)
    info.add_itxt("periplus", "кот", zip=True)
    for mode in MODES:
        for kind in ("PNG", "JPEG", "WEBP"):
            stream = io.BytesIO()
            try:
                Image.new(mode, SIZE).save(
                    stream, kind, **({"pnginfo": info} if kind == "PNG" else {})
                )
            except (OSError, ValueError):
                continue  # not every kind of file has every mode
            yield stream.getvalue()


WHOLE = tuple(files())


@st.composite
def _changed(draw: st.DrawFn) -> bytes:
    """A picture's file after some accidents."""
    data = draw(st.sampled_from(WHOLE))
    if data.startswith(SIGNATURE) and draw(st.booleans()):
        sizes = st.sampled_from(SIDES)
        depth, colours = st.sampled_from((0, 1, 8, 16, 255)), st.integers(0, 7)
        first = header(draw(sizes), draw(sizes), draw(depth), draw(colours))
        added = chunk(draw(st.sampled_from(TYPES)), draw(st.binary(max_size=40)))
        first = draw(st.sampled_from([first, data[8:33]]))
        data = SIGNATURE + first + added + data[33:]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        new = draw(st.binary(max_size=6))
        data = data[:at] + new + data[at + draw(st.integers(0, 6)) :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 5)) == 0 else data


def _read(case: tuple[bytes, tuple[int, int]]) -> None:
    data, size = case
    path = sandbox() / "picture.png"
    path.write_bytes(data)
    picture = read_picture(path, size)
    assert (picture.mode, picture.size) == ("RGB", size)


def _at_worst() -> Iterator[tuple[bytes, tuple[int, int]]]:
    packed, end = bomb(300_000_000), chunk(b"IEND", b"")
    small = SIGNATURE + header(*SIZE)
    pixels = chunk(b"IDAT", zlib.compress(bytes(7 * 28)))
    texts = (
        chunk(b"zTXt", b"prompt\0\0" + packed),
        chunk(b"iTXt", b"prompt\0\1\0\0\0" + packed),
        chunk(b"iCCP", b"profile\0\0" + packed),
        b"".join(chunk(b"tEXt", b"a\0" + bytes(10**6)) for _ in range(70)),
        chunk(b"tEXt", b"prompt") * 10_000,
        chunk(b"eXIf", b"MM\0*" + b"\xff" * 1000),
    )
    for text in texts:
        yield small + text + pixels + end, SIZE
        yield small + pixels + text + end, SIZE
    yield small + chunk(b"IDAT", packed) + end, SIZE
    for side in SIDES:
        yield SIGNATURE + header(side, side) + chunk(b"IDAT", packed) + end, (side, side)
    yield struct.pack(">I", 2**31) * 1000, SIZE


TARGETS_OF_PICTURES = (
    Target(
        "pictures",
        st.tuples(_changed(), st.sampled_from([SIZE, (1, 1), (60_000, 60_000)])),
        _read,
        list(_at_worst()),
    ),
)
"""Files that a manifest names."""
