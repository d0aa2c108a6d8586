"""What an axis of names can be made of: the names, and how each is written in its values text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from ...axes import lora_axis, upscaler_axis
from ...axes.a1111 import A1111_SAMPLERS
from ...axes.axis import Axis, Point, SetLoras
from ...axes.names import spelled, split_names
from ...axes.values import written
from ...errors import PeriplusError, ValuesError
from ...graphs.input_axis import value_text
from ...graphs.prompt_graph import Node
from ...upscalers import METHODS, parse_upscaler
from ..prompt.node_inputs import declared_input
from ..system.registries import (
    checkpoint_names,
    lora_names,
    sampler_names,
    scheduler_names,
    upscale_model_names,
    vae_names,
)
from .node_values import NodeValues

BAKED = "baked"
"""Names the VAE of the checkpoint, or the linked one, among VAE files."""

WITHOUT = "none"
"""Stands for no refiner among refiners."""

PAIRS, LABELS = "pairs", "AUTOMATIC1111"
"""The groups of samplers with their schedulers."""

INPUT = "PeriplusAxisInput"
"""The axis of whatever a node's input takes."""


@dataclass(frozen=True)
class Choice:
    """One of the names."""

    name: str
    text: str
    """How it is written among the values."""
    group: str = ""
    """What the names of its kind are called, where there are several kinds."""


@dataclass(frozen=True)
class Choices:
    """The names of an axis node."""

    what: str
    """What they are."""
    names: Callable[[], Sequence[tuple[str, str]]]
    """Gives each with its group."""
    folder: str = ""
    """ComfyUI's name of the folder that they are files in; empty for no folder."""
    empty_is_all: bool = True
    """Whether a values text that names nothing means all of them."""

    def offered(self) -> list[Choice]:
        """All of them, in the order in which they are offered."""
        return [Choice(name, written(name), group) for name, group in self.names()]


def _alone(*kinds: Callable[[], Sequence[str]]) -> Callable[[], Sequence[tuple[str, str]]]:
    return lambda: [(name, "") for names in kinds for name in names()]


def _pairs() -> list[tuple[str, str]]:
    samplers, schedulers = sampler_names(), scheduler_names()
    known = [
        label
        for label, pair in A1111_SAMPLERS.items()
        if pair.sampler_name in samplers and pair.scheduler in schedulers
    ]
    pairs = [f"{sampler}/{scheduler}" for sampler in samplers for scheduler in schedulers]
    return [*((label, LABELS) for label in known), *((pair, PAIRS) for pair in pairs)]


def _upscalers() -> list[tuple[str, str]]:
    names = [upscaler_axis.NONE, *METHODS, *upscale_model_names()]
    return [
        (name, "" if name == upscaler_axis.NONE else parse_upscaler(name).kind) for name in names
    ]


CHOICES: Mapping[str, Choices] = MappingProxyType(
    {
        "PeriplusAxisSampler": Choices("sampler", _alone(sampler_names)),
        "PeriplusAxisScheduler": Choices("scheduler", _alone(scheduler_names)),
        "PeriplusAxisSamplerScheduler": Choices("sampler+scheduler", _pairs, empty_is_all=False),
        "PeriplusAxisCheckpoint": Choices("checkpoint", _alone(checkpoint_names), "checkpoints"),
        "PeriplusAxisVAE": Choices("VAE", _alone(lambda: [BAKED], vae_names), "vae"),
        "PeriplusAxisRefiner": Choices(
            "refiner", _alone(lambda: [WITHOUT], checkpoint_names), "checkpoints"
        ),
        "PeriplusAxisLora": Choices("LoRA", _alone(lambda: [lora_axis.NONE], lora_names), "loras"),
        "PeriplusAxisUpscaler": Choices("upscaler", _upscalers, "upscale_models"),
    }
)
"""By the type of the axis node."""


NO_CHOICES = Choices("", list, empty_is_all=False)


def choices(question: Mapping[str, Any]) -> dict[str, Any]:
    """Tell what an axis node can be made of.

    Args:
        question: ``class_type`` and ``inputs`` of the node; for an axis of a node's input also the
            ``prompt``.

    Raises:
        PeriplusError: the question lacks one of these.
    """
    class_type, inputs = question.get("class_type"), question.get("inputs")
    if not isinstance(class_type, str) or not isinstance(inputs, dict):
        raise PeriplusError("class_type and inputs must tell of an axis node")
    prompt = NodeValues(question.get("prompt", {})).prompt
    known = choices_of(class_type, inputs, prompt) or NO_CHOICES
    return {
        "what": known.what,
        "choices": [asdict(choice) for choice in known.offered()],
        "folder": known.folder,
        "empty_is_all": known.empty_is_all,
    }


def choices_of(
    class_type: str, inputs: Mapping[str, Any], prompt: Mapping[str, Node]
) -> Choices | None:
    """What an axis node can be made of; None for one that is of no names.

    Args:
        class_type: of the axis node.
        inputs: its own.
        prompt: the nodes that an axis of a node's input may be about.
    """
    if class_type != INPUT:
        return CHOICES.get(class_type)
    node, name = inputs.get("node"), inputs.get("input")
    if not isinstance(node, str) or not isinstance(name, str):
        return None  # linked
    try:
        declared = declared_input(prompt, node, name)
    except PeriplusError:
        return None  # the preview tells what is wrong
    if declared.type not in ("COMBO", "BOOLEAN"):
        return None
    options = declared.options if declared.type == "COMBO" else (True, False)
    return Choices(declared.label, _alone(lambda: [value_text(option) for option in options]))


def named_items(known: Choices, axis: Axis, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The values of an axis of names, each with the text that means just it, and its choice.

    Args:
        known: what the axis can be made of.
        axis: the axis.
        texts: its values.

    Returns:
        ``text`` and ``name`` of each, where it is none of the choices None.
    """
    names = {name for name, _ in known.names()}
    if known is CHOICES["PeriplusAxisSamplerScheduler"]:
        texts = axis.labels  # which tell more: AUTOMATIC1111's, where one was typed
    items = ((text, _lora(point, text)) for point, text in zip(axis.points, texts, strict=True))
    return [
        {"text": written(text), "name": name if name in names else None} for text, name in items
    ]


def typed_items(known: Choices, values: str | None) -> list[dict[str, Any]]:
    """The items of a values text that has a mistake, as :func:`named_items` gives values.

    What stands for many names, or for none, is no choice. A text with an open quote has no items,
    nor has one that is not known.
    """
    if values is None:
        return []
    names = [name for name, _ in known.names()]
    try:
        texts = [item.text for item in split_names(values, names)]
    except ValuesError:
        return []
    meant = [spelled(text, names) for text in texts]
    return [
        {"text": written(text), "name": found[0] if len(found) == 1 else None}
        for text, found in zip(texts, meant, strict=True)
    ]


def _lora(point: Point, text: str) -> str:
    """The one LoRA of a text with its strengths; the text itself of anything else."""
    override = point.overrides[0]
    if isinstance(override, SetLoras) and len(override.loras) == 1:
        return override.loras[0].name
    return text
