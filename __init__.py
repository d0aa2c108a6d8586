"""Periplus: chart latent space in ComfyUI. Sweep any settings, get one labelled sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .nodes import PeriplusExtension

WEB_DIRECTORY = "./web"


async def comfy_entrypoint() -> PeriplusExtension:
    """Hand ComfyUI the pack's nodes; called once, when ComfyUI loads its custom nodes."""
    # Imported here, so that importing the package alone (by a test or a tool) needs no ComfyUI.
    from .nodes import PeriplusExtension
    from .periplus.host.page.routes import add_routes

    add_routes()  # not in the extension's on_load, which ComfyUI 0.3.75 does not call
    return PeriplusExtension()


__all__ = ["WEB_DIRECTORY", "comfy_entrypoint"]
