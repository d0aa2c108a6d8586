"""Inputs of the nodes that add a pass to a sweep: its own settings, or those of the one before."""

from __future__ import annotations

from comfy_api.latest import io

from ..periplus.host.system.registries import sampler_names, scheduler_names

SAME = ""
"""Stands for the sampler or scheduler of the pass before."""


def own_prompts(whose: str, other: str) -> list[io.Input]:
    """The inputs for a pass's own prompts.

    Args:
        whose: the pass, as in "The refiner's".
        other: what an empty one means, as in "the base's".
    """
    return [
        io.String.Input(
            name,
            default="",
            multiline=True,
            optional=True,
            tooltip=f"{whose} own {name} prompt. Empty: {other}.",
        )
        for name in ("positive", "negative")
    ]


def own_sampling(whose: str, other: str) -> list[io.Input]:
    """The inputs for a pass's own sampler, scheduler and cfg; see :func:`own_prompts`."""
    choices = {
        "sampler_name": ("sampler", sampler_names()),
        "scheduler": ("scheduler", scheduler_names()),
    }
    return [
        *(
            io.Combo.Input(
                name,
                options=[SAME, *names],
                default=SAME,
                optional=True,
                tooltip=f"{whose} own {what}. Empty: {other}.",
            )
            for name, (what, names) in choices.items()
        ),
        io.Float.Input(
            "cfg",
            default=0.0,
            min=0.0,
            max=100.0,
            step=0.1,
            round=0.01,
            optional=True,
            tooltip=f"{whose} own CFG. 0: {other}.",
        ),
    ]
