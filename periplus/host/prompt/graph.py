"""What is wired into a node: where a link comes from, and an identity for what it brings."""

from __future__ import annotations

import inspect
import math
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from comfy_execution.graph import DynamicPrompt
from comfy_execution.graph_utils import is_link

from ...graphs.prompt_graph import Link, Node
from ...graphs.variants import Source, Variant, VariantGraph
from ...work.keys import digest
from .. import compat
from ..system.paths import find_files, linked_file_identity


class StillPrompt(DynamicPrompt):
    """A prompt that is only looked at and not run: no file counts as read, no cell as used."""


class NodeInputs:
    """The inputs of one node of the running prompt, as the graph has them.

    Args:
        dynprompt: ComfyUI's DynamicPrompt.
        node_id: the node.
    """

    def __init__(self, dynprompt: Any, node_id: str) -> None:
        self._dynprompt = dynprompt
        self._inputs: dict[str, Any] = dynprompt.get_node(node_id)["inputs"]

    def link(self, name: str) -> Link | None:
        """Where the input's link comes from; None where it is not linked."""
        return _as_link(self._inputs.get(name))

    def identity(self, name: str) -> str:
        """A digest of all that makes a linked input: its upstream graph and the files it names.

        Two runs with equal identities get equal values, so cells may be reused. Where that cannot
        be known, the identity is a new one every time.
        """
        link = self.link(name)
        if link is None:
            return ""
        return GraphIdentities(self._dynprompt).of(Source(Variant(link.node), link.output))

    def describe_source(self, name: str) -> str:
        """Name the node behind a linked input: ``LoraLoader (node 7)``, and its checkpoint."""
        link = self.link(name)
        if link is None:
            return "nothing"
        node = self._node(link[0])
        checkpoint = node["inputs"].get("ckpt_name")
        loaded = f", {checkpoint}" if isinstance(checkpoint, str) else ""
        return f"{node['class_type']} (node {link[0]}{loaded})"

    def comes_from_plain_loader(self, name: str) -> bool:
        """Whether the input comes straight from a node that only loads a checkpoint.

        Recognised by what it takes, so that loaders of other packs count too: a ``ckpt_name`` and
        nothing else. One that takes a LoRA or a clip skip as well does more than load.
        """
        link = self.link(name)
        if link is None:
            return False
        inputs = self._node(link[0])["inputs"]
        return set(inputs) == {"ckpt_name"} and not is_link(inputs["ckpt_name"])

    def _node(self, node_id: str) -> dict[str, Any]:
        return self._dynprompt.get_node(node_id)


class GraphIdentities:
    """Digests of all that makes what a node gives, its inputs overridden or not.

    Args:
        dynprompt: ComfyUI's DynamicPrompt.
        whole_lists: whether a list that a node gives is taken as a whole.
    """

    def __init__(self, dynprompt: Any, *, whole_lists: bool = False) -> None:
        self.graph = VariantGraph(self._inputs_of)
        self._dynprompt = dynprompt
        self._whole_lists = whole_lists
        self._known: dict[Variant, str] = {}

    def of(self, source: Source) -> str:
        """A digest of the upstream graph of an output and of the files that it names.

        Equal ones give equal values. Where that cannot be known, it is a new one every time.
        """
        for variant in self.graph.upstream(source.variant, self._known):
            self._known[variant] = self._identity(variant)
        return digest(self._described(source))

    def _inputs_of(self, node_id: str) -> dict[str, Any]:
        inputs = self._dynprompt.get_node(node_id)["inputs"]
        return {name: _as_link(value) or value for name, value in inputs.items()}

    def _identity(self, variant: Variant) -> str:
        """A digest of a node and of all that it is made from, which is known by now."""
        node, inputs = self._dynprompt.get_node(variant.node), self.graph.inputs(variant)
        return digest(
            {
                "class_type": node["class_type"],
                "changes": self._changes_by_itself(node, variant, inputs),
                "inputs": {name: self._described(value) for name, value in inputs.items()},
            }
        )

    def _described(self, value: Any) -> Any:
        if isinstance(value, Source):
            return [self._known[value.variant], value.output]
        plain = isinstance(value, (str, int, float, bool, type(None)))
        said = value if plain else repr(value)
        files = [file for text in _texts_in(value) for file in find_files(text)]
        if not files:
            return said
        is_read = not isinstance(self._dynprompt, StillPrompt)
        return [said, *(linked_file_identity(file, is_read=is_read) for file in files)]

    def _changes_by_itself(self, node: Node, variant: Variant, inputs: Mapping[str, Any]) -> str:
        """What a result depends on besides the inputs: something new each time if unknown."""
        node_class = compat.node_class(node["class_type"])
        if not self._whole_lists and any(getattr(node_class, "OUTPUT_IS_LIST", None) or ()):
            return uuid.uuid4().hex  # the graph does not say which item of its list comes here
        method = _deciding_method(node_class)
        if method is None:
            return ""
        # ComfyUI has asked already, with the prompt's own inputs, unless it caches nothing.
        asked = "is_changed" in node and not variant.own
        answers = node["is_changed"] if asked else _ask(method, node_class, variant.node, inputs)
        known = isinstance(answers, list) and not any(map(_is_nan, answers))
        return repr(answers) if known else uuid.uuid4().hex


def _as_link(value: Any) -> Link | None:
    """Read an input's value as a link; None for a plain value."""
    return Link(value[0], int(value[1])) if is_link(value) else None


def _texts_in(value: Any) -> Iterator[str]:
    """The texts in a value, which may be an object or a list: loaders of many LoRAs take such."""
    waiting = [value]
    for found in waiting:
        if isinstance(found, str):
            yield found
        elif isinstance(found, Mapping):
            waiting += found.values()
        elif isinstance(found, (list, tuple)):
            waiting += found


def _deciding_method(node_class: Any) -> Any:
    """What a node class decides with whether its result is new; None where its inputs tell."""
    for base in node_class.__mro__:
        for method in ("IS_CHANGED", "fingerprint_inputs"):
            if method in vars(base) and not base.__module__.startswith("comfy_api"):
                return getattr(node_class, method)
    return None


def _ask(method: Any, node_class: Any, node_id: str, inputs: Mapping[str, Any]) -> list[Any] | None:
    """Ask a node as ComfyUI does, which tells it the plain inputs only; None for no answer."""
    if inspect.iscoroutinefunction(method):
        return None
    plain = {n: None if isinstance(value, Source) else value for n, value in inputs.items()}
    try:
        return [method(**compat.given_inputs(node_class, node_id, plain))]
    except Exception:  # any node's own code; ComfyUI goes on as well, and caches nothing
        return None


def _is_nan(answer: Any) -> bool:
    return isinstance(answer, float) and math.isnan(answer)
