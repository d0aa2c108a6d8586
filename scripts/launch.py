"""Run a file inside ComfyUI: ``launch.py [--end-with-stdin] COMFYUI FILE [arguments...]``.

It is started by the Python that has ComfyUI's requirements, and runs ComfyUI's own ``main.py`` as
well as the scripts here that need ComfyUI's modules.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Set the process up and run the file as ``__main__``."""
    if arguments[0] == "--end-with-stdin":
        threading.Thread(target=end_with_stdin, daemon=True).start()
        arguments = arguments[1:]
    comfyui, file, *rest = arguments
    # ComfyUI's modules come first: this folder and ComfyUI both have files of common names.
    here = Path(__file__).resolve().parent
    others = [entry for entry in sys.path if Path(entry).resolve() != here]
    sys.path[:] = [comfyui, *others, str(Path(file).resolve().parent)]
    sys.argv = [file, *rest]
    # With a GPU torch comes with its own torchvision, and ComfyUI wants to set CUDA's environment
    # before anything imports torch.
    if "--cpu" in rest:
        mend_torchvision()
    runpy.run_path(file, run_name="__main__")


def end_with_stdin() -> None:
    """End this process when whoever started it is gone, even if that one was killed."""
    # Not through sys.stdin, whose lock would abort an interpreter that ends by itself.
    while os.read(0, 1024):
        pass
    os._exit(0)


def mend_torchvision() -> None:
    """Define the operators that torchvision misses beside a CPU build of torch.

    torchvision declares shapes for them while it is imported, and stops if they are not there.
    Nothing calls them here.
    """
    import torch

    try:
        import torchvision  # noqa: F401  # pyright: ignore[reportMissingImports]
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        # A library takes its operators with it when it goes.
        sys.modules["__main__"].torchvision_operators = library  # type: ignore[attr-defined]
        for module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[module]


if __name__ == "__main__":
    main(sys.argv[1:])
