"""The models that the benchmark runs on, and the server for a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, carry_out
from scripts.steps import Step, fingerprint, run_logged

from .cells import Cell
from .rows import Scale

SCRIPTS = ROOT / "scripts"
PACKS = {
    "periplus": ROOT,
    "counters": ROOT / "tests" / "host" / "packs" / "counters",
    "bench": Path(__file__).with_name("pack"),
}


def provide_models(installation: Installation, cells: Iterable[Cell]) -> None:
    """Build the checkpoints and VAE files that the cells need, unless they are there."""
    files: set[str] = set()
    for cell in cells:
        files |= {f"checkpoints/{run.model}" for run in cell.passes}
        files |= {f"vae/{cell.vae}"} if cell.vae else set()
    carry_out([_step(installation, file) for file in sorted(files)], installation.home)


def _step(installation: Installation, file: str) -> Step:
    """Return the step for a file, named from the models' folder on."""
    kind, _, name = file.removesuffix(".safetensors").partition("/")
    folder, builder = installation.home / "models" / kind, SCRIPTS / "checkpoints.py"
    sources = [path.read_text(encoding="utf-8") for path in (builder, SCRIPTS / "painting.py")]
    launch = (installation.python, SCRIPTS / "launch.py", installation.comfyui, builder)
    title = name.replace("/", "-")
    return Step(
        f"Model for the benchmark ({name})",
        installation.home / "stamps" / title,
        fingerprint(*sources),
        (installation.home / "models" / file,),
        lambda: run_logged(
            [*launch, "--cpu", folder, name], installation.home / "logs" / f"{title}.log"
        ),
    )


def bench_server(
    installation: Installation, scale: Scale, device: str, arguments: Sequence[str] = ()
) -> ComfyServer:
    """Return a server with the pack, the counting pack and the bare loop in it, not started.

    Args:
        device: "cpu", or "cuda" for whatever GPU there is.
        arguments: more command-line arguments for ComfyUI.
    """
    return ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models(scale.group),
        packs=PACKS,
        cpu=device == "cpu",
        threads=1 if device == "cpu" else None,
        arguments=arguments,
    )
