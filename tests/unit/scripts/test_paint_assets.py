from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from scripts.paint import adapter, assets, expand
from scripts.paint.autoencoder import Autoencoder
from scripts.paint.data import HANDS, Pictures, draw_pictures
from scripts.paint.embed import toned
from scripts.paint.narrow import NarrowUNet
from scripts.paint.style import STYLES, glass
from scripts.paint.train_denoiser import signal_shares
from scripts.paint.upscaler import SCALE, Upscaler
from scripts.paint.words import SUBJECTS, TAUGHT, conditioning, token_vectors, tokenize
from scripts.provision import DEMO_MODELS

LIMIT = 6 * 1024**2
COUNT = 24
SEED = 99
"""Of scenes that no model was trained on."""


def test_all_trained_weights_are_small() -> None:
    assert sum(path.stat().st_size for path in assets.FOLDER.iterdir()) < LIMIT


def test_provisioning_knows_the_whole_family() -> None:
    assert set(DEMO_MODELS) == set(expand.FAMILY)


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    model = Autoencoder()
    model.load_state_dict(assets.load_autoencoder())
    return model


def denoiser(hand: str) -> NarrowUNet:
    model = NarrowUNet()
    model.load_state_dict(assets.load_denoiser(hand))
    return model


def floats(pictures: Pictures) -> torch.Tensor:
    return pictures.floats(torch.arange(len(pictures.words)))


@torch.no_grad()
def blindness(
    model: NarrowUNet, autoencoder: Autoencoder, pictures: Pictures, time: int, told: str = ""
) -> float:
    """The mean squared error of the noise that a model sees; ``told`` replaces the subjects."""
    torch.manual_seed(0)
    latents = autoencoder.encode(floats(pictures))
    share, noise = signal_shares()[time], torch.randn_like(latents)
    noisy = share.sqrt() * latents + (1 - share).sqrt() * noise
    prompts = [
        f"a {colour} {told or subject}, {weather}" for subject, colour, weather in pictures.words
    ]
    tokens = torch.tensor([tokenize(prompt) for prompt in prompts])
    text = conditioning(tokens, token_vectors())
    return (model(noisy, torch.full((len(latents),), time), text) - noise).square().mean().item()


@pytest.mark.parametrize("hand", HANDS)
@pytest.mark.parametrize("size", [64, 128])
def test_the_autoencoder_shows_what_every_hand_draws(
    autoencoder: Autoencoder, hand: str, size: int
) -> None:
    drawn = floats(draw_pictures(COUNT, size, SEED, [hand]))
    with torch.no_grad():
        shown = autoencoder.decode(autoencoder.encode(drawn))
    assert (shown - drawn).abs().mean() < 0.3 * (drawn - drawn.mean()).abs().mean()


@pytest.mark.parametrize("told", SUBJECTS)
def test_the_denoiser_sees_noise_best_when_told_the_truth(
    autoencoder: Autoencoder, told: str
) -> None:
    (other, *_) = (subject for subject in SUBJECTS if subject != told)
    scenes = draw_pictures(COUNT, 64, SEED, ["coast"], [told])
    model = denoiser("coast")
    truth = blindness(model, autoencoder, scenes, 800)
    assert truth < blindness(model, autoencoder, scenes, 800, told=other)


@pytest.mark.parametrize("style", STYLES)
def test_each_checkpoint_knows_its_own_style_best(autoencoder: Autoencoder, style: str) -> None:
    scenes = draw_pictures(COUNT, 64, SEED, [style])
    seen = {hand: blindness(denoiser(hand), autoencoder, scenes, 600) for hand in STYLES}
    assert min(seen, key=seen.__getitem__) == style


def test_the_refiner_knows_details_better_than_the_others(autoencoder: Autoencoder) -> None:
    scenes = draw_pictures(COUNT, 128, SEED, ["refiner"])
    seen = {hand: blindness(denoiser(hand), autoencoder, scenes, 200) for hand in HANDS}
    assert min(seen, key=seen.__getitem__) == "refiner"


@pytest.mark.parametrize("lora", assets.LORAS)
def test_a_lora_teaches_what_it_was_made_for(autoencoder: Autoencoder, lora: str) -> None:
    glazed, whales = (
        draw_pictures(COUNT, 64, SEED, ["coast"], style=glass),
        draw_pictures(COUNT, 64, SEED, ["coast"], [TAUGHT]),
    )
    scenes = {"stained_glass": glazed, "whale": whales}[lora]
    model = denoiser("coast")
    before = blindness(model, autoencoder, scenes, 700)
    adapter.apply_lora(model, assets.load_lora(lora), 1.0)
    assert blindness(model, autoencoder, scenes, 700) < 0.9 * before


def test_the_upscaler_comes_nearer_to_large_pictures_than_interpolation() -> None:
    model = Upscaler()
    model.load_state_dict(assets.load_upscaler())
    large = floats(draw_pictures(COUNT, 128, SEED))
    small = functional.avg_pool2d(large, SCALE)
    plain = functional.interpolate(small, scale_factor=SCALE, mode="bicubic").clamp(0, 1)
    with torch.no_grad():
        ours = model(small).clamp(0, 1)
    assert (ours - large).square().mean() < 0.6 * (plain - large).square().mean()


def test_the_sepia_decoder_shows_the_same_in_brown(autoencoder: Autoencoder) -> None:
    brown = Autoencoder()
    brown.load_state_dict(toned(assets.load_autoencoder()))
    latents = torch.randn(2, 4, 8, 8)
    with torch.no_grad():
        colours, toned_colours = autoencoder.decode(latents), brown.decode(latents)
    red, green, blue = colours.unbind(1)
    expected = 0.393 * red + 0.769 * green + 0.189 * blue
    torch.testing.assert_close(toned_colours[:, 0], expected, atol=1e-4, rtol=1e-4)
