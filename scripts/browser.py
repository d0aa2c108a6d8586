"""The Chromium that the browser tests drive: where it is, and how to get it."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .steps import CommandError, Step, fingerprint, run_logged

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Names that Chromium and Chrome have on the search path."""

APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("C:/Program Files/Google/Chrome/Application/chrome.exe"),
)
"""Where it lies on systems that do not put it on the search path."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=LocalNetworkAccessChecks",
)
"""Keeps it to the test's own server, and running as root and without a GPU.

The last one lets a page whose files a test takes from the disk talk to that server.
"""


def find_chromium() -> Path:
    """Return the Chromium or Chrome to drive: PERIPLUS_CHROMIUM, else what is installed.

    Raises:
        CommandError: there is none; says how to get it.
    """
    if chosen := os.environ.get("PERIPLUS_CHROMIUM"):
        return Path(chosen).expanduser()
    on_path = (shutil.which(command) for command in COMMANDS)
    for candidate in (*map(Path, filter(None, on_path)), *APPLICATIONS):
        if candidate.is_file():
            return candidate
    raise CommandError(
        "The browser tests need Chromium or Chrome, and there is none. Install it (on Debian: "
        "apt-get install chromium), or name its program in PERIPLUS_CHROMIUM."
    )


def chromium_steps(home: Path) -> list[Step]:
    """Return the step that installs Chromium; none where it is there or only its user can do it."""
    if is_installed() or not is_root_on_debian():
        return []
    return [
        Step(
            "Chromium",
            home / "stamps" / "chromium",
            fingerprint("chromium"),
            (Path("/usr/bin/chromium"),),
            lambda: install_chromium(home / "logs"),
        )
    ]


def is_installed() -> bool:
    """Say whether :func:`find_chromium` finds one."""
    try:
        find_chromium()
    except CommandError:
        return False
    return True


def is_root_on_debian() -> bool:
    """Say whether this process may install Debian packages."""
    # Only Debian itself: Ubuntu's package of that name is a pointer to a snap.
    return (
        sys.platform == "linux"
        and os.geteuid() == 0
        and "ID=debian" in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    )


def install_chromium(logs: Path) -> None:
    """Install Debian's package, with its output in a folder of logs.

    Raises:
        CommandError: apt-get failed; carries the end of its log.
    """
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged(["apt-get", "update"], logs / "apt-update.log", environment)
    install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
    run_logged(install, logs / "apt-chromium.log", environment)
