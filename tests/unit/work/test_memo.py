"""The memo: an evaluation that several runs need is made once, and little is kept for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch

from periplus.axes.axis import Axis
from periplus.axes.axis_kinds import number_axis, seed_axis
from periplus.recipe import Recipe, RefinerRecipe
from periplus.sweep import expand
from periplus.work.memo import Memo, Shelf
from periplus.work.plan import Plan, make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import Sample

BASE = Recipe("a cat", "", 1, 10, 7.0, "euler", "normal")
REFINED = replace(BASE, refiner=RefinerRecipe("refiner"))
PREDICTION = [torch.arange(4.0), torch.arange(4.0)]
SIZE = 32
"""Bytes of the prediction."""


def plan_of(base: Recipe, x: Axis, y: Axis | None = None) -> Plan:
    return make_plan(decode_stage(cell.recipe, Links()) for cell in expand(base, x, y, None).cells)


def evaluated(runs: Sequence[Sample], memo: Memo, peaks: list[int]) -> list[tuple[Sample, int]]:
    """Which evaluations runs make, as a sampler would that asks once a step."""
    made = []
    full = memo.room.free
    for run in runs:
        shelves = memo.shelves(run)
        for step in range(run.weight):
            # At its first step a run knows nothing yet of cfg.
            key = f"{run.seed} {run.start} {step} {run.cfg if step else ''}".encode()
            shelf = next(shelves)
            if shelf is None or shelf.find(key) is None:
                made.append((run, step))
                if shelf:
                    shelf.keep(key, PREDICTION)
            peaks.append(full - memo.room.free)
        memo.release(run)
    return made


def bases(plan: Plan) -> list[Sample]:
    return [run for run in plan.runs if run.role == "base"]


def test_runs_that_differ_in_their_end_cost_the_longest() -> None:
    plan = plan_of(REFINED, number_axis("switch_at", "0.3-1 (+0.1)"))
    runs = bases(plan)
    assert sum(run.weight for run in runs) == 52
    assert len(evaluated(runs, Memo(runs), [])) == 10


def test_runs_of_different_cfg_share_their_start_alone() -> None:
    plan = plan_of(BASE, number_axis("cfg", "3, 5, 7"))
    memo = Memo(plan.runs)
    peaks: list[int] = []
    assert len(evaluated(plan.runs, memo, peaks)) == 3 * 10 - 2
    assert max(peaks) == SIZE


def test_a_run_alone_keeps_nothing() -> None:
    (run,) = bases(plan_of(BASE, number_axis("cfg", "7")))
    shelves = Memo([run]).shelves(run)
    assert [next(shelves), next(shelves)] == [None, None]


@pytest.mark.parametrize("transposed", [False, True])
def test_a_sweep_of_1024_cells_keeps_one_family_at_a_time(transposed: bool) -> None:
    base = replace(REFINED, steps=40)
    axes = [seed_axis("", 32, 1, "increment", 0), number_axis("switch_at", "0.2-0.975 (+0.025)")]
    plan = plan_of(base, *(reversed(axes) if transposed else axes))
    runs = bases(plan)
    assert len(runs) == 1024
    memo = Memo(runs)
    free = memo.room.free
    peaks: list[int] = []

    made = evaluated(runs, memo, peaks)

    assert len(made) == 32 * 39
    assert max(peaks) <= 39 * SIZE
    assert memo.room.free == free


def test_a_full_memo_shares_the_beginning() -> None:
    plan = plan_of(REFINED, number_axis("switch_at", "0.5, 0.7, 0.9"))
    runs = bases(plan)
    peaks: list[int] = []

    made = evaluated(runs, Memo(runs, limit=3 * SIZE + 1), peaks)

    assert len(made) == 3 + 2 + 4 + 6
    assert max(peaks) == 3 * SIZE


def test_whoever_changes_a_prediction_changes_his_own() -> None:
    plan = plan_of(BASE, number_axis("cfg", "3, 5"))
    shelf = next(Memo(plan.runs).shelves(plan.runs[0]))
    assert isinstance(shelf, Shelf)
    mine = [torch.ones(2)]
    shelf.keep(b"key", mine)
    mine[0].zero_()

    for _ in range(2):
        found = shelf.find(b"key")
        assert found is not None
        assert found[0].tolist() == [1.0, 1.0]
        found[0].zero_()


def test_the_last_run_keeps_nothing_for_others() -> None:
    one, other = plan_of(BASE, number_axis("cfg", "3, 5")).runs
    memo = Memo([one, other])
    free = memo.room.free
    memo.release(one)
    shelf = next(memo.shelves(other))
    assert isinstance(shelf, Shelf)
    shelf.keep(b"key", PREDICTION)
    assert memo.room.free == free
