"""A workflow in API format in the making, and what ComfyUI's page would not keep of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..graphs.prompt_graph import Link

MAX_PAGE_INTEGER = 2**53 - 1
"""The page's numbers are exact up to here."""

_DYNAMIC = re.compile(r"[{}]|//|/\*")
"""What the page replaces or takes out of a prompt when it queues: ``{a|b}`` and comments."""

TITLES = {
    "CheckpointLoaderSimple": "Load Checkpoint",
    "CLIPSetLastLayer": "CLIP Set Last Layer",
    "CLIPTextEncode": "CLIP Text Encode (Prompt)",
    "ConditioningCombine": "Conditioning (Combine)",
    "ConditioningConcat": "Conditioning (Concat)",
    "ConditioningSetAreaStrength": "Conditioning (Set Strength)",
    "EmptyLatentImage": "Empty Latent Image",
    "ImageScale": "Upscale Image",
    "ImageUpscaleWithModel": "Upscale Image (using Model)",
    "KSampler": "KSampler",
    "KSamplerAdvanced": "KSampler (Advanced)",
    "LatentUpscale": "Upscale Latent",
    "LoraLoader": "Load LoRA",
    "LoraLoaderModelOnly": "Load LoRA (Model Only)",
    "PrimitiveStringMultiline": "Text",
    "SaveImage": "Save Image",
    "UpscaleModelLoader": "Load Upscale Model",
    "VAEDecode": "VAE Decode",
    "VAEDecodeTiled": "VAE Decode (Tiled)",
    "VAEEncode": "VAE Encode",
    "VAEEncodeTiled": "VAE Encode (Tiled)",
    "VAELoader": "Load VAE",
}
"""What ComfyUI calls the nodes that cells are said in."""


class Wiring:
    """Nodes in the order in which they are added; equal nodes are one."""

    def __init__(self) -> None:
        self.prompt: dict[str, dict[str, Any]] = {}
        """The nodes by id, which counts from 1."""
        self.notes: list[str] = []
        """What else there is to know."""
        self._known: dict[str, str] = {}

    def node(self, class_type: str, title: str = "", /, **inputs: Any) -> str:
        """Add one of ComfyUI's own nodes, unless there is one with these inputs.

        Args:
            class_type: its type.
            title: ComfyUI's own name of it, if not given.
            inputs: plain values, and a :class:`Link` for each that is linked.

        Returns:
            Its id.
        """
        same = json.dumps([class_type, inputs], sort_keys=True)
        if same not in self._known:
            self._known[same] = self.put(class_type, title or TITLES[class_type], inputs)
        return self._known[same]

    def link(self, class_type: str, title: str = "", /, **inputs: Any) -> Link:
        """Add a node as :meth:`node` does, and give its first output."""
        return Link(self.node(class_type, title, **inputs), 0)

    def put(self, class_type: str, title: str, inputs: Mapping[str, Any]) -> str:
        """Add a node of any pack, whatever equals it; see :meth:`node`."""
        for name, value in inputs.items():
            if isinstance(value, int) and value > MAX_PAGE_INTEGER:
                self.note(f"ComfyUI's page rounds {name} {value}, which is too large for it")
        node_id = str(len(self.prompt) + 1)
        linked = {n: list(v) if isinstance(v, Link) else v for n, v in inputs.items()}
        self.prompt[node_id] = {
            "class_type": class_type,
            "inputs": linked,
            "_meta": {"title": title},
        }
        return node_id

    def text(self, text: str) -> str | Link:
        """Give what a node that encodes a text takes for it.

        That is the text itself, or a link to a node that keeps the page from changing it.
        """
        if _DYNAMIC.search(text):
            return self.link("PrimitiveStringMultiline", value=text)
        return text

    def note(self, note: str) -> None:
        """Add a note, once."""
        if note not in self.notes:
            self.notes.append(note)
