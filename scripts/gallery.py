"""Make the project's pictures anew: ``python -m scripts.gallery``, with a Python that has Pillow.

Runs the example workflows and some more sweeps on the demo's models, as ``demo.py`` does, and
writes a thumbnail beside each example and the sheets of the documentation to ``docs/images/``.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor

from periplus.axes.values import format_number, parse_floats

from .comfy_server import EXAMPLE_IMAGE, ROOT, ComfyServer
from .demo import CPU_SIDE, EXAMPLES, FIRST_EXAMPLE, chart, prepare
from .paint.scene import draw
from .paint.world import Scene
from .provision import provision

IMAGES = ROOT / "docs" / "images"
THUMBNAIL = 512
"""Pixels of a thumbnail's sides: ComfyUI's template browser shows squares."""

SIDE = 64
"""Of the pictures in thumbnails, in pixels; the first example is shown as the demo makes it."""

MOST = 5
"""Values of a number axis that a thumbnail shows, evenly chosen; of words, the first few."""

WORDS = 3

LARGEST_SCALE = 1.6
"""How much a small sheet is enlarged for a thumbnail, at most."""

PAPER = "#ffffff"
MODEL = "demo/coast.safetensors"

PROMPTS = (
    "a red ship by day",
    "a white lighthouse at night",
    "a green island by day",
    "a yellow sun at sunset",
    "a black ship in a storm",
    "a red lighthouse by day",
    "a blue ship at sunset",
    "a yellow island at night",
    "a red sun by day",
    "a blue lighthouse in fog",
)


def main() -> None:
    """Make all pictures, or those whose names are given."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("names", nargs="*", help="of examples or sheets; all if none is given")
    names = parser.parse_args().names
    installation = provision()
    server = ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("demo"),
        output=installation.home / "gallery",
        threads=None,
    )
    with server:
        for name, target, prompt in work(server):
            if names and name not in names:
                continue
            print(name, flush=True)
            with Image.open(chart(server, prompt)) as sheet:
                write(sheet.convert("RGB"), target)


def work(server: ComfyServer) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Yield the name, the target and the prompt of each picture."""
    sketch = draw(Scene("ship", "red", "sunset"), SIDE, random.Random(0))
    sketch.save(server.base / "input" / EXAMPLE_IMAGE)
    for path in sorted(EXAMPLES.glob("*.json")):
        workflow = json.loads(path.read_text(encoding="utf-8"))
        is_first = path.stem == FIRST_EXAMPLE
        prompt = prepare(server, workflow, CPU_SIDE if is_first else SIDE)
        for node in prompt.values():
            if node["class_type"] in SHORTENED:
                shorten = SHORTENED[node["class_type"]]
                node["inputs"]["values"] = shorten(node["inputs"]["values"])
        yield path.stem, path.with_suffix(".jpg"), prompt
        if is_first:
            yield path.stem, IMAGES / "checkpoints-x-samplers.png", prompt
    for name, prompt in SHEETS.items():
        yield name, IMAGES / f"{name}.png", dict(prompt)


def fewer_numbers(values: str) -> str:
    """Return some of the numbers of a values text, from the first to the last."""
    found = parse_floats(values, minimum=0, maximum=math.inf)
    count = min(MOST, len(found))
    chosen = [found[round(at * (len(found) - 1) / max(count - 1, 1))] for at in range(count)]
    return ", ".join(map(format_number, chosen))


def fewer_words(values: str) -> str:
    """Return the first words of a values text."""
    return ",".join(values.split(",")[:WORDS])


SHORTENED: Mapping[str, Callable[[str], str]] = {
    "PeriplusAxisNumber": fewer_numbers,
    "PeriplusAxisPromptSR": fewer_words,
}
"""How the values of some nodes are made fewer, so that a thumbnail can be read."""


def write(sheet: Image.Image, target: Path) -> None:
    """Write a sheet as it is, or as a thumbnail if the target is a JPEG."""
    if target.suffix == ".png":
        sheet.quantize(256, dither=Image.Dither.NONE).save(target, optimize=True)
        return
    scale = min(THUMBNAIL / max(sheet.size), LARGEST_SCALE)
    size = round(sheet.width * scale), round(sheet.height * scale)
    sheet = sheet.resize(size, Image.Resampling.LANCZOS)
    square = Image.new("RGB", (THUMBNAIL, THUMBNAIL), ImageColor.getrgb(PAPER))
    square.paste(sheet, ((THUMBNAIL - sheet.width) // 2, (THUMBNAIL - sheet.height) // 2))
    square.save(target, quality=88)


def sheet_of(
    title: str,
    x_axis: Mapping[str, Any],
    y_axis: Mapping[str, Any],
    positive: str = PROMPTS[0],
    **settings: Any,
) -> dict[str, Any]:
    """Return the prompt of a sweep over two axes on the first checkpoint, small and quick."""
    nodes: dict[str, dict[str, Any]] = {
        "model": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": MODEL}},
        "x": dict(x_axis),
        "y": dict(y_axis),
        "sweep": {
            "class_type": "PeriplusSweepKSampler",
            "inputs": {
                **{name: ["model", at] for at, name in enumerate(("model", "clip", "vae"))},
                **{"positive": positive, "negative": "", "seed": 1, "steps": 20, "cfg": 4.0},
                **{"sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0},
                **{"width": 64, "height": 64, "x_axis": ["x", 0], "y_axis": ["y", 0]},
                **settings,
            },
        },
        "grid": {
            "class_type": "PeriplusGridCompose",
            "inputs": {"sweep": ["sweep", 0], "title": title},
        },
        "save": {
            "class_type": "SaveImage",
            "inputs": {"images": ["grid", 0], "filename_prefix": title},
        },
    }
    for node in nodes.values():
        node["_meta"] = {"title": node["class_type"]}
    return nodes


def axis(kind: str, values: str, **inputs: Any) -> dict[str, Any]:
    """Return an axis node."""
    return {"class_type": f"PeriplusAxis{kind}", "inputs": {"values": values, **inputs}}


SHEETS: dict[str, dict[str, Any]] = {
    "prompts-x-seeds": sheet_of(
        "Prompts x seeds", axis("Seed", "1-10"), axis("PromptSR", "\n".join(PROMPTS))
    ),
    "cfg-x-steps": sheet_of(
        "CFG x steps",
        axis("Number", "1, 2, 4, 6, 8, 11, 15, 20, 25, 30", parameter="cfg"),
        axis("Number", "2, 3, 4, 6, 8, 12, 16, 24, 32, 40", parameter="steps"),
        sampler_name="euler",
        scheduler="normal",
    ),
    "one-word-changed": sheet_of(
        "One word changed",
        axis("PromptSR", "red, blue, yellow, green, white, black"),
        axis("Seed", "1-4"),
        positive="a red ship at sunset",
    ),
}
"""Sweeps that are no examples, by the names of their pictures."""


if __name__ == "__main__":
    main()
