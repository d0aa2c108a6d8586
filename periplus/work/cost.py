"""What a plan costs, counted before it is run."""

from __future__ import annotations

from dataclasses import dataclass

from .calls import calls_of, shared_calls, steps_of
from .load_order import Place
from .plan import Plan


@dataclass(frozen=True)
class Cost:
    """The work of a plan."""

    model_loads: int
    """Checkpoints and VAE files, each once: what is needed again is kept while memory allows."""
    steps: int
    """Of all sampler runs."""
    evaluations: int
    """Calls of the denoiser by them."""
    shared: int
    """How many of the calls the memo will most likely answer."""


def cost_of(plan: Plan) -> Cost:
    """Count the work of a plan."""
    return Cost(
        model_loads=len(places_to_load(plan)),
        steps=sum(steps_of(run).count for run in plan.runs),
        evaluations=sum(map(calls_of, plan.runs)),
        shared=shared_calls(plan.runs),
    )


def places_to_load(plan: Plan) -> list[Place]:
    """What a plan loads, each once."""
    return list(dict.fromkeys(segment.place for segment in plan.segments if segment.loads))
