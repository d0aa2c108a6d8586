"""What a cell says of itself, on its way to a workflow of ComfyUI's own nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from hypothesis import strategies as st

from periplus.native.cell_graph import FinishedCell, native_graph
from periplus.recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

from .recipe_targets import IDS, odd, overrides, prompts
from .target import Target

RECIPE = Recipe(
    *("a cat", "b", 5, 20, 7.5, "euler", "normal"),
    loras=(LoraRecipe("a"),),
    refiner=RefinerRecipe("", 0.5),
    hires=HiresRecipe("a.pth"),
)
WHOLE: dict[str, Any] = json.loads(json.dumps(asdict(RECIPE)))
"""As it is written down."""
LINKS: tuple[str, ...] = (
    "model",
    "clip",
    "vae",
    "latent_image",
    "image",
    "refiner",
    "positive_conditioning",
)
SOME = {
    "positive": st.sampled_from(["a :2 AND b", "[a:b:0.5]", "a BREAK b", "{a|b}", "(a"]),
    "prompt_syntax": st.just("a1111"),
    "hires": st.sampled_from([None, asdict(HiresRecipe("pixels: area", 1.0))]),
    "refiner": st.sampled_from([None, None, asdict(RefinerRecipe("b", handoff="continuous"))]),
    "ckpt_name": st.just("coast"),
    "vae_name": st.just("own"),
    "denoise": st.sampled_from([0, 1e-300, 0.3]),
    "steps": st.sampled_from([1, 10_000]),
}
links = st.tuples(st.sampled_from(IDS), st.integers(-1, 2)).map(list)
sweep_links = st.fixed_dictionaries(dict.fromkeys(LINKS, links))


@st.composite
def _recipes(draw: st.DrawFn) -> Any:
    changes = draw(st.fixed_dictionaries({}, optional=SOME))
    damage = st.dictionaries(st.sampled_from([*WHOLE]), odd, min_size=1, max_size=1)
    return WHOLE | changes | draw(st.just({}) | st.just({}) | damage)


@st.composite
def _cells(draw: st.DrawFn) -> FinishedCell:
    overridden = st.fixed_dictionaries({"overrides": st.lists(overrides, max_size=3)})
    recipe = draw(_recipes() | _recipes() | _recipes() | overridden | odd)
    prompt = draw(prompts)
    linked_to = draw(sweep_links | sweep_links | odd)
    content = {"recipe": recipe, "links": linked_to, "start_size": draw(st.just([64, 65]) | odd)}
    texts = {"periplus": json.dumps(content), "prompt": json.dumps(prompt)}
    if draw(st.integers(0, 9)) == 0:
        texts[draw(st.sampled_from([*texts]))] = draw(st.text(max_size=5))
    linked = draw(st.dictionaries(st.sampled_from(LINKS), odd, max_size=4))
    tiles, mode = draw(st.sampled_from([0, 256, 512]) | odd), draw(st.just("fast") | odd)
    return FinishedCell({"recipe": recipe, "tile_size": tiles, "mode": mode}, linked, texts)


def _cells_at_worst() -> Iterator[FinishedCell]:
    recipe = {**WHOLE, "ckpt_name": "coast", "refiner": None, "hires": None}
    bars = "[a|b]" * 100_000
    yield FinishedCell(
        {"recipe": {**recipe, "positive": bars, "prompt_syntax": "a1111", "steps": 10_000}}, {}, {}
    )
    yield FinishedCell({"recipe": {**recipe, "loras": [asdict(LoraRecipe("a"))] * 1000}}, {}, {})
    deep = {str(i): {"class_type": "K", "inputs": {"m": [str(i + 1), 0]}} for i in range(9_990)}
    wide = {f"m{i}": ["5000", 0] for i in range(100_000)}
    ends = ({"9990": {"class_type": "K", "inputs": inputs}} for inputs in (wide, {}))
    content = json.dumps({"recipe": {"overrides": []}, "links": {"image": ["0", 0]}})
    for prompt in (deep | end for end in ends):
        texts = {"periplus": content, "prompt": json.dumps(prompt)}
        yield FinishedCell({"recipe": {"overrides": []}}, {}, texts)


def _native(cell: FinishedCell) -> None:
    """Every link leads to a node before, and the last node saves the picture."""
    graph = native_graph(cell, lambda _: 2.0)
    before: set[str] = set()
    for node_id, node in graph.prompt.items():
        for value in node["inputs"].values():
            if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
                assert value[0] in before, node
        before.add(node_id)
    assert [*graph.prompt.values()][-1]["class_type"] == "SaveImage"
    assert json.loads(json.dumps([graph.prompt, graph.notes]))


TARGETS_OF_NATIVE_GRAPHS = (Target("cells as workflows", _cells(), _native, [*_cells_at_worst()]),)
"""What opening a cell as a workflow reads."""
