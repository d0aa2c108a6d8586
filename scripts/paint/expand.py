"""Write the painting checkpoints: ``python -m scripts.paint.expand FOLDER``, in seconds."""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import save_file

from .assets import expand
from .style import STYLES


def main() -> None:
    """Write each style's checkpoint to a folder, complete or not at all."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for style in STYLES:
        unfinished = folder / f"{style}.part"
        save_file(expand(style), unfinished)
        unfinished.replace(folder / f"{style}.safetensors")


if __name__ == "__main__":
    main()
