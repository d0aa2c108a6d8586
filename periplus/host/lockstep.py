"""Lockstep: several sampler runs at once, whose calls of the denoiser are gathered in one pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar

import comfy.model_management
import torch

from ..batch_size import BatchSize
from ..recipe import LATENT_PIXELS
from ..stages import Sample
from ..strands import Strand
from . import compat
from .progress import throw_if_cancelled
from .stacking import Prediction, Question, answer_together

K = TypeVar("K")
R = TypeVar("R")

_ASK: ContextVar[Callable[[Question], Prediction]] = ContextVar("periplus_ask")
"""On a strand: pauses it until the question is answered."""

_STATEFUL = ("wrappers", "callbacks", "injections", "hook_patches", "additional_models")
"""Of a ModelPatcher: where packs hang what acts between the calls of one run."""


def goes_in_step(model: Any, conditionings: Iterable[Any]) -> bool:
    """Whether runs may share calls of the denoiser: nothing in them counts or changes calls.

    Args:
        model: a MODEL, before anything of ours is added to it; or None.
        conditionings: those that are linked, which may carry more than texts, or None.
    """
    if model is None:
        return False
    options = model.model_options
    foreign = (
        options.get("model_function_wrapper"),
        options.get("sampler_calc_cond_batch_function"),
        options.get("context_handler"),
        options.get("transformer_options"),
        *(getattr(model, name, None) for name in _STATEFUL),
    )
    entries = (entry[1] for linked in conditionings for entry in linked or ())
    return not any(foreign) and not any(
        entry.get("control") or entry.get("hooks") for entry in entries
    )


def batch_size(choice: str, model: Any, run: Sample) -> BatchSize:
    """Choose how many runs like this one go in step, as far as memory allows.

    Args:
        choice: one of ``BATCHING`` but off.
        model: the MODEL.
        run: one of the runs.
    """

    def fits(count: int) -> bool:
        rows = 2 * count  # positive and negative
        shape = [rows, 4, run.height // LATENT_PIXELS, run.width // LATENT_PIXELS]
        required = model.memory_required(shape)
        comfy.model_management.load_models_gpu([model], memory_required=required)
        return required < comfy.model_management.get_free_memory(model.load_device)

    return BatchSize(choice, fits)


def ask(args: dict[str, Any]) -> Prediction:
    """Stand in for a guider's call of the denoiser (``sampler_calc_cond_batch_function``)."""
    question = Question(
        args["model"], args["conds"], args["input"], args["sigma"], args["model_options"]
    )
    return _ASK.get()(question)


@dataclass
class Outcome(Generic[K, R]):
    """A run that has ended."""

    name: K
    strand: Strand[Question, Prediction, R]
    seconds: float = 0.0
    """Its share of the time."""
    random: list[torch.Tensor] = field(default_factory=list)
    """The state of torch's generators, of which each run has its own stream."""

    @property
    def result(self) -> R:
        """What the run has given.

        Raises:
            BaseException: what it has raised instead.
        """
        return self.strand.result


class Lockstep(Generic[K, R]):
    """Runs samplers on one model in step; as one ends, the next joins.

    Every sampler is ComfyUI's own, with its own noise, sigmas, cfg and seed; :func:`ask` must
    stand in for its denoiser.

    Args:
        model: the MODEL that all of them run on.
        size: how many run at once.
        on_evaluations: called with the number of questions that a pass has answered.
    """

    def __init__(self, model: Any, size: BatchSize, on_evaluations: Callable[[int], None]) -> None:
        self._model = model
        self._size = size
        self._on_evaluations = on_evaluations
        self._left = True

    def run(
        self, jobs: Iterator[tuple[K, Callable[[], R]]]
    ) -> Generator[Outcome[K, R], None, None]:
        """Give each run as soon as it has ended.

        A run that raises gives an outcome that raises; the others go on.

        Args:
            jobs: what to run, each with a name; taken as there is room for it.

        Raises:
            Interrupted: the user cancelled.
        """
        paused: list[Outcome[K, R]] = []
        try:
            while True:
                for name, work in islice(jobs, max(0, self._size.limit - len(paused))):
                    paused.append(self._started(name, work))
                if not paused:
                    return
                running = [run for run in paused if not run.strand.has_ended]
                for first in range(0, len(running), self._size.limit):
                    self._go_on(running[first : first + self._size.limit])
                ended = [run for run in paused if run.strand.has_ended]
                paused = [run for run in paused if not run.strand.has_ended]
                for run in ended:
                    self._left = True
                    yield run
        finally:
            for run in paused:
                run.strand.close()

    def _started(self, name: K, work: Callable[[], R]) -> Outcome[K, R]:
        inference = torch.is_inference_mode_enabled()

        def on_strand(ask_: Callable[[Question], Prediction]) -> R:
            _ASK.set(ask_)
            with torch.inference_mode(inference):  # each thread has a mode of its own
                return work()

        run: Outcome[K, R] = Outcome(name, Strand(on_strand), random=self._random_states())
        self._let(run, run.strand.start)
        return run

    def _go_on(self, runs: Sequence[Outcome[K, R]]) -> None:
        throw_if_cancelled()
        self._enter()
        started = time.perf_counter()
        try:
            answers = answer_together([run.strand.question for run in runs])
            if self._size.measures:
                answers[-1][0].flatten()[0].item()  # waits until the device is done
        except compat.Interrupted:
            raise
        except Exception as error:
            failure = error.with_traceback(None)  # which holds what the attempt has allocated
        else:
            failure = None
        if failure is not None:
            self._after_failure(runs, failure)
            return
        seconds = time.perf_counter() - started
        self._size.measured(len(runs), seconds)
        self._on_evaluations(len(runs))
        for run, answer in zip(runs, answers, strict=True):
            run.seconds += seconds / len(runs)
            self._let(run, lambda run=run, answer=answer: run.strand.resume(answer))

    def _after_failure(self, runs: Sequence[Outcome[K, R]], error: Exception) -> None:
        """Try again with half of them each; what fails alone is that run's own error."""
        if len(runs) == 1:
            self._let(runs[0], lambda: runs[0].strand.throw(error))
            return
        if compat.is_out_of_memory(error):
            self._size.failed(len(runs))
            comfy.model_management.soft_empty_cache()
        half = len(runs) // 2
        self._go_on(runs[:half])
        self._go_on(runs[half:])

    def _let(self, run: Outcome[K, R], go: Callable[[], None]) -> None:
        """Let a run go on until it asks or ends, with its own random numbers."""
        self._enter()
        others = self._random_states()
        self._set_random_states(run.random)
        started = time.perf_counter()
        go()
        run.seconds += time.perf_counter() - started
        run.random = self._random_states()
        self._set_random_states(others)
        self._left |= run.strand.has_ended

    def _enter(self) -> None:
        """Make the model ready, if other work may have taken its place."""
        if self._left:
            comfy.model_management.load_models_gpu([self._model])
            self._model.pre_run()  # a run that ends lets go of it for all
            self._left = False

    def _random_states(self) -> list[torch.Tensor]:
        device = self._model.load_device
        states = [torch.get_rng_state()]
        return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states

    def _set_random_states(self, states: Sequence[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        for state in states[1:]:
            torch.cuda.set_rng_state(state, self._model.load_device)
