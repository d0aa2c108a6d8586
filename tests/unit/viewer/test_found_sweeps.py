"""The list of sweeps: the latest first, whatever else lies in the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from periplus.viewer import found_sweeps
from periplus.viewer.found_sweeps import latest_sweeps

from ..records.manifests import CFG, STEPS, finish, manifest_of


def make_sweep(folder: Path, time: float) -> Path:
    manifest = manifest_of(folder, CFG, STEPS)
    finish(manifest)
    os.utime(manifest.path, (time, time))
    return manifest.path


def test_the_latest_come_first_and_no_more_than_asked_for(tmp_path: Path) -> None:
    paths = [make_sweep(tmp_path / name, time) for name, time in (("a", 2), ("b/c", 3), ("d", 1))]

    found = latest_sweeps(tmp_path, 2)

    assert [sweep.manifest for sweep in found] == [paths[1], paths[0]]
    assert found[0].title == "cfg × steps"
    assert (found[0].updated, found[0].state) == (3, "running")
    assert found[0].counts == {"done": 4, "reused": 0, "failed": 0, "missing": 0}


def test_what_is_no_manifest_is_passed_over(tmp_path: Path) -> None:
    path = make_sweep(tmp_path, 1)
    texts = ("", "[]", '{"periplus": 1}', '{"periplus": 1, "axes": [], "cells": {}}', "{" * 10_000)
    for number, text in enumerate(texts):
        (tmp_path / f"sweep-{number}.json").write_text(text)
    (tmp_path / "sweep-x.json").mkdir()
    (tmp_path / "other.json").write_text(path.read_text())

    assert [sweep.manifest for sweep in latest_sweeps(tmp_path, 9)] == [path]


def test_large_manifests_shorten_the_list_but_for_the_latest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [make_sweep(tmp_path / name, time) for name, time in (("a", 1), ("b", 2))]
    monkeypatch.setattr(found_sweeps, "MAX_BYTES", 10)

    assert [sweep.manifest for sweep in latest_sweeps(tmp_path, 9)] == [paths[1]]
