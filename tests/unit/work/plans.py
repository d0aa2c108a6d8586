"""Recipes and their plans, as the tests of stages and plans use them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from periplus.axes.axis import Axis
from periplus.recipe import HiresRecipe, Recipe, RefinerRecipe
from periplus.sweep import expand
from periplus.work.keys import used_inputs
from periplus.work.plan import Plan, make_plan
from periplus.work.recipe_stages import Links, decode_stage
from periplus.work.stages import Sample, Stage

BASE = Recipe("a cat", "blurry", 1, 20, 7.0, "euler", "normal", ckpt_name="base")
REFINED = replace(BASE, refiner=RefinerRecipe("refiner"))
HIRES = replace(BASE, width=512, height=320, hires=HiresRecipe("latent: bislerp", 1.5))
UNLINKED = Links()


def plan_of(recipes: Iterable[Recipe], links: Links = UNLINKED) -> Plan:
    """The plan of these recipes."""
    return make_plan(decode_stage(recipe, links) for recipe in recipes)


def inputs_of(recipes: Iterable[Recipe], links: Links = UNLINKED) -> set[str]:
    """What the work for these recipes is done with."""
    return used_inputs(decode_stage(recipe, links) for recipe in recipes)


def stages_of(plan: Plan) -> list[Stage]:
    """All stages, in the order they run."""
    return [stage for segment in plan.segments for stage in segment.stages]


def samples_of(plan: Plan) -> list[Sample]:
    """All sampler runs, in order."""
    return [stage for stage in stages_of(plan) if isinstance(stage, Sample)]


def kinds(stages: Iterable[Stage]) -> Counter[type]:
    """How many stages there are of each class."""
    return Counter(map(type, stages))


def loads(plan: Plan) -> list[str]:
    """The files that are loaded, in order."""
    return [segment.source for segment in plan.segments if segment.loads]


def recipes_of(
    base: Recipe, x: Axis | None = None, y: Axis | None = None, z: Axis | None = None
) -> list[Recipe]:
    """The recipes of all cells, x fastest."""
    return [cell.recipe for cell in expand(base, x, y, z).cells]
