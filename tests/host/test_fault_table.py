"""The table of faults, row by row: nothing that is finished is lost, and all else is made."""

from __future__ import annotations

import pytest

from scripts.comfy_server import ComfyServer

from ..faults.case import Case, measure
from ..faults.cases import CASES

ELSEWHERE = frozenset(
    {
        *("cancel", "an unreadable model"),  # test_faults.py
        "a sampler that raises",  # test_traps.py
        *("disk full", "output becomes read-only"),  # test_writing.py
        "output cannot be written from the start",  # test_writing.py
        "out of memory in a VAE",  # test_tiling.py
        *("a damaged cell file", "another sweep of the queue fails"),  # by the command alone
    }
)
"""Rows that other tests hold to the same."""


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name not in ELSEWHERE], ids=lambda case: case.name
)
def test_a_fault_costs_its_own_cells_only(server: ComfyServer, case: Case) -> None:
    row = measure(server, case)

    assert row.holds, str(row)
