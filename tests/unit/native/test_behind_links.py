"""Copying what is behind a link of a picture's workflow, which may be anybody's."""

from __future__ import annotations

from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.graphs.prompt_graph import Link
from periplus.native.behind_links import BehindLinks
from periplus.native.wiring import Wiring
from periplus.reading.picture_graph import MAX_NODES, PictureGraph


def node(class_type: str = "Node", **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def behind(prompt: dict[str, Any], wiring: Wiring | None = None) -> BehindLinks:
    links = prompt.get("sweep", {}).get("inputs")
    return BehindLinks(PictureGraph(prompt), links, wiring or Wiring())


def test_what_two_inputs_share_is_copied_once_and_before_what_it_makes() -> None:
    wiring = Wiring()
    links = behind(
        {
            "lora": node("Lora", model=["5:1", 0], clip=["5:1", 1]),
            "5:1": node("Loader", name="coast", seed=2**60),
            "sweep": node(model=["lora", 0], vae=["5:1", 2]),
            "other": node(model=["5:1", 0]),
        },
        wiring,
    )

    assert (links.copy("model"), links.copy("vae")) == (Link("2", 0), Link("1", 2))
    assert [n["class_type"] for n in wiring.prompt.values()] == ["Loader", "Lora"]
    assert wiring.prompt["2"]["inputs"] == {"model": ["1", 0], "clip": ["1", 1]}
    assert "rounds seed" in wiring.notes[0]


def test_several_names_follow_link_after_link() -> None:
    links = behind({"sweep": node(refiner=["r", 0]), "r": node(model=["m", 1]), "m": node()})
    assert links.copy("refiner", "model") == Link("1", 1)


@pytest.mark.parametrize(
    ("prompt", "why"),
    [
        ({}, "does not tell where model comes from"),
        ({"sweep": node(model=["gone", 0])}, "does not tell where model comes from"),
        ({"sweep": node(model=["a", 0]), "a": node(x=["a", 0])}, "linked to itself"),
        (
            {"sweep": node(model=["a", 0]), "a": node(x=["b", 0]), "b": node(x=["a", 0])},
            "linked to itself",
        ),
        (
            {"sweep": node(model=["a", 0]), "a": node(x=["gone", 0])},
            r"x of node a \(Node\) leads to a node that is not in the picture",
        ),
    ],
)
def test_a_link_that_leads_nowhere_is_refused(prompt: dict[str, Any], why: str) -> None:
    with pytest.raises(PeriplusError, match=why):
        behind(prompt).copy("model")


def test_a_chain_of_all_nodes_that_are_read_is_copied() -> None:
    last = MAX_NODES - 2
    chain = {str(i): node(before=[str(i - 1), 0]) for i in range(1, last + 1)}
    wiring = Wiring()
    behind({"0": node(), **chain, "sweep": node(model=[str(last), 0])}, wiring).copy("model")
    assert len(wiring.prompt) == last + 1


def test_a_text_for_an_encoder_is_kept_from_the_page() -> None:
    wiring = Wiring()
    encoder = node("CLIPTextEncode", text="a {b}", clip="c")
    behind({"sweep": node(positive=["e", 0]), "e": encoder}, wiring).copy("positive")
    assert wiring.prompt["1"]["inputs"] == {"value": "a {b}"}
    assert wiring.prompt["2"]["inputs"]["text"] == ["1", 0]
