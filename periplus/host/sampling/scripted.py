"""Scripts in ComfyUI: one CONDITIONING that holds all texts, and the wrapper that picks from it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import reduce
from typing import Any

from node_helpers import conditioning_set_values

from ...prompts.script import Part, Script
from .. import compat

_CALLS = "periplus_calls"
"""The key, in an entry of a CONDITIONING, of the first call that it steers and the one after."""


def conditioning_of(script: Script, encoded: Mapping[str, Any]) -> Any:
    """Make the CONDITIONING of a script, for a run with a :class:`TurnTaking` on its model.

    Args:
        script: the script.
        encoded: a CONDITIONING for each of its texts.
    """
    return [
        entry
        for part in script.parts
        for entry in with_strength(_turns(part, encoded), part.weight)
    ]


def with_strength(conditioning: Any, strength: float) -> Any:
    """Do as ConditioningSetAreaStrength does; a strength of 1 is the same as none."""
    return conditioning_set_values(conditioning, {"strength": strength})


class TurnTaking(threading.local):
    """A PREDICT_NOISE wrapper: each call of the denoiser sees the entries whose turn it is.

    Runs that go in step each have a thread, and so a count, of their own.
    """

    def __init__(self) -> None:
        self._call = 0

    def begin(self, first_call: int) -> None:
        """Start a run.

        Args:
            first_call: how often the denoiser has been called for the picture before.
        """
        self._call = first_call

    def __call__(self, executor: Any, *args: Any, **kwargs: Any) -> Any:
        """Let the guider see the active entries while it predicts."""
        guider = executor.class_obj
        everything = guider.conds
        guider.conds = {
            name: [entry for entry in entries if self._is_active(entry)]
            for name, entries in everything.items()
        }
        predicted = executor(*args, **kwargs)
        guider.conds = everything
        self._call += 1
        return predicted

    def _is_active(self, entry: Mapping[str, Any]) -> bool:
        first, end = entry.get(_CALLS, (0, None))
        return first <= self._call and (end is None or self._call < end)


def _turns(part: Part, encoded: Mapping[str, Any]) -> list[Any]:
    return [
        entry
        for turn in part.turns
        for entry in conditioning_set_values(
            reduce(_joined, (encoded[chunk] for chunk in turn.chunks)),
            {_CALLS: (turn.first_call, turn.end_call)},
        )
    ]


def _joined(conditioning: Any, more: Any) -> Any:
    return compat.core_node("ConditioningConcat").concat(conditioning, more)[0]
