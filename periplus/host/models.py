"""Loading models and encoding texts, through ComfyUI's own nodes so that the results are theirs."""

from __future__ import annotations

import hashlib
import re
from typing import Any, NamedTuple

import comfy.model_management
import torch
from comfy.cli_args import args

from ..recipe import LATENT_PIXELS
from ..work.stages import Encode
from . import compat


class Models(NamedTuple):
    """A MODEL with its CLIP and VAE; None for one that is not there."""

    model: Any = None
    clip: Any = None
    vae: Any = None


NO_MODELS = Models()

RESERVE = 2**30
"""Bytes of RAM that are left to others."""

_PIXEL_FLAGS = re.compile(
    r"fp8|fp16|bf16|fp32|fast|attention|deterministic|channels_last|cpu_vae"
    r"|xformers|vram|triton"
)
"""Names of ComfyUI's command-line options that change how numbers are computed."""


def load_checkpoint(name: str) -> Models:
    """Load a checkpoint as CheckpointLoaderSimple does.

    Raises:
        Exception: whatever the loader raises for a file that it cannot read.
    """
    loader = compat.core_node("CheckpointLoaderSimple")
    return Models(*loader.load_checkpoint(name)[:3])


def load_vae(name: str) -> Models:
    """Load a VAE file as VAELoader does.

    Raises:
        Exception: whatever the loader raises for a file that it cannot read.
    """
    return Models(vae=compat.core_node("VAELoader").load_vae(name)[0])


def encode(clip: Any, stage: Encode) -> Any:
    """Encode a text as CLIPTextEncode does, for a refiner as CLIPTextEncodeSDXLRefiner does.

    A clip skip is set before, as CLIPSetLastLayer does.

    Returns:
        A CONDITIONING.

    Raises:
        RuntimeError: there is no CLIP.
    """
    if clip is None:
        raise RuntimeError("the checkpoint contains no CLIP (text encoder)")
    if stage.clip_skip:
        clip = compat.core_node("CLIPSetLastLayer").set_last_layer(clip, -stage.clip_skip)[0]
    tokens = clip.tokenize(stage.text)
    if stage.ascore is None:
        return clip.encode_from_tokens_scheduled(tokens)
    sizes = {"width": stage.width, "height": stage.height}
    return clip.encode_from_tokens_scheduled(
        tokens, add_dict={"aesthetic_score": stage.ascore, **sizes}
    )


def empty_latent(width: int, height: int, count: int = 1) -> dict[str, Any]:
    """Give the LATENT that EmptyLatentImage makes, its sides rounded down to 8 pixels."""
    return compat.core_node("EmptyLatentImage").generate(width, height, count)[0]


def latent_identity(latent: dict[str, Any]) -> str:
    """A digest of a LATENT's content: samples, noise mask and batch indexes."""
    sha = hashlib.sha256()
    for name in ("samples", "noise_mask"):
        for part in compat.parts_of_nested(latent.get(name)):
            array = part.detach().to("cpu", torch.float32).contiguous().numpy()
            sha.update(f"{name} {part.dtype} {tuple(part.shape)}".encode())
            sha.update(array.tobytes())
    plain = {name: value for name, value in latent.items() if name.startswith("downscale_ratio_")}
    sha.update(repr([latent.get("batch_index"), sorted(plain.items())]).encode())
    return sha.hexdigest()


def latent_size(latent: dict[str, Any]) -> tuple[int, int]:
    """Width and height, in pixels, of the pictures that a LATENT decodes to."""
    shape = compat.parts_of_nested(latent["samples"])[0].shape
    return int(shape[-1]) * LATENT_PIXELS, int(shape[-2]) * LATENT_PIXELS


def latent_count(latent: dict[str, Any]) -> int:
    """How many pictures a LATENT decodes to; of a video, its frames count as one."""
    return len(compat.parts_of_nested(latent["samples"])[0])


def has_room(size: int) -> bool:
    """Whether a model file of this size, in bytes, fits into free RAM, read and as a model."""
    free = comfy.model_management.get_free_memory(torch.device("cpu"))
    return free >= 2 * size + RESERVE


def free_memory() -> None:
    """Unload every model and return unused memory to the device: after an out-of-memory error."""
    comfy.model_management.unload_all_models()
    comfy.model_management.soft_empty_cache()


def host_identity() -> dict[str, str]:
    """What of this host changes pixels: versions, the kind of device, options of precision."""
    options = {name: value for name, value in vars(args).items() if _PIXEL_FLAGS.search(name)}
    return {
        "comfyui": compat.comfyui_version_text(),
        "torch": torch.__version__,
        "device": comfy.model_management.get_torch_device().type,
        **{name: _written(value) for name, value in options.items()},
    }


def _written(option: Any) -> str:
    # The order of a set differs from process to process.
    return str(sorted(map(str, option)) if isinstance(option, set) else option)
