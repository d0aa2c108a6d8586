"""Embed the narrow models in a Stable Diffusion 1.5 checkpoint of the usual layout.

ComfyUI recognises a checkpoint by its shapes, so everything gets its full width, filled with zeros
around what was trained.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from . import autoencoder, narrow
from .adapter import RANK
from .assets import Tensors
from .words import LENGTH, USED, WIDTH, token_vectors

Part = tuple[int, int]
"""Runs of used entries along an axis, and how long each run is with its zeros."""

CHANNELS: Part = (narrow.PER_GROUP, narrow.WIDE_PER_GROUP)
HEAD: Part = (narrow.WIDTH // narrow.HEADS, narrow.WIDE_HEAD)
FEED: Part = (narrow.INNER, 4 * narrow.WIDE)
TIME: Part = (narrow.TIME, 4 * narrow.WIDE)
TEXT: Part = (narrow.CONTEXT, WIDTH)
WHOLE: Part = (1, 1)

AXES: dict[str, tuple[Part, Part]] = {
    "time_embed.0.": (TIME, WHOLE),
    "time_embed.2.": (TIME, TIME),
    ".emb_layers.1.": (CHANNELS, TIME),
    ".attn2.to_k.": (HEAD, TEXT),
    ".attn2.to_v.": (HEAD, TEXT),
    ".to_q.": (HEAD, CHANNELS),
    ".to_k.": (HEAD, CHANNELS),
    ".to_v.": (HEAD, CHANNELS),
    ".to_out.0.": (CHANNELS, HEAD),
    ".ff.net.0.": (FEED, CHANNELS),
    ".ff.net.2.": (CHANNELS, FEED),
    "input_blocks.0.0.": (CHANNELS, WHOLE),
    "out.2.": (WHOLE, CHANNELS),
}
"""Outputs and inputs of the U-Net's layers, by a part of their names; all others: channels."""

LATENT_SCALE = 0.18215
"""What ComfyUI multiplies SD 1.5's latents with; the narrow models know only the product."""

SEPIA = torch.tensor([[0.393, 0.769, 0.189], [0.349, 0.686, 0.168], [0.272, 0.534, 0.131]])
"""How red, green and blue follow from the colours: the matrix of the CSS filter of that name."""

TEXT_LAYERS = 12
TEXT_FEED = 3072


def checkpoint(unet: Tensors, vae: Tensors) -> Tensors:
    """Return a whole checkpoint, in half precision, of the narrow models' weights."""
    parts = {
        "model.diffusion_model.": wide_unet(unet),
        "cond_stage_model.transformer.text_model.": text_encoder(),
        "first_stage_model.": wide_autoencoder(vae),
    }
    return halved(
        {
            prefix + name: tensor
            for prefix, tensors in parts.items()
            for name, tensor in tensors.items()
        }
    )


def halved(tensors: Tensors) -> Tensors:
    """Return tensors in half precision, except for single numbers."""
    return {
        name: tensor.half().contiguous() if tensor.dim() else tensor
        for name, tensor in tensors.items()
    }


def wide_unet(tensors: Tensors) -> Tensors:
    """Return the U-Net's weights at full width."""
    return {name: widen(tensor, axes(name)) for name, tensor in tensors.items()}


def axes(name: str) -> tuple[Part, Part]:
    """Return what the axes of a U-Net's tensor consist of."""
    for part, found in AXES.items():
        if part in f".{name}" if part.startswith(".") else name.startswith(part):
            return found
    return CHANNELS, CHANNELS


def widen(tensor: torch.Tensor, parts: tuple[Part, Part]) -> torch.Tensor:
    """Return a tensor with zeros after each run of its first axis and, if there is one, second."""
    for axis, (used, size) in enumerate(parts[: tensor.dim()]):
        runs = tensor.movedim(axis, -1).unflatten(-1, (-1, used))
        tensor = functional.pad(runs, (0, size - used)).flatten(-2).movedim(-1, axis)
    return tensor


def lora(changes: Tensors) -> Tensors:
    """Return a LoRA of a U-Net's changes, at full width and with the names that loaders know."""
    stored: Tensors = {}
    for name, tensor in changes.items():
        layer, _, part = name.rpartition(".lora_")
        outputs, inputs = axes(layer + ".")
        known = "lora_unet_" + layer.replace(".", "_")
        parts = (outputs, WHOLE) if part.startswith("up") else (WHOLE, inputs)
        stored[f"{known}.lora_{part}"] = widen(tensor, parts)
        stored[f"{known}.alpha"] = torch.tensor(float(RANK))
    return halved(stored)


def wide_autoencoder(tensors: Tensors) -> Tensors:
    """Return the autoencoder's weights at full width, the blocks it lacks all zero."""
    wide: Tensors = {
        "vae_scale": torch.tensor(LATENT_SCALE),
        "vae_shift": torch.tensor(0.0),
    }
    blocks = {"taesd_encoder": (1, 3, 4, 5, 7, 8, 9, 11, 12, 13)}
    blocks["taesd_decoder"] = (3, 4, 5, 8, 9, 10, 13, 14, 15, 18)
    for half, numbers in blocks.items():
        for number in numbers:
            for layer in (0, 2, 4):
                wide[f"{half}.{number}.conv.{layer}.weight"] = torch.zeros(64, 64, 3, 3)
                wide[f"{half}.{number}.conv.{layer}.bias"] = torch.zeros(64)
    features: Part = (autoencoder.WIDTH, 64)
    for name, tensor in tensors.items():
        outputs, inputs = (
            features if size == autoencoder.WIDTH else WHOLE for size in (*tensor.shape, 0)[:2]
        )
        wide[name] = widen(tensor, (outputs, inputs))
    return wide


def toned(vae: Tensors) -> Tensors:
    """Return an autoencoder whose decoder mixes its colours to the browns of old photographs."""
    last = "taesd_decoder.19."
    mixed = {
        last + part: torch.einsum("ij,j...->i...", SEPIA, vae[last + part])
        for part in ("weight", "bias")
    }
    return vae | mixed


def text_encoder() -> Tensors:
    """Return a CLIP-L text model that passes token vectors on to its last normalisation."""
    used = torch.zeros(WIDTH)
    used[:USED] = 1
    tensors = {
        "embeddings.token_embedding.weight": functional.pad(token_vectors(), (0, WIDTH - USED)),
        "embeddings.position_embedding.weight": torch.zeros(LENGTH, WIDTH),
        "final_layer_norm.weight": used,
        "final_layer_norm.bias": torch.zeros(WIDTH),
    }
    linear = {f"self_attn.{name}_proj": (WIDTH, WIDTH) for name in ("q", "k", "v", "out")}
    linear |= {"mlp.fc1": (TEXT_FEED, WIDTH), "mlp.fc2": (WIDTH, TEXT_FEED)}
    for number in range(TEXT_LAYERS):
        layer = f"encoder.layers.{number}."
        for name, (outputs, inputs) in linear.items():
            tensors[f"{layer}{name}.weight"] = torch.zeros(outputs, inputs)
            tensors[f"{layer}{name}.bias"] = torch.zeros(outputs)
        for name in ("layer_norm1", "layer_norm2"):
            tensors[f"{layer}{name}.weight"] = torch.ones(WIDTH)
            tensors[f"{layer}{name}.bias"] = torch.zeros(WIDTH)
    return tensors
