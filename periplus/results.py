"""Results of stages, kept only as long as another stage of the plan still asks for them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .plan import Plan
from .stages import Stage, stages_before


class Results:
    """Latents and conditionings between the stage that makes them and the last that takes them.

    Args:
        plan: says how many stages will take each result.
    """

    def __init__(self, plan: Plan) -> None:
        stages = (stage for segment in plan.segments for stage in segment.stages)
        self._uses = Counter(needed for stage in stages for needed in stages_before(stage))
        self._values: dict[Stage, Any] = {}

    def put(self, stage: Stage, value: Any) -> None:
        """Keep what a stage has made, if anybody will ask for it."""
        if self._uses[stage] > 0:
            self._values[stage] = value

    def take(self, stage: Stage) -> Any:
        """Give what a stage has made; after the last use it is forgotten.

        Raises:
            KeyError: the stage has not run, or all its uses are over.
        """
        value = self._values[stage]
        self._uses[stage] -= 1
        if self._uses[stage] == 0:
            del self._values[stage]
        return value

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
