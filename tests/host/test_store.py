"""What becomes of finished cells on the disk: their names, damage, removal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from periplus.records.store import CellStore
from scripts.comfy_server import ComfyServer

from .graphs import Graph, cell_pixels, manifest, manifests, pixels, succeed
from .test_faults import statuses


@contextmanager
def settings(server: ComfyServer, **values: Any) -> Iterator[None]:
    """What the user has set, by the end of the setting's id, within the block."""
    path = server.base / "user" / "default" / "comfy.settings.json"
    before = path.read_bytes() if path.exists() else b"{}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({f"Periplus.Sweep.{name}": v for name, v in values.items()}))
    try:
        yield
    finally:
        path.write_bytes(before)


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


def two_cells(name: str, steps: str = "1, 2") -> Graph:
    graph = Graph()
    axis = graph.axis("Number", parameter="steps", values=steps)
    graph.sweep(**graph.loader(), x_axis=axis, name=name)
    return graph


def test_pictures_are_found_by_their_values_also_when_they_are_reused(server: ComfyServer) -> None:
    first = manifest(succeed(server, two_cells("test/readable")))
    names = [cell["named"] for cell in first["cells"]]
    folder = first["folder"] / Path(names[0][0]).parent
    (folder / "x02 steps 2.png").unlink()

    again = manifest(succeed(server, two_cells("test/readable", "1-2")))

    digest = again["path"].stem.removeprefix("sweep-")
    assert names == [[f"steps {digest}/x0{i} steps {i}.png"] for i in (1, 2)]
    assert again["account"]["cells_computed"] == 0
    assert [cell["named"] for cell in again["cells"]] == names
    assert len(list(folder.iterdir())) == 2
    for cell in again["cells"]:
        assert (folder.parent / cell["named"][0]).samefile(folder.parent / cell["file"])


def test_the_cells_of_a_graph_sweep_have_readable_names_too(server: ComfyServer) -> None:
    graph = Graph()
    image = graph.add("EmptyImage", width=8, height=8, batch_size=2, color=0)
    axis = graph.axis("Input", node=image[0], input="color", values="1, 2")
    graph.sweep_graph(image, x_axis=axis)

    found = manifest(succeed(server, graph))

    names = [name for cell in found["cells"] for name in cell["named"]]
    assert [name.partition("/")[2] for name in names] == [
        f"x0{i} EmptyImage color {i} (0{n}).png" for i in (1, 2) for n in (1, 2)
    ]
    assert all((found["folder"] / name).is_file() for name in names)


def test_a_user_who_wants_no_readable_names_gets_none(server: ComfyServer) -> None:
    with settings(server, ReadableNames=False):
        found = manifest(succeed(server, two_cells("test/unreadable")))

    assert [cell["named"] for cell in found["cells"]] == [[], []]
    assert {path.name for path in found["folder"].iterdir()} == {"cells", found["path"].name}


@pytest.mark.parametrize("limit", [{"KeepDays": 5}, {"KeepGigabytes": 1e-9}])
def test_cells_that_nobody_uses_are_removed_after_a_sweep_but_not_their_readable_names(
    server: ComfyServer, limit: dict[str, float]
) -> None:
    name = f"test/{next(iter(limit))}"
    first = manifest(succeed(server, two_cells(name)))
    folder = first["folder"]
    unused = CellStore(folder)
    unused.put("f" * 64, [np.zeros((4, 5, 3), dtype=np.uint8)], 1.0, {})
    for path in folder.rglob("cells/*/*"):
        os.utime(path, (10**9, 10**9))

    with settings(server, **limit):
        again = manifest(succeed(server, two_cells(name, "2, 3")))

    assert statuses(again) == ["reused", "done"]
    assert all((folder / cell["file"]).is_file() for cell in (*first["cells"], *again["cells"]))
    assert unused.find("f" * 64) is None
    assert all((folder / cell["named"][0]).is_file() for cell in first["cells"])
