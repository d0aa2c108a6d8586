"""The page of a saved sweep: one HTML file that needs no server, no network and no trust.

The viewer in ``web/viewer`` is written as modules, and Chromium loads no module from a ``file://``
address. So they are put end to end into one script; their top-level names are all different. They
end in ``.mjs`` since ComfyUI's page loads every ``.js`` of a pack.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

VIEWER = Path(__file__).resolve().parents[2] / "web" / "viewer"

MODULES = (
    "languages",
    "words",
    "elements",
    "sweep",
    "arrangement",
    "marks",
    "surroundings",
    "clipboard",
    "pictures",
    "sheet",
    "pan_zoom",
    "recipe",
    "compare",
    "detail",
    "axes_panel",
    "viewer",
    "page",
)
"""Each after those that it imports."""

_IMPORT = re.compile(r"^import\b[^;]*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|function|class|async)", re.MULTILINE)

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
"""No text can end the element that holds the data, or begin another."""


def make_page(title: str, data: Mapping[str, Any]) -> str:
    """Write the page of a sweep.

    Whatever the texts of a sweep say, nothing of them becomes markup or script: they are data, the
    viewer shows them as text, and the page's policy runs no other script and loads nothing but
    pictures.

    Args:
        title: of the browser's tab.
        data: what the viewer shows, see :func:`periplus.viewer.viewer_data.viewer_data`.
    """
    script = _script()
    style = _read("viewer.css")
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src 'self' file: data:",
            f"script-src {_source(script)}",
            f"style-src {_source(style)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{html.escape(_whole(title))}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        "<noscript>This page needs JavaScript. Beside it are the sheet and the cells.</noscript>",
        f'<script type="application/json" id="sweep">{json_for_script(data)}</script>',
        f'<script type="module">{script}</script>',
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def json_for_script(data: Any) -> str:
    """Write JSON in ASCII that can stand inside a script element."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPES)


def _script() -> str:
    modules = (_read(f"{name}.mjs") for name in MODULES)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", module)) for module in modules)


def _read(name: str) -> str:
    return (VIEWER / name).read_text(encoding="utf-8")


def _source(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _whole(text: str) -> str:
    """A text without half an emoji, which has no UTF-8."""
    return text.encode("utf-8", "replace").decode()
