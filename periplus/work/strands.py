"""Strands: functions that pause wherever they are, on threads of their own, one at a time.

A sampler calls the denoiser from deep inside its loop. On a strand that call can pause the whole
sampler until somebody has an answer, without the sampler knowing. Only one strand runs at any
time, so nothing needs a lock.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar, cast

Q = TypeVar("Q")
A = TypeVar("A")
R = TypeVar("R")


NAME = "periplus strand"
"""Of the threads."""


class StrandClosed(BaseException):
    """Raised inside a strand that nobody will resume again."""


class Strand(Generic[Q, A, R]):
    """A function that asks questions and goes on when it has the answer.

    Args:
        work: the function; it is given ``ask``, which pauses it until :meth:`resume`. It runs in
            a copy of the caller's context.
    """

    def __init__(self, work: Callable[[Callable[[Q], A]], R]) -> None:
        self._work = work
        # Locks that are handed over: whoever may run holds none, whoever waits acquires its own.
        self._turn, self._pause = threading.Lock(), threading.Lock()
        self._turn.acquire()
        self._pause.acquire()
        self._question: Q | None = None
        self._answer: A | None = None
        self._thrown: BaseException | None = None
        self._result: R | None = None
        self.has_ended = False
        """Whether the function has returned or raised."""
        self.error: BaseException | None = None
        """What the function has raised."""
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name=NAME, daemon=True)

    @property
    def question(self) -> Q:
        """What the strand asks; valid while it is paused."""
        return cast("Q", self._question)

    @property
    def result(self) -> R:
        """What the function has returned.

        Raises:
            BaseException: what it has raised instead.
        """
        if self.error is not None:
            raise self.error
        return cast("R", self._result)

    def start(self) -> None:
        """Run until the first question or the end."""
        self._thread.start()
        self._pause.acquire()

    def resume(self, answer: A) -> None:
        """Answer the question and run until the next one or the end."""
        self._answer = answer
        self._go_on()

    def throw(self, error: BaseException) -> None:
        """Raise an error where the strand asks, and run until the next question or the end."""
        self._thrown = error
        self._go_on()

    def close(self) -> None:
        """End a strand that is paused; one that has not started or has ended stays as it is."""
        if self._thread.is_alive() and not self.has_ended:
            self.throw(StrandClosed())

    def _go_on(self) -> None:
        self._turn.release()
        self._pause.acquire()

    def _run(self) -> None:
        try:
            self._result = self._work(self._ask)
        except BaseException as error:  # whatever it is, it is told to whoever asks for the result
            self.error = error
        self.has_ended = True
        self._pause.release()

    def _ask(self, question: Q) -> A:
        self._question = question
        self._pause.release()
        self._turn.acquire()
        self._question = None
        if self._thrown is not None:
            error, self._thrown = self._thrown, None
            raise error
        answer, self._answer = self._answer, None
        return cast("A", answer)
