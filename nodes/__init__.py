"""The pack's nodes: each is its schema and a few calling lines."""

from __future__ import annotations

from comfy_api.latest import ComfyExtension, io

from . import axes, graph, grid, hires, internal, name_axes, recipe, refiner, save, sweep


class PeriplusExtension(ComfyExtension):
    """What ComfyUI asks for the pack's nodes."""

    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        """All nodes of the pack."""
        return [
            *axes.NODES,
            *name_axes.NODES,
            *refiner.NODES,
            *hires.NODES,
            *sweep.NODES,
            *graph.NODES,
            *internal.NODES,
            *grid.NODES,
            *save.NODES,
            *recipe.NODES,
        ]
