"""How many pictures share a pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from periplus.work.batch_size import AUTO_MAX, BATCHING, PASSES, BatchSize


def anything(_count: int) -> bool:
    return True


def measure(size: BatchSize, seconds: Callable[[int], float]) -> int:
    """Let an automatic size settle on a machine whose passes take so long; give it."""
    for _ in range(100):
        size.measured(size.limit, seconds(size.limit))
    assert not size.measures
    return size.limit


def test_the_choices_are_off_auto_and_2_to_64() -> None:
    assert BATCHING[:3] == ("off", "auto", "2")
    assert BATCHING[-1] == "64"
    assert len(BATCHING) == 65


@pytest.mark.parametrize("choice", ["2", "5", "64"])
def test_a_chosen_size_holds_whatever_passes_take(choice: str) -> None:
    size = BatchSize(choice, anything)
    assert size.limit == int(choice)
    size.measured(size.limit, 1e9)
    assert size.limit == int(choice)


def test_a_chosen_size_is_less_where_memory_is() -> None:
    assert BatchSize("16", lambda count: count <= 4).limit == 4
    assert BatchSize("16", lambda count: count <= 1).limit == 1


def test_auto_stays_at_one_where_a_pass_takes_as_long_as_its_pictures() -> None:
    assert measure(BatchSize("auto", anything), lambda count: 1.0 * count) == 1


def test_auto_grows_to_the_most_where_a_pass_takes_the_same_for_any_number() -> None:
    assert measure(BatchSize("auto", anything), lambda count: 1.0) == AUTO_MAX


def test_auto_stops_where_the_device_is_full() -> None:
    assert measure(BatchSize("auto", anything), lambda count: max(4.0, count)) == 4


def test_auto_stops_where_memory_is() -> None:
    assert measure(BatchSize("auto", lambda count: count <= 2), lambda count: 1.0) == 2


def test_the_first_pass_of_a_size_does_not_count() -> None:
    size = BatchSize("auto", anything)
    for _ in range(PASSES + 1):
        size.measured(1, 1.0)
    assert size.limit == 2
    size.measured(2, 100.0)  # chooses its kernels
    for _ in range(PASSES):
        size.measured(2, 1.0)
    assert size.limit == 4


def test_a_pass_that_is_not_full_does_not_count() -> None:
    size = BatchSize("auto", anything)
    for _ in range(PASSES + 1):
        size.measured(1, 1.0)
    for _ in range(10):
        size.measured(1, 0.0)
    assert size.limit == 2
    assert size.measures


def test_running_out_of_memory_halves_the_size_for_good() -> None:
    size = BatchSize("8", anything)
    assert size.failed(8)
    assert size.limit == 4
    assert size.failed(3)
    assert size.limit == 1
    assert not size.failed(1)
    assert size.limit == 1


def test_an_automatic_size_does_not_grow_again_after_running_out_of_memory() -> None:
    size = BatchSize("auto", anything)
    for _ in range(PASSES + 1):
        size.measured(1, 1.0)
    size.failed(2)
    assert measure(size, lambda count: 0.0) == 1
