"""Reading prompts, which node a text names, and what each node is made from."""

from __future__ import annotations

import re
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.graphs.prompt_graph import find_node, read_prompt, sources_first, title


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


def linked(*links: Any, class_type: Any = "ImageInvert") -> dict[str, Any]:
    return {"class_type": class_type, "inputs": {f"in{i}": v for i, v in enumerate(links)}}


def test_the_nodes_of_a_prompt_come_behind_those_that_they_are_linked_to() -> None:
    far = ["gone", 0]
    prompt = {"a": linked(["b", 0], ["c", 1]), "b": linked(["c", 0], 5, far), "c": linked([], {})}
    assert list(read_prompt(prompt)) == ["c", "b", "a"]
    assert read_prompt(prompt) == prompt


def test_a_long_chain_of_nodes_is_read() -> None:
    chain = {str(i): linked([str(i + 1), 0]) for i in range(50_000)}
    assert list(read_prompt(chain)) == [*reversed(chain)]


@pytest.mark.parametrize(
    "prompt",
    [
        *(None, [], "x", 5, {"1": None}, {"1": []}, {"1": {"class_type": "A"}}),
        *({"1": {"inputs": {}}}, {"1": linked(class_type=5)}, {"1": {**linked(), "inputs": []}}),
        *({"1": linked(["1", end])} for end in (float("nan"), float("inf"), 0.5)),
    ],
)
def test_what_is_no_prompt_is_refused(prompt: Any) -> None:
    with pytest.raises(PeriplusError, match="no workflow in ComfyUI's API format"):
        read_prompt(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        {"1": linked(["1", 0])},
        {"0": linked(["1", 0]), "1": linked(["2", 0]), "2": linked(["3", 0], ["1", 0])},
    ],
)
def test_links_that_go_round_are_refused(prompt: Any) -> None:
    with pytest.raises(PeriplusError, match=r"^node 1 is linked to itself$"):
        read_prompt({**prompt, "3": linked()})


def test_what_is_known_is_left_out_with_all_behind_it() -> None:
    sources = {"a": ["b", "c"], "b": ["d"], "c": ["d", "e"], "d": [], "e": []}
    assert sources_first("a", sources.__getitem__) == ["d", "b", "e", "c", "a"]
    assert sources_first("a", sources.__getitem__, known={"c"}) == ["d", "b", "a"]
    assert sources_first("a", sources.__getitem__, known={"a"}) == []
