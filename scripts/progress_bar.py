"""A progress bar on the terminal, fed with ComfyUI's messages."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

from .comfy_run import Message

BAR_WIDTH = 30
PLAIN_PARTS = 10
"""How often the progress is told where it cannot be redrawn, as in a log file."""


class ProgressBar:
    """Follows the node that reports progress; a sweep reports the steps of all its cells.

    Args:
        prompt: the prompt in API format; gives the nodes their titles.
        stream: where to draw; redrawn in place on a terminal, a line now and then elsewhere.
    """

    def __init__(self, prompt: Mapping[str, Any], stream: TextIO = sys.stdout) -> None:
        self._prompt = prompt
        self._stream = stream
        self._begin = time.monotonic()
        self._told = ("", 0)

    def show(self, message: Message) -> None:
        """Draw the progress if the message reports some."""
        if message.kind != "progress" or not message.data["max"]:
            return
        title = node_title(self._prompt, str(message.data["node"]))
        value, total = message.data["value"], message.data["max"]
        line = render(title, value, total, time.monotonic() - self._begin)
        if self._stream.isatty():
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r{line[:width]:<{width}}")
        else:
            # One line for every tenth of the way.
            told = (title, int(PLAIN_PARTS * value / total))
            if told == self._told:
                return
            self._told = told
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the bar as it stands and go to the next line."""
        if self._stream.isatty():
            self._stream.write("\n")
            self._stream.flush()


def node_title(prompt: Mapping[str, Any], node_id: str) -> str:
    """Return the title of a node; an inner node of an expanded one has its outer node's title."""
    node = prompt.get(node_id) or prompt.get(node_id.split(".")[0])
    return node["_meta"]["title"] if node else f"node {node_id}"


def render(title: str, value: float, total: float, seconds: float) -> str:
    """Return one line: title, bar, how much of how much is done, minutes and seconds."""
    filled = int(BAR_WIDTH * value / total)
    bar = "#" * filled + "-" * (BAR_WIDTH - filled)
    minutes, rest = divmod(int(seconds), 60)
    return f"{title} [{bar}] {int(value)}/{int(total)}  {minutes}:{rest:02d}"
