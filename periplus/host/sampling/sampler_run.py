"""A sampler run on a strand: it pauses by itself, and has its own random numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

import torch

from ...work.strands import Strand
from .. import compat

K = TypeVar("K")
R = TypeVar("R")

_PAUSE: ContextVar[Callable[[Any], Any]] = ContextVar("periplus_pause")


def pause(question: Any) -> Any:
    """Pause the run on whose strand this is called, until the question is answered."""
    return _PAUSE.get()(question)


class SamplerRun(Generic[K, R]):
    """A run that can be let go on and pauses by itself.

    Args:
        name: whose run it is.
        work: what samples.
        device: of the model.
    """

    def __init__(self, name: K, work: Callable[[], R], device: torch.device) -> None:
        inference = torch.is_inference_mode_enabled()

        def on_strand(ask: Callable[[Any], Any]) -> R:
            _PAUSE.set(ask)
            with torch.inference_mode(inference):  # each thread has a mode of its own
                return work()

        self.name = name
        self.seconds = 0.0
        """The time that it has taken, without that of the answers."""
        self._strand: Strand[Any, Any, R] = Strand(on_strand)
        self._device = device
        self._random = self._random_states()

    @property
    def has_ended(self) -> bool:
        """Whether it has a result or has raised."""
        return self._strand.has_ended

    @property
    def question(self) -> Any:
        """What it waits for; valid while it is paused."""
        return self._strand.question

    @property
    def result(self) -> R:
        """What it has given.

        Raises:
            BaseException: what it has raised instead.
        """
        return self._strand.result

    def throw_if_cancelled(self) -> None:
        """Raise ComfyUI's interrupt where that has ended it."""
        error = self._strand.error
        if error is not None and isinstance(error, compat.Interrupted):
            raise error

    def start(self) -> None:
        """Run until the first pause or the end."""
        self._let(self._strand.start)

    def go_on(self, answer: Any) -> None:
        """Answer the question and run until the next pause or the end."""
        self._let(lambda: self._strand.resume(answer))

    def fail(self, error: BaseException) -> None:
        """Raise an error where it is paused."""
        self._let(lambda: self._strand.throw(error))

    def close(self) -> None:
        """End it where it is paused."""
        self._strand.close()

    def _let(self, go: Callable[[], None]) -> None:
        # Some samplers draw from torch's own generators, of which each run has its own stream.
        others = self._random_states()
        self._set_random_states(self._random)
        started = time.perf_counter()
        go()
        self.seconds += time.perf_counter() - started
        self._random = self._random_states()
        self._set_random_states(others)

    def _random_states(self) -> list[torch.Tensor]:
        states = [torch.get_rng_state()]
        is_cuda = self._device.type == "cuda"
        return [*states, torch.cuda.get_rng_state(self._device)] if is_cuda else states

    def _set_random_states(self, states: Sequence[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        for state in states[1:]:
            torch.cuda.set_rng_state(state, self._device)
