"""What is wired into a node: where a link comes from, and an identity for what it brings."""

from __future__ import annotations

import math
import uuid
from typing import Any

from comfy_execution.graph_utils import is_link

from ..keys import digest
from . import compat
from .paths import find_files, linked_file_identity

Link = tuple[str, int]
"""A node's id and the number of its output."""


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
        return digest(self._described(link, {})) if link else ""

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

    def _described(self, link: Link, seen: dict[str, Any]) -> list[Any]:
        node_id, output = link
        if node_id not in seen:
            node = self._node(node_id)
            seen[node_id] = digest(
                {
                    "class_type": node["class_type"],
                    "changes": _changes_by_itself(node),
                    "inputs": {
                        name: self._described(source, seen)
                        if (source := _as_link(value))
                        else _described_value(value)
                        for name, value in node["inputs"].items()
                    },
                }
            )
        return [seen[node_id], output]


def _as_link(value: Any) -> Link | None:
    """Read an input's value as a link; None for a plain value."""
    return (value[0], int(value[1])) if is_link(value) else None


def _described_value(value: Any) -> Any:
    if isinstance(value, str) and (files := find_files(value)):
        return [value, *map(linked_file_identity, files)]
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _changes_by_itself(node: dict[str, Any]) -> str:
    """What a node's result depends on besides its inputs: something new each time if unknown."""
    node_class = compat.node_class(node["class_type"])
    if any(getattr(node_class, "OUTPUT_IS_LIST", None) or ()):
        return uuid.uuid4().hex  # the graph does not say which item of its list comes here
    if not _decides_itself(node_class):
        return ""
    answers = node.get("is_changed")  # by ComfyUI, which has asked the node already
    known = isinstance(answers, list) and not any(map(_is_nan, answers))
    return repr(answers) if known else uuid.uuid4().hex


def _decides_itself(node_class: Any) -> bool:
    return any(
        method in vars(base)
        for base in node_class.__mro__
        if not base.__module__.startswith("comfy_api")
        for method in ("IS_CHANGED", "fingerprint_inputs")
    )


def _is_nan(answer: Any) -> bool:
    return isinstance(answer, float) and math.isnan(answer)
