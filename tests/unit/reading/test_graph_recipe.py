"""The recipe in a prompt graph and in a workflow, found without running a node."""

from __future__ import annotations

from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.reading import picture_graph
from periplus.reading.cell_recipe import read_cell, with_overrides
from periplus.reading.found import Found
from periplus.reading.graph_recipe import read_graph
from periplus.reading.workflow_prompt import prompt_of_workflow

Json = dict[str, Any]

SETTINGS: Json = {"steps": 20, "cfg": 7, "sampler_name": "euler", "scheduler": "karras"}
EXPECTED: Json = {
    **SETTINGS,
    "cfg": 7.0,
    "positive": "a cat",
    "negative": "a dog",
    "seed": 5,
    "denoise": 0.8,
    "width": 640,
    "height": 512,
    "ckpt_name": "sd/coast.safetensors",
}


def node(class_type: str, **inputs: Any) -> Json:
    return {"class_type": class_type, "inputs": inputs}


def base(**others: Json) -> Json:
    """A checkpoint, two texts and a latent, and other nodes."""
    return {
        "ckpt": node("CheckpointLoaderSimple", ckpt_name=EXPECTED["ckpt_name"]),
        "p": node("CLIPTextEncode", text="a cat", clip=["ckpt", 1]),
        "n": node("CLIPTextEncode", text="a dog", clip=["ckpt", 1]),
        "empty": node("EmptyLatentImage", width=640, height=512, batch_size=1),
        **others,
    }


PROMPTS: Json = {"positive": ["p", 0], "negative": ["n", 0]}
LINKS: Json = {"model": ["ckpt", 0], **PROMPTS, "latent_image": ["empty", 0]}


def ksampler(**changes: Any) -> Json:
    return node("KSampler", **{**SETTINGS, "seed": 5, "denoise": 0.8, **LINKS, **changes})


def custom(**others: Json) -> Json:
    return base(
        **{
            "noise": node("RandomNoise", noise_seed=5),
            "guide": node("CFGGuider", model=["ckpt", 0], cfg=7, **PROMPTS),
            "which": node("KSamplerSelect", sampler_name="euler"),
            "sigmas": node("BasicScheduler", scheduler="karras", steps=20, denoise=0.8),
            "run": node(
                "SamplerCustomAdvanced",
                noise=["noise", 0],
                guider=["guide", 0],
                sampler=["which", 0],
                sigmas=["sigmas", 0],
                latent_image=["empty", 0],
            ),
            **others,
        }
    )


def read(prompt: Json) -> Found:
    return read_graph(prompt)


def note_of(found: Found, part: str) -> str:
    (note,) = (note for note in found.notes if part in note)
    return note


# Samplers


def test_what_ksampler_was_given_is_found() -> None:
    found = read(base(run=ksampler(), out=node("VAEDecode", samples=["run", 0])))
    assert (found.values, found.gaps, found.notes) == (EXPECTED, {}, ())
    assert found.places["positive"] == "the workflow, node p (CLIPTextEncode)"


def test_what_the_nodes_of_custom_sampling_were_given_is_found() -> None:
    assert read(custom()).values == EXPECTED
    one = node(
        "SamplerCustom",
        **{"noise_seed": 5, "cfg": 7, "sampler": ["which", 0], "sigmas": ["sigmas", 0], **LINKS},
    )
    assert read(custom(run=one)).values == EXPECTED


def test_a_guider_of_one_prompt_has_no_cfg_and_no_negative() -> None:
    guide = node("BasicGuider", model=["ckpt", 0], conditioning=["p", 0])
    assert read(custom(guide=guide)).values == {**EXPECTED, "cfg": 1.0, "negative": ""}


def test_a_sampler_with_both_prompts_is_no_guider_of_one() -> None:
    run = ksampler(conditioning=["p", 0])
    del run["inputs"]["cfg"]
    found = read(base(run=run))
    assert found.values == {name: value for name, value in EXPECTED.items() if name != "cfg"}


def test_a_sampler_that_has_no_name_is_a_gap() -> None:
    found = read(custom(which=node("SamplerDPMPP_SDE", eta=1.0)))
    assert "sampler_name" not in found.values
    assert found.gaps["sampler_name"] == "node which (SamplerDPMPP_SDE) has its own way"


def test_split_sigmas_are_told() -> None:
    found = read(custom(sigmas=node("SplitSigmas", sigmas=["b", 0]), b=custom()["sigmas"]))
    assert found.values == EXPECTED
    assert note_of(found, "SplitSigmas") == "the sigmas go through node sigmas (SplitSigmas)"


def test_the_sweep_node_is_read_and_a_sheet_is_told_from_a_cell() -> None:
    sweep = node(
        "PeriplusSweepKSampler",
        **{**SETTINGS, "seed": 5, "denoise": 0.8, "width": 640, "height": 512},
        **{"positive": "a cat", "negative": "a dog", "model": ["ckpt", 0], "x_axis": ["axis", 0]},
    )
    prompt = base(run=sweep, axis=node("PeriplusAxisNumber", parameter="cfg", values="1, 2"))
    assert read(prompt).values == EXPECTED
    assert "sweeps x_axis" in note_of(read(prompt), "axis")
    assert read_graph(prompt, of_cell=True).notes == ()
    sweep["inputs"] |= {"positive_conditioning": ["n", 0], "latent_image": ["small", 0]}
    prompt["small"] = node("EmptyLatentImage", width=64, height=32)
    changed = {"positive": "a dog", "width": 64, "height": 32}
    assert read(prompt).values == {**EXPECTED, **changed}


def test_the_first_pass_is_read_and_later_ones_are_told() -> None:
    larger = node("LatentUpscaleBy", samples=["run", 0], scale_by=2)
    again = ksampler(steps=9, latent_image=["larger", 0])
    found = read({"again": again, **base(run=ksampler(), larger=larger)})
    assert found.values == EXPECTED
    assert note_of(found, "later") == "later passes are left out: node again (KSampler)"


def test_of_two_pictures_one_is_read_and_the_other_told() -> None:
    found = read(base(run=ksampler(), other=ksampler(seed=6)))
    assert found.values["seed"] == 5
    assert "node other (KSampler)" in note_of(found, "2 samplers")


def test_a_base_for_a_refiner_starts_with_noise() -> None:
    first = node(
        "KSamplerAdvanced",
        **{**SETTINGS, "noise_seed": 5, "start_at_step": 0, "end_at_step": 16, **LINKS},
    )
    found = read(base(run=first))
    assert found.values == {**EXPECTED, "denoise": 1.0}
    assert note_of(found, "ends") == "node run (KSamplerAdvanced) ends at step 16 of 20"
    first["inputs"]["start_at_step"] = 4
    assert "starts at step 4" in read(base(run=first)).gaps["denoise"]


# Links


@pytest.mark.parametrize("name", ["seed", "steps", "sampler_name"])
def test_a_value_from_a_primitive_is_read(name: str) -> None:
    value = node("PrimitiveInt", value=EXPECTED[name], control_after_generate="fixed")
    assert read(base(run=ksampler(**{name: ["v", 0]}), v=value)).values == EXPECTED


def test_a_value_that_a_node_computes_is_a_gap() -> None:
    found = read(base(run=ksampler(seed=["v", 0]), v=node("Sum", value=4, other=1)))
    assert "seed" not in found.values
    assert found.gaps["seed"] == "node v (Sum) computes it"


def test_a_text_from_a_primitive_is_read() -> None:
    text = node("PrimitiveString", value="a cat")
    prompt = base(p=node("CLIPTextEncode", text=["t", 0]), t=text, run=ksampler())
    assert read(prompt).values == EXPECTED
    assert read(base(run=ksampler(positive=["t", 0]), t=text)).values == EXPECTED


def test_prompts_are_found_behind_nodes_that_hand_both_on() -> None:
    control = node("ControlNetApplyAdvanced", **PROMPTS, strength=1.0)
    run = ksampler(positive=["c", 0], negative=["c", 1])
    assert read(base(c=control, run=run)).values == EXPECTED


def test_a_prompt_of_two_texts_is_a_gap_and_equal_texts_are_one() -> None:
    both = node("ConditioningCombine", conditioning_1=["p", 0], conditioning_2=["n", 0])
    found = read(base(c=both, run=ksampler(positive=["c", 0])))
    assert "positive" not in found.values
    assert found.gaps["positive"].startswith("it is made of 2 texts: ")
    same = node("CLIPTextEncodeSDXL", text_g="a cat", text_l="a cat", width=1, height=1)
    assert read(base(p=same, run=ksampler())).values == EXPECTED


def test_zeros_are_an_empty_prompt() -> None:
    zeros = node("ConditioningZeroOut", conditioning=["p", 0])
    found = read(base(n=zeros, run=ksampler()))
    assert found.values == {**EXPECTED, "negative": ""}


def test_a_model_behind_a_lora_is_read_and_the_lora_told() -> None:
    lora = node("LoraLoader", model=["ckpt", 0], lora_name="ink.safetensors", strength_model=0.5)
    found = read(base(lora=lora, run=ksampler(model=["lora", 0])))
    assert found.values == EXPECTED
    assert "node lora (LoraLoader) with ink.safetensors" in note_of(found, "model")


def test_a_model_that_is_no_checkpoint_is_a_gap() -> None:
    found = read(base(ckpt=node("UNETLoader", unet_name="x"), run=ksampler()))
    assert "ckpt_name" not in found.values
    assert found.gaps["ckpt_name"] == "node ckpt (UNETLoader) loads no checkpoint"
    assert found.notes == ()


def test_clip_skip_is_told() -> None:
    found = read(base(skip=node("CLIPSetLastLayer", stop_at_clip_layer=-2), run=ksampler()))
    assert note_of(found, "skip") == "node skip (CLIPSetLastLayer) sets clip_skip 2"


def test_a_size_that_only_a_picture_knows_is_a_gap() -> None:
    encode = node("VAEEncode", pixels=["load", 0])
    found = read(base(empty=encode, load=node("LoadImage", image="a.png"), run=ksampler()))
    assert not {"width", "height"} & found.values.keys()
    assert "node load (LoadImage)" in found.gaps["width"]


# What is not as it should be


def test_links_in_circles_come_to_an_end() -> None:
    ring = {"p": node("X", conditioning=["p", 0]), "empty": node("Y", samples=["empty", 0])}
    found = read(base(**ring, run=ksampler(seed=["s", 0]), s=node("Z", value=["s", 0])))
    assert found.gaps.keys() == {"positive", "seed", "width", "height"}
    with pytest.raises(PeriplusError, match="no sampler"):
        read(base(a=ksampler(latent_image=["b", 0]), b=ksampler(latent_image=["a", 0])))


@pytest.mark.parametrize("content", [None, [], {}, {"1": None}, {"1": node("KSampler")}])
def test_what_is_no_prompt_is_refused(content: Any) -> None:
    with pytest.raises(PeriplusError):
        read_graph(content)


def test_misshapen_nodes_and_links_are_left_out() -> None:
    odd = {"x": 5, "y": {"class_type": 5, "inputs": {}}, "z": {"class_type": "Z", "inputs": []}}
    run = ksampler(model=["x", 0], seed=["none", 0], steps=[], cfg={"a": 1}, denoise="0.5")
    found = read(base(**odd, run=run))
    assert found.values["denoise"] == 0.5
    assert found.gaps.keys() == {"seed", "steps", "cfg"}


def test_a_prompt_of_too_many_nodes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_graph, "MAX_NODES", 4)
    with pytest.raises(PeriplusError, match="more than 4 nodes"):
        read(base(run=ksampler()))


# Workflows


def widget_node(number: int, kind: str, values: Any, **inputs: Any) -> Json:
    slots = [{"name": name, "link": link} for name, link in inputs.items()]
    return {"id": number, "type": kind, "mode": 0, "inputs": slots, "widgets_values": values}


def workflow() -> Json:
    return {
        "nodes": [
            widget_node(1, "CheckpointLoaderSimple", [EXPECTED["ckpt_name"]]),
            widget_node(2, "CLIPTextEncode", ["a cat"], clip=11),
            widget_node(3, "CLIPTextEncode", ["a dog"], clip=11),
            widget_node(4, "EmptyLatentImage", [640, 512, 1]),
            widget_node(
                *(5, "KSampler", [9, "randomize", 20, 7, "euler", "karras", 0.8]),
                **{"model": 13, "positive": 14, "negative": 15, "latent_image": 16, "seed": 17},
            ),
            widget_node(6, "Reroute", None, **{"": 12}),
            widget_node(7, "PrimitiveNode", [5, "fixed"]),
        ],
        "links": [
            *([11, 1, 1, 2, 0, "CLIP"], [12, 1, 0, 6, 0, "*"], [13, 6, 0, 5, 0, "MODEL"]),
            {"id": 14, "origin_id": 2, "origin_slot": 0, "target_id": 5, "target_slot": 1},
            *([15, 3, 0, 5, 2, "C"], [16, 4, 0, 5, 3, "LATENT"], [17, 7, 0, 5, 4, "INT"]),
        ],
    }


def test_a_workflow_alone_says_the_same() -> None:
    assert read_graph(prompt_of_workflow(workflow())).values == EXPECTED


def test_widgets_that_the_page_names_are_read_by_their_names() -> None:
    content = workflow()
    sampler = content["nodes"][4]
    sampler["type"] = "KSampler (of another pack)"
    names = ("steps", "cfg", "sampler_name", "scheduler", "denoise")
    sampler["inputs"][-1]["widget"] = {"name": "seed"}
    sampler["inputs"] += [{"name": n, "link": None, "widget": {"name": n}} for n in names]
    assert read_graph(prompt_of_workflow(content)).values == EXPECTED


def test_muted_nodes_are_left_out() -> None:
    content = workflow()
    content["nodes"].append({**content["nodes"][4], "id": 8, "mode": 2})
    assert read_graph(prompt_of_workflow(content)).notes == ()


@pytest.mark.parametrize("content", [None, [], {}, {"nodes": {}}])
def test_what_is_no_workflow_is_refused(content: Any) -> None:
    with pytest.raises(PeriplusError, match="no nodes"):
        prompt_of_workflow(content)


# Cells


def test_a_cell_says_its_own_recipe() -> None:
    special = {"clip_skip": 2, "loras": [{"name": "x"}], "hires": None, "vae_tiling": "auto"}
    recipe = {**EXPECTED, "ckpt_name": "", **special}
    found = read_cell({"recipe": recipe, "linked": ["model", "positive_conditioning", "image"]})
    assert found.values == {n: v for n, v in EXPECTED.items() if n not in ("ckpt_name", "positive")}
    assert found.gaps == {"positive": "positive_conditioning was linked and replaced it"}
    assert found.notes == (
        "the cell also has clip_skip 2, loras",
        "the cell began with a picture that was linked, not with noise alone",
    )


def test_a_cell_of_a_graph_sweep_says_what_it_sets() -> None:
    prompt = base(run=ksampler())
    cell = {"recipe": {"overrides": [{"node": "run", "input": "cfg", "value": 3.5}]}}
    assert read_cell(cell).values == {}
    assert read_graph(with_overrides(cell, prompt)).values == {**EXPECTED, "cfg": 3.5}
    assert prompt["run"]["inputs"]["cfg"] == 7


@pytest.mark.parametrize("content", [None, [], {}, {"recipe": []}])
def test_what_is_no_cell_is_refused(content: Any) -> None:
    with pytest.raises(PeriplusError, match="no recipe"):
        read_cell(content)
