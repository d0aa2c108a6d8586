"""Noticing that a prompt has ended, which ComfyUI tells no node."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from server import PromptServer

LOOK_SECONDS = 0.2
"""How often the queue is looked at."""


def watch(prompt_id: str, is_over: Event, then: Callable[[bool], None]) -> None:
    """Call back, on a thread of its own, where a prompt ends before something is over.

    Args:
        prompt_id: the running prompt.
        is_over: set when there is nothing to watch any more.
        then: what to call; it is told whether the user has cancelled the prompt.
    """

    def look() -> None:
        while not is_over.wait(LOOK_SECONDS):
            running, _ = PromptServer.instance.prompt_queue.get_current_queue_volatile()
            if all(item[1] != prompt_id for item in running):
                if not is_over.is_set():  # both may have come since the wait
                    then(_was_cancelled(prompt_id))
                return

    Thread(target=look, name="periplus watches", daemon=True).start()


def _was_cancelled(prompt_id: str) -> bool:
    history = PromptServer.instance.prompt_queue.get_history(prompt_id=prompt_id)
    messages = history[prompt_id]["status"]["messages"] if prompt_id in history else ()
    return any(name == "execution_interrupted" for name, _ in messages)
