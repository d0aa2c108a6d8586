"""Results of stages, kept only as long as another stage of the plan still asks for them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .plan import Plan
from .stages import Stage, stages_before


class Results:
    """Latents and conditionings between the stage that makes them and the last that needs them.

    Args:
        plan: says how many stages need each result.
    """

    def __init__(self, plan: Plan) -> None:
        stages = (stage for segment in plan.segments for stage in segment.stages)
        self._uses = Counter(needed for stage in stages for needed in stages_before(stage))
        self._values: dict[Stage, Any] = {}

    def put(self, stage: Stage, value: Any) -> None:
        """Keep what a stage has made, if anybody will ask for it."""
        if self._uses[stage] > 0:
            self._values[stage] = value

    def get(self, stage: Stage) -> Any:
        """Give what a stage has made.

        Raises:
            KeyError: the stage has not run, or all that need it are done.
        """
        return self._values[stage]

    def release(self, stage: Stage) -> None:
        """Count a stage as done, whatever came of it; what no other one needs is forgotten."""
        # Not when it takes them: a stage that is tried again needs them again.
        for needed in stages_before(stage):
            self._uses[needed] -= 1
            if self._uses[needed] == 0:
                self._values.pop(needed, None)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)
