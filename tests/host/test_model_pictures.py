"""Which models have a picture beside them, as ComfyUI's own route then serves it."""

from __future__ import annotations

import shutil
import urllib.error
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from scripts.comfy_server import ComfyServer

EMPTY = (2).to_bytes(8, "little") + b"{}"
"""A safetensors file without tensors."""


def test_pictures_are_found_where_comfyui_serves_them(server: ComfyServer, tmp_path: Path) -> None:
    folder = server.base / "models" / "loras" / "pictured"
    folder.mkdir(parents=True)
    for name in ("plain", "preview", "none", "a.b", "glob [x]", "linked"):
        (folder / f"{name}.safetensors").write_bytes(EMPTY)
    picture = Image.new("RGB", (8, 8), "teal")
    for name in ("plain.PNG", "preview.preview.webp", "a.b.jpg", "glob [x].png", "elsewhere.png"):
        picture.save(folder / name)
    picture.save(tmp_path / "outside.png")
    (folder / "linked.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "outside.safetensors").write_bytes(EMPTY)
    (folder / "elsewhere.safetensors").symlink_to(tmp_path / "outside.safetensors")

    places = server.post("/periplus/model_pictures", {"folder": "loras"})["places"]
    served = {name for name in places if name.startswith("pictured")}
    pictures = [
        server.fetch(f"/experiment/models/preview/loras/{places[name]}/{quote(name)}")
        for name in served
    ]
    shutil.rmtree(folder)

    assert served == {f"pictured/{name}.safetensors" for name in ("plain", "preview", "a.b")}
    assert all(picture.startswith(b"RIFF") for picture in pictures)


@pytest.mark.parametrize("folder", ["../loras", "", None, 3, ["loras"]])
def test_only_folders_of_models_are_looked_into(server: ComfyServer, folder: object) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        server.post("/periplus/model_pictures", {"folder": folder})

    assert refused.value.code == 400
