"""Loading models and encoding texts, as ComfyUI's own nodes do it."""

from __future__ import annotations

from typing import Any, NamedTuple

import comfy.sd
import folder_paths

from ...work.parts import Parts
from ...work.stages import Encode
from .. import compat


class Models(NamedTuple):
    """A MODEL with its CLIP and VAE; None for one that is not there."""

    model: Any = None
    clip: Any = None
    vae: Any = None


NO_MODELS = Models()


def load_checkpoint(name: str, parts: Parts) -> Models:
    """Load parts of a checkpoint as CheckpointLoaderSimple, which knows no parts, loads all.

    Raises:
        Exception: whatever ComfyUI raises for a file that it cannot read.
    """
    loaded = comfy.sd.load_checkpoint_guess_config(
        folder_paths.get_full_path_or_raise("checkpoints", name),
        output_vae=parts.vae,
        output_clip=parts.clip,
        output_model=parts.model,
        embedding_directory=folder_paths.get_folder_paths("embeddings"),
    )
    return Models(*loaded[:3])


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
