"""Chart a first sheet: ``python scripts/demo.py``.

Provides what is missing (see provision.py), starts ComfyUI with this pack in it, runs an example
workflow and prints the path of the sheet as its last line. Needs Python 3.10 and nothing else.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.comfy_run import Run  # noqa: E402
from scripts.comfy_server import ComfyServer  # noqa: E402
from scripts.progress_bar import ProgressBar  # noqa: E402
from scripts.provision import Installation, provision  # noqa: E402
from scripts.steps import CommandError, run_command  # noqa: E402
from scripts.workflow import WorkflowError, replace_unknown, to_prompt  # noqa: E402

EXAMPLES = ROOT / "example_workflows"
FIRST_EXAMPLE = "checkpoints x samplers"

CPU_SIDE = 128
"""The longest side of pictures on the CPU, in pixels; the examples are made for a GPU."""


def main() -> int:
    """Run the demo; return 0, or raise the :class:`CommandError` that says what failed."""
    arguments = parse_arguments()
    path = find_workflow(arguments.workflow)
    workflow = json.loads(path.read_text(encoding="utf-8"))
    # A terminated demo stops its server, as one that is ended with Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    installation = provision(arguments.home, arguments.comfyui)
    cpu = arguments.cpu or not (arguments.gpu or has_gpu(installation))
    server = ComfyServer(
        installation.comfyui,
        installation.python,
        models=installation.models("demo"),
        output=installation.home / "demo" / "output",
        cpu=cpu,
        threads=None,
    )
    print("Starting ComfyUI", flush=True)
    with server:
        print(f"Running {path.stem!r}", flush=True)
        prompt = prepare(server, workflow, max_side=CPU_SIDE if cpu else None)
        sheet = chart(server, prompt, workflow)
        if arguments.serve:
            print(f"ComfyUI is open at {server.address} (Ctrl-C ends it)")
        print(sheet, flush=True)
        if arguments.serve:
            server.wait()
    return 0


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description="Chart a first sheet with Periplus.")
    parser.add_argument("--comfyui", type=Path, metavar="PATH", help="use this ComfyUI")
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep everything needed here")
    parser.add_argument("--serve", action="store_true", help="leave ComfyUI open afterwards")
    parser.add_argument(
        "--workflow",
        default=FIRST_EXAMPLE,
        metavar="NAME",
        help=f"an example's name or a workflow's path (default: {FIRST_EXAMPLE!r})",
    )
    device = parser.add_mutually_exclusive_group()
    device.add_argument("--cpu", action="store_true", help="run on the CPU")
    device.add_argument("--gpu", action="store_true", help="run on the GPU (default if usable)")
    return parser.parse_args()


def find_workflow(name: str) -> Path:
    """Return the file of an example by its name, or of a workflow by its path.

    Raises:
        CommandError: there is none; lists the examples.
    """
    for path in (EXAMPLES / f"{name}.json", Path(name)):
        if path.is_file():
            return path
    examples = "\n".join(f"  {path.stem}" for path in sorted(EXAMPLES.glob("*.json")))
    raise CommandError(f"There is no example {name!r}. There are:\n{examples}")


def has_gpu(installation: Installation) -> bool:
    """Say whether there is an NVIDIA GPU that the installed torch can use."""
    if shutil.which("nvidia-smi") is None:
        return False
    question = "import sys, torch; sys.exit(not torch.cuda.is_available())"
    return subprocess.run([installation.python, "-c", question]).returncode == 0


def prepare(server: ComfyServer, workflow: dict[str, Any], max_side: int | None) -> dict[str, Any]:
    """Return a workflow as a prompt, with checkpoints that are here.

    ``max_side`` limits the pictures' width and height.

    Raises:
        CommandError: it cannot be run.
    """
    object_info = server.object_info()
    try:
        prompt = to_prompt(workflow, object_info)
    except WorkflowError as error:
        raise CommandError(f"The workflow cannot be run: {error}") from error
    for old, new in replace_unknown(prompt, object_info, "ckpt_name").items():
        print(f"  checkpoint {old} is not here: {new} instead")
    if max_side is not None and limit_size(prompt, max_side):
        print(f"  pictures of at most {max_side} pixels a side on the CPU")
    return prompt


def chart(
    server: ComfyServer, prompt: dict[str, Any], workflow: dict[str, Any] | None = None
) -> Path:
    """Run a prompt with a progress bar; return the path of the sheet it saves.

    Raises:
        CommandError: it was refused, failed, or saved no picture.
    """
    bar = ProgressBar(prompt)
    run = server.run(prompt, workflow=workflow, on_message=bar.show)
    bar.end()
    if run.status != "success":
        raise CommandError(run.error or f"The run ended as {run.status}.")
    return saved_sheet(run, server.output)


def limit_size(prompt: dict[str, Any], max_side: int) -> bool:
    """Bring every width and height in the prompt down to ``max_side``; say whether any changed."""
    changed = False
    for node in prompt.values():
        for name in ("width", "height"):
            value = node["inputs"].get(name)
            if isinstance(value, int) and value > max_side:
                node["inputs"][name] = max_side
                changed = True
    return changed


def saved_sheet(run: Run, output: Path) -> Path:
    """Return the path of the last picture in the run's results that was saved to stay."""
    saved = [
        output / image["subfolder"] / image["filename"]
        for shown in run.outputs.values()
        for image in shown.get("images", ())
        if image["type"] == "output"
    ]
    if not saved:
        raise CommandError("The workflow ran, but saved no picture.")
    return saved[-1]


if __name__ == "__main__":
    run_command(main)
