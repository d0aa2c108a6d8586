from __future__ import annotations

from typing import Any

import pytest

from scripts.workflow import WorkflowError, replace_unknown, to_prompt

INFO: dict[str, Any] = {
    "Load": {
        "input": {"required": {"ckpt_name": [["a.safetensors", "b.safetensors"], {}]}},
        "display_name": "Load a checkpoint",
    },
    "Sample": {
        "input": {
            "required": {
                "model": ["MODEL", {}],
                "seed": ["INT", {"default": 0}],
                "steps": ["INT", {"default": 20}],
                "wired": ["INT", {"forceInput": True}],
                "sampler": ["COMBO", {"options": ["euler"]}],
                "start": ["INT", {"control_after_generate": True}],
            },
            "optional": {"text": ["STRING,INT", {"widgetType": "STRING"}], "axis": ["AXIS"]},
        },
    },
    "Patch": {"input": {"required": {"model": ["MODEL"], "strength": ["FLOAT", {}]}}},
}


def node(number: int, kind: str, widgets: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "widgets_values": widgets, "outputs": [], **more}


def slot(name: str, link: int | None, kind: str = "MODEL") -> dict[str, Any]:
    return {"name": name, "type": kind, "link": link}


LOADER = node(1, "Load", ["a.safetensors"])
SAMPLE_WIDGETS = [5, "randomize", 20, "euler", 3, "fixed", "hello"]


def sampler(link: int) -> dict[str, Any]:
    return node(9, "Sample", SAMPLE_WIDGETS, inputs=[slot("model", link)])


def test_widgets_take_their_values_in_order_and_controls_are_dropped() -> None:
    workflow = {"nodes": [LOADER, sampler(7)], "links": [[7, 1, 0, 9, 0, "MODEL"]]}
    prompt = to_prompt(workflow, INFO)
    assert prompt["9"]["inputs"] == {
        "seed": 5,
        "steps": 20,
        "sampler": "euler",
        "start": 3,
        "text": "hello",
        "model": ["1", 0],
    }


def test_a_linked_widget_keeps_its_place_and_gives_way_to_the_link() -> None:
    linked = node(9, "Sample", SAMPLE_WIDGETS, inputs=[slot("steps", 7, "INT")])
    links = [{"id": 7, "origin_id": 1, "origin_slot": 2}]
    prompt = to_prompt({"nodes": [LOADER, linked], "links": links}, INFO)
    assert prompt["9"]["inputs"]["steps"] == ["1", 2]
    assert prompt["9"]["inputs"]["sampler"] == "euler"


def test_fewer_values_than_widgets_leave_the_last_to_the_server() -> None:
    short = node(9, "Sample", SAMPLE_WIDGETS[:3])
    inputs = to_prompt({"nodes": [short], "links": []}, INFO)["9"]["inputs"]
    assert inputs == {"seed": 5, "steps": 20}


def test_values_by_name_are_taken_by_name() -> None:
    named = node(1, "Load", {"ckpt_name": "b.safetensors", "preview": "x"})
    inputs = to_prompt({"nodes": [named], "links": []}, INFO)["1"]["inputs"]
    assert inputs == {"ckpt_name": "b.safetensors"}


@pytest.mark.parametrize("note", ["Note", "MarkdownNote"])
def test_notes_are_left_out(note: str) -> None:
    assert to_prompt({"nodes": [node(2, note, ["read me"])], "links": []}, INFO) == {}


def test_a_reroute_is_followed_to_its_source() -> None:
    reroute = node(2, "Reroute", inputs=[slot("", 6)])
    links = [[6, 1, 0, 2, 0, "MODEL"], [7, 2, 0, 9, 0, "MODEL"]]
    prompt = to_prompt({"nodes": [LOADER, reroute, sampler(7)], "links": links}, INFO)
    assert prompt["9"]["inputs"]["model"] == ["1", 0]
    assert "2" not in prompt


def test_a_primitive_gives_its_value() -> None:
    linked = node(9, "Sample", SAMPLE_WIDGETS, inputs=[slot("seed", 7, "INT")])
    links = [[7, 2, 0, 9, 0, "INT"]]
    primitive = node(2, "PrimitiveNode", [11, "fixed"])
    prompt = to_prompt({"nodes": [primitive, linked], "links": links}, INFO)
    assert prompt["9"]["inputs"]["seed"] == 11


def test_a_bypassed_node_passes_on_its_input_of_the_same_type() -> None:
    patch = node(2, "Patch", [1.0], mode=4, inputs=[slot("clip", 5, "CLIP"), slot("model", 6)])
    patch["outputs"] = [{"type": "MODEL"}]
    links = [
        [5, 1, 1, 2, 0, "CLIP"],
        [6, 1, 0, 2, 1, "MODEL"],
        [7, 2, 0, 9, 0, "MODEL"],
    ]
    prompt = to_prompt({"nodes": [LOADER, patch, sampler(7)], "links": links}, INFO)
    assert prompt["9"]["inputs"]["model"] == ["1", 0]
    assert "2" not in prompt


def test_a_muted_node_is_cut_out() -> None:
    muted = node(1, "Load", ["a.safetensors"], mode=2)
    links = [[7, 1, 0, 9, 0, "MODEL"]]
    prompt = to_prompt({"nodes": [muted, sampler(7)], "links": links}, INFO)
    assert list(prompt) == ["9"]
    assert "model" not in prompt["9"]["inputs"]


def test_titles_come_from_the_node_or_its_type() -> None:
    titled = node(2, "Load", ["a.safetensors"], title="The old one")
    prompt = to_prompt({"nodes": [LOADER, titled], "links": []}, INFO)
    titles = [entry["_meta"]["title"] for entry in prompt.values()]
    assert titles == ["Load a checkpoint", "The old one"]


def test_an_unknown_node_type_is_named() -> None:
    with pytest.raises(WorkflowError, match="node 3: this ComfyUI has no node type 'Gone'"):
        to_prompt({"nodes": [node(3, "Gone")], "links": []}, INFO)


def test_unknown_checkpoints_are_replaced_by_the_first_known_one() -> None:
    prompt = {
        "1": {"class_type": "Load", "inputs": {"ckpt_name": "v1-5.safetensors"}},
        "2": {"class_type": "Load", "inputs": {"ckpt_name": "b.safetensors"}},
        "3": {"class_type": "Load", "inputs": {"ckpt_name": ["7", 0]}},
    }
    replaced = replace_unknown(prompt, INFO, "ckpt_name")
    assert replaced == {"v1-5.safetensors": "a.safetensors"}
    names = [entry["inputs"]["ckpt_name"] for entry in prompt.values()]
    assert names == ["a.safetensors", "b.safetensors", ["7", 0]]


def test_an_unknown_name_becomes_the_one_with_most_words_in_common() -> None:
    options = ["demo/coast.safetensors", "demo/refiner.safetensors", "old_refiner.safetensors"]
    info = {"Load": {"input": {"required": {"ckpt_name": [options, {}]}}}}
    prompt = {"1": {"class_type": "Load", "inputs": {"ckpt_name": "XL_Refiner_1.0.safetensors"}}}
    replaced = replace_unknown(prompt, info, "ckpt_name")
    assert replaced == {"XL_Refiner_1.0.safetensors": "demo/refiner.safetensors"}
