"""Which run of a sweep keeps the manifest."""

from __future__ import annotations

from pathlib import Path

from periplus.host.prompt import under_way

MANIFEST = Path("sweep-1.json")


def run() -> under_way.Run:
    return under_way.Run(MANIFEST, "1", None, frozenset())


def test_the_run_that_began_last_keeps_the_manifest_until_it_ends() -> None:
    """What the first one does later must not replace what the last one has said."""
    first, last = run(), run()
    under_way.begin(first)
    under_way.begin(last)

    under_way.end(first)
    assert under_way.find(MANIFEST) is last
    under_way.end(last)
    assert under_way.find(MANIFEST) is None
    under_way.end(last)
    assert under_way.find(MANIFEST) is None
