"""How long the nodes of a graph sweep take, measured for the forecasts of later ones."""

from __future__ import annotations

import time

from comfy_execution.progress import NodeProgressState, ProgressHandler, add_progress_handler

from ...work.effort import Effort
from .stopwatch import Measured


class NodeStopwatch(ProgressHandler):
    """Measures nodes: ComfyUI tells it when one starts and when it is finished.

    Args:
        name: another one for each that is in use.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._efforts: dict[str, Effort] = {}
        self._started: dict[str, float] = {}
        self._measured = Measured()

    def begin(self) -> None:
        """Listen, until the prompt that runs now has ended."""
        add_progress_handler(self)

    def expect(self, node_id: str, effort: Effort) -> None:
        """Say what effort it is to run a node; one that is not expected is not measured."""
        self._efforts[node_id] = effort

    def start_handler(self, node_id: str, state: NodeProgressState, prompt_id: str) -> None:
        """A node starts; one that has had to wait for an input, once more."""
        self._started[node_id] = time.perf_counter()

    def finish_handler(self, node_id: str, state: NodeProgressState, prompt_id: str) -> None:
        """A node is finished, or was before: ComfyUI had kept what it gave."""
        started, effort = self._started.pop(node_id, None), self._efforts.get(node_id)
        if started is not None and effort is not None:
            self._measured.add(effort, time.perf_counter() - started)

    def end(self) -> None:
        """Listen no more, and keep what was measured."""
        self.disable()
        self._measured.keep()
