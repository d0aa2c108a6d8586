"""A node pack for the tests only: models that run out of memory, give NaN, or nothing but black.

Its node gives a text as the CLIP of another kind of model encodes it.

``/failing`` takes what fails from now on: ``what`` (``model``: calls of a denoiser; ``sampler``:
samplers; ``vae``: decodes; ``room``: estimates of a denoiser's memory), ``how`` (``memory``,
``error``, ``nan``, ``black``), ``first`` and ``count``: which calls, counted from 1. Without
``what``, nothing does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import comfy.model_base
import comfy.samplers
import comfy.sd
import torch
from aiohttp import web
from server import PromptServer


@dataclass
class Fault:
    what: str = ""
    how: str = ""
    first: int = 1
    count: int = 1
    calls: int = 0

    def strikes(self, what: str) -> bool:
        """Count a call; whether it is to fail."""
        self.calls += what == self.what
        return what == self.what and self.first <= self.calls < self.first + self.count


faults = [Fault()]


def _failing(owner: Any, function: str, what: str) -> None:
    original: Callable[..., Any] = getattr(owner, function)

    def failing(*args: Any, **kwargs: Any) -> Any:
        (fault,) = faults
        if not fault.strikes(what):
            return original(*args, **kwargs)
        if fault.how == "memory":
            raise torch.cuda.OutOfMemoryError("the device is full")
        if fault.how == "error":
            raise ValueError("the sampler has capsized")
        fill = float("nan") if fault.how == "nan" else 0.0
        return torch.full_like(original(*args, **kwargs), fill)

    setattr(owner, function, failing)


_failing(comfy.model_base.BaseModel, "apply_model", "model")
_failing(comfy.model_base.BaseModel, "memory_required", "room")
_failing(comfy.samplers.KSAMPLER, "sample", "sampler")
_failing(comfy.sd.VAE, "decode", "vae")


class WideText:
    RETURN_TYPES = ("CONDITIONING",)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {}}

    def give(self) -> tuple[Any]:
        return ([[torch.zeros(1, 77, 2048), {}]],)


NODE_CLASS_MAPPINGS = {"WideText": WideText}


@PromptServer.instance.routes.post("/failing")
async def set_fault(request: web.Request) -> web.Response:
    faults[:] = [Fault(**await request.json())]
    return web.json_response({})
