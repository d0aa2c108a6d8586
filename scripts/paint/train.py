"""Train the demo's models and store them: ``python -m scripts.paint.train``.

Takes about an hour on two cores and needs nothing but PyTorch and Pillow: the pictures are drawn.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from .assets import FOLDER, save_autoencoder, save_style
from .autoencoder import Autoencoder
from .data import Pictures, draw_pictures
from .narrow import NarrowUNet
from .train_autoencoder import train_autoencoder
from .train_denoiser import Latents, train_denoiser

SEED = 1
SMALL, LARGE = 12_000, 3_000
"""How many pictures of 64 and of 128 pixels are drawn."""

AUTOENCODER_STEPS = 3_200
DENOISER_STEPS = 3_000


def main() -> None:
    """Draw the pictures, train the autoencoder, then the denoiser, and store both."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to store the weights")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", flush=True)

    def keep(step: int, loss: float, model: NarrowUNet) -> None:
        say(f"denoiser {step}: {loss:.4f}")
        if step % 500 == 0 or step == DENOISER_STEPS:
            save_style("coast", model.state_dict(), arguments.folder)

    small, large = draw_pictures(SMALL, 64, SEED), draw_pictures(LARGE, 128, SEED + 1)
    say(f"{SMALL + LARGE} pictures drawn")
    autoencoder = train_autoencoder(small, large, AUTOENCODER_STEPS, SEED + 2, say)
    save_autoencoder(autoencoder.state_dict(), arguments.folder)
    latents = encode(autoencoder, small), encode(autoencoder, large)
    train_denoiser(*latents, DENOISER_STEPS, SEED + 4, keep)


@torch.no_grad()
def encode(autoencoder: Autoencoder, pictures: Pictures) -> Latents:
    """Return the latents of all pictures, and their words."""
    everything = torch.arange(len(pictures.words)).split(100)
    encoded = [autoencoder.encode(pictures.floats(which)) for which in everything]
    return torch.cat(encoded), pictures.words


if __name__ == "__main__":
    main()
