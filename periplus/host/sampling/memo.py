"""Asking the memo before the denoiser: the wrapper, and what names a call of the denoiser."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import comfy.conds
import torch

from ...records.manifest import Account
from ...work.memo import Memo, Prediction
from ...work.stages import Sample
from .sampler_run import pause
from .stacking import Question

log = logging.getLogger("periplus")

OURS = "periplus"
"""What our own wrappers are added under."""

_AROUND_THE_DENOISER = frozenset(
    {
        "sampler_calc_cond_batch_function",
        "sampler_pre_cfg_function",
        "sampler_cfg_function",
        "sampler_post_cfg_function",
        "disable_cfg1_optimization",
        "denoise_mask_function",
        "to_load_options",
    }
)
"""Model options that change what the denoiser is asked or what becomes of its answer, or repeat
others: not the answer."""


class _UnknownError(Exception):
    """Something steers the denoiser of which we do not know what determines it."""


class PassCounter:
    """A CALC_COND_BATCH wrapper that counts the calls of the model."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def __call__(self, executor: Any, *args: Any, **kwargs: Any) -> Any:
        """Count and go on."""
        self._account.denoiser_passes += 1
        return executor(*args, **kwargs)


class Recall(threading.local):
    """Asks the memo before the denoiser, and counts.

    Runs that go in step each have a thread, and so a place in their run, of their own.

    Args:
        memo: what is known.
        account: counts what is computed and what is not.
        remembers: whether to ask the memo at all, see :func:`is_stateless`.
    """

    def __init__(self, memo: Memo, account: Account, *, remembers: bool) -> None:
        # Runs anew on each thread, with the same arguments.
        self._memo = memo
        self._account = account
        self._remembers = remembers

    def begin(self, run: Sample) -> None:
        """Start a run."""
        self._shelves = self._memo.shelves(run)
        self._names = CallNames()

    def alone(
        self, executor: Any, model: Any, conds: Any, x: Any, timestep: Any, model_options: Any
    ) -> Prediction:
        """Wrap a call of the denoiser (CALC_COND_BATCH)."""

        def predict(_name: bytes | None) -> Prediction:
            self._account.denoiser_evaluations += 1
            self._account.denoiser_passes += 1
            return executor(model, conds, x, timestep, model_options)

        return self._recalled(predict, conds, x, timestep, model_options)

    def in_step(self, args: dict[str, Any]) -> Prediction:
        """Stand in for a call of the denoiser (``sampler_calc_cond_batch_function``): pause."""
        asked = args["conds"], args["input"], args["sigma"], args["model_options"]

        def predict(name: bytes | None) -> Prediction:
            return pause(Question(args["model"], *asked, name))

        return self._recalled(predict, *asked)

    def _recalled(
        self,
        predict: Callable[[bytes | None], Prediction],
        conds: Any,
        x: Any,
        timestep: Any,
        model_options: Any,
    ) -> Prediction:
        """Give what the memo has, or let the denoiser predict and keep it."""
        shelf = next(self._shelves) if self._remembers else None
        name = self._names.of(conds, x, timestep, model_options) if shelf else None
        found = shelf.find(name) if shelf and name else None
        if found is not None:
            self._account.evaluations_shared += 1
            return [tensor.to(x.device) for tensor in found]
        predicted = predict(name)
        if shelf and name:
            shelf.keep(name, predicted)
        return predicted


class CallNames:
    """Names the denoiser's calls in one sampler run, on one model, by all that determines them."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, bytes]] = {}

    def of(self, conds: Any, x: Any, timestep: Any, model_options: Any) -> bytes | None:
        """Name a call.

        Args:
            conds: the conditionings as ComfyUI has prepared them for the run; None for one that is
                left out.
            x: the noisy latents.
            timestep: their sigmas.
            model_options: the options of the model in this run.

        Returns:
            A digest; equal for calls with an equal answer. None for a call that must be made: its
            answer may depend on what was asked before.
        """
        try:
            _check_options(model_options)
            sha = blake2b(digest_size=32)
            for part in (timestep, x):
                _feed(sha, part)
            for entries in conds:
                _feed(sha, entries and [self._entry(entry) for entry in entries])
            return sha.digest()
        except _UnknownError as unknown:
            log.debug("no memo of the denoiser's evaluations: the model has %s", unknown)
            return None

    def _entry(self, entry: Mapping[str, Any]) -> bytes:
        # They stay the same objects throughout a run, and are large.
        if id(entry) not in self._entries:
            sha = blake2b(digest_size=32)
            _feed(sha, {name: value for name, value in entry.items() if name != "uuid"})
            self._entries[id(entry)] = entry, sha.digest()
        return self._entries[id(entry)][1]


def is_stateless(model: Any) -> bool:
    """Whether nothing but its weights and what it is asked determines what a MODEL predicts.

    What we do not know may remember, draw random numbers or look at the whole schedule.
    """
    net = model.model.diffusion_model
    reasons = {
        "a network of another pack": not type(net).__module__.startswith("comfy."),
        "a network that knows the schedule": getattr(net, "time_r_in", None) is not None,
        "object patches": model.object_patches.keys() - {"model_sampling"},
        "injections": model.injections,
        "callbacks": model.callbacks,
        "additional models": model.additional_models,
    }
    found = [reason for reason, holds in reasons.items() if holds]
    if found:
        log.debug("the denoiser's evaluations are not shared: the model has %s", ", ".join(found))
    return not found


def _check_options(model_options: Mapping[str, Any]) -> None:
    to = model_options.get("transformer_options", {})
    wrappers = to.get("wrappers", {})
    foreign = [
        *_names(model_options, {"transformer_options", *_AROUND_THE_DENOISER}),
        *_names(to, {"sample_sigmas", "wrappers"}),
        *(f"{kind} wrapper {name}" for kind in wrappers for name in _names(wrappers[kind], {OURS})),
    ]
    if foreign:
        raise _UnknownError(", ".join(foreign))


def _names(options: Mapping[Any, Any], known: set[str]) -> list[str]:
    """Names of the options that are set and not known."""
    return [str(name) for name in options if name not in known and not _is_empty(options[name])]


def _is_empty(option: Any) -> bool:
    return option is None or (isinstance(option, (dict, list)) and not option)


def _feed(sha: Any, value: Any) -> None:
    """Add a value with its type and length, so that no two values read the same."""
    kind = type(value).__name__
    if isinstance(value, torch.Tensor):
        flat = value.detach().cpu().flatten()
        # A copy, since of a repeated number there is one in memory, which has no view as bytes.
        content = flat.clone(memory_format=torch.contiguous_format).view(torch.uint8).numpy()
        sha.update(f"{kind} {value.dtype} {tuple(value.shape)};".encode())
        sha.update(content)
    elif isinstance(value, (list, tuple)):
        sha.update(f"{kind} {len(value)};".encode())
        for item in value:
            _feed(sha, item)
    elif isinstance(value, dict):
        sha.update(f"{kind};".encode())
        _feed(sha, list(value.items()))
    elif value is None or isinstance(value, (bool, int, float, str, bytes)):
        sha.update(f"{kind} {value!r};".encode("utf-8", "surrogatepass"))
    elif type(value).__module__ == comfy.conds.__name__:
        sha.update(f"{kind};".encode())
        _feed(sha, vars(value))
    else:
        raise _UnknownError(f"a {kind} in a conditioning")
