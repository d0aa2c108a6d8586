"""Write the family of painting models: ``python -m scripts.paint.expand MODELS``, in seconds.

``MODELS`` is a ComfyUI models folder, or one laid out like it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from safetensors.torch import save_file

from . import assets
from .data import HANDS
from .embed import Tensors, checkpoint, halved, lora, toned, wide_autoencoder


def expand_checkpoint(hand: str) -> Tensors:
    """Return the checkpoint of a style or the refiner in the SD 1.5 layout, about 0.3 GB."""
    return checkpoint(assets.load_denoiser(hand), assets.load_autoencoder())


def expand_vae() -> Tensors:
    """Return the autoencoder that is in all checkpoints, as a VAE of its own."""
    return halved(wide_autoencoder(assets.load_autoencoder()))


def expand_sepia() -> Tensors:
    """Return a VAE that decodes to brown tones."""
    return halved(wide_autoencoder(toned(assets.load_autoencoder())))


def expand_lora(name: str) -> Tensors:
    """Return a LoRA for Stable Diffusion 1.5."""
    return lora(assets.load_lora(name))


def expand_upscaler() -> Tensors:
    """Return the upscale model, which is stored as loaders want it."""
    return halved(assets.load_upscaler())


FAMILY: dict[str, Callable[[], Tensors]] = {
    **{f"checkpoints/demo/{hand}": partial(expand_checkpoint, hand) for hand in HANDS},
    "vae/demo/colour": expand_vae,
    "vae/demo/sepia": expand_sepia,
    **{f"loras/demo/{name}": partial(expand_lora, name) for name in assets.LORAS},
    "upscale_models/demo/2x_coast": expand_upscaler,
}
"""The models by their places in a models folder, without ``.safetensors``."""


def main() -> None:
    """Write all models, each complete or not at all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("models", type=Path)
    models = parser.parse_args().models
    for name, expand in FAMILY.items():
        target = models / f"{name}.safetensors"
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".part")
        save_file(expand(), unfinished)
        unfinished.replace(target)


if __name__ == "__main__":
    main()
