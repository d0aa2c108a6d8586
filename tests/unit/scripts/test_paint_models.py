from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from scripts.paint import adapter, assets, embed, narrow, words
from scripts.paint.autoencoder import Autoencoder
from scripts.paint.data import HANDS
from scripts.paint.narrow import NarrowGroupNorm, NarrowLayerNorm, NarrowUNet
from scripts.paint.train_denoiser import rate, signal_shares


def spread(parameter: nn.Parameter) -> torch.Tensor:
    """Replace a start value by noise and return it among the zeros of the wide model."""
    nn.init.normal_(parameter)
    return embed.widen(parameter.detach(), (embed.CHANNELS, embed.WHOLE))


@pytest.mark.parametrize("channels", [narrow.WIDTH, 2 * narrow.WIDTH])
def test_group_normalisation_is_that_of_the_wide_channels(channels: int) -> None:
    torch.manual_seed(0)
    ours = NarrowGroupNorm(channels)
    wide = nn.GroupNorm(narrow.GROUPS, channels * narrow.WIDE // narrow.WIDTH)
    wide.load_state_dict({"weight": spread(ours.weight), "bias": spread(ours.bias)})
    features = torch.randn(2, channels, 4, 4) + 1
    padded = embed.widen(features.transpose(0, 1), (embed.CHANNELS, embed.WHOLE)).transpose(0, 1)
    expected = embed.widen(ours(features).transpose(0, 1), (embed.CHANNELS, embed.WHOLE))
    torch.testing.assert_close(wide(padded), expected.transpose(0, 1), atol=1e-5, rtol=1e-5)


def test_layer_normalisation_is_that_of_the_wide_channels() -> None:
    torch.manual_seed(0)
    ours, wide = NarrowLayerNorm(), nn.LayerNorm(narrow.WIDE)
    wide.load_state_dict({"weight": spread(ours.weight), "bias": spread(ours.bias)})
    features = torch.randn(5, narrow.WIDTH) + 1
    padded = embed.widen(features, (embed.WHOLE, embed.CHANNELS))
    expected = embed.widen(ours(features), (embed.WHOLE, embed.CHANNELS))
    torch.testing.assert_close(wide(padded), expected, atol=1e-5, rtol=1e-5)


def test_conditioning_is_the_layer_normalisation_of_wide_vectors() -> None:
    vectors = words.token_vectors()
    tokens = torch.tensor([words.tokenize("a red ship, storm")])
    padded = nn.functional.pad(vectors[tokens].float(), (0, words.WIDTH - words.USED))
    expected = nn.LayerNorm(words.WIDTH)(padded)[..., : words.USED]
    torch.testing.assert_close(words.conditioning(tokens, vectors), expected)


def test_widening_puts_zeros_after_each_run() -> None:
    wide = embed.widen(torch.tensor([[1, 2, 3, 4]]), (embed.WHOLE, (2, 3)))
    assert wide.tolist() == [[1, 2, 0, 3, 4, 0]]


def test_the_checkpoint_has_the_shapes_of_stable_diffusion() -> None:
    tensors = embed.checkpoint(NarrowUNet().state_dict(), Autoencoder().state_dict())
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    unet, block = "model.diffusion_model.", ".1.transformer_blocks.0."
    assert shapes[unet + "input_blocks.0.0.weight"] == (320, 4, 3, 3)
    assert shapes[unet + "time_embed.2.weight"] == (1280, 1280)
    assert shapes[unet + "output_blocks.0.0.in_layers.2.weight"] == (320, 640, 3, 3)
    assert shapes[unet + "middle_block" + block + "attn2.to_k.weight"] == (320, 768)
    assert shapes[unet + "middle_block" + block + "ff.net.0.proj.weight"] == (2560, 320)
    assert shapes[unet + "out.2.weight"] == (4, 320, 3, 3)
    assert shapes["first_stage_model.taesd_decoder.19.weight"] == (3, 64, 3, 3)
    text = "cond_stage_model.transformer.text_model."
    assert shapes[text + "embeddings.token_embedding.weight"] == (49408, 768)
    exact = {name for name, tensor in tensors.items() if tensor.dtype != torch.float16}
    assert exact == {"first_stage_model.vae_scale", "first_stage_model.vae_shift"}


def test_packing_keeps_weights_to_a_byte_of_the_largest() -> None:
    torch.manual_seed(0)
    tensors = {"a.weight": torch.randn(4, 3, 3, 3), "a.bias": torch.randn(4)}
    unpacked = assets.unpack(assets.pack(tensors))
    error = (unpacked["a.weight"] - tensors["a.weight"]).abs().flatten(1).amax(dim=1)
    assert (error <= tensors["a.weight"].abs().flatten(1).amax(dim=1) / 250).all()
    assert unpacked["a.bias"].equal(tensors["a.bias"].half().float())


def test_models_come_back_from_their_files(tmp_path: Path) -> None:
    unet, autoencoder = NarrowUNet(), Autoencoder()
    assets.save_denoiser(unet.state_dict(), torch.zeros(len(HANDS), narrow.TIME), tmp_path)
    assets.save_autoencoder(autoencoder.state_dict(), tmp_path)
    for hand in HANDS:
        unet.load_state_dict(assets.load_denoiser(hand, tmp_path))
    autoencoder.load_state_dict(assets.load_autoencoder(tmp_path))


def test_a_hand_is_a_shift_of_the_times_last_bias(tmp_path: Path) -> None:
    torch.manual_seed(0)
    unet, hands = NarrowUNet(), torch.randn(len(HANDS), narrow.TIME)
    for parameter in unet.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=0.05)
    assets.save_denoiser(unet.state_dict(), hands, tmp_path)
    shared, own = NarrowUNet(), NarrowUNet()
    stored = assets.load_denoiser("lagoon", tmp_path)
    own.load_state_dict(stored)
    vector = hands[HANDS.index("lagoon")]
    stored["time_embed.2.bias"] -= vector
    shared.load_state_dict(stored)
    x, times, text = torch.randn(2, 4, 8, 8), torch.tensor([3, 900]), torch.randn(2, 77, 128)
    with torch.no_grad():
        expected = shared(x, times, text, vector.expand(2, -1))
        torch.testing.assert_close(own(x, times, text), expected, atol=0.02, rtol=0)
        assert (shared(x, times, text) - expected).abs().max() > 0.1


def test_low_rank_changes_start_as_nothing_and_come_off_again() -> None:
    torch.manual_seed(0)
    unet = NarrowUNet()
    before = {name: tensor.clone() for name, tensor in unet.state_dict().items()}
    changes = adapter.adapt(unet)
    x, times, text = torch.randn(1, 4, 8, 8), torch.tensor([500]), torch.randn(1, 77, 128)
    plain = NarrowUNet()
    plain.load_state_dict(before)
    with torch.no_grad():
        assert unet(x, times, text).equal(plain(x, times, text))
        for change in changes.values():
            change.up.normal_()
        changed = unet(x, times, text)
        assert not changed.allclose(plain(x, times, text))
        adapter.apply_lora(plain, adapter.tensors(changes, unet), 1.0)
        torch.testing.assert_close(plain(x, times, text), changed)
    adapter.release(unet)
    assert all(tensor.equal(before[name]) for name, tensor in unet.state_dict().items())


def test_a_lora_has_the_names_and_shapes_of_stable_diffusion() -> None:
    unet = NarrowUNet()
    stored = embed.lora(adapter.tensors(adapter.adapt(unet), unet))
    shapes = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    query = "lora_unet_middle_block_1_transformer_blocks_0_attn2_to_k"
    assert shapes[f"{query}.lora_up.weight"] == (320, adapter.RANK)
    assert shapes[f"{query}.lora_down.weight"] == (adapter.RANK, 768)
    kernel = "lora_unet_output_blocks_0_0_in_layers_2"
    assert shapes[f"{kernel}.lora_up.weight"] == (320, adapter.RANK, 1, 1)
    assert shapes[f"{kernel}.lora_down.weight"] == (adapter.RANK, 640, 3, 3)
    assert stored[f"{kernel}.alpha"] == adapter.RANK


def test_an_untrained_autoencoder_passes_colours_on() -> None:
    torch.manual_seed(0)
    colours = torch.tensor([[0.8, 0.3, 0.5], [0.3, 0.8, 0.5]])
    pictures = colours[:, :, None, None].expand(2, 3, 64, 64)
    autoencoder = Autoencoder()
    first, second = autoencoder.decode(autoencoder.encode(pictures)).mean(dim=(2, 3))
    red, green, blue = (first - second).tolist()
    assert red > 0.2 > abs(blue)
    assert green < -0.2


def test_the_noise_schedule_is_that_of_stable_diffusion() -> None:
    shares = signal_shares()
    sigmas = ((1 - shares) / shares).sqrt()
    assert sigmas[0].item() == pytest.approx(0.0292, abs=1e-4)
    assert sigmas[-1].item() == pytest.approx(14.6146, abs=1e-3)


def test_the_learning_rate_rises_and_falls() -> None:
    rates = [rate(step, 1000) for step in (0, 199, 600, 999)]
    assert rates[0] < rates[1] == 1 > rates[2] > rates[3]
    assert rates[3] < 1e-4
