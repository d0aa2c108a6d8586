"""The node that reads recipes from pictures."""

from __future__ import annotations

from comfy_api.latest import io

from ..periplus.host import compat
from ..periplus.host.system import paths
from ..periplus.host.system.recipes import recipe_outputs
from ..periplus.host.system.registries import input_pictures
from .common import CATEGORY, answer


class ReadRecipe(io.ComfyNode):
    """Reads how a picture was made."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        # The names are of any type: ComfyUI has no type of link that all lists of names take.
        return compat.schema(
            node_id="PeriplusReadRecipe",
            display_name="Read Recipe",
            category=CATEGORY,
            description="Reads how a picture was made, from the texts that ComfyUI, AUTOMATIC1111 "
            "and this pack save in it. Nothing is run, and nothing is guessed.",
            search_aliases=["png info", "metadata", "infotext", "read prompt", "parameters"],
            inputs=[
                io.Combo.Input(
                    "image",
                    options=input_pictures(),
                    upload=io.UploadType.image,
                    image_folder=io.FolderType.input,
                    tooltip="The picture's file as it was saved: PNG, JPEG or WebP.",
                )
            ],
            outputs=[
                io.String.Output(
                    "positive", display_name="positive", tooltip="The positive prompt."
                ),
                io.String.Output(
                    "negative", display_name="negative", tooltip="The negative prompt."
                ),
                io.Int.Output("seed", display_name="seed", tooltip="The seed."),
                io.Int.Output("steps", display_name="steps", tooltip="The steps."),
                io.Float.Output("cfg", display_name="cfg", tooltip="The CFG scale."),
                io.AnyType.Output(
                    "sampler_name",
                    display_name="sampler_name",
                    tooltip="The sampler, by ComfyUI's name.",
                ),
                io.AnyType.Output(
                    "scheduler",
                    display_name="scheduler",
                    tooltip="The scheduler, by ComfyUI's name.",
                ),
                io.Float.Output(
                    "denoise", display_name="denoise", tooltip="The denoise of the first pass."
                ),
                io.Int.Output(
                    "width", display_name="width", tooltip="The width of the first pass in pixels."
                ),
                io.Int.Output(
                    "height",
                    display_name="height",
                    tooltip="The height of the first pass in pixels.",
                ),
                io.AnyType.Output(
                    "ckpt_name",
                    display_name="ckpt_name",
                    tooltip="The checkpoint, for ckpt_name of a loader.",
                ),
                io.String.Output(
                    "report",
                    display_name="report",
                    tooltip="What was found where, and what was not.",
                ),
            ],
        )

    @classmethod
    def validate_inputs(cls, image: str | None = None) -> bool | str:
        """Refuse a file that is not there, before the prompt is queued."""
        return True if image is None else answer(lambda: paths.picture_file(image))

    @classmethod
    def fingerprint_inputs(cls, image: str | None = None) -> str:
        """Read the file again when it has changed."""
        return "" if image is None else paths.file_identity(paths.picture_file(image))

    @classmethod
    def execute(cls, image: str) -> io.NodeOutput:
        """Read the recipe."""
        return io.NodeOutput(*recipe_outputs(image))


NODES: list[type[io.ComfyNode]] = [ReadRecipe]
"""The node of this file."""
