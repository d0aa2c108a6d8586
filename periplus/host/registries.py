"""The names that ComfyUI knows now.

Other packs add samplers and schedulers while ComfyUI starts, and users add files while it runs, so
the lists are read when they are asked for.
"""

from __future__ import annotations

import comfy.samplers
import folder_paths


def sampler_names() -> list[str]:
    """The samplers of the KSampler node."""
    return list(comfy.samplers.KSampler.SAMPLERS)


def scheduler_names() -> list[str]:
    """The schedulers of the KSampler node."""
    return list(comfy.samplers.KSampler.SCHEDULERS)


def checkpoint_names() -> list[str]:
    """The checkpoints in ComfyUI's model folders."""
    return folder_paths.get_filename_list("checkpoints")
