"""The page of a saved sweep: whatever the texts say, they stay data, and the script is one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from periplus.viewer.page import MODULES, VIEWER, json_for_script, make_page

TEXTS = st.text(st.sampled_from("</script>!-<[]&;\"'\\\u2028\u2029\ud83d ax"), max_size=30)


class Parts(HTMLParser):
    """Collects the elements of a page: attributes and content by name, in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.contents: list[str] = []
        self._is_open = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.contents.append("")

        self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        self._is_open = False

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.contents[-1] += data


def named(parts: Parts, tag: str) -> list[tuple[dict[str, str | None], str]]:
    found = zip(parts.elements, parts.contents, strict=True)
    return [(attributes, content) for (name, attributes), content in found if name == tag]


def policy_of(parts: Parts) -> dict[str, list[str]]:
    (text,) = (
        attributes["content"] or ""
        for attributes, _ in named(parts, "meta")
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    directives = (directive.split() for directive in text.split(";"))
    return {name: sources for name, *sources in directives}


def source_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


PLAIN = Parts(make_page("", {}))
"""Of a page without data."""


@given(st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)), TEXTS)
def test_no_text_adds_an_element_or_is_changed(data: Any, title: str) -> None:
    page = make_page(title, {"data": data})

    parts = Parts(page)
    assert page.encode()
    assert [tag for tag, _ in parts.elements] == [tag for tag, _ in PLAIN.elements]
    ((_, told), (_, script)) = named(parts, "script")
    assert json.loads(told) == {"data": data}
    assert script == named(PLAIN, "script")[1][1]


@given(TEXTS)
def test_data_has_no_sign_that_html_or_old_script_reads(text: str) -> None:
    assert (
        not set(json_for_script(text)) & set("<>&\u2028\u2029") and json_for_script(text).isascii()
    )


def test_the_policy_allows_its_own_script_and_style_and_pictures_alone() -> None:
    parts = Parts(make_page("cfg", {}))

    (style,) = (content for _, content in named(parts, "style"))
    script = named(parts, "script")[-1][1]
    assert policy_of(parts) == {
        "default-src": ["'none'"],
        "img-src": ["'self'", "file:", "data:"],
        "script-src": [source_of(script)],
        "style-src": [source_of(style)],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    assert [content for attributes, content in named(parts, "style") if attributes] == []


def test_the_modules_are_all_there_once_behind_those_that_they_import() -> None:
    assert sorted(MODULES) == sorted(path.stem for path in VIEWER.glob("*.mjs"))
    for number, name in enumerate(MODULES):
        text = (VIEWER / f"{name}.mjs").read_text(encoding="utf-8")
        imported = re.findall(r'^import [^;]* from "\./(\w+)\.mjs";', text, re.MULTILINE)
        assert set(imported) <= set(MODULES[:number])


def test_the_script_has_no_word_left_that_only_modules_know() -> None:
    script = named(PLAIN, "script")[-1][1]

    assert re.findall(r"^(?:import|export)\b.*", script, re.MULTILINE) == []
    tops = re.findall(r"^(?:const|let|class|(?:async )?function) (\w+)", script, re.MULTILINE)
    assert len(tops) == len(set(tops)) > 20
    assert "innerHTML" not in script and "</" not in script
