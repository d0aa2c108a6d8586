"""What becomes of finished cells on the disk: damage."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from scripts.comfy_server import ComfyServer

from .graphs import Graph, cell_pixels, manifest, manifests, pixels, succeed
from .test_faults import statuses


def damage(path: Path) -> None:
    """Change a byte of a file as a failing disk does: its size and time stay."""
    stat, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_damaged_picture_is_marked_on_the_sheet_and_made_anew_by_the_next_run(
    server: ComfyServer,
) -> None:
    graph = Graph()
    sweep = graph.sweep(**graph.loader(), x_axis=graph.axis("Seed", values="71, 72"), steps=1)
    grid = graph.node("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)

    def sheet() -> np.ndarray:
        (page,) = run.outputs[grid]["images"]
        return pixels(server.base / "temp" / page["filename"])

    run = succeed(server, graph)
    before, whole = manifest(run), sheet()
    damage(before["folder"] / before["cells"][1]["file"])
    graph.prompt[grid]["inputs"]["title"] = "drawn again"

    run = succeed(server, graph)
    marked = sheet()
    run = succeed(server, graph)
    again = manifests(run)[sweep[0]]

    assert np.array_equal(marked[:, :64], whole[:, :64])
    assert not np.array_equal(marked[:, 64:], whole[:, 64:])
    assert statuses(again) == ["reused", "done"]
    assert np.array_equal(cell_pixels(again, 1)[0], whole[:, 64:])
    assert np.array_equal(sheet(), whole)
