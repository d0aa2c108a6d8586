"""Strands: functions that pause where they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar

import pytest

from periplus.work.strands import Strand, StrandClosed

WHERE: ContextVar[str] = ContextVar("WHERE", default="nowhere")


def adding(count: int) -> Callable[[Callable[[int], int]], int]:
    """A function that asks so many questions and adds the answers."""

    def work(ask: Callable[[int], int]) -> int:
        return sum(ask(number) for number in range(count))

    return work


def test_a_strand_goes_on_with_the_answer() -> None:
    strand: Strand[int, int, int] = Strand(adding(2))
    strand.start()
    assert strand.question == 0
    strand.resume(10)
    assert strand.question == 1
    assert not strand.has_ended
    strand.resume(5)
    assert strand.has_ended
    assert strand.result == 15


def test_a_strand_may_end_without_a_question() -> None:
    strand: Strand[int, int, int] = Strand(adding(0))
    strand.start()
    assert strand.has_ended
    assert strand.result == 0


def test_only_one_of_many_strands_runs_at_a_time() -> None:
    running, most = 0, 0

    def work(ask: Callable[[int], int]) -> None:
        nonlocal running, most
        for number in range(20):
            running += 1
            most = max(most, running)
            running -= 1
            ask(number)

    strands = [Strand[int, int, None](work) for _ in range(8)]
    for strand in strands:
        strand.start()
    while any(not strand.has_ended for strand in strands):
        for strand in strands:
            if not strand.has_ended:
                strand.resume(0)
    assert most == 1


def test_what_the_function_raises_is_raised_by_its_result() -> None:
    def work(_ask: Callable[[int], int]) -> None:
        raise ValueError("no such thing")

    strand: Strand[int, int, None] = Strand(work)
    strand.start()
    assert strand.has_ended
    with pytest.raises(ValueError, match="no such thing"):
        _ = strand.result


def test_an_error_is_raised_where_the_strand_asks_and_may_be_handled_there() -> None:
    def work(ask: Callable[[str], str]) -> str:
        try:
            return ask("first")
        except KeyError:
            return ask("second")

    strand: Strand[str, str, str] = Strand(work)
    strand.start()
    strand.throw(KeyError())
    assert strand.question == "second"
    strand.resume("answer")
    assert strand.result == "answer"


def test_a_closed_strand_ends_its_thread_and_runs_its_finally() -> None:
    threads = threading.active_count()
    cleaned: list[bool] = []

    def work(ask: Callable[[int], int]) -> None:
        try:
            ask(1)
        finally:
            cleaned.append(True)

    strand: Strand[int, int, None] = Strand(work)
    strand.start()
    strand.close()
    assert cleaned == [True]
    assert strand.has_ended
    with pytest.raises(StrandClosed):
        _ = strand.result
    strand.close()  # a second time does nothing
    assert threading.active_count() == threads


def test_a_strand_that_has_not_started_can_be_closed() -> None:
    Strand[int, int, int](adding(1)).close()


def test_a_strand_sees_the_context_of_its_maker_and_keeps_its_own_changes() -> None:
    def work(ask: Callable[[str], str]) -> str:
        ask(WHERE.get())
        WHERE.set("on the strand")
        return WHERE.get()

    token = WHERE.set("at the maker's")
    strand: Strand[str, str, str] = Strand(work)
    WHERE.reset(token)
    strand.start()
    assert strand.question == "at the maker's"
    strand.resume("")
    assert strand.result == "on the strand"
    assert WHERE.get() == "nowhere"
