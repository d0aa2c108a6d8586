"""The pace of a machine: what was measured, kept in a file, and what follows from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from periplus.records.pace import MAX_ENTRIES, Guess, Pace, Spent, read_pace, write_pace
from periplus.work.effort import ALONE, DECODE, ENCODE, LOAD, Effort

CALL = Effort(ALONE, "model a", 512 * 512)
LARGE = Effort(ALONE, "model a", 1024 * 1024)


def test_what_was_measured_is_what_it_takes() -> None:
    pace = Pace({CALL: Spent(2.0, 20), Effort(ENCODE, "model a"): Spent(0.5, 2)})

    assert pace.guess({CALL: 100, Effort(ENCODE, "model a"): 4}) == Guess(11.0)


def test_another_size_is_guessed_in_proportion() -> None:
    pace = Pace({CALL: Spent(2.0, 20), Effort(ALONE, "model b", 1024 * 1024): Spent(9.0, 1)})

    assert pace.guess({LARGE: 10}) == Guess(4.0, is_rough=True)


def test_an_unknown_model_is_guessed_from_the_nearest_size_of_any() -> None:
    pace = Pace({Effort(ALONE, "model b", 512 * 512): Spent(1.0, 10), LARGE: Spent(9.0, 1)})

    assert pace.guess({Effort(ALONE, "model c", 512 * 640): 10}) == Guess(1.25, is_rough=True)


def test_what_is_not_known_at_all_makes_a_guess_rough_and_without_samplers_there_is_none() -> None:
    pace = Pace({CALL: Spent(2.0, 20)})

    assert pace.guess({CALL: 10, Effort(DECODE, "model a", 512 * 512): 1}) == Guess(1.0, True)
    assert Pace({Effort(LOAD, "model a", 1): Spent(1.0, 1)}).guess({CALL: 10}) is None
    assert Pace().guess({}) == Guess(0)
    assert Pace().guess({CALL: 0}) == Guess(0)


def test_of_what_is_equally_near_the_one_measured_last_counts() -> None:
    pace = Pace({Effort(ALONE, f"model {n}", 64): Spent(float(n), 1) for n in (1, 2, 3)})

    assert pace.guess({Effort(ALONE, "model 4", 64): 1}) == Guess(3.0, is_rough=True)


def test_without_what_is_needed_there_is_no_guess() -> None:
    once, repeated = Effort("node Load", "a"), Effort("node Paint", "a")
    pace = Pace({repeated: Spent(2.0, 1)})

    assert pace.guess({once: 1, repeated: 3}, {"node Paint"}) == Guess(6.0, is_rough=True)
    assert pace.guess({once: 1, repeated: 3}, {"node Paint", "node Load"}) is None


def test_newer_measurements_count_more() -> None:
    pace = Pace({CALL: Spent(10.0, 10)})

    for _ in range(8):
        pace.add({CALL: Spent(20.0, 10)})

    assert 1.99 < pace.spent[CALL].each < 2.0


def test_what_is_written_is_read_again_for_its_device_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pace.json"

    write_pace(path, "cpu", {CALL: Spent(2.0, 20)})
    write_pace(path, "gpu", {CALL: Spent(1.0, 20)})
    write_pace(path, "cpu", {LARGE: Spent(8.0, 20)})

    assert read_pace(path, "cpu").spent == {CALL: Spent(2.0, 20), LARGE: Spent(8.0, 20)}
    assert read_pace(path, "gpu").spent == {CALL: Spent(1.0, 20)}
    assert [file.name for file in path.parent.iterdir()] == ["pace.json"]


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    write_pace(path, "cpu", {CALL: Spent(2.0, 20)})
    many = {Effort(ALONE, str(number), 1): Spent(1.0, 1) for number in range(MAX_ENTRIES)}

    write_pace(path, "cpu", many)

    assert read_pace(path, "cpu").spent == many


def test_many_nodes_drive_out_older_nodes_alone(tmp_path: Path) -> None:
    path = tmp_path / "pace.json"
    write_pace(path, "cpu", {CALL: Spent(2.0, 20), Effort("node Paint", "old"): Spent(1.0, 1)})
    many = {Effort("node Paint", str(number)): Spent(1.0, 1) for number in range(MAX_ENTRIES)}

    write_pace(path, "cpu", many)

    assert read_pace(path, "cpu").spent == {CALL: Spent(2.0, 20), **many}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[",
        "[]",
        "3",
        "null",
        '{"efforts": 3}',
        '{"efforts": {"a": 1}}',
        '{"efforts": [3]}',
        json.dumps({"efforts": [{"device": "cpu", "kind": "load", "model": "a", "size": 0}]}),
        '{"efforts": [{"device": "cpu", "kind": "sample", "model": "a", "size": 1, "count": 0,'
        ' "seconds": 1}]}',
        '{"efforts": [{"device": "cpu", "kind": "sample", "model": "a", "size": 1, "count": 1,'
        ' "seconds": NaN}]}',
        '{"efforts": [{"device": "cpu", "kind": "sample", "model": "a", "size": 1e999,'
        ' "count": 1, "seconds": 1}]}',
    ],
)
def test_a_damaged_file_is_no_measurement_and_is_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pace.json"
    path.write_text(content)

    assert read_pace(path, "cpu").spent == {}
    write_pace(path, "cpu", {CALL: Spent(2.0, 20)})
    assert read_pace(path, "cpu").spent == {CALL: Spent(2.0, 20)}
