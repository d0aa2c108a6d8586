"""A sweep node in the running prompt, and the page that queued it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comfy_execution.graph_utils import is_link
from server import PromptServer

from ..prompt_graph import Node

GRID_COMPOSE = "PeriplusGridCompose"
"""The nodes that draw what a sweep node gives."""

CELL_EVENT = "periplus.cell"
"""The message that a page gets for every cell whose status changes."""


@dataclass(frozen=True)
class RunningNode:
    """A sweep node of the prompt that runs, as its sweep needs to know it.

    Attributes:
        node_id: its id.
        dynprompt: ComfyUI's DynamicPrompt that it is in.
        prompt_id: the prompt's id.
        client_id: the page that queued the prompt; None where none did.
    """

    node_id: str
    dynprompt: Any
    prompt_id: str
    client_id: str | None

    @classmethod
    def of(cls, hidden: Any) -> RunningNode:
        """The node that is being executed.

        Args:
            hidden: its hidden inputs (unique_id and dynprompt).
        """
        server = PromptServer.instance
        return cls(hidden.unique_id, hidden.dynprompt, server.last_prompt_id, server.client_id)

    def followers(self, class_type: str) -> dict[str, Node]:
        """Nodes of a type that take what this node gives, by their ids."""
        prompt: Mapping[str, Node] = self.dynprompt.get_original_prompt()
        return {
            node_id: node
            for node_id, node in prompt.items()
            if node["class_type"] == class_type
            and any(is_link(v) and v[0] == self.node_id for v in node["inputs"].values())
        }

    def announce(self, cell: Mapping[str, Any]) -> None:
        """Tell the page how a cell stands."""
        self._send(CELL_EVENT, {"node": self.node_id, **cell})

    def show(self, node_id: str, output: Mapping[str, Any]) -> None:
        """Show on a node what it would show if it had been executed.

        Nothing is shown once another prompt has begun: what it shows is newer.
        """
        if PromptServer.instance.last_prompt_id == self.prompt_id:
            content = {"node": node_id, "display_node": node_id, "output": output}
            self._send("executed", {**content, "prompt_id": self.prompt_id})

    def _send(self, event: str, content: Mapping[str, Any]) -> None:
        if self.client_id is not None:  # or every page would be told
            PromptServer.instance.send_sync(event, content, self.client_id)
