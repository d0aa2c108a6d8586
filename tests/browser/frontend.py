"""ComfyUI's page in a browser, as the tests see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route

from scripts.comfy_server import ComfyServer

SETTINGS = {"Comfy.TutorialCompleted": True, "Comfy.Locale": "en", "Comfy.VueNodes.Enabled": False}
"""What every page starts with, unless a test says otherwise."""

IS_READY = """
    Boolean(window.app?.extensionManager?.workflow?.activeWorkflow)
        && "PeriplusSweepKSampler" in LiteGraph.registered_node_types
"""
"""The page has made its own first workflow, and knows the pack's nodes."""

POLICY = "content-security-policy"
"""A header of every file that the server sends."""

NOT_OURS = (
    # It asks the outside world about node packs and models, which the server forbids.
    "violates the following Content Security Policy",
    "violates the document's Content Security Policy",
    # The newest one asks for a route that the pinned ComfyUI does not have.
    "/api/jobs",
    "JobsApiError",
    # The newest one reads this itself when it loads a workflow.
    "input.link is deprecated",
)
"""Parts of errors and warnings that ComfyUI's page gives without any pack."""

OUR_FILES = "/extensions/periplus/"

Json = dict[str, Any]


class Frontend:
    """One open page of ComfyUI; made by :meth:`open`.

    Attributes:
        page: Playwright's page.
        complaints: errors and warnings in the page's console, uncaught errors, and notices that
            our files use something deprecated, since the last :meth:`load`.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        # Playwright does not tell which files a message of the console came through.
        console = page.context.new_cdp_session(page)
        console.on("Runtime.consoleAPICalled", self._note_deprecated)
        console.send("Runtime.enable")

    @classmethod
    @contextmanager
    def open(
        cls,
        browser: Browser,
        server: ComfyServer,
        settings: Mapping[str, Any],
        files: Path | None = None,
    ) -> Iterator[Frontend]:
        """Open the page with these settings of ComfyUI, and close it afterwards.

        Args:
            browser: opens it.
            server: the ComfyUI that it belongs to.
            settings: ComfyUI's, by id.
            files: the folder of another frontend, whose page it is instead of the server's own.
        """
        server.post("/api/settings", {**SETTINGS, **settings})
        page = browser.new_page(viewport={"width": 1600, "height": 1000})
        if files:
            show_files(page, server, files)
        frontend = cls(page)
        page.goto(server.address)
        frontend._wait()
        yield frontend
        page.close()

    def reload(self) -> None:
        """Load the page anew, as F5 does."""
        self.page.reload()
        self._wait()

    def _wait(self) -> None:
        self.page.wait_for_function(IS_READY)
        # Else ComfyUI tells of each deprecated thing once, which may be its own use of it.
        self.page.evaluate("LiteGraph.alwaysRepeatWarnings = true")

    def load_prompt(self, prompt: Json) -> None:
        """Show a prompt in API format as a workflow, and only its sweep node in view."""
        self.complaints.clear()
        self.page.evaluate(
            """async prompt => {
                await app.loadApiJson(prompt, "sweep");
                // What is opened from a file has an id, which stays as it is.
                const id = crypto.randomUUID();
                await app.loadGraphData({...app.graph.serialize(), id});
                const node = app.graph.nodes.find(({type}) => type.startsWith("PeriplusSweep"));
                for (const widget of node.widgets) {
                    if (widget.name === "control_after_generate") widget.value = "fixed";
                }
                app.canvas.ds.scale = 0.8;
                app.canvas.centerOnNode(node);
            }""",
            prompt,
        )

    def load(self, workflow: Json) -> None:
        """Show a workflow, as opening its file does."""
        self.complaints.clear()
        self.page.evaluate("workflow => app.loadGraphData(workflow)", workflow)

    def centre(self, shown: Locator) -> None:
        """Move the view so that an element of a node is in the middle of the page."""
        shown.evaluate(
            """element => {
                const {ds} = app.canvas;
                const box = element.getBoundingClientRect();
                ds.offset[0] += (innerWidth / 2 - box.x - box.width / 2) / ds.scale;
                ds.offset[1] += (innerHeight / 2 - box.y - box.height / 2) / ds.scale;
                app.canvas.setDirty(true, true);
            }"""
        )

    def prompt(self) -> Json:
        """Return the prompt that the page would queue."""
        return self.page.evaluate("app.graphToPrompt().then(made => made.output)")

    def set_widgets(self, name: str, value: Any, node_type: str = "") -> None:
        """Set a widget on every node that has one of this name, or on those of one type."""
        self.page.evaluate(
            """([name, value, type]) => {
                for (const node of app.graph.nodes) {
                    if (type && node.type !== type) continue;
                    for (const widget of node.widgets ?? []) {
                        if (widget.name === name) widget.value = value;
                    }
                }
            }""",
            [name, value, node_type],
        )

    def _note(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        complaint = f"{message.text} ({message.location['url']})"
        if not any(part in complaint for part in NOT_OURS):
            self.complaints.append(complaint)

    def _note_deprecated(self, call: Json) -> None:
        text = " ".join(str(value.get("value")) for value in call["args"])
        files = [frame["url"] for frame in call.get("stackTrace", {}).get("callFrames", [])]
        if "deprecat" in text.lower() and any(OUR_FILES in file for file in files):
            self.complaints.append(f"{text} ({', '.join(files)})")


def show_files(page: Page, server: ComfyServer, files: Path) -> None:
    """Let a page have the files in a folder from the disk, and everything else from its server."""
    policy = page.request.get(server.address).headers[POLICY]

    def answer(route: Route) -> None:
        file = files / (urlsplit(route.request.url).path.strip("/") or "index.html")
        if file.is_file():
            route.fulfill(path=file, headers={POLICY: policy})
        else:
            route.continue_()

    # What the pattern leaves out does not wait for this process, which may be waiting itself.
    names = "|".join(re.escape(entry.name) for entry in files.iterdir())
    page.route(re.compile(rf"^{re.escape(server.address)}/(({names})([/?].*)?)?$"), answer)
