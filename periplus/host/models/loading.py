"""Loading models and encoding texts, through ComfyUI's own nodes so that the results are theirs."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...work.stages import Encode
from .. import compat


class Models(NamedTuple):
    """A MODEL with its CLIP and VAE; None for one that is not there."""

    model: Any = None
    clip: Any = None
    vae: Any = None


NO_MODELS = Models()


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
