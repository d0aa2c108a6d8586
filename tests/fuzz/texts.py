"""Hostile texts: pieces that mean something, garbage between them, and all of it many times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

ODD = (
    *("", " ", "\n", "\r\n", "\t", "\0", "\x7f", "\u2028", "\u00a0", "\ufeff", "\u202e", "\ud800"),
    *("кот", "猫", "🐈", "é", "ß", "İ", "ﬁ", "١", "²", "⅕", "e\u0301" * 5, "\\", "'", "`", "%s"),
    *("{0}", "${x}", "<script>alert(1)</script>", "../", "C:\\", "NaN", "Infinity", "-0", "None"),
)
"""Pieces that trip readers of any language."""

garbage = st.text(max_size=12) | st.text(st.characters(), max_size=6)


def texts(pieces: Sequence[str]) -> SearchStrategy[str]:
    """Texts of these pieces, of odd ones and of garbage; now and then one is repeated often."""
    known = st.sampled_from(pieces)
    piece = known | known | known | st.sampled_from(ODD) | garbage
    many = st.builds(
        lambda text, times: text * times,
        st.lists(piece, min_size=1, max_size=3).map("".join),
        st.sampled_from([2, 3, 10, 100, 1000, 5000]),
    )
    short = st.lists(piece, max_size=10).map("".join)
    mixed = st.tuples(short, many, short).map("".join)
    return st.one_of(*[short] * 7, mixed)


json_values: SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**18, 10**400, -(10**30), 1e308, "9" * 5000, "x" * 100_000, *ODD])
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
"""Any JSON value, NaN and absurd numbers among them."""
