"""The node that saves a sweep as a folder with a page."""

from __future__ import annotations

from comfy_api.latest import io

from ..periplus.files.unwritable import writing_to
from ..periplus.host import compat
from ..periplus.host.sheets.saving import save_sweep
from ..periplus.host.system import paths
from ..periplus.records.manifest import SweepHandle
from .common import CATEGORY, SweepType, answer


class SaveSweep(io.ComfyNode):
    """Saves a sweep as a folder that can be moved and opened anywhere."""

    @classmethod
    def define_schema(cls) -> io.Schema:
        return compat.schema(
            node_id="PeriplusSaveSweep",
            display_name="Save Sweep",
            category=CATEGORY,
            description="Saves a sweep as one folder to keep or to share: the sheet, every cell, "
            "the manifest, and a page to explore them in any browser, without a server or the "
            "network.",
            search_aliases=["html", "gallery", "viewer", "export", "web page", "share"],
            inputs=[
                SweepType.Input("sweep", tooltip="From Sweep KSampler or Sweep Graph."),
                io.String.Input(
                    "filename_prefix",
                    default="sweeps/periplus",
                    tooltip="How the folder's name begins, in ComfyUI's output folder, such as "
                    "sweeps/ships. A number is added, so no saved sweep replaces another.",
                ),
            ],
            outputs=[],
            hidden=[io.Hidden.unique_id],
            is_output_node=True,
        )

    @classmethod
    def validate_inputs(cls, filename_prefix: str | None = None) -> bool | str:
        """Refuse a name that leads elsewhere before the prompt is queued."""
        # None stands for what is linked and not known yet.
        return filename_prefix is None or answer(lambda: paths.saved_prefix(filename_prefix))

    @classmethod
    def execute(cls, sweep: SweepHandle, filename_prefix: str) -> io.NodeOutput:
        """Save the folder, and show the sheet and where it is."""
        texts = paths.metadata_texts(cls.hidden.prompt, cls.hidden.extra_pnginfo)
        with writing_to(paths.saved_folder(filename_prefix)):
            shown = save_sweep(sweep, filename_prefix, texts, cls.hidden.unique_id)
        return io.NodeOutput(ui=shown)


NODES: list[type[io.ComfyNode]] = [SaveSweep]
"""The node of this file."""
