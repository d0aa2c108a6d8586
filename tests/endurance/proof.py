"""What a proof tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """The outcome of a proof.

    Args:
        report: what was seen, line by line.
        faults: what should not have been; empty for a proof that holds.
        verdict: the last line where it holds.
    """

    report: tuple[str, ...]
    faults: tuple[str, ...]
    verdict: str

    @property
    def lines(self) -> list[str]:
        """All of it, to be shown."""
        end = [f"FAULT: {fault}" for fault in self.faults] or [self.verdict]
        return [*self.report, *end]
