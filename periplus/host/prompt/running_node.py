"""A sweep node in the running prompt, and the page that queued it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comfy_execution.graph_utils import is_link
from server import PromptServer

from ...graphs.prompt_graph import Node
from ...sweep import Cell
from ..system import settings
from .progress import say

GRID_COMPOSE = "PeriplusGridCompose"
"""The nodes that draw what a sweep node gives."""

SWEEP_EVENT = "periplus.sweep"
"""What a page hears of a sweep as a whole: where its manifest is, once what it says is written."""
CELL_EVENT = "periplus.cell"
"""What a page hears of every cell whose status changes."""
WORK_EVENT = "periplus.work"
"""What a page hears when other cells than before are worked on."""


@dataclass(frozen=True)
class RunningNode:
    """A sweep node of the prompt that runs, as its sweep needs to know it.

    Attributes:
        node_id: its id.
        dynprompt: ComfyUI's DynamicPrompt that it is in.
        prompt_id: the prompt's id.
        client_id: the page that queued the prompt; None where none did.
        workflow: the id of the node's workflow, since a page may show another one by now; whatever
            the page sent.
    """

    node_id: str
    dynprompt: Any
    prompt_id: str
    client_id: str | None
    workflow: Any = None

    @classmethod
    def of(cls, hidden: Any) -> RunningNode:
        """The node that is being executed.

        Args:
            hidden: its hidden inputs (unique_id, dynprompt and extra_pnginfo).
        """
        server, sent = PromptServer.instance, hidden.extra_pnginfo
        workflow = sent.get("workflow") if isinstance(sent, dict) else None
        return cls(
            hidden.unique_id,
            hidden.dynprompt,
            server.last_prompt_id,
            server.client_id,
            workflow.get("id") if isinstance(workflow, dict) else None,
        )

    def followers(self, class_type: str) -> dict[str, Node]:
        """Nodes of a type that take what this node gives, by their ids."""
        return followers(self.dynprompt, self.node_id, class_type)

    @property
    def is_followed(self) -> bool:
        """Whether the page that queued the prompt is there to hear of it."""
        return self.client_id is not None and self.client_id in PromptServer.instance.sockets

    def tell(self, event: str, content: Mapping[str, Any]) -> None:
        """Send the page one of the messages above, if it is there."""
        self._send(event, {"node": self.node_id, "workflow": self.workflow, **content})

    def tell_work(self, cells: Iterable[Cell[Any]]) -> None:
        """Tell the page which cells are worked on, instead of those before."""
        self.tell(WORK_EVENT, {"cells": [cell.place for cell in cells]})

    def foretell(self, lines: Sequence[str]) -> None:
        """Show on the node what its sweep will come to, where nothing of ours tells it.

        A page that sends its workflow has told it before, and shows the sheet from now on.
        """
        if self.workflow is None or not settings.live_sheet():
            say(self.node_id, lines)

    def show(self, node_id: str, output: Mapping[str, Any]) -> None:
        """Show on a node what it would show if it had been executed.

        Nothing is shown once another prompt has begun: what it shows is newer.
        """
        if PromptServer.instance.last_prompt_id == self.prompt_id:
            content = {"node": node_id, "display_node": node_id, "output": output}
            self._send("executed", {**content, "prompt_id": self.prompt_id})

    def _send(self, event: str, content: Mapping[str, Any]) -> None:
        if self.is_followed:
            PromptServer.instance.send_sync(event, content, self.client_id)


def followers(dynprompt: Any, node_id: str, class_type: str) -> dict[str, Node]:
    """Nodes of a type that take what a node gives, by their ids, in a prompt that may not run."""
    prompt: Mapping[str, Node] = dynprompt.get_original_prompt()
    return {
        other_id: node
        for other_id, node in prompt.items()
        if node["class_type"] == class_type
        and any(is_link(v) and v[0] == node_id for v in node["inputs"].values())
    }
