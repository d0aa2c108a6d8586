"""Prompts in API format: sweeps, and the native graphs that a cell must equal."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file, save_file

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer, PromptRefusedError

Link = list[Any]

COAST, HARBOUR, LAGOON = (f"small/{name}.safetensors" for name in ("coast", "harbour", "lagoon"))

SETTINGS: Mapping[str, Any] = {
    "positive": "a red ship at sea",
    "negative": "fog",
    "seed": 7,
    "steps": 3,
    "cfg": 5.0,
    "sampler_name": "euler",
    "scheduler": "normal",
    "denoise": 1.0,
}
SIZE = {"width": 64, "height": 64}

COSTS = ("model_loads", "text_encodes", "denoiser_evaluations", "vae_decodes")
"""The entries of the account that the counting pack counts as well, under the same names."""

_names = itertools.count(1)


class Graph:
    """A prompt in API format, built node by node."""

    def __init__(self) -> None:
        self.prompt: dict[str, dict[str, Any]] = {}

    def node(self, class_type: str, **inputs: Any) -> str:
        """Add a node and return its id."""
        node_id = str(len(self.prompt) + 1)
        self.prompt[node_id] = {"class_type": class_type, "inputs": inputs}
        return node_id

    def add(self, class_type: str, **inputs: Any) -> Link:
        """Add a node and return a link to its first output."""
        return [self.node(class_type, **inputs), 0]

    def shared(self, class_type: str, **inputs: Any) -> str:
        """Return the id of the node with these inputs, or add it: for what takes long to run."""
        wanted = {"class_type": class_type, "inputs": inputs}
        same = (node_id for node_id, node in self.prompt.items() if node == wanted)
        return next(same, "") or self.node(class_type, **inputs)

    def loader(self, name: str = COAST) -> dict[str, Link]:
        """Add a checkpoint loader, one for each file; returns its model, clip and vae."""
        node = self.shared("CheckpointLoaderSimple", ckpt_name=name)
        return {"model": [node, 0], "clip": [node, 1], "vae": [node, 2]}

    def axis(self, kind: str, **inputs: Any) -> Link:
        """Add an axis node, by the end of its name: ``Number``, ``Sampler``, ..."""
        return self.add(f"PeriplusAxis{kind}", **inputs)

    def sweep(self, **inputs: Any) -> Link:
        """Add a sweep with small settings; every sweep gets a folder of its own."""
        defaults = {**SETTINGS, **SIZE, "name": f"test/{next(_names)}"}
        return self.add("PeriplusSweepKSampler", **{**defaults, **inputs})

    def sweep_graph(self, image: Link, **inputs: Any) -> Link:
        """Add a graph sweep with a folder of its own."""
        defaults = {"image": image, "name": f"test/{next(_names)}"}
        return self.add("PeriplusSweepGraph", **{**defaults, **inputs})

    def native(self, models: Mapping[str, Link], prefix: str, **settings: Any) -> None:
        """Add the native graph of one cell: two encodes, KSampler, VAEDecode, SaveImage.

        With a ``tile`` among the settings, it is decoded in tiles of this side.
        """
        values = {**SETTINGS, **settings}
        width, height = values.pop("width", 64), values.pop("height", 64)
        tile = values.pop("tile", 0)
        latent = values.pop("latent_image", None) or self.add(
            "EmptyLatentImage", width=width, height=height, batch_size=1
        )
        samples = self.add(
            "KSampler",
            **{
                **values,
                "model": models["model"],
                "positive": self.text(models["clip"], values["positive"]),
                "negative": self.text(models["clip"], values["negative"]),
                "latent_image": latent,
            },
        )
        self.save(models["vae"], samples, prefix, tile)

    def native_refined(
        self,
        base: Mapping[str, Link],
        refiner: Mapping[str, Link],
        switch: int,
        prefix: str,
        *,
        own: Mapping[str, str] | None = None,
        other: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        """Add two KSamplerAdvanced with leftover noise handed over after ``switch`` steps.

        Args:
            own: prompts of the refiner's own.
            other: sampler settings of the refiner's own.
            settings: in place of SETTINGS.
        """
        values = {**SETTINGS, **settings}
        common = {name: values[name] for name in ("steps", "cfg", "sampler_name", "scheduler")}
        prompts = {name: values[name] for name in ("positive", "negative")}
        first = self.add(
            "KSamplerAdvanced",
            **common,
            **{name: self.text(base["clip"], text) for name, text in prompts.items()},
            model=base["model"],
            add_noise="enable",
            noise_seed=values["seed"],
            latent_image=self.add("EmptyLatentImage", **SIZE, batch_size=1),
            start_at_step=0,
            end_at_step=switch,
            return_with_leftover_noise="enable",
        )
        refined = {**prompts, **(own or {})}
        second = self.add(
            "KSamplerAdvanced",
            **{**common, **(other or {})},
            **{name: self.text(refiner["clip"], text) for name, text in refined.items()},
            model=refiner["model"],
            add_noise="disable",
            noise_seed=values["seed"],
            latent_image=first,
            start_at_step=switch,
            end_at_step=10_000,
            return_with_leftover_noise="disable",
        )
        self.save(base["vae"], second, prefix)

    def text(self, clip: Link, text: str) -> Link:
        """Add a CLIPTextEncode, one for each text."""
        return [self.shared("CLIPTextEncode", clip=clip, text=text), 0]

    def save(self, vae: Link, samples: Link, prefix: str, tile: int = 0) -> None:
        """Add VAEDecode, or VAEDecodeTiled for a side of tiles, and SaveImage."""
        tiled = {"tile_size": tile, "overlap": 64, "temporal_size": 64, "temporal_overlap": 8}
        node, options = ("VAEDecodeTiled", tiled) if tile else ("VAEDecode", {})
        images = self.add(node, vae=vae, samples=samples, **options)
        self.add("SaveImage", images=images, filename_prefix=prefix)


def manifests(run: Run) -> dict[str, dict[str, Any]]:
    """The manifests of a run's sweeps by the sweep node's id, as its files say."""
    found = {}
    for node_id, output in run.outputs.items():
        for report in output.get("periplus", []):
            path = Path(report["manifest"])
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found[node_id.split(".")[0]] = {**manifest, "folder": path.parent, "path": path}
    return found


def manifest(run: Run) -> dict[str, Any]:
    """The manifest of a run's only sweep."""
    (only,) = {str(m["folder"]) + m["created"]: m for m in manifests(run).values()}.values()
    return only


def cell_pixels(manifest: Mapping[str, Any], x: int = 0, y: int = 0, z: int = 0) -> list[Any]:
    """The pictures of one cell as arrays."""
    (cell,) = (c for c in manifest["cells"] if (c["x"], c["y"], c["z"]) == (x, y, z))
    return [pixels(manifest["folder"] / file) for file in cell["files"]]


def saved_pixels(server: ComfyServer, prefix: str) -> list[Any]:
    """The pictures that SaveImage wrote with this prefix, in order."""
    return [pixels(path) for path in sorted(server.output.glob(f"{prefix}_*.png"))]


def assert_equal_to_native(
    server: ComfyServer, graph: Graph, sweep: Link, prefixes: Sequence[str], batch: int = 1
) -> dict[str, Any]:
    """Run the graph; see :func:`assert_cells_equal`. Returns the manifest."""
    found = manifests(succeed(server, graph))[sweep[0]]
    assert_cells_equal(server, found, prefixes, batch)
    return found


def assert_cells_equal(
    server: ComfyServer,
    found: Mapping[str, Any],
    prefixes: Sequence[str],
    batch: int = 1,
    different: int | None = None,
) -> None:
    """Compare the cells of a manifest with the pictures that native graphs saved.

    Args:
        prefixes: of the native pictures, in the order of the cells: x fastest, then y, then z.
        batch: pictures in each cell.
        different: how many different pictures there must be at least; all, if not given.
    """
    assert len(found["cells"]) == len(prefixes)
    distinct = set()
    for cell, prefix in zip(found["cells"], prefixes, strict=True):
        expected = saved_pixels(server, prefix)
        actual = cell_pixels(found, cell["x"], cell["y"], cell["z"])
        assert len(actual) == len(expected) == batch
        for ours, native in zip(actual, expected, strict=True):
            assert np.array_equal(ours, native), prefix
            distinct.add(native.tobytes())
    enough = len(prefixes) * batch if different is None else different
    assert len(distinct) >= enough, "equal pictures would prove nothing"


def save_ramp(path: Path, width: int, height: int) -> None:
    """Save a picture that differs from place to place."""
    ramp = np.linspace(0, 255, width * height).reshape(height, width)
    picture = np.stack([ramp, ramp[::-1], np.full_like(ramp, 90)], axis=-1)
    Image.fromarray(picture.astype(np.uint8)).save(path)


def save_vae_of(server: ComfyServer, checkpoint: str, file: str) -> None:
    """Save the VAE of a checkpoint among the VAE files of the server."""
    models = server.base / "models"
    prefix = "first_stage_model."
    tensors = load_file(models / "checkpoints" / checkpoint)
    vae = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    (models / "vae").mkdir(exist_ok=True)
    save_file(vae, models / "vae" / file)


def save_misfit_vae(server: ComfyServer, file: str) -> None:
    """Save a VAE for latents of 16 channels, as other kinds of models have."""
    save_vae_of(server, COAST, file)
    path = server.base / "models" / "vae" / file
    tensors = load_file(path)
    into = "taesd_decoder.1.weight"
    tensors[into] = np.tile(tensors[into], (1, 4, 1, 1))
    layers = {int(name.split(".")[1]) for name in tensors if name.startswith("taesd_encoder")}
    for name in (f"taesd_encoder.{max(layers)}.{kind}" for kind in ("weight", "bias")):
        tensors[name] = np.concatenate([tensors[name]] * 4)
    save_file(tensors, path)


def manifest_in(server: ComfyServer, name: str) -> dict[str, Any]:
    """The only manifest of the sweeps of this name, also where no node reported it."""
    (path,) = (server.output / name).glob("sweep-*.json")
    return {**json.loads(path.read_text(encoding="utf-8")), "folder": path.parent}


def succeed(server: ComfyServer, graph: Graph, **options: Any) -> Run:
    """Run a graph that must succeed."""
    run = server.run(graph.prompt, **options)
    assert run.status == "success", run.error
    return run


def assert_refused(server: ComfyServer, graph: Graph, at: Link, parts: list[str]) -> None:
    """Queue a graph that ComfyUI must refuse at this node, in a text with these parts."""
    with pytest.raises(PromptRefusedError) as caught:
        server.submit(graph.prompt)
    errors = caught.value.answer["node_errors"]
    assert list(errors) == [at[0]]
    text = str(caught.value)
    assert [part for part in parts if part not in text] == [], text


def assert_stops(server: ComfyServer, graph: Graph, at: Link, parts: list[str]) -> None:
    """Run a graph that must stop at this node before a load, with a text that has these parts."""
    run = server.run(graph.prompt)
    assert run.status == "error"
    text = run.error
    assert text.startswith(f"Node {at[0]} "), text
    message = text.split("\n\n")[0]
    assert [part for part in parts if part not in message] == [], message
    assert counted(server)["model_loads"] == 0


def spent(manifest: Mapping[str, Any]) -> dict[str, int]:
    """What a sweep says that its last run cost, without the seconds."""
    return {name: manifest["account"][name] for name in COSTS}


def counted(server: ComfyServer) -> dict[str, int]:
    """What the counting pack saw since the counters were reset."""
    counts = server.get("/counters")
    return {name: counts.get(name, 0) for name in COSTS}


def forget(server: ComfyServer) -> None:
    """Leave nothing loaded, nothing cached and the counters at zero, as after a start."""
    server.free()
    # ComfyUI may overhear the wish while it waits for work, but not once it has run a prompt.
    graph = Graph()
    image = graph.add("EmptyImage", width=8, height=8, batch_size=1, color=0)
    graph.add("PreviewImage", images=image)
    succeed(server, graph)
    server.post("/counters/reset")


def pixels(path: Path) -> Any:
    """A picture's pixels: height x width x channels, 0 to 255."""
    with Image.open(path) as picture:
        return np.asarray(picture.copy())
