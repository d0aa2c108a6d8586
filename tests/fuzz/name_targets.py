"""What else comes as text: names of sweeps, colours, workflows and what pictures carry of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from periplus.files.durable import write_durably
from periplus.files.folder_names import folder_inside
from periplus.files.picture import png_info, read_picture
from periplus.graphs.prompt_graph import find_node, title
from periplus.sheets.sheet import colour

from .target import Target, sandbox
from .texts import json_values, texts

PARTS = (
    *(
        "/",
        "\\",
        "..",
        ".",
        " ",
        "a",
        "tests",
        "link",
        "C:",
        "con",
        "NUL.txt",
        "COM1",
        "aux",
        ":",
        "~",
    ),
    *(
        "*",
        "?",
        "|",
        "<",
        ">",
        "\0",
        "\n",
        "кот",
        "猫" * 80,
        "x" * 255,
        "x" * 256,
        "../",
        "..\\",
        "%2e",
    ),
)
NAMES_AT_WORST = (
    *(
        "../x",
        "a/../../x",
        "/etc/x",
        "\\\\server\\share",
        "//server/share",
        "C:\\x",
        "a//b",
        "link/x",
    ),
    *(
        "link",
        "\ud800",
        "a\0b",
        "a/" * 50_000 + "a",
        "../" * 50_000,
        "x" * 10**6,
        "猫" * 300,
        ".. /x",
    ),
    *(
        ". ./x",
        "...",
        "loop",
        "loop/x",
        "~root",
        "con",
        "nul/x",
        "a.",
        "a/" * 400 + "a",
        "\u2025/x",
    ),
)
COLOURS = (
    *("#", "fff", "0", "rgb(", "hsl(", "hsv(", ")", ",", "%", "255", "white", "999", "1e5", "-"),
    *("rgb(1,2,3)", "hsl(9,9%,9%)", "99999999999"),
)
COLOURS_AT_WORST = ("rgb(99999999999999999999,0,0)", "rgb(-1,0,0)", "hsl(9" * 9, "#" * 10**6)


def _named(name: str) -> None:
    root, other = sandbox() / "output", sandbox() / "other"
    root.mkdir()
    other.mkdir()
    (root / "link").symlink_to(other)
    (root / "loop").symlink_to("loop")
    folder = folder_inside(root, name)
    write_durably(folder / "sweep.json", b"{}")
    assert folder != root and not list(other.iterdir())
    found = {path.name for path in sandbox().iterdir()}
    assert found == {"output", "other"}, found


def _coloured(text: str) -> None:
    Image.new("RGB", (1, 1), colour("background", text))


def _node_named(case: tuple[dict[str, Any], str]) -> None:
    prompt, named = case
    assert all(isinstance(title(node), str) for node in prompt.values())
    assert find_node(prompt, named) in prompt


def _carried(metadata: dict[str, Any]) -> None:
    path = sandbox() / "picture.png"
    info = png_info({name: json.dumps(value) for name, value in metadata.items()})
    Image.new("RGB", (2, 2)).save(path, pnginfo=info)
    read_picture(path, (2, 2))


titles = st.fixed_dictionaries({"title": json_values | texts(("Base", "KSampler"))})
nodes = st.dictionaries(
    st.sampled_from(["1", "2", "3:1", "#4", ""]),
    st.fixed_dictionaries(
        {
            "class_type": st.sampled_from(["KSampler", "VAEDecode", "x" * 1000]),
            "inputs": json_values,
        },
        optional={"_meta": json_values | titles},
    ),
)

TARGETS_OF_NAMES = (
    Target("names of sweeps", texts(PARTS), _named, NAMES_AT_WORST),
    Target("colours", texts(COLOURS), _coloured, COLOURS_AT_WORST),
    Target(
        "nodes of workflows",
        st.tuples(nodes, texts(("1", "#", "ksampler", "Base", "3:1"))),
        _node_named,
        [
            ({"1": {"class_type": "ab" * 50_000, "_meta": None}}, "ba" * 49_000),
            ({"1": {"class_type": "a", "_meta": {"title": "ab" * 50_000}}}, "ba" * 100),
        ],
    ),
    Target(
        "metadata of pictures",
        st.dictionaries(texts(("prompt", "workflow", "x" * 79)), json_values, max_size=3),
        _carried,
        [{"кот": 1}, {"": 1}, {"a\0b": 1}, {"x" * 80: 1}, {"x" * 10**6: 1}, {"a": "x" * 10**6}],
    ),
)
"""What leads to a folder, a colour, a node, a chunk."""
