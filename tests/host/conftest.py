"""A real ComfyUI server for the host tests, with the pack and the counting pack in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, provision

from .graphs import forget

COUNTERS = Path(__file__).with_name("packs") / "counters"


@pytest.fixture(scope="session")
def installation() -> Installation:
    return provision(development=True)


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[ComfyServer]:
    """One server for all tests that leave it as it was."""
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.checkpoints("demo"),
        packs={"periplus": ROOT, "counters": COUNTERS},
    ) as running:
        yield running


@pytest.fixture
def fresh(server: ComfyServer) -> ComfyServer:
    """The shared server, with nothing loaded, nothing cached and the counters at zero."""
    forget(server)
    return server
