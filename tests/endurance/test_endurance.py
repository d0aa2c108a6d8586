"""The proofs work, in small; what they prove in full is for the command."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from scripts.comfy_server import ComfyServer
from scripts.provision import provision

from . import kills, long_run
from .__main__ import endurance_server


@pytest.fixture(scope="module")
def server() -> Iterator[ComfyServer]:
    with endurance_server(provision(development=True)) as running:
        yield running


def test_kills_leave_what_an_undisturbed_sweep_leaves(server: ComfyServer) -> None:
    told = kills.prove(server, kills.cells(seeds=1, cfgs="3, 7", hires_steps=4), 3, seed=1)
    assert told.faults == ()


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_long_run_is_measured(server: ComfyServer) -> None:
    told = long_run.prove(server, cells=20)
    assert [line.split(" | ")[0] for line in told.report[2:]][-1] == "| 20"
