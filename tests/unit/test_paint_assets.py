from __future__ import annotations

import pytest
import torch

from scripts.paint import assets
from scripts.paint.autoencoder import Autoencoder
from scripts.paint.data import draw_pictures
from scripts.paint.narrow import NarrowUNet
from scripts.paint.style import STYLES
from scripts.paint.train_denoiser import signal_shares
from scripts.paint.words import conditioning, token_vectors, tokenize

LIMIT = 6 * 1024**2


def test_all_trained_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in assets.FOLDER.iterdir()) < LIMIT


@pytest.mark.parametrize("style", STYLES)
def test_a_style_shows_scenes_as_it_was_taught(style: str) -> None:
    autoencoder = Autoencoder()
    autoencoder.load_state_dict(assets.load_autoencoder(style))
    count = torch.arange(20)
    plain = draw_pictures(20, 64, 99).floats(count)
    wanted = draw_pictures(20, 64, 99, STYLES[style]).floats(count)
    with torch.no_grad():
        shown = autoencoder.decode(autoencoder.encode(plain))
    assert (shown - wanted).abs().mean() < 0.5 * (wanted - wanted.mean()).abs().mean()


@pytest.mark.parametrize(
    ("said", "other"),
    [("red ship, day", "red ship, night"), ("red ship, day", "red island, day")],
)
def test_the_denoiser_sees_noise_best_when_told_the_truth(said: str, other: str) -> None:
    autoencoder, unet = Autoencoder(), NarrowUNet()
    autoencoder.load_state_dict(assets.load_autoencoder("coast"))
    unet.load_state_dict(assets.load_denoiser())
    torch.manual_seed(0)
    # The first scene is a red ship by day.
    picture = draw_pictures(1, 64, 99).floats(torch.tensor([0]))
    share, count = signal_shares()[700], 8
    with torch.no_grad():
        latents = autoencoder.encode(picture)
        noise = torch.randn(count, *latents.shape[1:])
        noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
        truth, lie = (
            (unet(noisy, torch.full((count,), 700), text.expand(count, -1, -1)) - noise)
            .square()
            .mean()
            for prompt in (said, other)
            for text in [conditioning(torch.tensor([tokenize(prompt)]), token_vectors())]
        )
    assert truth < lie
