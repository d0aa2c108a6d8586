"""What ComfyUI's page is told of sweeps for the viewer, and what it is refused."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from PIL import Image

from scripts.comfy_server import ComfyServer

from .graphs import Graph, manifest, succeed

NAME = "test/viewing"


@pytest.fixture(scope="module")
def shown(server: ComfyServer) -> dict[str, str]:
    """The manifest of a sweep of two cells, one of them wider than a small picture."""
    graph = Graph()
    widths = graph.axis("Number", parameter="width", values="64, 264")
    graph.sweep(**graph.loader(), x_axis=widths, steps=1, name=NAME)
    path = manifest(succeed(server, graph))["path"]
    return {"filename": path.name, "subfolder": NAME, "type": "output"}


def test_a_sweep_is_told_with_its_pictures(server: ComfyServer, shown: dict[str, str]) -> None:
    told = server.post("/periplus/sweep", {"manifest": shown})

    assert (told["title"], told["id"]) == ("width", shown["filename"].removesuffix(".json"))
    cells = told["cells"]
    assert [cell["recipe"]["width"] for cell in cells] == [64, 264]
    assert [cell["sizes"] for cell in cells] == [[[64, 64]], [[264, 64]]]
    file = beside(shown, cells[1]["files"][0])
    with urlopen(server.address + thumbnail(file)) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"] == "image/jpeg"
        small = Image.open(io.BytesIO(answer.read()))
    assert small.size == (256, 62)
    infotext = server.post("/periplus/infotext", {"picture": file})["infotext"]
    assert "Size: 264x64" in infotext


def test_the_latest_sweeps_are_listed(server: ComfyServer, shown: dict[str, str]) -> None:
    sweeps = server.post("/periplus/sweeps")["sweeps"]

    (listed,) = [sweep for sweep in sweeps if sweep["manifest"] == shown]
    assert (listed["title"], listed["state"]) == ("width", "done")
    assert listed["counts"] == {"done": 2, "reused": 0, "failed": 0, "missing": 0}
    times = [sweep["updated"] for sweep in sweeps]
    assert times == sorted(times, reverse=True) and len(times) <= 50


OUTSIDE: list[Any] = [
    None,
    "sweep.json",
    {},
    {"filename": "none.json", "subfolder": "", "type": "output"},
    {"filename": "../comfyui.log", "subfolder": "", "type": "output"},
    {"filename": "comfyui.log", "subfolder": "..", "type": "output"},
    {"filename": "/etc/passwd", "subfolder": "", "type": "output"},
    {"filename": "a\0.json", "subfolder": "", "type": "output"},
    {"filename": "example.png", "subfolder": "", "type": "input"},
    {"filename": 7, "subfolder": ["x"], "type": "output"},
    {"filename": "x" * 5000, "subfolder": "", "type": "output"},
    {"filename": "x" * 300, "subfolder": "", "type": "output"},
]


@pytest.mark.parametrize("file", OUTSIDE)
def test_nothing_is_told_of_what_is_not_in_the_output_folder(
    server: ComfyServer, file: Any
) -> None:
    for name, question in (("sweep", {"manifest": file}), ("infotext", {"picture": file})):
        with pytest.raises(HTTPError) as refused:
            server.post(f"/periplus/{name}", question)
        assert told_by(refused.value).startswith("there is no file")
    if isinstance(file, dict):
        with pytest.raises(HTTPError) as refused:
            server.fetch(thumbnail(file))
        assert told_by(refused.value).startswith("there is no file")


def test_what_is_no_sweep_or_picture_is_refused(server: ComfyServer, shown: dict[str, str]) -> None:
    with pytest.raises(HTTPError) as refused:
        server.fetch(thumbnail(shown))
    assert told_by(refused.value) == f"cannot read {shown['filename']}"
    path = server.output / NAME / "sweep-no.json"
    path.write_text("{}")
    with pytest.raises(HTTPError) as refused:
        server.post("/periplus/sweep", {"manifest": {**shown, "filename": path.name}})
    assert "is not the manifest of a sweep" in told_by(refused.value)
    path.unlink()


def test_no_browser_goes_on_with_the_modules_of_an_older_version(server: ComfyServer) -> None:
    for file in ("viewer/viewer.mjs", "js/viewer/window.mjs"):
        with urlopen(f"{server.address}/extensions/periplus/{file}") as answer:
            assert answer.headers["Cache-Control"] == "no-cache"
            assert "javascript" in answer.headers["Content-Type"]


def beside(manifest: dict[str, str], file: str) -> dict[str, str]:
    """A file that a sweep names, as ComfyUI takes it."""
    folder, _, name = f"{manifest['subfolder']}/{file}".rpartition("/")
    return {"filename": name, "subfolder": folder, "type": "output"}


def thumbnail(file: dict[str, Any]) -> str:
    return f"/periplus/thumbnail?{urlencode(file)}"


def told_by(error: HTTPError) -> str:
    assert error.code == 400
    return json.loads(error.read())["error"]
