"""From a finished cell to a workflow of ComfyUI's own nodes, and what cannot be said in them."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from periplus.errors import PeriplusError
from periplus.native.cell_graph import FinishedCell, NativeGraph, native_graph
from periplus.recipe import CONTINUOUS, HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

PLAIN = Recipe(
    "a ship", "fog", 7, 20, 5.5, "euler", "normal", ckpt_name="coast", width=64, height=72
)
REFINED = replace(PLAIN, refiner=RefinerRecipe("harbour"))
LINKED = {"model": "Loader (node 4)", "clip": "Loader (node 4)", "vae": "Loader (node 4)"}
PROMPT: dict[str, Any] = {
    "4": {
        "class_type": "Loader",
        "inputs": {"name": "coast"},
        "_meta": {"title": "My loader"},
    },
    "12": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
    "9": {
        "class_type": "PeriplusSweepKSampler",
        "inputs": {"model": ["4", 0], "clip": ["4", 1], "vae": ["4", 2], "image": ["12", 0]},
    },
}


def opened(
    recipe: Recipe,
    linked: dict[str, str] | None = None,
    prompt: Any = None,
    scale: float = 2.0,
    **more: Any,
) -> NativeGraph:
    """Open a cell; ``more`` is what else its entry and its picture's text say."""
    entry = {"recipe": json.loads(json.dumps(asdict(recipe))), "mode": "exact", **more}
    links = prompt["9"]["inputs"] if prompt else {}
    texts = {"periplus": json.dumps({"links": links, **more})}
    texts |= {"prompt": json.dumps(prompt)} if prompt else {}
    return native_graph(FinishedCell(entry, linked or {}, texts), lambda _: scale)


def types(graph: NativeGraph) -> list[str]:
    return [node["class_type"] for node in graph.prompt.values()]


def inputs_of(graph: NativeGraph, class_type: str) -> list[dict[str, Any]]:
    nodes = graph.prompt.values()
    return [node["inputs"] for node in nodes if node["class_type"] == class_type]


def test_a_plain_cell_is_the_workflow_that_anybody_would_wire() -> None:
    graph = opened(PLAIN)

    sampling = {"seed": 7, "steps": 20, "cfg": 5.5, "sampler_name": "euler", "scheduler": "normal"}
    sampled = {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0]}
    assert [(n["_meta"]["title"], n["inputs"]) for n in graph.prompt.values()] == [
        ("Load Checkpoint", {"ckpt_name": "coast"}),
        ("Positive", {"clip": ["1", 1], "text": "a ship"}),
        ("Negative", {"clip": ["1", 1], "text": "fog"}),
        ("Empty Latent Image", {"width": 64, "height": 72, "batch_size": 1}),
        ("KSampler", {**sampling, "denoise": 1.0, **sampled, "latent_image": ["4", 0]}),
        ("VAE Decode", {"samples": ["5", 0], "vae": ["1", 2]}),
        ("Save Image", {"images": ["6", 0], "filename_prefix": "ComfyUI"}),
    ]
    assert list(graph.prompt) == [str(number) for number in range(1, 8)]
    assert types(graph)[4] == "KSampler"
    assert graph.notes == ()


def test_the_refiner_goes_on_with_the_leftover_noise_and_its_own_encoder() -> None:
    graph = opened(replace(REFINED, steps=25, vae_name="sharp"))

    assert types(graph) == [
        *("CheckpointLoaderSimple", "CheckpointLoaderSimple", "VAELoader"),
        *("CLIPTextEncode", "CLIPTextEncode", "EmptyLatentImage", "KSamplerAdvanced"),
        *("CLIPTextEncodeSDXLRefiner", "CLIPTextEncodeSDXLRefiner", "KSamplerAdvanced"),
        *("VAEDecode", "SaveImage"),
    ]
    base, refiner = inputs_of(graph, "KSamplerAdvanced")
    names = ("add_noise", "start_at_step", "end_at_step", "return_with_leftover_noise")
    assert [base[name] for name in names] == ["enable", 0, 20, "enable"]
    assert [refiner[name] for name in names] == ["disable", 20, 10_000, "disable"]
    encode, _ = inputs_of(graph, "CLIPTextEncodeSDXLRefiner")
    assert (encode["ascore"], encode["width"], encode["height"]) == (6.0, 64, 72)


def test_a_denoise_before_a_refiner_begins_down_a_longer_schedule() -> None:
    base, refiner = inputs_of(opened(replace(REFINED, denoise=0.5)), "KSamplerAdvanced")
    assert (base["steps"], base["start_at_step"], base["end_at_step"]) == (40, 20, 36)
    assert (refiner["steps"], refiner["start_at_step"]) == (40, 36)


@pytest.mark.parametrize("changes", [{"denoise": 0.0}, {"denoise": 0.001}, {"scheduler": "beta"}])
def test_a_schedule_that_is_too_long_or_uneven_for_that_is_refused(changes: dict[str, Any]) -> None:
    recipe = replace(REFINED, **{"denoise": 0.5, **changes})
    with pytest.raises(PeriplusError, match=r"set denoise_steps to a1111"):
        opened(recipe)


def test_each_lora_is_one_loader_and_one_that_leaves_clip_alone_is_for_the_model_only() -> None:
    loras = (LoraRecipe("a", 0.5, 0.0), LoraRecipe("b", 0.0, 0.0), LoraRecipe("c", 0.0, 0.7))
    graph = opened(replace(PLAIN, loras=loras, clip_skip=2))

    assert types(graph)[:4] == [
        *("CheckpointLoaderSimple", "LoraLoaderModelOnly", "LoraLoader", "CLIPSetLastLayer")
    ]
    (both,) = inputs_of(graph, "LoraLoader")
    assert (both["model"], both["clip"]) == (["2", 0], ["1", 1])
    assert inputs_of(graph, "CLIPSetLastLayer") == [{"clip": ["3", 1], "stop_at_clip_layer": -2}]


def test_what_is_linked_is_copied_from_the_picture_with_its_title() -> None:
    graph = opened(replace(PLAIN, ckpt_name=""), LINKED, PROMPT)

    assert graph.prompt["1"] == {**PROMPT["4"], "_meta": {"title": "My loader"}}
    assert "PeriplusSweepKSampler" not in types(graph)
    assert inputs_of(graph, "VAEDecode")[0]["vae"] == ["1", 2]


def test_without_metadata_a_cell_opens_that_names_all_its_models_and_no_other() -> None:
    links = dict.fromkeys(LINKED, "Loader (node 4)")
    assert types(opened(PLAIN, links))[0] == "CheckpointLoaderSimple"
    with pytest.raises(PeriplusError, match="--disable-metadata"):
        opened(replace(PLAIN, ckpt_name=""), links)


def test_a_vae_of_its_own_decodes_what_a_named_checkpoint_made() -> None:
    prompt = {**PROMPT, "5": {"class_type": "VAELoader", "inputs": {"vae_name": "own"}}}
    prompt["9"] = {**PROMPT["9"], "inputs": {**PROMPT["9"]["inputs"], "vae": ["5", 0]}}
    graph = opened(PLAIN, {**LINKED, "vae": "VAELoader (node 5)"}, prompt)
    assert inputs_of(graph, "VAELoader") == [{"vae_name": "own"}]


@pytest.mark.parametrize(
    ("start", "scaled"), [([64, 72], False), ([71, 79], False), ([80, 72], True), ([64, 80], True)]
)
def test_a_start_picture_is_scaled_where_it_has_another_size(
    start: list[int], scaled: bool
) -> None:
    graph = opened(PLAIN, {"image": "LoadImage (node 12)"}, PROMPT, start_size=start)
    assert ("ImageScale" in types(graph)) == scaled
    assert types(graph)[types(graph).index("VAEEncode") + 1] == "CLIPTextEncode"


@pytest.mark.parametrize(
    ("scale", "of_model", "passes", "scaled"),
    [(2.0, 2.0, 1, False), (3.0, 2.0, 2, True), (1.0, 4.0, 0, False), (8.0, 1.0, 1, True)],
)
def test_an_upscale_model_runs_until_the_picture_is_large_enough(
    scale: float, of_model: float, passes: int, scaled: bool
) -> None:
    graph = opened(replace(PLAIN, hires=HiresRecipe("a.pth", scale)), scale=of_model)
    assert types(graph).count("ImageUpscaleWithModel") == passes
    assert ("ImageScale" in types(graph)) == scaled


def test_a_latent_upscale_takes_no_vae_and_the_first_pass_comes_first() -> None:
    hires = HiresRecipe("latent: bislerp", 1.5, positive="a storm", steps=4)
    assert types(opened(replace(PLAIN, hires=hires))) == [
        *("CheckpointLoaderSimple", "CLIPTextEncode", "CLIPTextEncode", "EmptyLatentImage"),
        *("KSampler", "LatentUpscale", "CLIPTextEncode", "KSampler", "VAEDecode", "SaveImage"),
    ]


def test_tiles_are_as_large_as_they_were_and_a_guess_is_told() -> None:
    tiled = opened(PLAIN, tile_size=256)
    (decode,) = inputs_of(tiled, "VAEDecodeTiled")
    assert (decode["tile_size"], decode["overlap"], tiled.notes) == (256, 64, ())
    twice = replace(PLAIN, hires=HiresRecipe("pixels: area"))
    assert "tiles of 256 px" in opened(twice, tile_size=256).notes[0]
    assert opened(replace(twice, vae_tiling="on"), tile_size=512).notes == ()
    assert types(opened(PLAIN, tile_size=None)) == types(opened(PLAIN))


def test_a_text_that_the_page_would_change_comes_from_a_node_of_its_own() -> None:
    graph = opened(replace(PLAIN, positive="a {red|blue} ship", negative="fog // mist"))
    texts = [node["text"] for node in inputs_of(graph, "CLIPTextEncode")]
    assert texts == [["2", 0], ["4", 0]]
    values = [node["value"] for node in inputs_of(graph, "PrimitiveStringMultiline")]
    assert values == ["a {red|blue} ship", "fog // mist"]


def test_a_seed_that_the_page_rounds_and_a_cell_made_in_step_are_told() -> None:
    graph = opened(replace(PLAIN, seed=2**64 - 1), mode="fast")
    assert graph.notes == (
        "ComfyUI's page rounds seed 18446744073709551615, which is too large for it",
        "the cell was made in step with others (batching), so rounding may differ",
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"positive": "[a:b:0.5]", "prompt_syntax": "a1111"}, r"changes while it is sampled"),
        ({"positive": "a :1 AND b :-1", "prompt_syntax": "a1111"}, r"weight -1 \(AND\)"),
        ({"positive": "a AND b", "cfg": 60.0, "prompt_syntax": "a1111"}, "a cfg of 120"),
        ({"refiner": RefinerRecipe("harbour", handoff=CONTINUOUS)}, "choose handoff native"),
    ],
)
def test_what_no_native_node_does_is_refused_with_a_way_out(
    changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(PeriplusError, match=why):
        opened(replace(PLAIN, **changes))


def test_a_graph_sweeps_cell_is_its_workflow_with_what_the_cell_sets() -> None:
    prompt = {
        "1": {"class_type": "PrimitiveInt", "inputs": {"value": 3}},
        "2": {"class_type": "Paint", "inputs": {"color": ["1", 0], "width": 8}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "9": {"class_type": "PeriplusSweepGraph", "inputs": {"image": ["2", 0]}},
    }
    overrides = [{"node": "2", "input": "color", "value": 5}]
    content = {"recipe": {"overrides": overrides}, "links": {"image": ["2", 0]}}
    texts = {"periplus": json.dumps(content), "prompt": json.dumps(prompt)}
    # What the manifest says may be of another workflow that shares the cell.
    entry = {"recipe": {"overrides": [{"node": "7", "input": "color", "value": 5}]}}

    graph = native_graph(FinishedCell(entry, {"image": "Paint (node 2)"}, texts), float)

    assert [node["class_type"] for node in graph.prompt.values()] == ["Paint", "SaveImage"]
    assert graph.prompt["1"]["inputs"] == {"color": 5, "width": 8}
