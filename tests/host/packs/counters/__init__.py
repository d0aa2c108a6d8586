"""A node pack for the tests only: counts, inside the server, what the sweep's account claims.

It wraps ComfyUI's own functions, which a real pack never should, and so sees everything that any
node makes them do. ``/counters`` answers the counts, ``/counters/conditionings`` what steered each
evaluation; ``/counters/reset`` sets both back to nothing.
"""

from __future__ import annotations

import gc
import hashlib
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import comfy.samplers
import comfy.sd
import comfy.utils
from aiohttp import web
from server import PromptServer

NODE_CLASS_MAPPINGS: dict[str, Any] = {}

counts: Counter[str] = Counter()
conditionings: list[list[list[str]]] = []
"""By evaluation, for the positive and for the negative: digests of the texts as encoded."""
_nested = threading.local()


def _always(*_args: Any, **_kwargs: Any) -> bool:
    return True


def _count(owner: Any, function: str, name: str, when: Callable[..., bool] = _always) -> None:
    original: Callable[..., Any] = getattr(owner, function)

    def counting(*args: Any, **kwargs: Any) -> Any:
        # A counted function that calls itself, or an older form of itself, counts once.
        inside = getattr(_nested, name, 0)
        counts[name] += not inside and when(*args, **kwargs)
        setattr(_nested, name, inside + 1)
        try:
            return original(*args, **kwargs)
        finally:
            setattr(_nested, name, inside)

    setattr(owner, function, counting)


def _record_conditionings() -> None:
    original = comfy.samplers.calc_cond_batch

    def recording(model: Any, conds: Any, *args: Any, **kwargs: Any) -> Any:
        conditionings.append([[_digest(entry) for entry in entries or []] for entries in conds])
        return original(model, conds, *args, **kwargs)

    comfy.samplers.calc_cond_batch = recording


def _digest(entry: dict[str, Any]) -> str:
    text = (
        entry["cross_attn"] if "cross_attn" in entry else entry["model_conds"]["c_crossattn"].cond
    )
    return hashlib.sha256(text.cpu().numpy().tobytes()).hexdigest()


def _is_lora(path: str, *_args: Any, **_kwargs: Any) -> bool:
    return "loras" in Path(path).parts


def _is_loaded(_clip: Any, *_args: Any, no_init: bool = False, **_kwargs: Any) -> bool:
    return not no_init  # which makes a clone


def _reads_ahead(thread: threading.Thread) -> bool:
    return thread.name == "periplus reads ahead"


_record_conditionings()
_count(comfy.sd, "load_checkpoint_guess_config", "model_loads")
_count(comfy.sd.VAE, "__init__", "model_loads")  # one from a file; a checkpoint's counts with it
_count(comfy.sd.VAE, "__init__", "vaes_loaded")
_count(comfy.sd.CLIP, "__init__", "clips_loaded", _is_loaded)
_count(comfy.sd.CLIP, "encode_from_tokens_scheduled", "text_encodes")
_count(comfy.sd.VAE, "decode", "vae_decodes")
_count(comfy.sd.VAE, "encode", "vae_encodes")
_count(comfy.sd, "load_lora_for_models", "lora_patches")
_count(comfy.utils, "load_torch_file", "lora_reads", _is_lora)
_count(comfy.samplers, "_calc_cond_batch", "denoiser_evaluations")

_count(threading.Thread, "start", "reads_ahead", _reads_ahead)
# To look through all that has been imported takes a fifth of a second, and each load asks for it.
gc.freeze()

routes = PromptServer.instance.routes


@routes.get("/counters")
async def answer_counts(_request: web.Request) -> web.Response:
    return web.json_response(dict(counts))


@routes.get("/counters/conditionings")
async def answer_conditionings(_request: web.Request) -> web.Response:
    return web.json_response(conditionings)


@routes.post("/counters/reset")
async def reset_counts(_request: web.Request) -> web.Response:
    counts.clear()
    conditionings.clear()
    return web.json_response({})
