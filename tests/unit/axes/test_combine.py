"""Two axes made one: which points come out, what they are called, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periplus.axes import combine as combine_module
from periplus.axes.axis import Axis, Group, Point, SetField
from periplus.axes.axis_kinds import number_axis, prompt_sr_axis, sampler_scheduler_axis
from periplus.axes.combine import MODES, combine
from periplus.errors import PeriplusError
from periplus.recipe import Recipe
from periplus.sweep import expand

BASE = Recipe("a cat on a dog", "", 1, 20, 7.0, "euler", "normal")
STEPS = number_axis("steps", "10, 20")
CFG = number_axis("cfg", "3, 5")
THREE = number_axis("denoise", "0.5, 0.7, 1")


def names(field: str, *values: str) -> Axis:
    return Axis(field, tuple(Point(value, (SetField(field, value),)) for value in values))


def recipes(axis: Axis) -> list[Recipe]:
    return [cell.recipe for cell in expand(BASE, axis).cells]


# Join


def test_join_gives_the_points_of_a_and_then_those_of_b() -> None:
    axis = combine(number_axis("cfg", "5, 3"), number_axis("cfg", "4"), "join")
    assert (axis.name, axis.labels) == ("cfg", ("5", "3", "4"))
    assert [recipe.cfg for recipe in recipes(axis)] == [5, 3, 4]


def test_joined_axes_of_two_names_leave_the_other_field_as_the_base_has_it() -> None:
    axis = combine(STEPS, CFG, "join")
    assert axis.name == "steps + cfg"
    assert axis.labels == ("steps 10", "steps 20", "cfg 3", "cfg 5")
    assert recipes(axis) == [
        replace(BASE, steps=10),
        replace(BASE, steps=20),
        replace(BASE, cfg=3.0),
        replace(BASE, cfg=5.0),
    ]


@pytest.mark.parametrize("late", [False, True])
def test_joining_a_joined_axis_names_every_point_once(late: bool) -> None:
    more = number_axis("steps", "30")
    if late:
        axis = combine(more, combine(STEPS, CFG, "join"), "join")
        labels = ("steps 30", "steps 10", "steps 20", "cfg 3", "cfg 5")
    else:
        axis = combine(combine(STEPS, CFG, "join"), more, "join")
        labels = ("steps 10", "steps 20", "cfg 3", "cfg 5", "steps 30")
    assert (axis.name, axis.labels) == ("steps + cfg", labels)


def test_a_pair_may_be_joined_with_something_else() -> None:
    axis = combine(combine(STEPS, CFG, "zip"), number_axis("denoise", "0.5"), "join")
    assert axis.name == "steps / cfg + denoise"
    assert axis.labels == ("steps / cfg 10 / 3", "steps / cfg 20 / 5", "denoise 0.5")


# Zip


def test_zip_pairs_the_points_in_order() -> None:
    axis = combine(STEPS, CFG, "zip")
    assert (axis.name, axis.labels, axis.groups) == ("steps / cfg", ("10 / 3", "20 / 5"), ())
    assert recipes(axis) == [replace(BASE, steps=10, cfg=3.0), replace(BASE, steps=20, cfg=5.0)]


def test_a_single_point_goes_with_all_of_the_other_axis() -> None:
    single = number_axis("steps", "10")
    assert combine(single, THREE, "zip").labels == ("10 / 0.5", "10 / 0.7", "10 / 1")
    assert combine(THREE, single, "zip").labels == ("0.5 / 10", "0.7 / 10", "1 / 10")
    assert combine(single, number_axis("cfg", "4"), "zip").labels == ("10 / 4",)


def test_a_zip_of_a_zip_is_one_axis_that_sets_all_fields() -> None:
    samplers, schedulers = names("sampler_name", "heun", "lms"), names("scheduler", "a", "b")
    axis = combine(combine(samplers, schedulers, "zip"), STEPS, "zip")
    assert axis.labels == ("heun / a / 10", "lms / b / 20")
    assert axis.fields == {"sampler_name", "scheduler", "steps"}
    assert recipes(axis)[1] == replace(BASE, sampler_name="lms", scheduler="b", steps=20)


def test_axes_of_other_lengths_are_refused_with_both() -> None:
    with pytest.raises(PeriplusError, match=r"a \(steps\) has 2 and b \(denoise\) has 3: make"):
        combine(STEPS, THREE, "zip")
    with pytest.raises(PeriplusError, match="equally many"):
        combine(combine(STEPS, CFG, "cross"), THREE, "zip")


# Cross


def test_cross_gives_every_pair_with_a_outside() -> None:
    axis = combine(STEPS, THREE, "cross")
    assert axis.name == "steps / denoise"
    assert axis.labels == (
        *("10 / 0.5", "10 / 0.7", "10 / 1"),
        *("20 / 0.5", "20 / 0.7", "20 / 1"),
    )
    assert axis.groups == (Group("10", 3), Group("20", 3))
    assert [(r.steps, r.denoise) for r in recipes(axis)] == [
        *((10, 0.5), (10, 0.7), (10, 1)),
        *((20, 0.5), (20, 0.7), (20, 1)),
    ]


def test_a_cross_of_a_cross_has_groups_of_its_whole_outer_axis() -> None:
    axis = combine(combine(STEPS, CFG, "cross"), THREE, "cross")
    assert axis.groups == tuple(Group(pair, 3) for pair in ("10 / 3", "10 / 5", "20 / 3", "20 / 5"))
    assert len(axis.points) == 12


@given(st.integers(1, 5), st.integers(1, 5))
def test_the_groups_of_a_cross_hold_all_its_points(outer: int, inner: int) -> None:
    a, b = Axis("a", STEPS.points[:1] * outer), Axis("b", CFG.points[:1] * inner)
    axis = combine(a, b, "cross")
    assert sum(group.count for group in axis.groups) == len(axis.points) == outer * inner


# All modes


@pytest.mark.parametrize("mode", ["zip", "cross"])
def test_two_axes_that_set_one_field_are_refused_with_the_field(mode: str) -> None:
    pairs = combine(STEPS, CFG, "zip")
    with pytest.raises(PeriplusError, match=r"a \(steps / cfg\) and b \(cfg\) both set cfg, so b"):
        combine(pairs, CFG, mode)


@pytest.mark.parametrize("mode", ["zip", "cross"])
def test_search_and_replace_is_done_in_the_order_a_b(mode: str) -> None:
    to_dog, to_fox = prompt_sr_axis("cat, dog", "both"), prompt_sr_axis("dog, fox", "both")
    assert recipes(combine(to_dog, to_fox, mode))[-1].positive == "a fox on a fox"
    assert recipes(combine(to_fox, to_dog, mode))[-1].positive == "a dog on a fox"


@pytest.mark.parametrize("mode", MODES)
def test_the_notes_of_both_axes_are_kept_once_each(mode: str) -> None:
    pairs = sampler_scheduler_axis("UniPC, Euler", ["uni_pc", "euler"], ["normal"])
    axis = combine(STEPS, pairs, mode)
    assert axis.notes == pairs.notes
    assert combine(axis, THREE, "cross").notes == pairs.notes


def test_an_error_in_a_combined_point_names_axis_and_label() -> None:
    axis = combine(STEPS, prompt_sr_axis("bird", "both"), "zip")
    told = r"x_axis \(steps / prompt S/R\), value 1 '10 / bird': the search text 'bird'"
    with pytest.raises(PeriplusError, match=told):
        expand(BASE, axis)


def test_an_unknown_mode_is_refused_with_the_nearest() -> None:
    with pytest.raises(PeriplusError, match=r"mode 'crss' .* nearest: cross"):
        combine(STEPS, CFG, "crss")


@pytest.mark.parametrize(("mode", "count"), [("join", 5), ("cross", 6)])
def test_more_points_than_an_axis_may_have_are_refused(
    monkeypatch: pytest.MonkeyPatch, mode: str, count: int
) -> None:
    monkeypatch.setattr(combine_module, "MAX_VALUES", count - 1)
    with pytest.raises(PeriplusError, match=rf"make {count} values, more than the {count - 1}"):
        combine(STEPS, THREE, mode)
    monkeypatch.setattr(combine_module, "MAX_VALUES", count)
    assert len(combine(STEPS, THREE, mode).points) == count
