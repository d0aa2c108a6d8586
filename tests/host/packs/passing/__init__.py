"""A node pack for the tests only: nodes of kinds that ComfyUI itself has not."""

from __future__ import annotations

from typing import Any


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


class Nothing:
    """A node that gives a list of no pictures where it is told to, and a choice."""

    RETURN_TYPES = ("IMAGE", ["one", "two"])
    OUTPUT_IS_LIST = (True, False)
    FUNCTION = "give"
    CATEGORY = "tests"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's name for it
        return {"required": {"images": ("IMAGE",), "empty": ("BOOLEAN", {"default": False})}}

    def give(self, images: Any, empty: bool) -> tuple[list[Any], str]:
        return ([] if empty else [images], "one")


NODE_CLASS_MAPPINGS = {"ShowAndPass": ShowAndPass, "Nothing": Nothing}
