"""The nodes that take a finished sweep: the sheet, and the single pictures."""

from __future__ import annotations

from typing import Any

from comfy_api.latest import io

from ..periplus.axes.names import check_name
from ..periplus.axes.values import parse_ints
from ..periplus.files.unwritable import writing_to
from ..periplus.host import compat
from ..periplus.host.sheets import pictures
from ..periplus.host.sheets.composing import compose_sweep
from ..periplus.host.system import paths
from ..periplus.records.manifest import SweepHandle
from ..periplus.records.manifest_reader import select_cells
from ..periplus.sheets.fit import LONGEST_SIDE, TOO_LARGE
from ..periplus.sheets.formats import FORMATS, LONGEST_SIDES, WEBP
from ..periplus.sheets.looks import LOOKS, STYLE, check_pyramid, read_looks
from ..periplus.sheets.sheet import MAX_FONT_SIZE, MAX_MARGIN, ORDERS, Z_LAYOUTS, colour
from .common import CATEGORY, SweepType, answer


class GridCompose(io.ComfyNode):
    """Draws the labelled sheet of a sweep."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusGridCompose",
            display_name="Grid Compose",
            category=CATEGORY,
            description="Draws the labelled sheet of a sweep: columns are x, rows are y, pages are "
            "z. Changing the sheet makes no picture anew.",
            search_aliases=["xy plot", "xyz plot", "grid", "contact sheet", "legend"],
            inputs=[
                SweepType.Input("sweep", tooltip="From Sweep KSampler or Sweep Graph."),
                io.Boolean.Input(
                    "legend",
                    default=STYLE.legend,
                    optional=True,
                    tooltip="Whether labels and title are drawn.",
                ),
                io.Int.Input(
                    "margin",
                    default=STYLE.margin,
                    min=0,
                    max=MAX_MARGIN,
                    optional=True,
                    tooltip="Pixels between the cells.",
                ),
                io.String.Input(
                    "title",
                    default=LOOKS.title,
                    optional=True,
                    tooltip="A line on top of the sheet.",
                ),
                io.Int.Input(
                    "font_size",
                    default=STYLE.font_size,
                    min=0,
                    max=MAX_FONT_SIZE,
                    optional=True,
                    tooltip="Size of the labels in pixels. 0 fits it to the cells.",
                ),
                io.Int.Input(
                    "max_cell",
                    default=STYLE.max_cell,
                    min=0,
                    max=16_384,
                    optional=True,
                    tooltip="Cells are made smaller where their longer side has more pixels. "
                    "0 keeps their full size.",
                ),
                io.Combo.Input(
                    "transpose",
                    options=list(ORDERS),
                    default=LOOKS.order,
                    optional=True,
                    tooltip="Which axes are drawn as columns, rows and pages: yxz swaps columns "
                    "and rows.",
                ),
                io.Combo.Input(
                    "z_layout",
                    options=list(Z_LAYOUTS),
                    default=STYLE.z_layout,
                    optional=True,
                    tooltip="A page for each z value, or all of them in one row or column.",
                ),
                io.String.Input(
                    "background",
                    default=STYLE.background,
                    optional=True,
                    tooltip="Colour of the sheet, such as #ffffff or black.",
                ),
                io.String.Input(
                    "foreground",
                    default=STYLE.foreground,
                    optional=True,
                    tooltip="Colour of the labels.",
                ),
                io.Int.Input(
                    "max_megapixels",
                    default=LOOKS.megapixels,
                    min=1,
                    max=4000,
                    optional=True,
                    tooltip="The most megapixels that a page may have. ComfyUI's Load Image "
                    "opens up to 178.",
                ),
                io.Combo.Input(
                    "too_large",
                    options=list(TOO_LARGE),
                    default=LOOKS.too_large,
                    optional=True,
                    tooltip="What becomes of a sheet with more pixels, or with a side above "
                    f"{LONGEST_SIDE:,} pixels ({LONGEST_SIDES[WEBP]:,} as webp): smaller cells, or "
                    "more pages with cells as large as they are.",
                ),
                io.Combo.Input(
                    "format",
                    options=list(FORMATS),
                    default=LOOKS.file_format,
                    optional=True,
                    tooltip="The file's format. png and webp load the workflow when dropped on "
                    "ComfyUI. pyramid: many files in the Deep Zoom format, for a sheet of any "
                    "size.",
                ),
                io.Int.Input(
                    "quality",
                    default=LOOKS.quality,
                    min=1,
                    max=100,
                    optional=True,
                    tooltip="The quality of webp, jpeg and the tiles of a pyramid. 100 keeps every "
                    "pixel, but for jpeg.",
                ),
                io.String.Input(
                    "filename_prefix",
                    default=LOOKS.filename_prefix,
                    optional=True,
                    tooltip="How the names of saved files begin, in ComfyUI's output folder, such "
                    "as sheets/ships. Empty: the sheet is only shown.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "grid",
                    display_name="grid",
                    is_output_list=True,
                    tooltip="The sheet, a page for each z, or more where it is too large for one.",
                )
            ],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def validate_inputs(
        cls,
        background: str | None = None,
        foreground: str | None = None,
        transpose: str | None = None,
        z_layout: str | None = None,
        too_large: str | None = None,
        format: str | None = None,  # noqa: A002 - the contract's name for it
        filename_prefix: str | None = None,
    ) -> bool | str:
        """Refuse a wrong colour, choice or name before the prompt is queued."""
        return answer(
            lambda: check_name(transpose, ORDERS, what="transpose"),
            lambda: check_name(z_layout, Z_LAYOUTS, what="z_layout"),
            lambda: check_name(too_large, TOO_LARGE, what="too_large"),
            lambda: check_name(format, FORMATS, what="format"),
            lambda: check_pyramid(format, filename_prefix),
            lambda: paths.saved_prefix(filename_prefix) if filename_prefix else None,
            lambda: colour("background", STYLE.background if background is None else background),
            lambda: colour("foreground", STYLE.foreground if foreground is None else foreground),
        )

    @classmethod
    def execute(cls, sweep: SweepHandle, **inputs: Any) -> io.NodeOutput:
        """Draw the sheet, save it where it has a name, and show it on the node."""
        texts = paths.metadata_texts(cls.hidden.prompt, cls.hidden.extra_pnginfo)
        looks = read_looks(inputs)
        with writing_to(paths.saved_folder(looks.filename_prefix)):
            composed = compose_sweep(sweep, looks, texts, cls.hidden.unique_id)
        return io.NodeOutput(composed.images, ui=composed.ui)


class SweepImages(io.ComfyNode):
    """Gives the single pictures of a sweep."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusSweepImages",
            display_name="Sweep Images",
            category=CATEGORY,
            description="Gives the pictures of a sweep one by one with their labels, x fastest, "
            "then y, then z; the pictures of a batch follow one another.",
            search_aliases=["lone images", "sub images"],
            inputs=[
                SweepType.Input("sweep", tooltip="From Sweep KSampler or Sweep Graph."),
                io.String.Input(
                    "select",
                    default="",
                    optional=True,
                    tooltip="Cell numbers, counted from 1, such as 1-3, 7. Empty: all.",
                ),
            ],
            outputs=[
                io.Image.Output(
                    "images", display_name="images", is_output_list=True, tooltip="The pictures."
                ),
                io.String.Output(
                    "labels",
                    display_name="labels",
                    is_output_list=True,
                    tooltip="What each picture shows.",
                ),
            ],
        )

    @classmethod
    def validate_inputs(cls, select: str | None = None) -> bool | str:
        """Refuse what is not a list of numbers before the prompt is queued."""
        return answer(lambda: parse_ints(select or "", minimum=1))

    @classmethod
    def execute(cls, sweep: SweepHandle, select: str = "") -> io.NodeOutput:
        """Read the pictures; failed and missing cells are left out."""
        selected = select_cells(sweep.manifest, select)
        images = pictures.read_images(selected, sweep.manifest)
        return io.NodeOutput(images, [picture.label for picture in selected])


NODES: list[type[io.ComfyNode]] = [GridCompose, SweepImages]
