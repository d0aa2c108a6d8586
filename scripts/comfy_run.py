"""What ComfyUI says about one queued prompt: its messages, and how it ended."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

_TEXT = 3
"""Begins the binary messages that are texts."""


@dataclass(frozen=True)
class Message:
    """One message from ComfyUI's WebSocket.

    Args:
        kind: its type, such as "progress", "executing", "executed"; "binary" for previews,
            "progress_text" for a text that a node shows while it runs.
        data: its data; empty for "binary", node and text for "progress_text".
        payload: the bytes of a "binary" message, its four type bytes included.
    """

    kind: str
    data: dict[str, Any]
    payload: bytes = b""

    def ends(self, prompt_id: str) -> bool:
        """Say whether this is the last message of a prompt; its history is complete by then."""
        return (
            self.kind == "executing"
            and self.data.get("node") is None
            and self.data.get("prompt_id") == prompt_id
        )


def read_binary(content: bytes) -> Message:
    """Give the message that binary content is: a text, or else a preview."""
    kind, length = struct.unpack_from(">II", content)
    if kind != _TEXT:
        return Message("binary", {}, content)
    node, text = content[8 : 8 + length], content[8 + length :]
    return Message("progress_text", {"node": node.decode(), "text": text.decode()})


@dataclass(frozen=True)
class Run:
    """One prompt after it has ended.

    Args:
        prompt_id: the id that ComfyUI gave it.
        messages: everything that came while it ran, in order.
        history: its entry in ComfyUI's history.
    """

    prompt_id: str
    messages: tuple[Message, ...]
    history: dict[str, Any]

    @property
    def status(self) -> str:
        """How it ended: "success", "error" or "interrupted"."""
        names = [name for name, _ in self.history["status"]["messages"]]
        if "execution_interrupted" in names:
            return "interrupted"
        return self.history["status"]["status_str"]

    @property
    def error(self) -> str:
        """The error in full, with the node and the server's traceback; "" when there was none."""
        for name, data in self.history["status"]["messages"]:
            if name == "execution_error":
                trace = "".join(data["traceback"])
                return (
                    f"Node {data['node_id']} ({data['node_type']}): {data['exception_type']}: "
                    f"{data['exception_message'].strip()}\n\n{trace}"
                )
        return ""

    @property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """What each output node shows, by node id."""
        return self.history["outputs"]

    @property
    def executed(self) -> tuple[str, ...]:
        """The ids of the nodes that ran, in order; those of an expanded graph included."""
        return tuple(
            message.data["node"]
            for message in self.messages
            if message.kind == "executing" and message.data.get("node") is not None
        )

    @property
    def cached(self) -> frozenset[str]:
        """The ids of the nodes whose results came from ComfyUI's cache."""
        return frozenset(
            node
            for message in self.messages
            if message.kind == "execution_cached"
            for node in message.data["nodes"]
        )


def describe_refusal(answer: dict[str, Any]) -> str:
    """Turn the body of a refused ``POST /prompt`` into readable lines, one a problem."""
    error = answer["error"]
    lines = [": ".join(filter(None, (error["message"], error.get("details", ""))))]
    # ComfyUI sends an empty list, not an empty object, where no node is to blame.
    for node, problems in dict(answer.get("node_errors") or {}).items():
        for problem in problems["errors"]:
            lines.append(
                f"  node {node} ({problems['class_type']}): {problem['message']}: "
                f"{problem['details']}"
            )
    return "\n".join(lines)
