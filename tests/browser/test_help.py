"""The help page of a node, as ComfyUI's page shows it."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from scripts.comfy_server import ComfyServer

from .frontend import Frontend

NODE = "PeriplusAxisNumber"

SELECT = f"""() => {{
    app.graph.clear();
    const node = LiteGraph.createNode("{NODE}");
    app.graph.add(node);
    app.canvas.centerOnNode(node);
    app.canvas.selectNode(node);
}}"""


def test_the_help_of_a_node_has_its_picture(frontend: Frontend) -> None:
    expect_help(frontend, "Axis: Number")


def test_the_help_in_russian_has_the_same_picture(browser: Browser, server: ComfyServer) -> None:
    with Frontend.open(browser, server, {"Comfy.Locale": "ru"}) as frontend:
        expect_help(frontend, "Ось: число")


def expect_help(frontend: Frontend, title: str) -> None:
    """Open the help of a node, and expect its page with the picture, and no complaint."""
    page = frontend.page
    frontend.complaints.clear()
    page.evaluate(SELECT)

    page.get_by_test_id("info-button").click()

    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
    picture = page.locator(f"img[src$='/docs/img/{NODE}.png']")
    expect(picture).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    complaints = [text for text in frontend.complaints if "periplus" in text.lower()]
    # It asks for an English page in the node's folder before the one that is there.
    assert [text for text in complaints if f"{NODE}/en.md" not in text] == []
