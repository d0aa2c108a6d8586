"""What the pack's own nodes would give, by the prompt alone: nothing of it is run.

Axes, refiners and second passes follow from what is typed. What comes from other nodes over a link
cannot be known here, but for ComfyUI's primitive nodes, which give what is typed into them.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from comfy_execution.graph_utils import is_link

from ...axes.names import check_name
from ...errors import PeriplusError, ValuesError
from ...graphs.prompt_graph import read_prompt, title
from ...recipe import LATENT_PIXELS
from .. import compat
from ..models.latents import empty_latent
from ..prompt.graph import StillPrompt

AXIS, REFINER, HIRES = "PERIPLUS_AXIS", "PERIPLUS_REFINER", "PERIPLUS_HIRES"
"""What the nodes that can be asked give, by the type of their first output."""

PRIMITIVES = frozenset(
    f"Primitive{kind}" for kind in ("String", "StringMultiline", "Int", "Float", "Boolean")
)
"""ComfyUI's nodes that give their one input, ``value``."""

MAX_EMPTY = 2**26
"""Pixels that the pictures of an empty latent may have; one of more is as good as unknown."""

_ASKED = frozenset({AXIS, REFINER, HIRES})
_OWN = "Periplus"
"""What the types of the pack's nodes begin with."""

_NUMBERS = {"INT": (int, "a whole number"), "FLOAT": (float, "a number")}
_TYPED = frozenset({*_NUMBERS, "STRING", "BOOLEAN", "COMBO"})
"""Types of inputs that are typed or chosen on the node."""


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a node."""

    input: str
    """Which input it is about; empty for the node as a whole."""
    message: str


@dataclass(frozen=True)
class Given:
    """What a node gives, or why that is not known."""

    outputs: tuple[Any, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    unknown: str = ""
    """What must run first, or which other node has a mistake; empty where all is known."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of a node, as far as they are known."""

    values: Mapping[str, Any]
    """Those that are known; None for one that would be run only when it is asked for."""
    mistakes: tuple[Mistake, ...]
    unknown: Mapping[str, str]
    """Why the others are not, by input."""

    @property
    def first_unknown(self) -> str:
        """Why the first of the others is not known; empty where all are."""
        return next(iter(self.unknown.values()), "")


class _UnknownYetError(Exception):
    """What comes over a link is known once something has run, or is mended."""


@dataclass(frozen=True)
class _Declared:
    """An input as its node declares it."""

    name: str
    type: str
    options: Mapping[str, Any]
    group: str
    """``required`` or ``optional``."""

    @property
    def is_lazy(self) -> bool:
        """Whether it is run only when its node asks for it."""
        return bool(self.options.get("lazy"))

    @property
    def is_needed(self) -> bool:
        """Whether the node cannot do without, and does not say so itself."""
        return self.group == "required" and not self.is_lazy

    def converted(self, value: Any) -> Any:
        """A typed value as ComfyUI hands it to the node.

        Raises:
            PeriplusError: it is not of the input's type, out of bounds, or not in its list.
        """
        if self.type in _NUMBERS:
            return self._number(value)
        if self.type == "BOOLEAN":
            return bool(value)
        if self.type == "COMBO":
            check_name(str(value), self.options["options"], what=self.name)
        return str(value)

    def _number(self, value: Any) -> int | float:
        convert, what = _NUMBERS[self.type]
        try:
            number = convert(value)
        except (TypeError, ValueError, OverflowError):
            raise PeriplusError(f"{self.name} is {value!r}, which is not {what}") from None
        low, high = self.options.get("min", number), self.options.get("max", number)
        if not low <= number <= high:
            raise PeriplusError(f"{self.name} is {number}; it must be between {low} and {high}")
        return number


class NodeValues:
    """The nodes of a prompt.

    Args:
        prompt: in API format, from wherever.

    Raises:
        PeriplusError: it is no prompt, or its links go round in a circle.
    """

    def __init__(self, prompt: Any) -> None:
        self.prompt = read_prompt(prompt)
        """Whoever asks for all nodes in this order, in which sources come first, asks each once."""
        self.dynprompt = StillPrompt(self.prompt)
        self._given: dict[str, Given] = {}

    def kind(self, node_id: str) -> str:
        """What a node gives first, if it is one of ours; otherwise empty."""
        node_class = self._own_class(node_id)
        types = node_class.RETURN_TYPES if node_class else ()
        return types[0] if types else ""

    def given(self, node_id: str) -> Given:
        """What an axis, refiner or hires fix node gives."""
        if node_id not in self._given:
            self._given[node_id] = self._ask(node_id)
        return self._given[node_id]

    def bound(self, node_id: str) -> Any:
        """The class of one of our nodes with ComfyUI's hidden inputs, as for an execution."""
        hidden = SimpleNamespace(
            unique_id=node_id, prompt=self.prompt, dynprompt=self.dynprompt, extra_pnginfo=None
        )
        node_class = self._own_class(node_id)
        return type(node_class.__name__, (node_class,), {"hidden": hidden})

    def inputs(self, node_id: str) -> Inputs:
        """What one of our nodes gets, converted and checked as ComfyUI does it."""
        values: dict[str, Any] = {}
        mistakes: list[Mistake] = []
        unknown: dict[str, str] = {}
        typed = self.prompt[node_id]["inputs"]
        for declared in self._declared(node_id).values():
            name = declared.name
            try:
                if name in typed:
                    values[name] = self._value(declared, typed[name])
                elif declared.is_needed:
                    missing = "is missing" if declared.type in _TYPED else "is not linked"
                    raise PeriplusError(f"{name} {missing}")
            except PeriplusError as error:
                mistakes.append(Mistake(name, str(error)))
            except _UnknownYetError as error:
                unknown[name] = str(error)
        return Inputs(values, tuple(mistakes), unknown)

    def missing_before(self, node_id: str) -> str:
        """Which node, of those that a node is made from, cannot run; empty for none."""
        known, waiting = {node_id}, [node_id]
        for at in waiting:
            node = self.prompt[at]
            if compat.find_node_class(node["class_type"]) is None:
                return f"{title(node)} (node {at}) is of a type that this ComfyUI does not have"
            for source in (value[0] for value in node["inputs"].values() if is_link(value)):
                if source not in self.prompt:
                    return f"node {source} is linked to node {at}, but is not there"
                if source not in known:
                    known.add(source)
                    waiting.append(source)
        return ""

    def mistake(self, node_id: str, error: PeriplusError) -> Mistake:
        """Say which input of a node an error is about: its text begins with the input's name."""
        names = self._declared(node_id)
        if isinstance(error, ValuesError) and "values" in names:
            return Mistake("values", str(error))
        first = str(error).split(maxsplit=1)[0].rstrip(",:")
        return Mistake(first if first in names else "", str(error))

    def _value(self, declared: _Declared, value: Any) -> Any:
        if is_link(value):
            if declared.is_lazy:
                return self._empty_latent(value)
            value = self._linked(declared, value)
        elif declared.type not in _TYPED:
            raise PeriplusError(f"{declared.name} is {value!r}, which is not a link")
        return declared.converted(value) if declared.type in _TYPED else value

    def _empty_latent(self, link: Any) -> dict[str, Any] | None:
        """The latent of a node that makes nothing else than an empty one; None of any other."""
        if self._type(link[0]) != "EmptyLatentImage":
            return None
        typed = self.prompt[link[0]]["inputs"]
        sizes = [self._primitive(typed.get(name)) for name in ("width", "height", "batch_size")]
        if not all(type(size) is int and size > 0 for size in sizes):
            return None
        is_small = math.prod(sizes) <= MAX_EMPTY and min(sizes[:2]) >= LATENT_PIXELS
        return empty_latent(*sizes) if is_small else None

    def _primitive(self, value: Any) -> Any:
        """What is typed into the primitive node behind a link; any other value as it is."""
        while is_link(value) and self._type(value[0]) in PRIMITIVES:
            value = self.prompt[value[0]]["inputs"].get("value")
        return value

    def _linked(self, declared: _Declared, link: Any) -> Any:
        """What comes over a link, as it was typed or made."""
        name, value = declared.name, self._primitive(link)
        if not is_link(value):
            if declared.type not in _TYPED:
                raise PeriplusError(f"{name} takes {declared.type}, but gets {value!r:.80}")
            return value
        source, output = value
        if source not in self.prompt:
            raise _UnknownYetError(f"{name} is linked to node {source}, which is not there")
        where = f"{title(self.prompt[source])} (node {source})"
        kind = self.kind(source)
        if kind not in _ASKED or output != 0:
            raise _UnknownYetError(f"{name} comes from {where}, and is known once that has run")
        if kind != declared.type:
            raise PeriplusError(f"{name} takes {declared.type}, but {where} gives {kind}")
        given = self.given(source)
        if given.mistakes:
            raise _UnknownYetError(f"{name}: {where} has a mistake")
        if given.unknown:
            raise _UnknownYetError(f"{name}: {given.unknown}")
        return given.outputs[0]

    def _ask(self, node_id: str) -> Given:
        inputs = self.inputs(node_id)
        if inputs.mistakes or inputs.unknown:
            return Given(mistakes=inputs.mistakes, unknown=inputs.first_unknown)
        try:
            output = self.bound(node_id).execute(**inputs.values)
            # Where a node is async, it is so for ComfyUI's order of work, and awaits nothing.
            output = asyncio.run(output) if inspect.iscoroutine(output) else output
        except PeriplusError as error:
            return Given(mistakes=(self.mistake(node_id, error),))
        return Given(tuple(output.result))

    def _declared(self, node_id: str) -> dict[str, _Declared]:
        declared = self._own_class(node_id).INPUT_TYPES()
        return {
            name: _Declared(name, type_and_options[0], dict(*type_and_options[1:]), group)
            for group in ("required", "optional")
            for name, type_and_options in declared.get(group, {}).items()
        }

    def _own_class(self, node_id: str) -> Any:
        class_type = self._type(node_id)
        return compat.find_node_class(class_type) if class_type.startswith(_OWN) else None

    def _type(self, node_id: str) -> str:
        return self.prompt[node_id]["class_type"] if node_id in self.prompt else ""
