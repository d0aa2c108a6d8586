"""Telling the user how far a sweep is: one progress bar; and hearing whether to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import comfy.model_management
import comfy.utils
from server import PromptServer

SHOW_SECONDS = 0.1
"""The bar moves at most so often, as it does in ComfyUI since 0.9.2: each time costs messages."""

LINE_END = "  \n"
"""Where Vue draws nodes, their text is Markdown, which takes no notice of a mere line break."""


def throw_if_cancelled() -> None:
    """Raise ComfyUI's interrupt where the user has cancelled."""
    comfy.model_management.throw_exception_if_processing_interrupted()


def cancel_on() -> None:
    """Let a cancel that has been heard end the prompt before its next node."""
    comfy.model_management.interrupt_current_processing()


def say(node_id: str, lines: Sequence[str]) -> None:
    """Show some lines on a node of the page that queued the prompt."""
    # The page of many versions takes it as HTML, and a workflow of somebody else's has names in it.
    harmless = LINE_END.join(lines).replace("<", "‹")
    server = PromptServer.instance
    server.send_progress_text(harmless, node_id, server.client_id)


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
        self._shown: float | None = None
        self._next_show = 0.0

    def enter_segment(self) -> None:
        """Go on in the node that runs now.

        A page shows a node at the progress of the slowest of its inner nodes, so the bar is kept
        on both: on the inner node that runs and on the sweep node, where clients look for it.
        """
        inner = comfy.utils.ProgressBar(self._total)
        outer = comfy.utils.ProgressBar(self._total, node_id=self._node_id)
        self._bars, self._shown = (inner, outer), None
        self._next_show = 0.0
        self._show(None)

    @contextmanager
    def stage(self, weight: int) -> Iterator[Callable[[float, Any], None]]:
        """Count a stage of this weight as done in the end.

        Several may be open at once, in one thread or in more that take turns.

        Yields:
            To call with the fraction done, 0 to 1, and a preview or None.
        """
        shown = 0.0

        def move(value: float, preview: Any) -> None:
            nonlocal shown
            self._done += value - shown
            shown = value
            self._show(preview)

        try:
            yield lambda fraction, preview: move(weight * fraction, preview)
        finally:
            move(weight, None)

    def advance(self, weight: int) -> None:
        """Count a stage of this weight as done."""
        with self.stage(weight):
            pass

    @property
    def bar(self) -> tuple[float, int]:
        """How much of the bar's length is done, and its length."""
        return self._done, self._total

    @property
    def _is_full(self) -> bool:
        return self._done >= self._total

    def _show(self, preview: Any) -> None:
        now = time.monotonic()
        is_news = self._done != self._shown
        if preview is None and not (is_news and (now >= self._next_show or self._is_full)):
            throw_if_cancelled()  # as a bar does when it moves
            return
        self._shown, self._next_show = self._done, now + SHOW_SECONDS
        inner, outer = self._bars
        outer.update_absolute(self._done, self._total)
        inner.update_absolute(self._done, self._total, preview)
