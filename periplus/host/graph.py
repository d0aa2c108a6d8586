"""What is wired into a node: where a link comes from, and an identity for what it brings."""

from __future__ import annotations

import uuid
from typing import Any

from ..keys import digest
from . import compat
from .paths import file_identity, find_file

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

        Two runs with equal identities get equal values, so cells may be reused. A node that asks
        ComfyUI to be run every time makes the identity new every time.
        """
        link = self.link(name)
        return digest(self._described(link, {})) if link else ""

    def describe_source(self, name: str) -> str:
        """Name the node behind a linked input for an error text: ``LoraLoader (node 7)``."""
        link = self.link(name)
        return f"{self._node(link[0])['class_type']} (node {link[0]})" if link else "nothing"

    def checkpoint_loader(self, name: str) -> bool:
        """Whether the input comes straight from a loader of whole checkpoints.

        Recognised by what makes one, so that loaders of other packs count too: it names a
        checkpoint, and no other node feeds it.
        """
        link = self.link(name)
        if link is None:
            return False
        inputs = self._node(link[0])["inputs"]
        return "ckpt_name" in inputs and not any(map(_as_link, inputs.values()))

    def _node(self, node_id: str) -> dict[str, Any]:
        return self._dynprompt.get_node(node_id)

    def _described(self, link: Link, seen: dict[str, Any]) -> list[Any]:
        node_id, output = link
        if node_id not in seen:
            node = self._node(node_id)
            seen[node_id] = digest(
                {
                    "class_type": node["class_type"],
                    "changes": _changes_by_itself(node["class_type"]),
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
    is_link = isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)
    return (value[0], value[1]) if is_link else None


def _described_value(value: Any) -> Any:
    if isinstance(value, str) and (path := find_file(value)) is not None:
        return [value, file_identity(path)]
    return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)


def _changes_by_itself(class_type: str) -> str:
    """Something new for a node that decides itself when it has changed, else the empty text."""
    node_class = compat.node_class(class_type)
    if node_class.__module__.startswith(("nodes", "comfy_extras")):
        return ""  # core's own nodes look at nothing but the files that find_file knows
    decides = any(
        method in vars(base)
        for base in node_class.__mro__
        if not base.__module__.startswith("comfy_api")
        for method in ("IS_CHANGED", "fingerprint_inputs")
    )
    return uuid.uuid4().hex if decides else ""
