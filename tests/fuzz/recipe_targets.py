"""What pictures of whatever origin say of their making: infotexts, EXIF, chunks, graphs."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from periplus.files.json_text import parse_json
from periplus.reading.cell_recipe import read_cell, with_overrides
from periplus.reading.exif import exif_texts
from periplus.reading.found import FIELDS, Found
from periplus.reading.graph_recipe import read_graph
from periplus.reading.infotext import NEGATIVE, format_infotext, parse_infotext
from periplus.reading.infotext_recipe import read_infotext
from periplus.reading.picture_texts import WANTED, read_texts
from periplus.reading.recipe_reader import read_recipe
from periplus.reading.workflow_prompt import prompt_of_workflow

from .picture_targets import SIGNATURE, bomb, chunk, header
from .target import Target, sandbox
from .texts import json_values, texts

NAMES = {
    "sampler_name": ["euler", "dpmpp_2m"],
    "scheduler": ["normal", "karras"],
    "ckpt_name": ["a/coast.safetensors", "b/coast.ckpt", "Harbour.safetensors"],
}
PIECES = (
    *(
        "\n",
        ",",
        ", ",
        ": ",
        '"',
        '\\"',
        "a cat",
        f"{NEGATIVE} ",
        "\nSteps: 20, ",
        "Sampler: Euler a",
    ),
    *(
        "Schedule type: Karras",
        "CFG scale: 7",
        "Seed: 5",
        "Size: 512x512",
        "Model: coast",
        "<lora:",
    ),
    *("Denoising strength: 0.5", "Hires upscale: 2", "Sampler: DPM++ 2M", "Version: v1.6.0", "-1"),
)
INFOTEXTS_AT_WORST = (
    *("Steps: 1," * 100_000, "Steps: 1, a: b\n" * 60_000, " " * 10**6, "a " * 500_000, "x" * 10**7),
    *('a:"' + '\\"' * 400_000, 'Steps: "' + 'a: \\",' * 100_000, "Steps:" + " " * 900_000 + "x"),
    *(
        f"{NEGATIVE}\n" * 60_000,
        "Steps: 9, Seed: " + "9" * 900_000,
        "Steps: 1, b: 2, c: " + "-" * 10**5,
    ),
    *("Steps: 1, Seed: 1-99999, Size: 9x" + "9" * 10**5, "Steps: 1, a" + ": b, a" * 150_000),
)

INPUTS = (
    *("model", "positive", "negative", "latent_image", "seed", "steps", "cfg", "sampler_name"),
    *(
        "scheduler",
        "denoise",
        "text",
        "value",
        "conditioning",
        "guider",
        "sigmas",
        "noise",
        "sampler",
    ),
    *("width", "height", "samples", "ckpt_name", "start_at_step", "x_axis", "stop_at_clip_layer"),
)
IDS = ("1", "2", "3", "4", "5")
TYPES = (
    "KSampler",
    "CLIPTextEncode",
    "ConditioningZeroOut",
    "Reroute",
    "PrimitiveNode",
    "LoadImage",
)


@st.composite
def _odd(draw: st.DrawFn) -> Any:
    return draw(json_values)


odd = _odd()
"""Any JSON value, in a strategy whose name is short."""

links = st.tuples(st.sampled_from(IDS), st.integers(-1, 2)).map(list)
plain = st.sampled_from(["a cat", "euler", "coast", 5, 20, 7.5, 0, -1, True, None, float("nan")])
values = links | plain | plain | odd


def _objects(**members: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Objects with these members, each now and then odd or not there; now and then no objects."""
    return st.fixed_dictionaries({}, optional={n: one | odd for n, one in members.items()}) | odd


inputs = st.dictionaries(st.sampled_from(INPUTS), values, max_size=12)
of_sampler = st.fixed_dictionaries(dict.fromkeys(("positive", "negative", "seed", "steps"), values))
samplers = st.tuples(inputs, of_sampler).map(lambda parts: {**parts[0], **parts[1]})
types = st.sampled_from(TYPES)
nodes = st.fixed_dictionaries({"class_type": types | odd, "inputs": inputs | samplers | odd})
prompts = st.dictionaries(st.sampled_from(IDS), nodes | odd, max_size=5) | odd

slots = _objects(name=st.sampled_from(INPUTS), link=st.integers(0, 6), widget=odd)
page_nodes = _objects(
    id=st.integers(1, 5),
    type=types,
    mode=st.sampled_from([0, 2, 4]),
    inputs=st.lists(slots, max_size=6),
    widgets_values=st.lists(plain, max_size=8),
)
page_links = st.tuples(st.integers(0, 6), st.integers(1, 5), st.integers(0, 2)).map(list)
workflows = _objects(
    nodes=st.lists(page_nodes, max_size=5), links=st.lists(page_links | odd, max_size=7)
)

overrides = _objects(node=st.sampled_from(IDS), input=st.sampled_from(INPUTS), value=values)
recipes = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)
cells = _objects(
    recipe=recipes | _objects(overrides=st.lists(overrides, max_size=3)),
    linked=st.lists(odd, max_size=2),
)


def _sound(found: Found) -> None:
    """What a recipe says is what it should be, whoever said it."""
    for name, value in found.values.items():
        kind = int if name in ("seed", "steps", "width", "height") else (str, float)
        assert isinstance(value, kind) and not isinstance(value, bool), (name, value)
        assert name in found.places and name not in found.gaps
    assert found.values.keys() <= {*FIELDS}


def _infotext(text: str) -> None:
    _sound(read_infotext(text))
    infotext = parse_infotext(text)
    if next(iter(infotext.settings), "") == "Steps":
        assert parse_infotext(format_infotext(infotext)) == infotext


def _graph(case: tuple[Any, Any]) -> None:
    cell, prompt = case
    _sound(read_graph(prompt))
    _sound(read_cell(cell))
    _sound(read_graph(with_overrides(cell, prompt), of_cell=True))


def _json(text: str | bytes) -> None:
    try:
        parse_json(text)
    except ValueError as error:
        str(error)


def _exif(data: bytes) -> None:
    assert sum(map(len, exif_texts(data).values())) <= 5 * len(data)


def _file(data: bytes) -> None:
    path = sandbox() / "picture.png"
    path.write_bytes(data)
    assert {*read_texts(path)} <= {*WANTED}
    recipe = read_recipe(path, NAMES)
    assert recipe.values.keys() | recipe.gaps.keys() >= {*FIELDS}
    assert all(recipe.values[n] in o for n, o in NAMES.items() if n in recipe.values)


tags = st.sampled_from([0x010D, 0x010E, 0x010F, 0x0110, 0x8769, 0x9286, 0, 0xFFFF])
numbers = st.sampled_from([0, 1, 4, 5, 8, 12, 26, 38, 100, 2**16, 2**31, 2**32 - 1])


@st.composite
def _tiffs(draw: st.DrawFn) -> bytes:
    order, head = draw(st.sampled_from([("<", b"II*\0"), (">", b"MM\0*")]))
    data = head + struct.pack(f"{order}I", draw(numbers | st.just(8)))
    for _ in range(draw(st.integers(0, 3))):
        entries = draw(st.lists(st.tuples(tags, numbers, numbers), max_size=4))
        data += struct.pack(f"{order}H", draw(st.just(len(entries)) | st.integers(0, 65_535)))
        data += b"".join(struct.pack(f"{order}HHII", tag, 2, n, at) for tag, n, at in entries)
    comment = draw(st.sampled_from([b"UNICODE\0", b"ASCII\0\0\0", b"prompt:", b"workflow:{", b""]))
    return draw(st.sampled_from([b"", b"Exif\0\0"])) + data + comment + draw(st.binary(max_size=30))


said: SearchStrategy[bytes] = st.one_of(
    texts(PIECES).map(lambda text: text.encode("utf-8", "replace")),
    st.tuples(prompts | workflows | cells).map(lambda one: json.dumps(one[0]).encode()),
    st.binary(max_size=20),
)


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    """A picture's file of any format, with texts in it, and some accidents."""
    kind = draw(st.sampled_from(["png", "png", "png", "jpeg", "webp"]))
    if kind == "png":
        data = SIGNATURE + header(9, 7)
        for _ in range(draw(st.integers(1, 3))):
            name = draw(st.sampled_from([*WANTED, "other", ""])).encode()
            way = draw(st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"comf", b"eXIf", b"abcd"]))
            middle = b"\0\0\0\0\0" if way == b"iTXt" else b"\0"
            data += chunk(way, draw(_tiffs()) if way == b"eXIf" else name + middle + draw(said))
        data += chunk(b"IEND", b"")
    elif kind == "jpeg":
        exif = b"Exif\0\0" + draw(_tiffs())
        data = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + b"\xff\xda\0\0"
    else:
        exif = draw(_tiffs())
        data = b"RIFF\0\0\0\0WEBPEXIF" + struct.pack("<I", len(exif)) + exif
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=4)) + data[at + draw(st.integers(0, 4)) :]
    return data


def _files_at_worst() -> Iterator[bytes]:
    start, end = SIGNATURE + header(2**31 - 1, 2**31 - 1), chunk(b"IEND", b"")
    packed = bomb(300_000_000)
    yield start + chunk(b"zTXt", b"prompt\0\0" + packed) + end
    yield start + chunk(b"iTXt", b"prompt\0\1\0\0\0" + packed) + end
    yield start + chunk(b"tEXt", b"prompt\0" + b"[" * 10**7) + end
    yield start + chunk(b"tEXt", b"workflow\0" + b'{"nodes":' * 10**6) + end
    yield start + chunk(b"tEXt", b"parameters\0" + bytes(17 * 10**6)) + end
    yield start + chunk(b"tEXt", b"parameters") * 300_000
    yield start + struct.pack(">I4s", 2**32 - 1, b"tEXt") + b"prompt\0{}"
    yield b"\xff\xd8" + b"\xff\xe1\0\0" * 300_000
    yield b"\xff\xd8" + b"\xff\xe0\0\2" * 300_000
    yield b"RIFF\0\0\0\0WEBP" + b"EXIF\0\0\0\0" * 300_000
    yield b"RIFF\0\0\0\0WEBPEXIF\xff\xff\xff\xff"


def _graphs_at_worst() -> Iterator[Any]:
    many = range(9_999)
    yield {str(i): {"class_type": "K", "inputs": {"model": [str(i + 1), 0]}} for i in many}
    every = {"seed": 1, "steps": 1, "positive": ["0", 0], "negative": ["0", 0]}
    yield {str(i): {"class_type": "K", "inputs": every} for i in many}
    alone = {"seed": 1, "steps": 1, "positive": "a", "negative": "b"}
    yield {str(i): {"class_type": "x" * 100, "inputs": alone} for i in many}
    chain = {"seed": 1, "steps": 1, "positive": ["1", 0], "negative": ["1", 0], "model": ["1", 0]}
    wide = {f"conditioning{i}": [str(i % 5000), 0] for i in range(100_000)}
    yield {
        "s": {"class_type": "K", "inputs": chain},
        **{str(i): {"class_type": "C", "inputs": wide} for i in range(5)},
        **{str(i): {"class_type": "C", "inputs": {"text": str(i)}} for i in range(5, 5000)},
    }
    huge = {**alone, "steps": 10**4000, "cfg": "9" * 10**6, "denoise": [[]] * 10**5}
    yield {"s": {"class_type": "K", "inputs": huge}}


def _rerouted(count: int) -> Any:
    """A long chain of reroutes, and as many nodes at its end."""
    ends = [{"id": -i, "type": "K", "inputs": [{"name": "model", "link": 1}]} for i in range(count)]
    chain = [
        {"id": i, "type": "Reroute", "inputs": [{"name": "", "link": i + 1}]} for i in range(count)
    ]
    return {"nodes": [*chain, *ends], "links": [[i, i, 0] for i in range(count)]}


WORDS = ('"', "\\", "[", "]", "{", "}", ":", ",", "1", "null", "NaN", '"a"', "\\u", "\\ud800", " ")

TARGETS_OF_RECIPES = (
    Target("infotexts", texts(PIECES), _infotext, INFOTEXTS_AT_WORST),
    Target(
        "prompts of pictures",
        st.tuples(cells, prompts),
        _graph,
        [({"recipe": {}}, prompt) for prompt in _graphs_at_worst()],
    ),
    Target(
        "workflows of pictures",
        workflows,
        lambda content: _sound(read_graph(prompt_of_workflow(content))),
        [_rerouted(9000)],
    ),
    Target(
        "JSON",
        texts(WORDS) | st.binary(max_size=30),
        _json,
        ["[" * 10**7, '"' + '\\"' * 10**7, '"' * 10**7, "[]" * 10**6, '{"a":' * 10**6, "9" * 10**6],
    ),
    Target("EXIF", _tiffs() | st.binary(max_size=60), _exif, [b"MM\0*" + b"\xff" * 10**6]),
    Target("files with recipes", _files(), _file, list(_files_at_worst())),
)
"""What Read Recipe reads."""
