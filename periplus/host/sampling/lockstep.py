"""Lockstep: several sampler runs at once, whose calls of the denoiser are gathered in one pass."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Generic, TypeVar

import comfy.model_management

from ...recipe import LATENT_PIXELS
from ...records.manifest import Account
from ...work.batch_size import BatchSize
from ...work.memo import Prediction
from ...work.stages import Sample
from .. import compat
from ..prompt.progress import throw_if_cancelled
from .memo import is_stateless
from .outcomes import attempt_once
from .sampler_run import SamplerRun
from .stacking import Question, answer_together

K = TypeVar("K")
R = TypeVar("R")


def goes_in_step(model: Any, conditionings: Iterable[Any]) -> bool:
    """Whether runs may share calls of the denoiser: nothing in them counts or changes calls.

    Args:
        model: a MODEL, before anything of ours is added to it; or None.
        conditionings: those that are linked, which may carry more than texts, or None.
    """
    if model is None or not is_stateless(model):
        return False
    # A function that acts on guidance may remember the call before, as that of APG does.
    foreign = (*model.model_options.values(), model.wrappers, model.hook_patches)
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

    def make_room(count: int) -> bool:
        rows = 2 * count  # positive and negative
        shape = [rows, 4, run.height // LATENT_PIXELS, run.width // LATENT_PIXELS]
        required = model.memory_required(shape)
        comfy.model_management.load_models_gpu([model], memory_required=required)
        return required < compat.free_memory_for(model)

    def fits(count: int) -> bool:
        made = attempt_once("cannot make room for a batch", lambda: make_room(count))
        return made is True

    return BatchSize(choice, fits)


class Lockstep(Generic[K, R]):
    """Runs samplers on one model in step; as one ends, the next joins.

    Every sampler is ComfyUI's own, with its own noise, sigmas, cfg and seed, but where it calls the
    denoiser it pauses with a Question.

    Args:
        model: the MODEL that all of them run on.
        size: how many run at once.
        account: counts the evaluations.
    """

    def __init__(self, model: Any, size: BatchSize, account: Account) -> None:
        self._model = model
        self._size = size
        self._account = account
        self._left = True

    def run(
        self, jobs: Iterator[tuple[K, Callable[[], R]]]
    ) -> Generator[SamplerRun[K, R], None, None]:
        """Give each run as soon as it has ended, or has paused for anything but its denoiser.

        A run that raises has no result, but that error; the others go on.

        Args:
            jobs: what to run, each with a name; taken as there is room for it.

        Raises:
            Interrupted: the user cancelled.
        """
        running: list[SamplerRun[K, R]] = []
        try:
            while True:
                for name, work in islice(jobs, max(0, self._size.limit - len(running))):
                    run = SamplerRun(name, work, self._model.load_device)
                    running.append(run)
                    self._let(run, run.start)
                if not running:
                    return
                asking = [run for run in running if _asks(run)]
                for first in range(0, len(asking), self._size.limit):
                    self._go_on(asking[first : first + self._size.limit])
                for run in [run for run in running if not _asks(run)]:
                    running.remove(run)
                    self._left = True  # whatever is done with it may need the device
                    yield run
        finally:
            for run in running:
                run.close()

    def _go_on(self, runs: Sequence[SamplerRun[K, R]]) -> None:
        throw_if_cancelled()
        started = time.perf_counter()
        answers = self._answers(runs)
        if isinstance(answers, Exception):
            self._after_failure(runs, answers)
            return
        seconds = time.perf_counter() - started
        was_growing = self._size.measures
        self._size.measured(len(runs), seconds)
        # What was tried last may have moved the model.
        self._left |= was_growing and not self._size.measures
        for run, answer in zip(runs, answers, strict=True):
            run.seconds += seconds / len(runs)
            self._let(run, partial(run.go_on, answer))

    def _answers(self, runs: Sequence[SamplerRun[K, R]]) -> list[Prediction] | Exception:
        """Ask for all of them at once; questions that are equal to the last bit only once."""
        names = [run.question.name or number for number, run in enumerate(runs)]
        questions = {name: run.question for name, run in zip(names, runs, strict=True)}
        try:
            self._enter(list(questions.values()))
            answers = answer_together(list(questions.values()))
            if self._size.measures:
                answers[-1][0].flatten()[0].item()  # waits until the device is done
        except compat.Interrupted:
            raise
        except Exception as error:
            return error.with_traceback(None)  # which holds what the attempt has allocated
        self._account.denoiser_evaluations += len(questions)
        self._account.evaluations_shared += len(runs) - len(questions)
        found = dict(zip(questions, answers, strict=True))
        return [[tensor.clone() for tensor in found[name]] for name in names]

    def _after_failure(self, runs: Sequence[SamplerRun[K, R]], error: Exception) -> None:
        """Try again with half of them each; what fails alone is that run's own error."""
        if len(runs) == 1:
            self._let(runs[0], partial(runs[0].fail, error))
            return
        if compat.is_out_of_memory(error):
            self._size.failed(len(runs))
            comfy.model_management.soft_empty_cache()
        half = len(runs) // 2
        self._go_on(runs[:half])
        self._go_on(runs[half:])

    def _enter(self, questions: Sequence[Question]) -> None:
        """Make the model ready for a pass, if other work may have taken its place."""
        if self._left:
            rows, *shape = questions[0].x.shape
            required = self._model.memory_required([2 * rows * len(questions), *shape])
            comfy.model_management.load_models_gpu([self._model], memory_required=required)
            self._model.pre_run()
            self._left = False

    def _let(self, run: SamplerRun[K, R], go: Callable[[], None]) -> None:
        """Let a run go, which may end it.

        Raises:
            Interrupted: the run has noticed that the user cancelled.
        """
        go()
        if run.has_ended:
            self._left = True  # it has let go of the model for all
            run.throw_if_cancelled()


def _asks(run: SamplerRun[Any, Any]) -> bool:
    return not run.has_ended and isinstance(run.question, Question)
