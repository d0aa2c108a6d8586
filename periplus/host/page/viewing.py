"""What ComfyUI's page asks for to show sweeps in the viewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...files.picture import read_picture
from ...reading.picture_texts import read_texts
from ...viewer.found_sweeps import latest_sweeps
from ...viewer.small_picture import small_jpeg
from ...viewer.viewer_data import shown_sweep
from ..system.paths import output_file, output_folder, output_reference

MOST_SWEEPS = 50
"""In the list to choose from."""


def show_sweep(question: Mapping[str, Any]) -> dict[str, Any]:
    """Give a sweep as the viewer takes it; its files' names are relative to its manifest.

    Args:
        question: ``manifest``, a file as ``/view`` takes it.

    Raises:
        PeriplusError: it is not the manifest of a sweep in the output folder.
    """
    return shown_sweep(output_file(question.get("manifest")))


def list_sweeps(_: Mapping[str, Any]) -> dict[str, Any]:
    """Give the latest sweeps in the output folder, for the user to choose from."""
    return {
        "sweeps": [
            {
                "manifest": output_reference(sweep.manifest),
                "title": sweep.title,
                "updated": sweep.updated,
                "state": sweep.state,
                "counts": sweep.counts,
            }
            for sweep in latest_sweeps(output_folder(), MOST_SWEEPS)
        ]
    }


def tell_infotext(question: Mapping[str, Any]) -> dict[str, str]:
    """Give the infotext in a picture; empty where it has none.

    Args:
        question: ``picture``, a file as ``/view`` takes it.

    Raises:
        PeriplusError: it is no picture in the output folder.
    """
    path = output_file(question.get("picture"))
    return {"infotext": read_texts(path).get("parameters", "")}


def small_picture(picture: Mapping[str, str]) -> bytes:
    """Give a picture as a small JPEG.

    Args:
        picture: a file as ``/view`` takes it.

    Raises:
        PeriplusError: it is no picture in the output folder.
    """
    return small_jpeg(read_picture(output_file(picture)))
