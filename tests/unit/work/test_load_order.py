"""The order of loads: as few as any order needs, wherever the axes of models lie."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from itertools import chain, combinations, count, permutations, product

import pytest

from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe
from periplus.work import load_order
from periplus.work.load_order import SEARCHABLE, Place, Work, visits
from periplus.work.plan import make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import LINKED, Decode, Encode, Enlarge, Sample, Stage, stages_before

BASE = Recipe("a cat", "", 1, 4, 7.0, "euler", "normal", ckpt_name="a")
NO_LORA, LORA = (), (LoraRecipe("whale"),)


def some_of(names: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, n + 1) for n in range(len(names)))


def place_of(stage: Stage) -> Place:
    if isinstance(stage, Enlarge) and not stage.decodes:
        return place_of(stage.latent)
    return Place(stage.source, getattr(stage, "vae_file", False))


def fewest_loads(decodes: Iterable[Decode]) -> int:
    """Try every order of places; at each, all is done that can be."""
    numbers: dict[Stage, int] = {}

    def add(stage: Stage) -> None:
        for needed in stages_before(stage):
            add(needed)
        numbers.setdefault(stage, len(numbers))

    for decode in decodes:
        add(decode)
    needs = [{numbers[needed] for needed in stages_before(stage)} for stage in numbers]
    models = {number for stage, number in numbers.items() if isinstance(stage, (Encode, Sample))}
    at: dict[Place, list[int]] = {}
    for stage, number in numbers.items():
        at.setdefault(place_of(stage), []).append(number)
    tie = count()
    waiting = [(0, next(tie), frozenset[int]())]
    seen = set()
    while True:
        cost, _, done = heappop(waiting)
        if len(done) == len(numbers):
            return cost
        if done in seen:
            continue
        seen.add(done)
        for here in at.values():
            after = set(done)
            for number in here:
                if needs[number] <= after:
                    after.add(number)
            new = after - done
            loads = bool(new & models) or done.isdisjoint(here)
            heappush(waiting, (cost + loads, next(tie), frozenset(after))) if new else None


@pytest.mark.parametrize("bases", list(some_of("abc")))
@pytest.mark.parametrize("refiners", [("",), *some_of("abr"), ("", "a"), ("r", "b", "")])
@pytest.mark.parametrize("vae", ["", "v"])
def test_two_axes_of_checkpoints_take_the_fewest_loads(
    bases: tuple[str, ...], refiners: tuple[str, ...], vae: str
) -> None:
    recipes = [
        replace(
            BASE, ckpt_name=base, refiner=RefinerRecipe(name, 0.5) if name else None, vae_name=vae
        )
        for name in refiners
        for base in bases
    ]
    decodes = [decode_stage(recipe, Links()) for recipe in recipes]
    fewest = fewest_loads(decodes)
    for order in (decodes, decodes[::-1]):
        assert sum(segment.loads for segment in make_plan(order).segments) == fewest


@pytest.mark.parametrize("seed", range(80))
def test_second_passes_on_top_take_the_fewest_loads_too(seed: int) -> None:
    chance = random.Random(seed)

    def recipe() -> Recipe:
        return replace(
            BASE,
            ckpt_name=chance.choice("abc"),
            refiner=chance.choice([None, RefinerRecipe(chance.choice("abcr"), 0.5)]),
            hires=chance.choice([None, HiresRecipe("pixels: lanczos", 2.0, 0, 0.5)]),
            vae_name=chance.choice(["", "v"]),
        )

    decodes = [decode_stage(recipe(), Links()) for _ in range(chance.randrange(2, 7))]
    segments = make_plan(decodes).segments
    assert sum(segment.loads for segment in segments) == fewest_loads(decodes)


def test_where_too_many_orders_are_possible_the_quick_rule_decides() -> None:
    files = [Place(f"model {number}") for number in range(40)]
    works = [Work(file, 0, True, frozenset()) for file in files]
    works += [Work(file, 1, True, frozenset({39 - at})) for at, file in enumerate(files)]
    loads = [works[min(visit)].place for visit in visits(works)]
    assert sorted(set(loads)) == sorted(files)
    assert len(loads) <= 80


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_checkpoints_vaes_loras_and_a_refiner_are_loaded_once(order: tuple[int, ...]) -> None:
    fields = (
        [("ckpt_name", "a"), ("ckpt_name", "b")],
        [("vae_name", ""), ("vae_name", "v"), ("vae_name", "w")],
        [("loras", NO_LORA), ("loras", LORA)],
        [("refiner", None), ("refiner", RefinerRecipe("r", 0.5))],
    )
    points = product(*(fields[index] for index in order))
    recipes = [replace(BASE, **dict(point)) for point in points]
    plan = make_plan(decode_stage(recipe, Links()) for recipe in recipes)
    loaded = [segment.source for segment in plan.segments if segment.loads]
    assert sorted(loaded) == ["a", "b", "r", "v", "w"]


def test_a_refiner_that_is_also_a_base_waits_for_the_other_bases() -> None:
    recipes = [replace(BASE, ckpt_name=name, refiner=RefinerRecipe("a", 0.5)) for name in "abc"]
    plan = make_plan(decode_stage(recipe, Links()) for recipe in recipes)
    assert [segment.source for segment in plan.segments if segment.loads] == ["b", "c", "a"]


def test_works_on_linked_models_never_wait_for_a_load() -> None:
    linked, file = Place(LINKED), Place("a")
    works = [
        Work(file, 0, True, frozenset()),
        Work(linked, 1, False, frozenset()),
        Work(linked, 1, False, frozenset({0})),
    ]
    assert list(visits(works)) == [{0}, {1, 2}]


def test_no_order_is_searched_among_so_many_works_that_it_would_take_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[int] = []

    def search(works: Sequence[Work]) -> None:
        searched.append(len(works))

    monkeypatch.setattr(load_order, "_search", search)

    def refined(checkpoints: int) -> list[Work]:
        """Each checkpoint refines the pictures of the next, so that one is loaded twice."""
        bases = [Work(Place(f"{n}"), 0, True, frozenset()) for n in range(checkpoints)]
        return bases + [
            Work(Place(f"{n}"), 1, True, frozenset({(n + 1) % checkpoints}))
            for n in range(checkpoints)
        ]

    few, many = refined(SEARCHABLE // 2), refined(SEARCHABLE // 2 + 1)
    assert sorted(chain(*visits(few))) == list(range(len(few)))
    assert sorted(chain(*visits(many))) == list(range(len(many)))
    assert searched == [len(few)]
