"""The texts in files of pictures: every way they are written, and files that mean harm."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from PIL import Image

from periplus.errors import PeriplusError
from periplus.files.json_text import MAX_BYTES
from periplus.reading import picture_texts
from periplus.reading.exif import exif_texts
from periplus.reading.picture_texts import read_texts

from ...fuzz.picture_targets import SIGNATURE, bomb, chunk, header
from .pictures import MODEL, save_comment, save_png, save_tags, tiff

END = chunk(b"IEND", b"")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("text", ["a cat", "кот, 猫 🐈"])
def test_texts_of_a_png_are_read(tmp_path: Path, text: str, packed: bool) -> None:
    texts = {"parameters": text, "prompt": "{}", "Software": "x"}
    path = save_png(tmp_path / "a.png", texts, packed=packed)
    assert read_texts(path) == {"prompt": "{}", "parameters": text}


@pytest.mark.parametrize("name", ["a.jpg", "a.webp"])
@pytest.mark.parametrize("text", ["a cat\nSteps: 5", "кот, 猫 🐈\nSteps: 5, Seed: 1"])
def test_an_infotext_in_a_users_comment_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert read_texts(save_comment(tmp_path / name, text)) == {"parameters": text}


def test_a_prompt_and_a_workflow_in_exif_tags_are_read(tmp_path: Path) -> None:
    path = save_tags(tmp_path / "a.webp", {"1": {"a": "б:в"}}, {"nodes": []})
    assert read_texts(path) == {
        "prompt": json.dumps({"1": {"a": "б:в"}}),
        "workflow": json.dumps({"nodes": []}),
    }


def test_a_chunk_of_an_animated_png_behind_the_pixels_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    pixels = chunk(b"IDAT", b"no pixels")
    path.write_bytes(SIGNATURE + header(9, 7) + pixels + chunk(b"comf", b"prompt\0{}") + END)
    assert read_texts(path) == {"prompt": "{}"}


def test_a_picture_of_absurd_size_is_read_without_decoding(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    text = chunk(b"tEXt", b"parameters\0a cat")
    path.write_bytes(SIGNATURE + header(2**31 - 1, 2**31 - 1) + text + END)
    assert read_texts(path) == {"parameters": "a cat"}


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt"])
def test_a_text_that_unpacks_to_gigabytes_is_refused(tmp_path: Path, kind: bytes) -> None:
    path = tmp_path / "a.png"
    head = b"prompt\0\0" if kind == b"zTXt" else b"prompt\0\1\0\0\0"
    path.write_bytes(SIGNATURE + header(9, 7) + chunk(kind, head + bomb(MAX_BYTES * 2)) + END)
    with pytest.raises(PeriplusError, match=r"a\.png: a text in it has more than 16,777,216 bytes"):
        read_texts(path)


def test_a_file_of_too_many_parts_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_texts, "MAX_PARTS", 100)
    path = tmp_path / "a.png"
    path.write_bytes(SIGNATURE + header(9, 7) + chunk(b"abcd", b"") * 101)
    with pytest.raises(PeriplusError, match="more than 100 parts"):
        read_texts(path)


@pytest.mark.parametrize("data", [b"", b"GIF89a" + bytes(20), b'{"nodes": []}', b"RIFF1234AVI "])
def test_other_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(data)
    with pytest.raises(PeriplusError, match="it is no PNG, JPEG or WebP picture"):
        read_texts(path)


def test_a_damaged_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(SIGNATURE + chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"x")[3:]) + END)
    with pytest.raises(PeriplusError, match=r"cannot read the texts in a\.png"):
        read_texts(path)


def test_a_picture_without_texts_has_none(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg", "a.webp"):
        Image.new("RGB", (4, 4)).save(tmp_path / name)
        assert read_texts(tmp_path / name) == {}


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_of_both_orders_of_bytes_is_read(order: str) -> None:
    data = tiff(order, (MODEL, 4, b"a:b\0"))
    assert exif_texts(data) == exif_texts(b"Exif\0\0" + data) == {"a": "b"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"II*\0",
        b"II*\0" + b"\xff" * 20,
        tiff("<", (MODEL, 2**32 - 1, b"\xff" * 4)),
        tiff(">", *[(MODEL, 2**32 - 1, bytes(4))] * 5000),
        tiff("<", (0x8769, 1, b"\x08\0\0\0")),
    ],
)
def test_damaged_exif_gives_what_is_there(data: bytes) -> None:
    assert all(len(text) <= len(data) for text in exif_texts(data).values())
