"""Workflows for the graph sweeps of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scripts.comfy_run import Run

from .graphs import SETTINGS, Graph, Link


@dataclass(frozen=True)
class Picture:
    """The native graph of one picture: the ids of its nodes, and the link to its image."""

    loader: str
    positive: str
    negative: str
    sampler: str
    image: Link


def picture(
    graph: Graph, models: dict[str, Link] | None = None, batch_size: int = 1, **settings: Any
) -> Picture:
    """Add the native graph of one picture."""
    models = models or graph.loader()
    positive = graph.text(models["clip"], SETTINGS["positive"])
    negative = graph.text(models["clip"], SETTINGS["negative"])
    size = {"width": 64, "height": 64, "batch_size": batch_size}
    sampler = graph.add(
        "KSampler",
        **{
            **SETTINGS,
            **settings,
            "model": models["model"],
            "positive": positive,
            "negative": negative,
            "latent_image": graph.add("EmptyLatentImage", **size),
        },
    )
    image = graph.add("VAEDecode", vae=models["vae"], samples=sampler)
    return Picture(models["vae"][0], positive[0], negative[0], sampler[0], image)


def one_colour(graph: Graph, color: int = 0) -> Link:
    """Add a picture that no model makes; the node's input ``color`` says how it looks."""
    return graph.add("EmptyImage", width=8, height=8, batch_size=1, color=color)


def finished(run: Run) -> list[tuple[int, int, int]]:
    """The places of the cells that were made, in the order in which they were finished."""
    events = (message.data for message in run.messages if message.kind == "periplus.cell")
    return [(e["x"], e["y"], e["z"]) for e in events if e["status"] == "done"]
