"""Handing a running sampler over to another model: the base to refiner switch inside one run.

The base's run is ComfyUI's own, on a strand. From its switch on, each call of its guider pauses
it, and the refiner's guider answers: sampler, sigmas, noise and memory of earlier steps stay.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from typing import Any

import torch

from ...work.strands import StrandClosed
from .sampler_run import SamplerRun, pause

_AFTER_CFG = "sampler_post_cfg_function"
_NO_SHORTCUT = "disable_cfg1_optimization"
"""Model options that samplers of the cfg_pp kind set for their calls."""


@dataclass(frozen=True)
class Handover:
    """A call of the guider that another model's is to answer."""

    x: torch.Tensor
    """The noisy latent, scaled for the model."""
    sigma: torch.Tensor
    """Noise level of each picture of the batch."""
    options: dict[str, Any]
    """Model options of the call."""
    own_options: dict[str, Any]
    """Model options of the base's model."""
    start: dict[str, Any]
    """The LATENT that the run started from: an inpainting model sees what is kept of it."""

    def ask(self, guider: Any, options: dict[str, Any], seed: int | None) -> torch.Tensor:
        """Let a guider answer.

        Args:
            guider: of a run on the other model.
            options: the model options of that run.
            seed: of that run.
        """
        own = self.own_options.get(_AFTER_CFG, [])
        added = [function for function in self.options.get(_AFTER_CFG, []) if function not in own]
        merged = {**options, _AFTER_CFG: [*options.get(_AFTER_CFG, []), *added]}
        if self.options.get(_NO_SHORTCUT) and not self.own_options.get(_NO_SHORTCUT):
            merged[_NO_SHORTCUT] = True
        return guider(self.x, self.sigma, model_options=merged, seed=seed)


class Switch(threading.local):
    """A PREDICT_NOISE wrapper: after so many calls, each one pauses the run.

    Runs that go in step each have a thread, and so a count, of their own.
    """

    def __init__(self) -> None:
        self._left: int | None = None
        self._start: dict[str, Any] = {}

    def begin(self, calls: int | None, start: dict[str, Any]) -> None:
        """Start a run.

        Args:
            calls: how many there are before each one pauses; None for a run that is not handed
                over.
            start: the LATENT that it starts from.
        """
        self._left, self._start = calls, start

    def __call__(
        self,
        executor: Any,
        x: torch.Tensor,
        sigma: torch.Tensor,
        model_options: dict[str, Any],
        seed: int | None,
    ) -> torch.Tensor:
        """Predict, or let another model predict."""
        if self._left is None:
            return executor(x, sigma, model_options, seed)
        if self._left > 0:
            self._left -= 1
            return executor(x, sigma, model_options, seed)
        guider = executor.class_obj
        try:
            return pause(Handover(x, sigma, model_options, guider.model_options, self._start))
        except StrandClosed:
            if guider.inner_model.current_patcher is not guider.model_patcher:
                guider.model_patcher = _apart(guider.model_patcher)
            raise


def _apart(patcher: Any) -> Any:
    """A clone of a MODEL to clean up after a run that was given up late.

    By then another prompt may sample on the model, which ComfyUI takes to be unused afterwards.
    """
    alone = patcher.clone()
    alone.model = copy.copy(alone.model)
    return alone


def serve(run: SamplerRun[Any, Any], model: Any, extra_args: dict[str, Any]) -> None:
    """Answer a paused run until it has ended.

    Args:
        run: the base's run.
        model: what a sampler of the other model's run is given to call.
        extra_args: likewise.
    """
    while not run.has_ended:
        handover: Handover = run.question
        guider = model.inner_model
        answer = handover.ask(guider, extra_args["model_options"], extra_args.get("seed"))
        run.go_on(answer)
