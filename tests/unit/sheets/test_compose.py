from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from periplus.axes.axis import Group
from periplus.errors import DamagedPictureError, PeriplusError
from periplus.sheets.compose import draw
from periplus.sheets.layout import lay_out
from periplus.sheets.legend import BUNDLED_FONT, TextBlock
from periplus.sheets.note import set_note
from periplus.sheets.sheet import AxisLabels, Sheet, SheetCell, Style, transpose
from periplus.sheets.tiles import Box

from .sheets import compose

BARE = Style(legend=False, margin=0)
TWO = AxisLabels("", ("", ""))
FAILED = SheetCell(status="failed", reason="CUDA out of memory: tried to allocate 2.50 GiB")


def picture(folder: Path, seed: int, width: int = 20, height: int = 12) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    path = folder / f"{seed}.png"
    Image.fromarray(pixels).save(path)
    return path


def cell_of(*paths: Path) -> SheetCell:
    sizes = []
    for path in paths:
        with Image.open(path) as image:
            sizes.append(image.size)
    return SheetCell(paths, tuple(sizes), "done")


def pixels(image: Image.Image, box: Box | None = None) -> np.ndarray:
    array = np.asarray(image)
    if box is None:
        return array
    return array[box.top : box.bottom, box.left : box.right]


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_pictures_are_pasted_pixel_for_pixel(tmp_path: Path) -> None:
    paths = {(x, y, 0): picture(tmp_path, 10 * x + y) for x in range(3) for y in range(2)}
    cells = {place: cell_of(path) for place, path in paths.items()}
    x, y = AxisLabels("cfg", ("2", "4", "6")), AxisLabels("steps", ("10", "20"))
    sheet = Sheet(x, y, cells=cells, title="title")
    for style in (Style(), BARE, Style(background="black", foreground="white")):
        (page,), (image,) = lay_out(sheet, style), compose(sheet, style)
        assert (image.mode, image.size) == ("RGB", (page.width, page.height))
        for cell in page.cells:
            assert np.array_equal(pixels(image, cell.pictures[0]), read(paths[cell.place]))


def test_a_single_picture_without_axes_is_the_sheet(tmp_path: Path) -> None:
    path = picture(tmp_path, 1)
    (image,) = compose(Sheet(cells={(0, 0, 0): cell_of(path)}), Style())
    assert np.array_equal(pixels(image), read(path))


def test_a_batch_is_drawn_in_order(tmp_path: Path) -> None:
    paths = [picture(tmp_path, seed) for seed in range(3)]
    (image,) = compose(Sheet(cells={(0, 0, 0): cell_of(*paths)}), BARE)
    assert image.size == (40, 24)
    for path, corner in zip(paths, [(0, 0), (20, 0), (0, 12)], strict=True):
        assert np.array_equal(pixels(image, Box(*corner, 20, 12)), read(path))


def test_a_transposed_sheet_shows_the_same_pictures_elsewhere(tmp_path: Path) -> None:
    cells = {(x, 0, 0): cell_of(picture(tmp_path, x)) for x in range(2)}
    sheet = Sheet(x=TWO, cells=cells)
    (across,), (down,) = compose(sheet, BARE), compose(transpose(sheet, "yxz"), BARE)
    assert np.array_equal(pixels(across, Box(20, 0, 20, 12)), pixels(down, Box(0, 12, 20, 12)))


def test_every_z_is_a_picture_or_all_are_one(tmp_path: Path) -> None:
    cells = {(0, 0, z): cell_of(picture(tmp_path, z)) for z in range(2)}
    sheet = Sheet(z=TWO, cells=cells)
    assert [image.size for image in compose(sheet, BARE)] == [(20, 12), (20, 12)]
    for z_layout, size in (("row", (40, 12)), ("column", (20, 24))):
        style = Style(legend=False, margin=0, z_layout=z_layout)
        assert [image.size for image in compose(sheet, style)] == [size]


def test_margins_have_the_background_colour(tmp_path: Path) -> None:
    cells = {(x, 0, 0): cell_of(picture(tmp_path, x)) for x in range(2)}
    style = Style(legend=False, margin=5, background="#123456")
    (image,) = compose(Sheet(x=TWO, cells=cells), style)
    assert (pixels(image, Box(20, 0, 5, 12)) == (0x12, 0x34, 0x56)).all()


def test_pictures_are_scaled_down_to_max_cell(tmp_path: Path) -> None:
    sheet = Sheet(cells={(0, 0, 0): cell_of(picture(tmp_path, 1, 40, 20))})
    assert [image.size for image in compose(sheet, Style(max_cell=10))] == [(10, 5)]


def test_a_transparent_picture_lies_on_the_background(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(path)
    (image,) = compose(Sheet(cells={(0, 0, 0): cell_of(path)}), Style(background="#00ff00"))
    assert image.getpixel((4, 4)) == (0, 255, 0)


def test_text_takes_the_foreground_and_names_a_shade_between(tmp_path: Path) -> None:
    x = AxisLabels("cfg", ("7",))
    sheet = Sheet(x, cells={(0, 0, 0): cell_of(picture(tmp_path, 1, 64, 64))})
    style = Style(background="#000000", foreground="#ffffff")
    (page,), (image,) = lay_out(sheet, style), compose(sheet, style)
    brightest = {text.role: pixels(image, text.box).max() for text in page.texts}
    assert brightest["x"] > 215
    assert 100 < brightest["x name"] < 180


def test_no_ink_lies_outside_the_slots_and_the_page_edge_stays_clear(tmp_path: Path) -> None:
    labels = ("jg_checkpoint_name-with.many-parts_v10", "Йод, щука", "fj")
    sheet = Sheet(
        AxisLabels("checkpoint", labels),
        AxisLabels("prompt", labels),
        cells={(0, 0, 0): cell_of(picture(tmp_path, 1, 64, 64))},
        title="jТitle",
    )
    (page,), (image,) = lay_out(sheet, Style()), compose(sheet, Style())
    ink = (pixels(image) != 255).any(axis=2)
    for box in [text.box for text in page.texts] + [cell.slot for cell in page.cells]:
        # A stroke may reach a px out of its line, as every font's do.
        ink[max(0, box.top - 1) : box.bottom + 1, max(0, box.left - 1) : box.right + 1] = False
    assert not ink.any()


def test_a_line_is_drawn_along_each_group_of_a_crossed_axis() -> None:
    sheet = Sheet(AxisLabels("", ("1 / a", "1 / b"), (Group("1", 2),)))
    style = Style(background="#000000", foreground="#ffffff")
    (page,), (image,) = lay_out(sheet, style), compose(sheet, style)
    (rule,) = page.rules
    (shade,) = np.unique(pixels(image, rule))
    assert 100 < shade < 180


def test_turned_labels_are_drawn_in_their_box(tmp_path: Path) -> None:
    x = AxisLabels("", ("a_very_long_name_of_some_checkpoint_that_does_not_fit",))
    sheet = Sheet(x, cells={(0, 0, 0): cell_of(picture(tmp_path, 1, 30, 30))})
    (page,), (image,) = lay_out(sheet, Style()), compose(sheet, Style())
    (text,) = page.texts
    assert text.turned
    dark = pixels(image, text.box).min(axis=2) < 128
    assert dark.any(axis=1).mean() > 0.7  # ink all along the box, not across one line of it


@pytest.mark.parametrize("colours", [("#ffffff", "#000000"), ("#101010", "#f0f0f0")])
def test_failed_and_missing_cells_follow_the_colours(colours: tuple[str, str]) -> None:
    background, foreground = colours
    sheet = Sheet(x=TWO, cells={(0, 0, 0): FAILED, (1, 0, 0): SheetCell()})
    style = Style(legend=False, background=background, foreground=foreground)
    (page,), (image,) = lay_out(sheet, style), compose(sheet, style)
    failed, missing = (pixels(image, cell.frame).astype(int) for cell in page.cells)
    back = int(background[1:3], 16)
    assert abs(failed[2, 2] - back).max() < 40  # calm: close to the background
    assert failed[2, 2][0] > failed[2, 2][2]  # and reddish
    assert 0 < abs(missing[2, 2] - back).max() < 20
    for frame in (failed, missing):
        assert abs(frame - frame[2, 2]).max() > 80  # readable: text stands out


def test_an_unreadable_file_is_drawn_as_failed_and_the_sheet_survives(tmp_path: Path) -> None:
    good, broken, gone = picture(tmp_path, 1), tmp_path / "broken.png", tmp_path / "gone.png"
    broken.write_bytes(good.read_bytes()[:60])
    cells = {
        (0, 0, 0): cell_of(good),
        (1, 0, 0): SheetCell((broken,), ((20, 12),), "done"),
        (2, 0, 0): SheetCell((gone,), ((20, 12),), "reused"),
    }
    sheet = Sheet(x=AxisLabels("", ("", "", "")), cells=cells)
    (image,) = compose(sheet, BARE)
    assert np.array_equal(pixels(image, Box(0, 0, 20, 12)), read(good))
    for left in (20, 40):
        red, _, blue = pixels(image)[1, left + 1]
        assert red > blue


def test_a_file_that_the_disk_has_damaged_is_drawn_as_failed_and_told(tmp_path: Path) -> None:
    path = picture(tmp_path, 1)
    data = bytearray(path.read_bytes())
    crc32 = zlib.crc32(data)
    whole = SheetCell((path,), ((20, 12),), "done", key="a", crc32s=(crc32,))
    damaged = replace(whole, key="b", crc32s=(crc32 ^ 1,))
    sheet = Sheet(x=TWO, cells={(0, 0, 0): whole, (1, 0, 0): damaged})
    (page,) = lay_out(sheet, BARE)
    told: list[tuple[SheetCell, PeriplusError]] = []
    (lines,) = draw(page, BARE, on_unreadable=lambda cell, error: told.append((cell, error)))
    assert np.array_equal(lines[:, :20], read(path))
    red, _, blue = lines[1, 21]
    assert red > blue
    ((cell, error),) = told
    assert cell is damaged
    assert isinstance(error, DamagedPictureError)
    assert "queue the sweep again" in str(error)


def test_one_unreadable_file_of_a_batch_leaves_the_others(tmp_path: Path) -> None:
    good = picture(tmp_path, 1)
    cell = SheetCell((tmp_path / "gone.png", good), ((20, 12), (20, 12)), "done")
    (image,) = compose(Sheet(cells={(0, 0, 0): cell}), BARE)
    assert np.array_equal(pixels(image, Box(20, 0, 20, 12)), read(good))


def bomb(path: Path, width: int, height: int) -> Path:
    """A PNG file of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + data)
    return path


@pytest.mark.parametrize("side", [5_000, 60_000])
def test_a_decompression_bomb_is_a_failed_cell(tmp_path: Path, side: int) -> None:
    path = bomb(tmp_path / "bomb.png", side, side)
    cell = SheetCell((path,), ((64, 64),), "done")
    (image,) = compose(Sheet(cells={(0, 0, 0): cell}), BARE)
    assert image.size == (64, 64)
    red, _, blue = pixels(image)[1, 1]
    assert red > blue


def test_formats_that_a_sweep_never_writes_are_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (20, 12), "blue").save(path, format="TIFF")
    (image,) = compose(Sheet(cells={(0, 0, 0): cell_of(path)}), BARE)
    red, _, blue = pixels(image)[1, 1]
    assert red > blue


def test_a_file_of_another_size_than_it_had_is_a_failed_cell(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGB", (30, 30), "blue").save(path)
    (image,) = compose(Sheet(cells={(0, 0, 0): SheetCell((path,), ((20, 12),), "done")}), BARE)
    red, _, blue = pixels(image)[1, 1]
    assert red > blue


def test_every_cell_is_told_and_the_drawing_can_be_ended(tmp_path: Path) -> None:
    sheet = Sheet(x=TWO, z=TWO, cells={(0, 0, 0): cell_of(picture(tmp_path, 1))})
    seen: list[None] = []
    compose(sheet, BARE, on_cell=lambda: seen.append(None))
    assert len(seen) == 4

    def cancel() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        compose(sheet, BARE, on_cell=cancel)


def test_a_page_drawn_in_bands_is_the_page_drawn_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    y = AxisLabels("steps", ("5 / 1", "5 / 2", "6 / 1"), (Group("five", 2), Group("six", 1)))
    cells = {(0, row, 0): cell_of(picture(tmp_path, row, 90, 60)) for row in range(2)}
    cells[1, 1, 0] = FAILED
    sheet = Sheet(AxisLabels("jcfg", ("2", "4")), y, cells=cells, title="jTitle", notes=("jn",))
    for z_layout in ("pages", "row"):
        style = Style(z_layout=z_layout)
        monkeypatch.setattr("periplus.sheets.compose.BAND", 10_000)
        (whole,) = compose(sheet, style)
        monkeypatch.setattr("periplus.sheets.compose.BAND", 1)
        (page,) = lay_out(sheet, style)
        assert len(list(draw(page, style))) == page.height
        (banded,) = compose(sheet, style)
        monkeypatch.undo()
        assert np.array_equal(pixels(whole), pixels(banded))


def note(status: str, reason: str, width: int, height: int) -> list[TextBlock]:
    frame = Box(5, 7, width, height)
    placed = set_note(status, reason, frame, BUNDLED_FONT)
    for block, _, box in placed:
        assert (box.width, box.height) == (block.width, block.height)
        assert box.left >= frame.left
        assert box.right <= frame.right
        assert box.top >= frame.top
        assert box.bottom <= frame.bottom
    return [block for block, _, _ in placed]


def test_a_large_frame_holds_the_whole_reason() -> None:
    mark, words = note("failed", FAILED.reason, 256, 256)
    assert mark.lines == ("×",)
    assert " ".join(words.lines) == FAILED.reason


def test_a_64_px_frame_holds_the_first_words() -> None:
    mark, words = note("failed", FAILED.reason, 64, 64)
    assert mark.lines == ("×",)
    assert words.lines == ("CUDA out", "of…")


def test_a_frame_for_a_few_letters_of_a_long_text_holds_the_mark_alone() -> None:
    assert [block.lines for block in note("failed", "the checkpoint is gone", 48, 48)] == [("×",)]
    assert [block.lines for block in note("missing", "", 48, 48)] == [("–",)]
    assert note("failed", "NaN", 48, 48)[1].lines == ("NaN",)


def test_a_missing_cell_without_a_reason_says_that_it_is_not_computed() -> None:
    assert note("missing", "", 200, 200)[1].lines == ("not computed",)
    assert note("done", "", 200, 200)[1].lines == ("not computed",)


@pytest.mark.parametrize("width", [1, 6, 16, 40, 64, 300])
@pytest.mark.parametrize("height", [1, 6, 16, 40, 64, 300])
def test_a_note_keeps_to_its_frame_at_every_size(width: int, height: int) -> None:
    for reason in (FAILED.reason, "x" * 100, "причина " * 20, ""):
        note("failed", reason, width, height)


def test_a_tiny_frame_keeps_the_mark_or_nothing() -> None:
    assert [block.lines for block in note("failed", "no", 32, 32)] == [("×",)]
    assert note("failed", "no", 8, 8) == []
