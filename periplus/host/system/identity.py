"""What of this host changes pixels."""

from __future__ import annotations

import re
from typing import Any

import comfy.model_management
import torch
from comfy.cli_args import args

from .. import compat

_PIXEL_FLAGS = re.compile(
    r"fp8|fp16|bf16|fp32|fast|attention|deterministic|channels_last|cpu_vae"
    r"|xformers|vram|triton"
)
"""Names of ComfyUI's command-line options that change how numbers are computed."""


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
