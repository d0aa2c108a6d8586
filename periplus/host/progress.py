"""Telling the user how far a sweep is: one progress bar, and every cell as it is finished."""

from __future__ import annotations

from typing import Any

import comfy.model_management
import comfy.utils
from server import PromptServer

CELL_EVENT = "periplus.cell"
"""The message that a page gets for every cell whose status changes."""


def throw_if_cancelled() -> None:
    """Raise ComfyUI's interrupt where the user has cancelled."""
    comfy.model_management.throw_exception_if_processing_interrupted()


class SweepProgress:
    """One bar for the whole sweep, in sampler steps.

    Args:
        node_id: the sweep node.
        total: length of the bar.
    """

    def __init__(self, node_id: str, total: int) -> None:
        self._node_id = node_id
        self._total = max(total, 1)
        self._done = 0.0
        self._bars: tuple[comfy.utils.ProgressBar, ...] = ()

    def enter_segment(self) -> None:
        """Go on in the node that runs now.

        A page shows a node at the progress of the slowest of its inner nodes, so the bar is kept
        on both: on the inner node that runs and on the sweep node, where clients look for it.
        """
        inner = comfy.utils.ProgressBar(self._total)
        outer = comfy.utils.ProgressBar(self._total, node_id=self._node_id)
        self._bars = (inner, outer)
        self._show(self._done, None)

    def within(self, weight: int, fraction: float, preview: Any = None) -> None:
        """Show that a stage of this weight is done to this fraction."""
        self._show(self._done + weight * fraction, preview)

    def advance(self, weight: int) -> None:
        """Count a stage of this weight as done."""
        self._done += weight
        self._show(self._done, None)

    def announce(self, cell: dict[str, Any]) -> None:
        """Tell the page that queued the sweep how a cell stands."""
        server = PromptServer.instance
        if server.client_id is not None:
            content = {"node": self._node_id, **cell}
            server.send_sync(CELL_EVENT, content, server.client_id)

    def _show(self, value: float, preview: Any) -> None:
        inner, outer = self._bars
        outer.update_absolute(value, self._total)
        inner.update_absolute(value, self._total, preview)
