"""Which node of a prompt a text names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.graphs.prompt_graph import find_node, title


def node(class_type: str, title: str = "") -> dict[str, Any]:
    return {
        "class_type": class_type,
        "inputs": {},
        **({"_meta": {"title": title}} if title else {}),
    }


PROMPT = {
    "3": node("KSampler", "Base"),
    "5:3": node("KSampler", "KSampler"),
    "7": node("VAEDecode"),
    "8": node("CLIPTextEncode", "Positive"),
    "9": node("CLIPTextEncode", "7"),
    "10": node("SaveImage", "Same"),
    "11": node("PreviewImage", "Same"),
    "12": node("LoadImage", "#1"),
}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("3", "3"),
        (" #3 ", "3"),
        ("5:3", "5:3"),
        ("base", "3"),
        ("7", "7"),  # the id, not the title of node 9
        ("VAEDecode", "7"),
        ("vaedecode", "7"),
        ("KSampler", "5:3"),  # the title, not the type of two nodes
        ("saveimage", "10"),
        ("#1", "12"),
    ],
)
def test_a_node_is_found_by_id_then_title_then_type(named: str, found: str) -> None:
    assert find_node(PROMPT, named) == found


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ("Same", "node 'Same' is the title of 2 nodes; write the id of one of them: 10, 11"),
        ("CLIPTextEncode", "is the type of 2 nodes; write the id of one of them: 8, 9"),
        ("Positiv", "node 'Positiv' is not in this workflow; nearest: Positive"),
        ("99", "node '99' is not in this workflow; write the id, the title or the type"),
    ],
)
def test_what_is_not_one_node_is_refused_with_the_way_out(named: str, text: str) -> None:
    with pytest.raises(PeriplusError, match=re.escape(text)):
        find_node(PROMPT, named)


def test_a_node_without_a_title_is_called_by_its_type() -> None:
    assert (title(PROMPT["3"]), title(PROMPT["7"])) == ("Base", "VAEDecode")


@pytest.mark.parametrize(
    "meta", [None, 5, "x", [], {}, {"title": None}, {"title": 5}, {"title": []}]
)
def test_a_title_that_is_no_text_is_none(meta: Any) -> None:
    prompt = {"1": {"class_type": "KSampler", "_meta": meta}}
    assert title(prompt["1"]) == "KSampler"
    assert find_node(prompt, "ksampler") == "1"
