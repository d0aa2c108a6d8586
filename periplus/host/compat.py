"""Differences between ComfyUI 0.3.75 and later; nothing else in the pack asks for versions."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from collections.abc import Mapping
from typing import Any

import comfy.model_management
import comfy.sample
import comfyui_version
import torch
from comfy.cli_args import args
from comfy_api.latest import _io, io
from execution import get_input_data

Interrupted = comfy.model_management.InterruptProcessingException
"""The user's cancel. An ``Exception`` up to 0.19, a ``BaseException`` since: always re-raise it
before any ``except Exception``."""

_SCHEMA_FIELDS = frozenset(field.name for field in dataclasses.fields(io.Schema))
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.I)
_LATER_FIELDS = frozenset({"search_aliases"})  # since 0.11
_LATENT_RATIOS = inspect.signature(comfy.sample.fix_empty_latent_channels).parameters.keys() & {
    "downscale_ratio_spacial",  # since 0.11
    "downscale_ratio_temporal",
}


def schema(**kwargs: Any) -> io.Schema:
    """Make a node schema; of the fields that came later, those that this ComfyUI knows."""
    unknown = _LATER_FIELDS - _SCHEMA_FIELDS
    return io.Schema(**{name: value for name, value in kwargs.items() if name not in unknown})


def hidden_from_menus() -> dict[str, bool]:
    """Schema fields that keep an internal node out of the node search."""
    # Hosts before 0.11.1 have no such flag, but their search leaves deprecated nodes out.
    field = "is_dev_only" if "is_dev_only" in _SCHEMA_FIELDS else "is_deprecated"
    return {field: True}


def advanced() -> dict[str, Any]:
    """Options of an input that few need: it is shown when the user asks for advanced inputs."""
    # Hosts that do not know the option show the input with the others.
    known = "advanced" in inspect.signature(io.String.Input.__init__).parameters
    return {"advanced": True} if known else {}


def comfyui_version_text() -> str:
    """The host's version, such as ``0.3.75``."""
    return comfyui_version.__version__


def node_class(class_type: str) -> Any:
    """The class of a node by its id, of any pack."""
    return _node_classes()[class_type]


def find_node_class(class_type: str) -> Any:
    """The class of a node by its id, of any pack; None where there is none."""
    return _node_classes().get(class_type)


def _node_classes() -> dict[str, Any]:
    # Not by an import statement: ComfyUI's ``nodes`` and this pack's have one name.
    return importlib.import_module("nodes").NODE_CLASS_MAPPINGS


def declared_inputs(node_class: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs that a node declares, in groups, as ``INPUT_TYPES`` gives them.

    Args:
        node_class: of the node, of any pack.
        given: what a prompt has for it; some nodes have further inputs for some choices.
    """
    declared = node_class.INPUT_TYPES()
    finalize = getattr(_io, "get_finalized_class_inputs", None)  # since 0.8 at the latest
    if finalize is None or not issubclass(node_class, io.ComfyNode):
        return declared
    return finalize(declared, given)[0]


def given_inputs(node_class: Any, node_id: str, plain: Mapping[str, Any]) -> dict[str, Any]:
    """What ComfyUI tells a node before it runs, of the inputs that a prompt has for it.

    These are the inputs that the node knows, and its hidden ones.
    """
    given = get_input_data(plain, node_class, node_id)[0]
    return {name: values[0] for name, values in given.items()}


def gives_list(class_type: str) -> bool:
    """Whether a node gives lists, whose items go on one by one; False for one that is not here."""
    known = importlib.import_module("nodes").NODE_CLASS_MAPPINGS.get(class_type)
    return any(getattr(known, "OUTPUT_IS_LIST", None) or ())


def keeps_results() -> bool:
    """Whether ComfyUI keeps what a node gives for nodes that are added later."""
    return not args.cache_none


def core_node(class_type: str) -> Any:
    """An instance of one of ComfyUI's own nodes in the old style, to call its function."""
    return node_class(class_type)()


def run_node(class_type: str, **inputs: Any) -> Any:
    """Run one of ComfyUI's own nodes in the new style and give its first output."""
    return node_class(class_type).execute(**inputs).result[0]


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that the device ran out of memory."""
    oom = comfy.model_management.OOM_EXCEPTION
    if oom is not Exception:  # which ComfyUI sets for some devices, and says nothing
        knows = getattr(comfy.model_management, "is_oom", None)  # since 0.17; clears the error
        if isinstance(error, oom) if knows is None else knows(error):
            return True
    # For the CPU and for Apple's devices torch has no class of its own.
    told = isinstance(error, RuntimeError) and _OUT_OF_MEMORY.search(str(error))
    return isinstance(error, MemoryError) or bool(told)


def free_memory_for(model: Any) -> float:
    """Bytes that are free on a MODEL's device, with those that its weights would make room in."""
    own = getattr(model, "get_free_memory", None)  # since weights move while a model runs
    device = model.load_device
    return comfy.model_management.get_free_memory(device) if own is None else own(device)


def fit_empty_latent(model: Any, latent: dict[str, Any]) -> Any:
    """Give an empty latent the channels and dimensions of the model, as KSampler does.

    Args:
        model: a MODEL.
        latent: a LATENT; since 0.11 it may carry the pixel ratios it was made for.

    Returns:
        The latent's samples, fitted.
    """
    ratios = {name: latent.get(name) for name in _LATENT_RATIOS}
    return comfy.sample.fix_empty_latent_channels(model, latent["samples"], **ratios)


def no_noise(samples: Any) -> Any:
    """What KSamplerAdvanced takes for noise where it adds none."""
    make = getattr(comfy.sample, "prepare_empty_noise", None)  # in 0.33
    if make is not None:
        return make(samples)
    return torch.zeros(samples.size(), dtype=samples.dtype, layout=samples.layout, device="cpu")


def sampled_latent(latent: dict[str, Any], samples: Any) -> dict[str, Any]:
    """Give the LATENT that a sampler returns: the one it took, with new samples."""
    kept = {key: value for key, value in latent.items() if not key.startswith("downscale_ratio_")}
    return {**kept, "samples": samples}


def parts_of_nested(tensor: Any) -> list[Any]:
    """Give the parts of a latent that bundles several, the picture first; none for None."""
    if getattr(tensor, "is_nested", False):
        return list(tensor.tensors)
    return [] if tensor is None else [tensor]
