"""A node pack for the tests only: nodes of kinds that ComfyUI itself has not."""

from __future__ import annotations

import copy
from typing import Any

import torch
from comfy_execution.graph_utils import ExecutionBlocker

HUGE = 2**60
"""More bytes than any device has."""


class ShowAndPass:
    """An output node in the middle of a workflow: ComfyUI would rather run it than others."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "show"
    CATEGORY = "tests"
    OUTPUT_NODE = True

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"images": ("IMAGE",)}}

    def show(self, images: Any) -> dict[str, Any]:
        return {"ui": {"text": [str(tuple(images.shape))]}, "result": (images,)}


class Anything(str):
    """The type that many packs have for an output of any type; no set takes it."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


class Nothing:
    """A node that gives a list of no pictures where it is told to, a choice, and anything."""

    RETURN_TYPES = ("IMAGE", ["one", "two"], Anything("*"))
    OUTPUT_IS_LIST = (True, False, False)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"images": ("IMAGE",), "empty": ("BOOLEAN", {"default": False})}}

    def give(self, images: Any, empty: bool) -> tuple[list[Any], str, int]:
        return ([] if empty else [images], "one", 1)


class Choosy:
    """A node whose choices are a tuple, and most of them give no picture."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"what": (("picture", "nothing", "mask", "blocked", "another"),)}}

    def give(self, what: str) -> tuple[Any]:
        if what == "nothing":
            return (None,)
        if what == "blocked":
            return (ExecutionBlocker(None),)
        return (torch.full((1, 8, 8, 1 if what == "mask" else 3), 0.1 * len(what)),)


class FromObject:
    """A node that is given a file in an object, as some loaders of many LoRAs are."""

    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        brightness = ("FLOAT", {"default": 0.5, "min": 0.0, "max": 1.0})
        hidden = {"node_id": "UNIQUE_ID"}
        return {"required": {"chosen": ("CHOSEN",), "brightness": brightness}, "hidden": hidden}

    @classmethod
    def IS_CHANGED(cls, chosen: Any, brightness: float, node_id: str) -> str:  # noqa: N802
        return f"{brightness} of {node_id}"

    def give(self, chosen: Any, brightness: float, node_id: str) -> tuple[Any]:
        return (torch.full((1, 8, 8, 3), brightness),)


class StrainedVAE:
    """Gives a VAE as it is on a device where large pictures do not fit.

    Its estimate may say so (``estimates``), of those that are longer than ``side``; else it runs
    out of memory with those of more pixels than a square of ``side``. It may be one for video.
    """

    RETURN_TYPES = ("VAE",)
    FUNCTION = "strain"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        side = ("INT", {"default": 512, "min": 0, "max": 4096})
        no = ("BOOLEAN", {"default": False})
        return {"required": {"vae": ("VAE",), "side": side, "estimates": no, "video": no}}

    def strain(self, vae: Any, side: int, estimates: bool, video: bool) -> tuple[Any]:
        strained = copy.copy(vae)
        if estimates:
            strained.memory_used_decode = lambda shape, _: 1 if 8 * max(shape[2:]) <= side else HUGE
            strained.memory_used_encode = lambda shape, _: 1 if max(shape[2:]) <= side else HUGE
        else:
            strained.first_stage_model = Straining(vae.first_stage_model, side)
        strained.latent_dim = 3 if video else 2
        return (strained,)


class Straining:
    """A VAE's network that runs out of memory."""

    def __init__(self, network: Any, side: int) -> None:
        self._network = network
        self._side = side

    def decode(self, samples: Any, **options: Any) -> Any:
        if 8 * samples.shape[2] * 8 * samples.shape[3] > self._side**2:
            raise torch.cuda.OutOfMemoryError("the picture does not fit")
        return self._network.decode(samples, **options)


class CountingModel:
    """A node that gives a model something that could remember what it has been asked."""

    RETURN_TYPES = ("MODEL",)
    FUNCTION = "change"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"model": ("MODEL",), "change": (["wrapper", "patch", "function"],)}}

    def change(self, model: Any, change: str) -> tuple[Any]:
        calls: list[None] = []

        def wrapper(executor: Any, *args: Any, **kwargs: Any) -> Any:
            calls.append(None)
            return executor(*args, **kwargs)

        def patch(hidden: Any, _options: Any) -> Any:
            calls.append(None)
            return hidden

        def function(apply: Any, args: dict[str, Any]) -> Any:
            calls.append(None)
            return apply(args["input"], args["timestep"], **args["c"])

        model = model.clone()
        if change == "wrapper":
            model.add_wrapper_with_key("diffusion_model", "counting", wrapper)
        elif change == "patch":
            model.set_model_input_block_patch(patch)
        else:
            model.set_model_unet_function_wrapper(function)
        return (model,)


NODE_CLASS_MAPPINGS = {
    "ShowAndPass": ShowAndPass,
    "Nothing": Nothing,
    "Choosy": Choosy,
    "FromObject": FromObject,
    "StrainedVAE": StrainedVAE,
    "CountingModel": CountingModel,
}
