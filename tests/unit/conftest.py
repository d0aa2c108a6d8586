"""Settings of all unit tests, and manifests that several of them read."""

from __future__ import annotations

import pytest
from hypothesis import settings

from periplus.axes.combine import combine
from periplus.records.manifest import Manifest

from .records.manifests import CFG, STEPS, finish, manifest_of

# How long an example takes says more of the machine than of the code.
settings.register_profile("periplus", deadline=None)
settings.load_profile("periplus")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Four finished cells of two pictures each; only to be read."""
    manifest = manifest_of(tmp_path_factory.mktemp("sweep"), x=STEPS, y=CFG)
    finish(manifest, pictures=2)
    return manifest


@pytest.fixture(scope="session")
def crossed(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Finished cells of one crossed axis; only to be read."""
    manifest = manifest_of(tmp_path_factory.mktemp("sweep"), x=combine(STEPS, CFG, "cross"))
    finish(manifest)
    return manifest
