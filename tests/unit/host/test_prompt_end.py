"""Noticing the end of a prompt, with a queue that plays ComfyUI's part."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

PROMPT = "the prompt"


class Queue:
    """A queue in which the prompt has just ended; ``on_look`` is called when it is looked at."""

    def __init__(self, messages: list[str], on_look: Callable[[], None] = lambda: None) -> None:
        self._messages = [(name, {}) for name in messages]
        self._on_look = on_look

    def get_current_queue_volatile(self) -> tuple[list[Any], list[Any]]:
        self._on_look()
        return [], []

    def get_history(self, prompt_id: str) -> dict[str, Any]:
        return {prompt_id: {"status": {"messages": self._messages}}}


def calls_back(
    monkeypatch: pytest.MonkeyPatch, queue: Queue, is_over: threading.Event
) -> list[Any]:
    """Watch the prompt to its end; what was called back."""
    server = ModuleType("server")
    server.PromptServer = SimpleNamespace(  # type: ignore[attr-defined]
        instance=SimpleNamespace(prompt_queue=queue)
    )
    monkeypatch.setitem(sys.modules, "server", server)
    monkeypatch.delitem(sys.modules, "periplus.host.prompt.prompt_end", raising=False)
    prompt_end = importlib.import_module("periplus.host.prompt.prompt_end")
    called: list[bool] = []
    prompt_end.watch(PROMPT, is_over, called.append)
    for thread in threading.enumerate():
        if thread.name == "periplus watches":
            thread.join()
    return called


@pytest.mark.parametrize("end", ["execution_interrupted", "execution_error"])
def test_an_end_that_the_sweep_was_not_told_of_is_noticed(
    monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    called = calls_back(monkeypatch, Queue(["execution_start", end]), threading.Event())
    assert called == [end == "execution_interrupted"]


def test_a_sweep_that_ends_just_before_its_prompt_is_not_ended_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()
    queue = Queue(["execution_success"], on_look=is_over.set)
    assert calls_back(monkeypatch, queue, is_over) == []
