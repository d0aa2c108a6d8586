"""A real ComfyUI server for the host tests, with the pack and those of the tests in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, provision

from .graphs import forget

PACKS = Path(__file__).with_name("packs")
COUNTERS = PACKS / "counters"


@pytest.fixture(scope="session")
def installation() -> Installation:
    return provision(development=True)


@pytest.fixture(scope="session")
def server(installation: Installation) -> Iterator[ComfyServer]:
    """One server for all tests that leave it as it was."""
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small", "test"),
        packs={
            "periplus": ROOT,
            "counters": COUNTERS,
            "passing": PACKS / "passing",
            "instep": PACKS / "instep",
            "disk": PACKS / "disk",
            "failing": PACKS / "failing",
        },
    ) as running:
        yield running


@pytest.fixture(scope="session")
def unusual(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ComfyServer]:
    """A second server, with what some users have: see its arguments, packs and folder names."""
    frontend = tmp_path_factory.mktemp("frontend")
    (frontend / "index.html").write_text("<!doctype html><title>no frontend</title>")
    with ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("small"),
        packs={"my pack-2": ROOT, "counters": COUNTERS, "faulty": PACKS / "faulty"},
        arguments=[
            *("--front-end-root", str(frontend)),
            *("--preview-method", "latent2rgb"),
            *("--disable-metadata", "--cache-none"),
        ],
    ) as running:
        yield running


@pytest.fixture
def fresh(server: ComfyServer) -> ComfyServer:
    """The shared server, with nothing loaded, nothing cached and the counters at zero."""
    forget(server)
    return server
