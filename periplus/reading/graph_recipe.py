"""The recipe in a prompt graph: what its first sampler was given, found by following links.

Nodes are known by their inputs, not by their types, so that samplers of other packs count too.
Nothing of it is run: what a node would compute stays unknown, and is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import PeriplusError
from .found import TEXTS, Finds, Found
from .picture_graph import SEEDS, Input, PictureGraph

SOURCE = "the workflow"

_LATENTS = ("latent_image", "image", "latent", "samples", "pixels")
_MODELS = ("model", "base_model")
_ENCODED = ("text", "text_g", "text_l", "clip_l", "t5xxl")
"""Inputs of the nodes that encode a prompt."""
_SIDES = ("width", "height")
_CLIP_SKIP = "stop_at_clip_layer"
_REPLACED = "{}_conditioning"
"""Inputs of the sweep node that replace its texts."""

_HELPERS = {"seed": "noise", "sampler_name": "sampler", "scheduler": "sigmas", "steps": "sigmas"}
"""Inputs of SamplerCustom and others that bring a setting from a node of its own."""


def read_graph(content: Any, *, of_cell: bool = False) -> Found:
    """Give the recipe of the first sampler of a prompt in API format, of whatever origin.

    Args:
        content: the prompt.
        of_cell: whether the picture is a cell of a sweep; else it is a sheet where a node sweeps.

    Raises:
        PeriplusError: it is no prompt, too large, or without a sampler.
    """
    graph = PictureGraph(content)
    first, later = graph.first_samplers()
    if not first:
        raise PeriplusError("the workflow in it has no sampler that is known here")
    reader = _Reader(graph, first[0])
    if first[1:]:
        reader.finds.notes.append(
            f"the workflow has {len(first)} samplers that begin a picture, of which "
            f"{graph.describe(first[0])} was read; the others: {_some(graph, first[1:])}"
        )
    if later:
        reader.finds.notes.append(f"later passes are left out: {_some(graph, later)}")
    if not of_cell:
        reader.note_axes()
    return reader.read()


class _Reader:
    """Reads what one sampler was given."""

    def __init__(self, graph: PictureGraph, sampler: str) -> None:
        self.finds = Finds(SOURCE)
        self._graph = graph
        self._sampler = sampler
        self._guider = self._helper("guider") or sampler

    def read(self) -> Found:
        """Everything that is found."""
        for name in TEXTS:
            self._read_prompt(name)
        self._read_plain("seed", self._sampler, SEEDS)
        for name in ("steps", "sampler_name", "scheduler"):
            self._read_plain(name, self._sampler, (name,))
        self._read_cfg()
        self._read_denoise()
        self._read_sides()
        self._read_checkpoint()
        self._note_others()
        return self.finds.result()

    def _helper(self, name: str) -> str | None:
        link = self._graph.link(self._sampler, name)
        return link.node if link else None

    def _read_plain(self, field: str, node_id: str, names: tuple[str, ...]) -> None:
        """Read a field from an input of these names, or from the node that has it instead."""
        helper = _HELPERS.get(field, "")
        for at in (node_id, *self._graph.chain(node_id, (helper, "sigmas"))):
            for name in names:
                if name in self._graph.inputs(at):
                    self._keep(field, Input(at, name))
                    return
        if helper_node := self._helper(helper):
            self.finds.miss(field, f"{self._graph.describe(helper_node)} has its own way")

    def _keep(self, field: str, found: Input) -> None:
        place = self._graph.describe(found.node)
        try:
            value = self._graph.value(found)
        except PeriplusError as error:
            self.finds.miss(field, str(error))
        else:
            self.finds.set(field, value, place)

    def _read_cfg(self) -> None:
        inputs = self._graph.inputs(self._guider)
        if "cfg" in inputs:
            self._keep("cfg", Input(self._guider, "cfg"))
        elif self._is_of_one_prompt():
            self.finds.set("cfg", 1.0, self._graph.describe(self._guider))

    def _is_of_one_prompt(self) -> bool:
        """Whether the guider takes no negative prompt, and so no cfg."""
        inputs = self._graph.inputs(self._guider)
        return "conditioning" in inputs and not {*TEXTS} & inputs.keys()

    def _read_denoise(self) -> None:
        inputs, place = self._graph.inputs(self._sampler), self._graph.describe(self._sampler)
        start = inputs.get("start_at_step", 0)
        if start != 0:
            self.finds.miss("denoise", f"{place} starts at step {start!r:.20}")
        elif "denoise" not in inputs and "sigmas" not in inputs:
            self.finds.set("denoise", 1.0, place)
        else:
            self._read_plain("denoise", self._sampler, ("denoise",))
        end, steps = inputs.get("end_at_step"), inputs.get("steps")
        if type(end) is int and type(steps) is int and end < steps:
            self.finds.notes.append(f"{place} ends at step {end} of {steps}")

    def _read_sides(self) -> None:
        beginnings = list(self._graph.chain(self._sampler, _LATENTS))
        for side in _SIDES:
            for at in beginnings or [self._sampler]:
                if side in self._graph.inputs(at):
                    self._keep(side, Input(at, side))
                    break
            else:
                if beginnings:
                    last = self._graph.describe(beginnings[-1])
                    self.finds.miss(side, f"the picture begins with {last}, which names none")

    def _read_checkpoint(self) -> None:
        last = self._guider
        for last in self._graph.chain(self._guider, _MODELS):
            inputs = self._graph.inputs(last)
            if "ckpt_name" in inputs:
                self._keep("ckpt_name", Input(last, "ckpt_name"))
                return
            name = inputs.get("lora_name")
            patch = f" with {name:.200}" if isinstance(name, str) else ""
            self.finds.notes.append(f"the model goes through {self._graph.describe(last)}{patch}")
        if last != self._guider:
            self.finds.notes.pop()
            self.finds.miss("ckpt_name", f"{self._graph.describe(last)} loads no checkpoint")

    def note_axes(self) -> None:
        """Tell that the picture shows more than one recipe, where it does."""
        axes = [name for name in self._graph.links[self._sampler] if name.endswith("_axis")]
        if axes:
            self.finds.notes.append(
                f"{self._graph.describe(self._sampler)} sweeps {', '.join(axes)}: these are the "
                "settings where no axis gives others"
            )

    def _note_others(self) -> None:
        """Tell what else makes the picture."""
        for node_id in self._graph.chain(self._sampler, ("sigmas",)):
            if self._graph.link(node_id, "sigmas"):
                self.finds.notes.append(f"the sigmas go through {self._graph.describe(node_id)}")
        for node_id in self._graph.nodes:
            layer = self._graph.inputs(node_id).get(_CLIP_SKIP)
            if type(layer) is int:
                place = self._graph.describe(node_id)
                self.finds.notes.append(f"{place} sets clip_skip {-layer}")

    def _read_prompt(self, name: str) -> None:
        replaced = _REPLACED.format(name)
        if self._graph.link(self._guider, replaced):
            self._read_encoded(name, replaced)
        elif name in self._graph.inputs(self._guider):
            try:
                text = self._graph.value(Input(self._guider, name))
            except PeriplusError:  # what is linked is no text, but encoded
                self._read_encoded(name, name)
            else:
                self.finds.set(name, text, self._graph.describe(self._guider))
        elif self._is_of_one_prompt():
            if name == "positive":
                self._read_encoded(name, "conditioning")
            else:
                self.finds.set(name, "", self._graph.describe(self._guider))

    def _read_encoded(self, field: str, name: str) -> None:
        """Read a prompt from the nodes that encode it."""
        encoders = list(self._encoders(field, name))
        texts: dict[str, str] = {}
        for found in encoders:
            try:
                texts.setdefault(str(self._graph.value(found)), self._graph.describe(found.node))
            except PeriplusError as error:
                self.finds.miss(field, str(error))
                return
        if len(texts) == 1:
            ((text, place),) = texts.items()
            self.finds.set(field, text, place)
        elif texts:
            places = ", ".join(list(dict.fromkeys(texts.values()))[:5])
            self.finds.miss(field, f"it is made of {len(texts)} texts: {places}")
        elif link := self._graph.link(self._guider, name):
            place = self._graph.describe(link.node)
            if self._graph.nodes[link.node]["class_type"] == "ConditioningZeroOut":
                self.finds.set(field, "", place)
            else:
                self.finds.miss(field, f"{place} leads to no text")

    def _encoders(self, field: str, name: str) -> Iterator[Input]:
        """The inputs with text behind an input for a conditioning."""
        graph, seen = self._graph, set[str]()
        link = graph.link(self._guider, name)
        waiting = [link] if link else []
        while waiting:
            node_id, output = waiting.pop()
            if node_id in seen or graph.nodes[node_id]["class_type"] == "ConditioningZeroOut":
                continue
            seen.add(node_id)
            links = graph.links[node_id]
            texts = [text for text in _ENCODED if text in graph.inputs(node_id)]
            if texts:
                yield from (Input(node_id, text) for text in texts)
            elif links.keys() >= {*TEXTS}:  # takes both prompts and gives both on
                waiting.append(links[TEXTS[min(max(output, 0), 1)]])
            else:
                plain = [link for other, link in links.items() if "conditioning" in other]
                waiting += plain or ([links[field]] if field in links else [])


def _some(graph: PictureGraph, node_ids: list[str]) -> str:
    shown = ", ".join(map(graph.describe, node_ids[:5]))
    return f"{shown} and {len(node_ids) - 5} more" if len(node_ids) > 5 else shown
