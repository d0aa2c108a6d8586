"""Which sweeps ComfyUI is to run again instead of giving its cached result."""

from __future__ import annotations

from pathlib import Path

import pytest

from periplus.host.system.retries import outdate, remember, retry_token

COMPLETE = {"done": 3, "failed": 0, "missing": 0}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Of a sweep that has ended with all cells."""
    path = tmp_path / "sweep-1.json"
    path.touch()
    remember(path, COMPLETE)
    return path


def token(manifest: Path, **inputs: bool) -> str:
    return retry_token(manifest.parent, **inputs)


def test_a_complete_sweep_stays_cached(manifest: Path) -> None:
    assert token(manifest) == token(manifest)


@pytest.mark.parametrize("status", ["failed", "missing"])
def test_a_sweep_with_cells_to_make_runs_each_time(manifest: Path, status: str) -> None:
    remember(manifest, {**COMPLETE, status: 1})
    assert token(manifest) != token(manifest)
    rests = token(manifest, retry_failed=False) == token(manifest, retry_failed=False)
    assert rests == (status == "failed")


def test_a_sweep_without_its_manifest_runs(manifest: Path) -> None:
    manifest.unlink()
    assert token(manifest) != token(manifest)


def test_cells_are_made_anew_each_time(manifest: Path) -> None:
    assert token(manifest, remake=True) != token(manifest, remake=True)


def test_what_was_cached_before_cells_were_made_anew_is_not_given(manifest: Path) -> None:
    """A cache that remembers several prompts knows the sheet as it was."""
    before = token(manifest)
    outdate(manifest)
    assert token(manifest) == token(manifest) != before


def test_the_first_run_of_a_sweep_outdates_nothing(manifest: Path) -> None:
    before = token(manifest)
    outdate(manifest.with_name("sweep-2.json"))
    assert token(manifest) == before
