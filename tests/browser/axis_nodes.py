"""Axis nodes in the page, as the tests of their lines and of the choice of names need them."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from .frontend import Frontend, Json

ARRANGE = """() => {
    const isSweep = ({type}) => type.startsWith("PeriplusSweep");
    const [left, top] = app.graph.nodes.find(isSweep).pos;
    let height = 0;
    for (const node of app.graph.nodes) {
        if (!node.type.startsWith("PeriplusAxis")) continue;
        node.pos = [left - 560, top + height];
        height += node.size[1] + 60;
    }
    app.canvas.ds.scale = 0.6;
    app.canvas.ds.offset = [700 - left, 200 - top];
    app.canvas.setDirty(true, true);
}"""
"""Put all axis nodes into view, left of the sweep node."""

TEXTAREA = "value => [...document.querySelectorAll('textarea')].find(one => one.value === value)"


def show_axes(frontend: Frontend, prompt: Json) -> None:
    """Show a prompt with all its axis nodes, and wait for their lines."""
    frontend.load_prompt(prompt)
    frontend.page.evaluate(ARRANGE)
    axes = [n for n in prompt.values() if n["class_type"].startswith("PeriplusAxis")]
    expect(frontend.page.locator(".periplus-line")).to_have_count(len(axes) + 1)


def line(frontend: Frontend, text: Any) -> Locator:
    """Find the line with this text."""
    return frontend.page.locator(".periplus-line-text").filter(has_text=text)


def type_values(frontend: Frontend, before: str, after: str) -> None:
    """Type a values text in the place of another, and stay in it."""
    area = frontend.page.evaluate_handle(TEXTAREA, before).as_element()
    assert area is not None
    area.fill(after)


def values(frontend: Frontend, kind: str) -> str:
    """Return the values text of the axis node of this kind, as it would be queued."""
    (found,) = [
        node["inputs"]["values"]
        for node in frontend.prompt().values()
        if node["class_type"] == f"PeriplusAxis{kind}"
    ]
    return found
