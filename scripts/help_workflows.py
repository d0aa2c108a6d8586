"""What the pictures of the help pages show: each node in a small workflow of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .workflow_writer import Link, Node

WIDTH = 290
"""Of the nodes, in pixels of the canvas: a help page is not much wider."""

CHECKPOINT = "demo/coast.safetensors"
PROMPT, NEGATIVE = "a red ship at sunset", "fog"

FILLED = "document.querySelector('.periplus-live-line')?.textContent.startsWith('6 of 6')"
MEANT = (
    "[...document.querySelectorAll('.periplus-line')]"
    ".some(({textContent}) => /^[0-9]+ value/.test(textContent))"
)
PREVIEWED = "node.imgs?.length > 0 && node.imgs.every(({complete}) => complete)"
"""JavaScript that is true of a node when its sheet is complete, when the line under its values says
what they mean, or when its preview is there."""


@dataclass(frozen=True)
class HelpPicture:
    """What one picture shows.

    Args:
        nodes: the workflow; the node that the page is about is called "it". Of its neighbours,
            which are in columns before and behind it, the picture has the nearest edges only.
        ready: JavaScript that is true when ``node`` looks as it should.
        is_run: whether the workflow is queued, so that the node shows its results.
    """

    nodes: Mapping[str, Node]
    ready: str = "true"
    is_run: bool = False


def axis(kind: str, height: int, **inputs: Any) -> HelpPicture:
    """Return an axis node that is linked to a sweep."""
    return HelpPicture(
        {
            "it": Node(f"PeriplusAxis{kind}", inputs, 0, (WIDTH, height)),
            "sweep": Node("PeriplusSweepKSampler", {"x_axis": Link("it", "axis")}, 1, (WIDTH, 700)),
        },
        MEANT,
    )


def number(parameter: str, values: str, column: int = 0) -> Node:
    """Return an axis node for numbers."""
    inputs = {"parameter": parameter, "values": values}
    return Node("PeriplusAxisNumber", inputs, column, (WIDTH, 160))


def node_input(name: str, values: str) -> Node:
    """Return an axis node for an input of KSampler."""
    inputs = {"node": "KSampler", "input": name, "values": values}
    return Node("PeriplusAxisInput", inputs, 0, (WIDTH, 190))


def sweep_nodes(name: str, folder: str) -> dict[str, Node]:
    """Return a small sweep under this name, with what is linked to it.

    One in a folder of its own does not find the cells of another picture's.
    """
    inputs = {
        **{kind.lower(): Link("loader", kind) for kind in ("MODEL", "CLIP", "VAE")},
        **{"positive": PROMPT, "negative": NEGATIVE, "seed": 1, "steps": 12, "cfg": 4.0},
        **{"sampler_name": "dpmpp_2m", "scheduler": "karras", "width": 64, "height": 64},
        "name": folder,
        **{"x_axis": Link("x", "axis"), "y_axis": Link("y", "axis")},
    }
    return {
        "loader": Node("CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT}, 0, (WIDTH, 100)),
        "x": number("cfg", "2, 4, 6"),
        "y": number("steps", "8, 12"),
        name: Node("PeriplusSweepKSampler", inputs, 1, (WIDTH, 700)),
    }


def after_sweep(node_type: str, height: int, **inputs: Any) -> dict[str, Node]:
    """Return a node that takes a sweep, and the sweep."""
    linked = {"sweep": Link("sweep", "sweep"), **inputs}
    return {**sweep_nodes("sweep", "sweeps"), "it": Node(node_type, linked, 2, (WIDTH, height))}


def before_sweep(node_type: str, height: int, slot: str, **inputs: Any) -> HelpPicture:
    """Return a node that adds something to a sweep by an input of the same name as its output."""
    return HelpPicture(
        {
            "it": Node(node_type, inputs, 0, (WIDTH, height)),
            "sweep": Node("PeriplusSweepKSampler", {slot: Link("it", slot)}, 1, (WIDTH, 700)),
        }
    )


GRAPH = {
    "loader": Node("CheckpointLoaderSimple", {"ckpt_name": CHECKPOINT}, -3, (WIDTH, 100)),
    "positive": Node(
        "CLIPTextEncode", {"clip": Link("loader", "CLIP"), "text": PROMPT}, -2, (WIDTH, 160)
    ),
    "negative": Node(
        "CLIPTextEncode", {"clip": Link("loader", "CLIP"), "text": NEGATIVE}, -2, (WIDTH, 160)
    ),
    "latent": Node("EmptyLatentImage", {"width": 64, "height": 64}, -2, (WIDTH, 120)),
    "sampler": Node(
        "KSampler",
        {
            "model": Link("loader", "MODEL"),
            "positive": Link("positive", "CONDITIONING"),
            "negative": Link("negative", "CONDITIONING"),
            "latent_image": Link("latent", "LATENT"),
            **{"seed": 1, "sampler_name": "dpmpp_2m", "scheduler": "karras"},
        },
        -1,
        (WIDTH, 300),
    ),
    "decode": Node(
        "VAEDecode",
        {"samples": Link("sampler", "LATENT"), "vae": Link("loader", "VAE")},
        0,
        (WIDTH, 60),
    ),
}
"""A whole workflow that makes a picture."""


def sweep_graph(*axes: str) -> Node:
    """Return a sweep of that workflow over these nodes."""
    links = {
        f"{letter}_axis": Link(axis, "axis") for letter, axis in zip("xyz", axes, strict=False)
    }
    return Node("PeriplusSweepGraph", {"image": Link("decode", "IMAGE"), **links}, 1, (WIDTH, 160))


PICTURES: Mapping[str, HelpPicture] = {
    "PeriplusAxisCheckpoint": axis("Checkpoint", 170, values="coast\nharbour\nlagoon"),
    "PeriplusAxisCombine": HelpPicture(
        {
            "sampler": Node("PeriplusAxisSampler", {"values": "euler, heun"}, 0, (WIDTH, 100)),
            "steps": number("steps", "20, 10"),
            "it": Node(
                "PeriplusAxisCombine",
                {"a": Link("sampler", "axis"), "b": Link("steps", "axis"), "mode": "zip"},
                1,
                (WIDTH, 100),
            ),
            "sweep": Node("PeriplusSweepKSampler", {"x_axis": Link("it", "axis")}, 2, (WIDTH, 700)),
        }
    ),
    "PeriplusAxisInput": HelpPicture(
        {**GRAPH, "it": node_input("cfg", "2, 4, 6"), "sweep": sweep_graph("it")}, MEANT
    ),
    "PeriplusAxisLora": axis("Lora", 170, values="none\nwhale:0.8\nwhale:0.7 + stained_glass:0.4"),
    "PeriplusAxisNumber": axis("Number", 180, parameter="cfg", values="2-7 (+0.5)"),
    "PeriplusAxisPrompt": axis(
        "Prompt", 190, values="a red ship at sunset\na white lighthouse, storm\na blue whale, night"
    ),
    "PeriplusAxisPromptSR": axis(
        "PromptSR", 220, values="ship, lighthouse, island", placeholder="", target="both"
    ),
    "PeriplusAxisRefiner": axis("Refiner", 150, values="none, refiner"),
    "PeriplusAxisSampler": axis("Sampler", 150, values="euler, dpmpp_2m, uni_pc"),
    "PeriplusAxisSamplerScheduler": axis(
        "SamplerScheduler", 170, values="Euler a\nDPM++ 2M Karras\nuni_pc/normal"
    ),
    "PeriplusAxisScheduler": axis("Scheduler", 150, values="normal, karras, exponential"),
    "PeriplusAxisSeed": axis("Seed", 250, values="7, 42", count=4, start=100),
    "PeriplusAxisSize": axis("Size", 150, values="512x768, 768x512"),
    "PeriplusAxisUpscaler": axis(
        "Upscaler", 170, values="none\nlatent: bilinear\npixels: lanczos\n2x_coast"
    ),
    "PeriplusAxisVAE": axis("VAE", 150, values="baked, colour, sepia"),
    "PeriplusGridCompose": HelpPicture(
        after_sweep("PeriplusGridCompose", 700, title="A ship at sunset"), PREVIEWED, is_run=True
    ),
    "PeriplusHiresFix": before_sweep(
        "PeriplusHiresFix", 390, "hires", upscaler="pixels: lanczos", positive="", negative=""
    ),
    "PeriplusReadRecipe": HelpPicture(
        {
            "it": Node("PeriplusReadRecipe", {"image": "example.png"}, 0, (WIDTH, 480)),
            "sweep": Node(
                "PeriplusSweepKSampler",
                {name: Link("it", name) for name in ("positive", "negative", "seed", "steps")},
                1,
                (WIDTH, 700),
            ),
        },
        PREVIEWED,
    ),
    "PeriplusRefiner": before_sweep(
        "PeriplusRefiner", 430, "refiner", ckpt_name="demo/refiner.safetensors"
    ),
    "PeriplusSaveSweep": HelpPicture(
        after_sweep("PeriplusSaveSweep", 380, filename_prefix="sweeps/ships"),
        PREVIEWED,
        is_run=True,
    ),
    "PeriplusSweepGraph": HelpPicture(
        {
            **GRAPH,
            "x": node_input("steps", "8, 12, 16"),
            "y": node_input("cfg", "2, 6"),
            "it": sweep_graph("x", "y"),
        },
        FILLED,
        is_run=True,
    ),
    "PeriplusSweepImages": HelpPicture(
        {
            **after_sweep("PeriplusSweepImages", 90, select="1-3"),
            "preview": Node("PreviewImage", {"images": Link("it", "images")}, 3, (WIDTH, 200)),
        }
    ),
    "PeriplusSweepKSampler": HelpPicture(sweep_nodes("it", "periplus"), FILLED, is_run=True),
}
"""By the id of the node."""
