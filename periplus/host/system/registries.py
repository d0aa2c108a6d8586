"""The names that ComfyUI knows now.

Other packs add samplers and schedulers while ComfyUI starts, and users add files while it runs, so
the lists are read when they are asked for.
"""

from __future__ import annotations

from pathlib import Path

import comfy.samplers
import folder_paths

from ...axes.names import check_name
from .. import compat


def sampler_names() -> list[str]:
    """The samplers of the KSampler node."""
    return list(comfy.samplers.KSampler.SAMPLERS)


def scheduler_names() -> list[str]:
    """The schedulers of the KSampler node."""
    return list(comfy.samplers.KSampler.SCHEDULERS)


def check_sampling(sampler_name: str | None, scheduler: str | None) -> None:
    """Refuse names that ComfyUI does not know: its sampler would silently use another one.

    Args:
        sampler_name: a sampler; None where it is linked and not known yet.
        scheduler: a scheduler, likewise.

    Raises:
        PeriplusError: one of them is unknown; the text gives the nearest one.
    """
    check_name(sampler_name, sampler_names(), what="sampler_name")
    check_name(scheduler, scheduler_names(), what="scheduler")


def upscale_model_names() -> list[str]:
    """The upscale models in ComfyUI's model folders."""
    return folder_paths.get_filename_list("upscale_models")


def checkpoint_names() -> list[str]:
    """The checkpoints in ComfyUI's model folders."""
    return folder_paths.get_filename_list("checkpoints")


def lora_names() -> list[str]:
    """The LoRAs in ComfyUI's model folders."""
    return folder_paths.get_filename_list("loras")


def vae_names() -> list[str]:
    """The VAEs of the VAELoader node that decode pictures: files, and taesd where it is complete.

    Left out are ``pixel_space``, which is no model, and the small VAEs for videos.
    """
    loader = compat.node_class("VAELoader")
    others = {"pixel_space", *folder_paths.get_filename_list("vae_approx")}
    return sorted(name for name in loader.vae_list(loader) if name not in others)


def names_by_input() -> dict[str, list[str]]:
    """The names that ComfyUI knows, by the input of its own nodes that takes one."""
    return {
        "sampler_name": sampler_names(),
        "scheduler": scheduler_names(),
        "ckpt_name": checkpoint_names(),
    }


def input_pictures() -> list[str]:
    """The pictures in ComfyUI's input folder, as LoadImage lists them."""
    folder = Path(folder_paths.get_input_directory())
    files = [path.name for path in folder.iterdir() if path.is_file()]
    return sorted(folder_paths.filter_files_content_types(files, ["image"]))
