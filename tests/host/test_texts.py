"""Every node explains itself: in its schema, on its help page, and in every language."""

from __future__ import annotations

import json
import re
from typing import Any
from unittest.mock import ANY

import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.help_workflows import PICTURES
from scripts.workflow import declared_inputs
from scripts.workflow_writer import write_workflow

DOCS = ROOT / "web" / "docs"

LANGUAGES = ("ru", "zh")
TEXTS = ("display_name", "description")
SETTINGS = {
    f"Periplus_Sweep_{name}"
    for name in ("MaxCells", "ReadableNames", "KeepDays", "KeepGigabytes", "LiveSheet")
}
"""The settings' ids as locale files write them."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def nodes(server: ComfyServer) -> dict[str, Json]:
    """What ComfyUI says about the pack's nodes, but for those that Sweep KSampler expands into."""
    return {
        name: info
        for name, info in server.object_info().items()
        if info["python_module"] == "custom_nodes.periplus"
        and not info["category"].endswith("/internal")
    }


@pytest.fixture(scope="module")
def translations(server: ComfyServer) -> Json:
    """The texts that ComfyUI hands to its page, by language."""
    return server.get("/i18n")


def inputs(info: Json) -> dict[str, Json]:
    """Return the options of a node's inputs, by name."""
    groups = (info["input"].get(group, {}) for group in ("required", "optional"))
    return {name: spec[1] for group in groups for name, spec in group.items()}


def test_the_pack_has_nodes(nodes: dict[str, Json]) -> None:
    assert {"PeriplusSweepKSampler", "PeriplusGridCompose"} < nodes.keys()


def test_every_node_input_and_output_is_explained(nodes: dict[str, Json]) -> None:
    unexplained = [
        *((name, key) for name, info in nodes.items() for key in TEXTS if not info[key]),
        *(
            (name, input_name)
            for name, info in nodes.items()
            for input_name, options in inputs(info).items()
            if not options.get("tooltip")
        ),
        *(
            (name, output)
            for name, info in nodes.items()
            for output, tooltip in enumerate(info["output_tooltips"])
            if not tooltip
        ),
    ]

    assert unexplained == []


def test_every_node_has_a_help_page(server: ComfyServer, nodes: dict[str, Json]) -> None:
    for name, info in nodes.items():
        page = server.fetch(f"/extensions/periplus/docs/{name}.md").decode()

        assert page.startswith(f"# {info['display_name']}\n")
        assert [key for key in inputs(info) if f"**{key}**" not in page] == []


def test_there_is_no_help_page_without_a_node(nodes: dict[str, Json]) -> None:
    assert {path.relative_to(DOCS).parts[0].removesuffix(".md") for path in DOCS.rglob("*.md")} == {
        *nodes
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_help_page_is_translated_and_has_the_translated_names(
    server: ComfyServer, nodes: dict[str, Json], translations: Json, language: str
) -> None:
    for name in nodes:
        text = translations[language]["nodeDefs"][name]
        page = server.fetch(f"/extensions/periplus/docs/{name}/{language}.md").decode()

        assert page.startswith(f"# {text['display_name']}\n")
        for key, entry in text["inputs"].items():
            # The page of ComfyUI 0.3.75 shows the English names whatever its language.
            english = "" if entry["name"] == key else rf" ?[(（]{key}[)）]"
            assert re.search(rf"\*\*{re.escape(entry['name'])}\*\*{english}", page)


def test_every_help_page_shows_the_picture_of_its_node(nodes: dict[str, Json]) -> None:
    pages = {path: path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")}

    assert PICTURES.keys() == nodes.keys()
    assert {path.stem for path in (DOCS / "img").iterdir()} == nodes.keys()
    for path, page in pages.items():
        name = path.relative_to(DOCS).parts[0].removesuffix(".md")
        # ComfyUI's page puts the text between double quotes as it is.
        assert re.findall(r'!\[([^]"]+)\]\((.*?)\)', page) == [(ANY, f"img/{name}.png")]


def test_the_workflows_of_the_pictures_set_what_their_nodes_have(server: ComfyServer) -> None:
    object_info = server.object_info()

    for picture in PICTURES.values():
        write_workflow(picture.nodes, object_info)
        for node in picture.nodes.values():
            names = {name for name, *_ in declared_inputs(object_info[node.type])}
            assert node.inputs.keys() <= names


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_a_node_is_translated_and_no_other(
    nodes: dict[str, Json], translations: Json, language: str
) -> None:
    texts = translations[language]["nodeDefs"]

    assert texts.keys() == nodes.keys()
    for name, info in nodes.items():
        text = texts[name]
        assert text.keys() == {*TEXTS, "inputs", "outputs"}
        assert text["inputs"].keys() == inputs(info).keys()
        assert text["outputs"].keys() == {str(index) for index in range(len(info["output"]))}
        for entry in (*text["inputs"].values(), *text["outputs"].values()):
            assert entry.keys() == {"name", "tooltip"}
            assert all(entry.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_settings_and_the_menus_are_translated(
    nodes: dict[str, Json], translations: Json, language: str
) -> None:
    texts = translations[language]
    parts = {part for info in nodes.values() for part in info["category"].split("/")}

    assert texts["settings"].keys() == SETTINGS
    assert all(text.keys() == {"name", "tooltip"} for text in texts["settings"].values())
    assert texts["nodeCategories"].keys() == parts


def test_no_translation_has_a_character_that_the_page_takes_for_syntax() -> None:
    for path in sorted((ROOT / "locales").rglob("*.json")):
        texts = strings(json.loads(path.read_text(encoding="utf-8")))

        # vue-i18n puts values into {name}, cuts a text at |, and follows @:.
        assert [text for text in texts if re.search(r"[{}|@]", text)] == []


def strings(value: Any) -> list[str]:
    """Return the texts of a JSON value, without its keys."""
    if isinstance(value, str):
        return [value]
    return [text for part in value.values() for text in strings(part)]


def test_the_locale_files_are_json_with_no_key_twice() -> None:
    def refuse_twice(pairs: list[tuple[str, Any]]) -> Json:
        assert len(dict(pairs)) == len(pairs), f"a key stands twice among {[k for k, _ in pairs]}"
        return dict(pairs)

    for path in sorted((ROOT / "locales").rglob("*.json")):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=refuse_twice)
