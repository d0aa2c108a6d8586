"""Train the demo's models and store them: ``python -m scripts.paint.train``.

Takes less than an hour on two cores and needs only PyTorch and Pillow: the pictures are drawn.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch

from .assets import FOLDER, save_autoencoder, save_denoiser
from .autoencoder import Autoencoder
from .data import Pictures, draw_pictures
from .narrow import NarrowUNet
from .style import STYLES, Style
from .train_autoencoder import Sizes, train_autoencoder, train_decoder
from .train_denoiser import Latents, train_denoiser

SEED = 1
SMALL, LARGE = 12_000, 3_000
"""How many pictures of 64 and of 128 pixels are drawn."""

AUTOENCODER_STEPS = 3_200
DECODER_STEPS = {"coast": 4_000, "harbour": 1_500, "lagoon": 1_500}
DENOISER_STEPS = 5_000


def main() -> None:
    """Draw the pictures, train the autoencoder, the styles' decoders and the denoiser."""
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
        if step % 500 == 0:
            save_denoiser(model.state_dict(), arguments.folder)

    plain = draw_sizes(STYLES["coast"])
    say("pictures drawn")
    autoencoder = train_autoencoder(plain, AUTOENCODER_STEPS, SEED + 2, say)
    latents = encode(autoencoder, plain[0]), encode(autoencoder, plain[1])
    for style, steps in DECODER_STEPS.items():
        train_decoder(autoencoder, plain, draw_sizes(STYLES[style]), steps, SEED + 3, say)
        save_autoencoder(style, autoencoder.state_dict(), arguments.folder)
    denoiser = train_denoiser(*latents, DENOISER_STEPS, SEED + 4, keep)
    save_denoiser(denoiser.state_dict(), arguments.folder)


def draw_sizes(style: Style) -> Sizes:
    """Return all scenes in a style, in both sizes."""
    return draw_pictures(SMALL, 64, SEED, style), draw_pictures(LARGE, 128, SEED + 1, style)


@torch.no_grad()
def encode(autoencoder: Autoencoder, pictures: Pictures) -> Latents:
    """Return the latents of all pictures, and their words."""
    everything = torch.arange(len(pictures.words)).split(100)
    encoded = [autoencoder.encode(pictures.floats(which)) for which in everything]
    return torch.cat(encoded), pictures.words


if __name__ == "__main__":
    main()
