"""The help page of a node, as ComfyUI's page shows it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .frontend import Frontend

ADD_NODE = """() => {
    app.graph.clear();
    const node = LiteGraph.createNode("PeriplusAxisNumber");
    app.graph.add(node);
    app.canvas.centerOnNode(node);
    app.canvas.selectNode(node);
}"""


@pytest.mark.parametrize(("locale", "title"), [("en", "Axis: Number"), ("ru", "Ось: число")])
def test_the_help_of_a_node_has_its_picture(frontend: Frontend, locale: str, title: str) -> None:
    page = frontend.page
    page.evaluate(f"app.extensionManager.setting.set('Comfy.Locale', '{locale}')")
    frontend.reload()
    frontend.complaints.clear()
    page.evaluate(ADD_NODE)

    page.get_by_test_id("info-button").click()

    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    picture = page.locator("img[src$='/docs/img/PeriplusAxisNumber.png']")
    expect(picture).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    complaints = [text for text in frontend.complaints if "periplus" in text.lower()]
    # It asks for an English page in the node's folder before the one that is there.
    assert [text for text in complaints if "PeriplusAxisNumber/en.md" not in text] == []
