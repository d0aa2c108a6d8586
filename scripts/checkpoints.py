"""Build the checkpoints and VAE files that the tests and the benchmark run on.

Run through ``launch.py``, with ComfyUI's modules at hand. The checkpoints have the layout and the
names of real ones, so that ComfyUI's stock loaders take them, but few layers and random weights:
they draw soft coloured shapes, quickly. ComfyUI recognises a checkpoint by its shapes, which
decides what could be made smaller and what not (the text encoders keep their full size).

Those of the group "full" have every layer of Stable Diffusion 1.5: they draw nothing to look at,
but cost what real ones cost.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import comfy.cli_args  # pyright: ignore[reportMissingImports]
import torch
from painting import Palette, shape_decoder, shape_denoiser
from safetensors.torch import save_file

# Has to be said before comfy.model_management is imported: there may be no GPU to ask for.
comfy.cli_args.args.cpu = True

import comfy.clip_model  # noqa: E402  # pyright: ignore[reportMissingImports]
import comfy.ops  # noqa: E402  # pyright: ignore[reportMissingImports]
from comfy.ldm.models.autoencoder import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    AutoencoderKL,
)
from comfy.ldm.modules.diffusionmodules.openaimodel import (  # noqa: E402  # pyright: ignore[reportMissingImports]
    UNetModel,
)
from comfy.taesd.taesd import TAESD  # noqa: E402  # pyright: ignore[reportMissingImports]

Part = tuple[str, torch.nn.Module]
"""A prefix in the checkpoint, and a module without storage that names and shapes its tensors."""

COMMON_UNET: dict[str, Any] = {
    "image_size": 32,
    "in_channels": 4,
    "out_channels": 4,
    "use_spatial_transformer": True,
    "legacy": False,
    "dtype": torch.float16,
    "device": "meta",
    "operations": comfy.ops.disable_weight_init,
}


@dataclass(frozen=True)
class Recipe:
    """One file: its parts, its latents' scale, its weights' seed, its pictures' colours."""

    parts: Callable[[], Iterator[Part]]
    latent_scale: float
    seed: int
    palette: Palette


def unet(**shape: Any) -> UNetModel:
    """Return a U-Net without storage."""
    return UNetModel(**COMMON_UNET, **shape)


def clip(config: str) -> torch.nn.Module:
    """Return a CLIP text model without storage, by the name of ComfyUI's configuration file."""
    path = Path(comfy.clip_model.__file__).with_name(config)
    return comfy.clip_model.CLIPTextModel(
        json.loads(path.read_text()), torch.float16, "meta", comfy.ops.disable_weight_init
    )


def tiny_vae() -> torch.nn.Module:
    """Return a tiny autoencoder without storage."""
    with torch.device("meta"):
        return TAESD(latent_channels=4)


def full_vae() -> torch.nn.Module:
    """Return the autoencoder of Stable Diffusion 1.5 without storage."""
    shape = {
        "double_z": True,
        "z_channels": 4,
        "resolution": 256,
        "in_channels": 3,
        "out_ch": 3,
        "ch": 128,
        "ch_mult": [1, 2, 4, 4],
        "num_res_blocks": 2,
        "attn_resolutions": [],
        "dropout": 0.0,
    }
    with torch.device("meta"):
        return AutoencoderKL(ddconfig=shape, embed_dim=4)


def tiny_vae_file() -> Iterator[Part]:
    """Yield the one part of a VAE file."""
    yield "", tiny_vae()


def full_vae_file() -> Iterator[Part]:
    """Yield the one part of a VAE file of full size."""
    yield "", full_vae()


def full_sd15() -> Iterator[Part]:
    """Yield the parts of a Stable Diffusion 1.5 checkpoint of full size."""
    yield (
        "model.diffusion_model.",
        unet(
            model_channels=320,
            num_res_blocks=[2, 2, 2, 2],
            channel_mult=(1, 2, 4, 4),
            transformer_depth=[1, 1, 1, 1, 1, 1, 0, 0],
            transformer_depth_output=[1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
            transformer_depth_middle=1,
            num_heads=8,
            context_dim=768,
        ),
    )
    yield "cond_stage_model.transformer.", clip("sd1_clip_config.json")
    yield "first_stage_model.", full_vae()


def sd15() -> Iterator[Part]:
    """Yield the parts of a Stable Diffusion 1.5 checkpoint, all levels equally narrow.

    It attends to the text at its smallest resolution only, where that costs least.
    """
    yield (
        "model.diffusion_model.",
        unet(
            model_channels=320,
            num_res_blocks=[1, 1, 1],
            channel_mult=(1, 1, 1),
            transformer_depth=[0, 0, 1],
            transformer_depth_output=[0] * 6,
            transformer_depth_middle=1,
            num_heads=8,
            context_dim=768,
        ),
    )
    yield "cond_stage_model.transformer.", clip("sd1_clip_config.json")
    yield "first_stage_model.", tiny_vae()


def sdxl_base() -> Iterator[Part]:
    """Yield the parts of an SDXL base checkpoint, all levels equally narrow.

    It is recognised by the transformer blocks on the way down; those on the way up are left out.
    """
    yield (
        "model.diffusion_model.",
        unet(
            model_channels=320,
            num_res_blocks=[2, 2, 2],
            channel_mult=(1, 1, 1),
            transformer_depth=[0, 0, 2, 2, 10, 10],
            transformer_depth_output=[0] * 9,
            transformer_depth_middle=1,
            num_head_channels=64,
            context_dim=2048,
            adm_in_channels=2816,
            num_classes="sequential",
            use_linear_in_transformer=True,
        ),
    )
    yield "conditioner.embedders.0.transformer.", clip("sd1_clip_config.json")
    yield "conditioner.embedders.1.model.transformer.", clip("clip_config_bigg.json")
    yield "first_stage_model.", tiny_vae()


def sdxl_refiner() -> Iterator[Part]:
    """Yield the parts of an SDXL refiner checkpoint, made small like the base."""
    yield (
        "model.diffusion_model.",
        unet(
            model_channels=384,
            num_res_blocks=[2, 2, 2, 2],
            channel_mult=(1, 1, 1, 1),
            transformer_depth=[0, 0, 4, 4, 4, 4, 0, 0],
            transformer_depth_output=[0] * 12,
            transformer_depth_middle=1,
            num_head_channels=64,
            context_dim=1280,
            adm_in_channels=2560,
            num_classes="sequential",
            use_linear_in_transformer=True,
        ),
    )
    yield "conditioner.embedders.0.model.transformer.", clip("clip_config_bigg.json")
    yield "first_stage_model.", tiny_vae()


SD15_SCALE = 0.18215
SDXL_SCALE = 0.13025

RECIPES: Mapping[str, Recipe] = {
    "small/coast": Recipe(sd15, SD15_SCALE, 1, ("2b3a4a", "f2e6cf", "4f86a6", "d9a566")),
    "small/harbour": Recipe(sd15, SD15_SCALE, 2, ("1d2b3a", "e4e8ea", "3f6f7f", "c8553d")),
    "small/lagoon": Recipe(sd15, SD15_SCALE, 3, ("0f3d3e", "e8f6ef", "1f9fa8", "f4c95d")),
    "test/sdxl_base": Recipe(sdxl_base, SDXL_SCALE, 4, ("2a2140", "f3e9f7", "5b6bb5", "e08a8a")),
    "test/sdxl_refiner": Recipe(
        sdxl_refiner, SDXL_SCALE, 5, ("2a2140", "f3e9f7", "5b6bb5", "e08a8a")
    ),
    **{
        f"{group}/{kind}{number}": Recipe(
            parts, SD15_SCALE, 10 * number, ("2b3a4a", "f2e6cf", "4f86a6", "d9a566")
        )
        for group, kind, parts in (
            ("bench", "model", sd15),
            ("bench", "vae", tiny_vae_file),
            ("full", "model", full_sd15),
            ("full", "vae", full_vae_file),
        )
        for number in range(1, 6)
    },
}


def initial(name: str, shape: torch.Size, recipe: Recipe, random: torch.Generator) -> torch.Tensor:
    """Return the first value of one tensor: fan-in scaled noise, norms one, biases zero.

    Any other start lets activations grow from layer to layer, up to NaN.
    """
    if name.endswith("vae_scale"):
        return torch.tensor(recipe.latent_scale)
    if name.endswith(("bias", "vae_shift")):
        return torch.zeros(shape)
    if len(shape) == 1:
        return torch.ones(shape)
    return torch.randn(shape, generator=random) * prod(shape[1:]) ** -0.5


def build(recipe: Recipe) -> dict[str, torch.Tensor]:
    """Return the file's tensors, in half precision."""
    random = torch.Generator().manual_seed(recipe.seed)
    tensors: dict[str, torch.Tensor] = {}
    parts = list(recipe.parts())
    for prefix, module in parts:
        for name, tensor in module.state_dict().items():
            # Checkpoints carry the projection of CLIP-G only.
            if name == "text_projection.weight" and not prefix.endswith("model.transformer."):
                continue
            value = initial(name, tensor.shape, recipe, random)
            tensors[prefix + name] = value
    for prefix, module in parts:
        if isinstance(module, UNetModel):
            shape_denoiser(tensors, prefix, random)
        elif isinstance(module, TAESD):
            shape_decoder(tensors, prefix, recipe.palette)
    return {name: tensor.half().contiguous() for name, tensor in tensors.items()}


def main() -> None:
    """Build the named files below a folder, each complete or not at all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cpu", action="store_true", help="stay on the CPU (it always does)")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="+", choices=RECIPES)
    arguments = parser.parse_args()
    for name in arguments.names:
        target = arguments.folder / f"{name}.safetensors"
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".part")
        save_file(build(RECIPES[name]), unfinished)
        unfinished.replace(target)


if __name__ == "__main__":
    main()
