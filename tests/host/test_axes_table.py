"""The table of all axes, row by row: cells equal the native graphs of the same settings."""

from __future__ import annotations

import pytest

from scripts.comfy_server import ComfyServer

from .axes_cases import CASES, Case, save_files
from .axes_table import measure


@pytest.fixture(scope="module", autouse=True)
def files(server: ComfyServer) -> None:
    save_files(server)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_cells_of_an_axis_equal_the_native_graphs(server: ComfyServer, case: Case) -> None:
    row = measure(server, case)

    assert row.is_right, str(row)


def test_no_axis_node_and_no_number_is_left_out(server: ComfyServer) -> None:
    axes = [node for case in CASES for node in case.axis.nodes()]
    numbers = server.object_info("PeriplusAxisNumber")["PeriplusAxisNumber"]["input"]["required"]
    in_menus = {name for name in server.object_info() if name.startswith("PeriplusAxis")}

    assert {f"PeriplusAxis{node.kind}" for node in axes} == in_menus
    parameters = {node.inputs["parameter"] for node in axes if node.kind == "Number"}
    assert parameters == set(numbers["parameter"][1]["options"])
