"""Running one segment: its models at hand, its stages in order, in step where they can be."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

from ...work.batch_size import ALONE, OFF
from ...work.stages import Decode, Sample, Stage
from ...work.waves import Wave, in_waves
from .. import compat
from ..models.memory import free_memory
from ..prompt.progress import cancel_on, throw_if_cancelled
from ..sampling.lockstep import Lockstep, batch_size
from ..sampling.outcomes import Decoded, Failed, PausedRun, Sampled, attempt
from ..sampling.sampler import Sampler
from .at_hand import ModelsAtHand
from .run import SweepRun
from .run_work import RunWork
from .stage_work import StageWork


def run_segment(run: SweepRun, index: int) -> dict[str, list[Any]] | None:
    """Run one segment. A stage that fails fails its own cells only; the others go on.

    After a cancel, the manifest says so, a sheet shows what is finished, and ComfyUI will raise the
    cancel before the next node: only a node that raises nothing has a place in its history.

    Returns:
        What the sweep node shows after a cancel; None if there was none.

    Raises:
        Interrupted: the user cancelled once more, and so the drawing of the sheet, too.
    """
    run.progress.enter_segment()
    try:
        throw_if_cancelled()
        _Segment(weakref.proxy(run), index).do()  # or a paused run would keep alive what closes it
        if index == len(run.plan.segments) - 1:
            run.settle()
        throw_if_cancelled()  # or ComfyUI would, before the next segment, where nobody notes it
    except compat.Interrupted:
        sheet = run.end_early("interrupted", throw_if_cancelled)
        cancel_on()
        return run.report() | sheet
    except Exception:
        run.end_early("failed", throw_if_cancelled)
        raise
    return None


class _Segment:
    """The stages of one segment."""

    def __init__(self, run: SweepRun, index: int) -> None:
        self._run = run
        self._stages = run.plan.segments[index].stages
        self._at_hand = ModelsAtHand(run, index)
        self._runs = RunWork(run)
        self._work = StageWork(run, self._at_hand, self._runs)

    def do(self) -> None:
        for work in in_waves(self._stages, in_step=self._run.batching != OFF):
            if isinstance(work, Wave):
                self._do_wave(work)
            else:
                self._do(work)

    def _do(self, stage: Stage) -> None:
        throw_if_cancelled()
        with self._run.work.stage(stage) as on_step:
            with self._run.stopwatch.measuring(stage):
                result = self._work.do(stage, on_step)
            if isinstance(stage, Decode):
                self._finish(stage, result)
            else:
                self._run.results.put(stage, result)
        self._release(stage)

    def _release(self, stage: Stage) -> None:
        self._at_hand.release(stage)
        self._run.memo.release(stage)
        self._run.results.release(stage)

    def _finish(self, stage: Decode, result: Decoded | Failed) -> None:
        if isinstance(result, Failed):
            self._run.fail(stage, result.reason)
            return
        # What this raises is no fault of the cell: with a full disk, every further one would be
        # made in vain.
        self._run.keep(stage, result.pictures, result.seconds, result.tiling)

    def _do_wave(self, wave: Wave) -> None:
        """Do runs in step where they can go so; those that are handed over pause in any case."""
        in_step = self._run.batching != OFF and self._at_hand.goes_in_step(wave.runs[0])
        ready = attempt(
            "cannot sample", lambda: self._at_hand.sampler(wave.runs[0], in_step=in_step)
        )
        if isinstance(ready, Failed) or not (in_step or wave.pauses):
            for stage in wave.stages:
                self._do(stage)
            return
        batching = self._run.batching if in_step else ALONE
        full = self._do_in_step(wave, ready, batching, wave.runs)
        if full:
            # Now that no other one is on the way: each anew, alone, with nothing else loaded.
            free_memory()
            self._run.progress.advance(-sum(run.weight for run in full))
            for run, failed in self._do_in_step(wave, ready, ALONE, [*full]).items():
                self._finish_run(wave, run, failed)

    def _do_in_step(
        self, wave: Wave, sampler: Sampler, batching: str, stages: Sequence[Sample]
    ) -> dict[Sample, Failed]:
        """Do some of a wave's runs; gives those that ran out of memory and are not finished."""
        full = {}
        size = batch_size(batching, sampler.model, stages[0])
        lockstep: Lockstep[Sample, Sampled | Failed]
        lockstep = Lockstep(sampler.model, size, self._run.account)
        jobs = ((stage, partial(self._runs.do_in_step, stage, sampler)) for stage in stages)
        with closing(lockstep.run(jobs)) as runs, self._run.stopwatch.measuring(stages[0]):
            for run in runs:
                sampled = self._sampled(run)
                if isinstance(sampled, Failed) and sampled.out_of_memory:
                    full[run.name] = sampled
                else:
                    self._finish_run(wave, run.name, sampled)
        return full

    def _finish_run(self, wave: Wave, run: Sample, sampled: Sampled | Failed | PausedRun) -> None:
        self._run.results.put(run, sampled)
        self._release(run)
        for stage in wave.after[run]:
            self._do(stage)

    def _sampled(self, run: PausedRun) -> Sampled | Failed | PausedRun:
        """What to keep of a run that has stopped: what it gives, or itself for the refiner."""
        self._run.account.seconds["sample"] += run.seconds
        if not run.has_ended:
            self._run.paused.append(run)
            return run
        sampled = run.result
        if isinstance(sampled, Failed):
            return sampled
        return replace(sampled, seconds=sampled.seconds + run.seconds)
