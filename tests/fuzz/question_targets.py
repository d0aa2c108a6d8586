"""What ComfyUI's page sends with its questions: prompts, and names of files."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from periplus.files.folder_names import file_inside
from periplus.graphs.prompt_graph import find_node, read_prompt

from .manifest_targets import FILES
from .recipe_targets import IDS, TYPES, inputs, odd
from .recipe_targets import prompts as misshapen
from .target import Target, sandbox
from .texts import texts

outputs = st.integers(-1, 2) | st.sampled_from([0.5, float("nan"), float("inf"), True])
links = st.tuples(st.sampled_from([*IDS, "99"]), outputs).map(list)
linked = st.dictionaries(st.sampled_from("abc"), links | odd, max_size=3)
nodes = st.fixed_dictionaries({"class_type": st.sampled_from(TYPES), "inputs": linked | inputs})
prompts = st.dictionaries(st.sampled_from(IDS), nodes, max_size=5) | misshapen


def _read(case: tuple[Any, str]) -> None:
    """Every node comes behind those that it is linked to, and none is lost."""
    prompt, named = case
    before: set[str] = set()
    for node_id, node in read_prompt(prompt).items():
        for value in node["inputs"].values():
            match value:
                case [str(source), int()] if source in prompt:
                    assert source in before, node
        before.add(node_id)
    assert before == prompt.keys()
    assert find_node(prompt, named) in prompt


def _prompts_at_worst() -> list[Any]:
    def node(*sources: str) -> Any:
        return {"class_type": "K", "inputs": {f"i{n}": [s, 0] for n, s in enumerate(sources)}}

    chain = {str(i): node(str(i + 1)) for i in range(100_000)}
    twice = {str(i): node(str(i + 1), str(i + 1)) for i in range(5_000)}
    wide = {str(i): node(*map(str, range(i))) for i in range(500)}
    circle = {**chain, "100000": node("0")}
    return [*(chain, twice, wide, circle), {"1": node("1")}]


def _find(name: str) -> None:
    folder = sandbox() / "output"
    folder.mkdir()
    (folder / "picture.png").touch()
    (sandbox() / "secret.png").touch()
    for link, goal in (("out", ".."), ("link.png", "../secret.png"), ("loop", "loop")):
        (folder / link).symlink_to(goal)
    found = file_inside(folder, name)
    assert found is None or found.resolve() == (folder / "picture.png").resolve()


TARGETS_OF_QUESTIONS = (
    Target(
        "prompts of questions",
        st.tuples(prompts, st.sampled_from([*IDS, *TYPES, "#2"]) | st.text(max_size=9)),
        _read,
        [(prompt, "1") for prompt in _prompts_at_worst()],
    ),
    Target(
        "files of questions",
        texts((*FILES[:20], "/", "..", "\\")),
        _find,
        [*FILES, "x" * 300, "é" * 200, "a/" * 10**6, "x" * 10**7],
    ),
)
"""What the server is asked, which anyone may send."""
