"""The models that the benchmark runs on, and the server for a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.comfy_server import ROOT, ComfyServer
from scripts.provision import Installation, carry_out
from scripts.steps import Step, fingerprint, run_logged

from .rows import Scale

SCRIPTS = ROOT / "scripts"
PACKS = {
    "periplus": ROOT,
    "counters": ROOT / "tests" / "host" / "packs" / "counters",
    "bench": Path(__file__).with_name("pack"),
}
NUMBERS = range(1, 6)
"""There are five checkpoints and five VAEs of each group."""


def provide_models(installation: Installation, scale: Scale) -> None:
    """Build what a scale needs, unless it is there."""
    steps = [_step(installation, scale, kind) for kind in ("model", "vae")]
    carry_out(steps, installation.home)


def _step(installation: Installation, scale: Scale, kind: str) -> Step:
    folder = installation.home / "models" / ("checkpoints" if kind == "model" else "vae")
    builder = SCRIPTS / "checkpoints.py"
    sources = [path.read_text(encoding="utf-8") for path in (builder, SCRIPTS / "painting.py")]
    names = [f"{scale.group}/{kind}{number}" for number in NUMBERS]
    launch = (installation.python, SCRIPTS / "launch.py", installation.comfyui, builder)
    return Step(
        f"Models for the benchmark ({scale.group}, {kind})",
        installation.home / "stamps" / f"{scale.group}-{kind}",
        fingerprint(*sources, *names),
        tuple(folder / f"{name}.safetensors" for name in names),
        lambda: run_logged(
            [*launch, "--cpu", folder, *names],
            installation.home / "logs" / f"{scale.group}-{kind}.log",
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
