"""Every example opens in ComfyUI's page without a complaint, and can be queued."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.comfy_server import ROOT, ComfyServer
from scripts.workflow import to_prompt

from .frontend import Frontend

EXAMPLES = sorted((ROOT / "example_workflows").glob("*.json"))
CHECKPOINT = "small/coast.safetensors"

example = pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])

classic = pytest.mark.parametrize("frontend", ["pinned-classic", "newest-classic"], indirect=True)
"""A page queues the same, however it draws nodes; where Vue does, opening takes its time."""


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))


def test_the_template_browser_is_told_of_every_example(server: ComfyServer) -> None:
    offered = server.get("/api/workflow_templates")["periplus"]

    assert sorted(offered) == [path.stem for path in EXAMPLES]


@example
def test_an_example_opens_as_it_was_saved(frontend: Frontend, path: Path) -> None:
    workflow = read(path)

    frontend.load(workflow)

    frontend.page.wait_for_load_state("networkidle")
    shown = frontend.page.evaluate("JSON.parse(JSON.stringify(app.graph.serialize()))")
    assert frontend.complaints == []
    assert frontend.page.get_by_role("dialog").count() == 0
    assert shown["links"] == workflow["links"]
    kept = ("id", "type", "widgets_values")
    assert [[node.get(key) for key in kept] for node in shown["nodes"]] == [
        [node.get(key) for key in kept] for node in workflow["nodes"]
    ]


@classic
@example
def test_an_example_is_accepted_once_its_checkpoints_are_replaced(
    frontend: Frontend, server: ComfyServer, path: Path
) -> None:
    frontend.load(read(path))
    frontend.set_widgets("ckpt_name", CHECKPOINT)

    server.submit(frontend.prompt())

    server.cancel_all()


@classic
@example
def test_the_scripts_make_the_prompt_that_the_page_makes(
    frontend: Frontend, server: ComfyServer, path: Path
) -> None:
    frontend.load(read(path))

    assert to_prompt(read(path), server.object_info()) == frontend.prompt()
