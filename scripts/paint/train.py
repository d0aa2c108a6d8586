"""Train the demo's models and store them: ``python -m scripts.paint.train``.

Takes less than two hours on two cores and needs only PyTorch and Pillow: the pictures are drawn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from . import adapter, assets
from .autoencoder import Autoencoder
from .data import Pictures, draw_pictures
from .narrow import NarrowUNet
from .style import glass
from .train_autoencoder import Report, Sizes, train_autoencoder
from .train_denoiser import Latents, train_denoiser, train_noise
from .upscaler import train_upscaler
from .words import SUBJECTS, TAUGHT

SEED = 1
COUNTS = (16_000, 8_000)
"""How many pictures of 64 and of 128 pixels are drawn."""

LORA_COUNTS = (1_800, 900)

AUTOENCODER_STEPS = 7_000
DENOISER_STEPS = 14_000
LORA_STEPS = 800
LORA_RATE = 2e-3
UPSCALER_STEPS = 2_000


def main() -> None:
    """Draw the pictures; train the autoencoder, the denoiser, the LoRAs and the upscaler."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--folder", type=Path, default=assets.FOLDER, help="where to store them")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    log = Log()

    pictures = draw_sizes(draw_pictures, COUNTS, SEED)
    glazed = draw_sizes(partial(draw_pictures, style=glass), LORA_COUNTS, SEED + 10)
    # The known subjects beside the new one keep the LoRA from changing them too.
    told = partial(draw_pictures, subjects=(TAUGHT, TAUGHT, *SUBJECTS))
    taught = draw_sizes(told, LORA_COUNTS, SEED + 20)
    log.say("pictures drawn")

    everything = [sum(rest, first) for first, *rest in zip(pictures, glazed, taught, strict=True)]
    autoencoder = train_autoencoder(
        (everything[0], everything[1]), AUTOENCODER_STEPS, SEED + 2, log.of("autoencoder")
    )
    assets.save_autoencoder(autoencoder.state_dict(), folder)
    # What is stored is rounded; the rest shall fit what is stored.
    autoencoder.load_state_dict(assets.load_autoencoder(folder))

    known = encode(autoencoder, pictures)
    denoiser, hands = train_denoiser(known, DENOISER_STEPS, SEED + 3, log.of("denoiser"))
    assets.save_denoiser(denoiser.state_dict(), hands, folder)

    for name, shown in zip(assets.LORAS, (glazed, taught), strict=True):
        latents = encode(autoencoder, shown)
        changes = train_lora(denoiser, hands, latents, log.of(name))
        assets.save_lora(name, changes, folder)

    upscaler = train_upscaler(autoencoder, pictures, UPSCALER_STEPS, SEED + 5, log.of("upscaler"))
    assets.save_upscaler(upscaler.state_dict(), folder)
    log.say("done")


class Log:
    """Prints lines with the seconds since it was made."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line."""
        print(f"{time.monotonic() - self.began:6.0f} s  {text}", flush=True)

    def of(self, name: str) -> Report:
        """Return what prints the losses of a model."""
        return lambda step, loss: self.say(f"{name} {step}: {loss:.4f}")


def draw_sizes(
    draw: Callable[[int, int, int], Pictures], counts: tuple[int, int], seed: int
) -> Sizes:
    """Return pictures in both sizes."""
    return draw(counts[0], 64, seed), draw(counts[1], 128, seed + 1)


@torch.no_grad()
def encode(autoencoder: Autoencoder, sizes: Sizes) -> list[Latents]:
    """Return the latents of all pictures of each size."""
    latents: list[Latents] = []
    for pictures in sizes:
        everything = torch.arange(len(pictures.words)).split(100)
        values = torch.cat([autoencoder.encode(pictures.floats(which)) for which in everything])
        latents.append(Latents(values, pictures.words, pictures.hands))
    return latents


def train_lora(
    denoiser: NarrowUNet, hands: torch.Tensor, latents: Sequence[Latents], report: Report
) -> assets.Tensors:
    """Return low-rank changes with which a denoiser paints what is in some latents."""
    torch.manual_seed(SEED + 4)
    changes = adapter.adapt(denoiser)
    trained = [parameter for change in changes.values() for parameter in change.parameters()]
    train_noise(denoiser, hands, trained, latents, LORA_STEPS, LORA_RATE, SEED + 4, report)
    stored = adapter.tensors(changes, denoiser)
    adapter.release(denoiser)
    return stored


if __name__ == "__main__":
    main()
