"""The narrow models are exactly those that ComfyUI runs when it loads their checkpoint.

Run as a file, inside ComfyUI, this prints how far the two are apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PROMPT = "a red ship at night, storm"
ROUNDING = 1e-4


def test_comfyui_computes_what_the_narrow_models_do(tmp_path: Path) -> None:
    # Imported here: run as a file, ComfyUI's Python has no pytest and its own folders come first.
    from scripts.provision import provision

    installed = provision(development=True)
    launch = ROOT / "scripts/launch.py"
    checkpoint = tmp_path / "lagoon.safetensors"
    ran = subprocess.run(
        [installed.python, launch, installed.comfyui, __file__, checkpoint, "--cpu"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout.splitlines()[-1])

    assert found["tokens"]
    assert {name: error for name, error in found["errors"].items() if error > ROUNDING} == {}


def main(checkpoint: Path) -> None:
    """Expand the trained weights, load them with ComfyUI's loader, and compare."""
    import comfy.cli_args
    import torch
    from safetensors.torch import save_file

    comfy.cli_args.args.cpu = True
    import comfy.model_management
    import comfy.sd

    sys.path.append(str(ROOT / "scripts"))
    from paint import assets, expand, words
    from paint.adapter import apply_lora
    from paint.autoencoder import Autoencoder
    from paint.narrow import NarrowUNet
    from paint.upscaler import Upscaler
    from spandrel import ModelLoader

    torch.set_grad_enabled(False)
    torch.manual_seed(0)
    save_file(expand.expand_checkpoint("lagoon"), checkpoint)
    patcher, clip, vae, *_ = comfy.sd.load_checkpoint_guess_config(str(checkpoint))
    unet, autoencoder = NarrowUNet(), Autoencoder()
    unet.load_state_dict({n: t.half().float() for n, t in assets.load_denoiser("lagoon").items()})
    autoencoder.load_state_dict(assets.load_autoencoder())
    upscaler = Upscaler()
    upscaler.load_state_dict(assets.load_upscaler())

    ours = torch.tensor([words.tokenize(PROMPT)])
    tokens = clip.tokenize(PROMPT)
    text = clip.encode_from_tokens(tokens)
    narrow_text = words.conditioning(ours, words.token_vectors())

    noisy, times = torch.randn(2, 4, 8, 16), torch.tensor([20.0, 950.0])

    def seen(patcher: Any) -> torch.Tensor:
        comfy.model_management.load_models_gpu([patcher])
        wide = patcher.model.diffusion_model.float()
        return wide(noisy, times, context=text.expand(2, -1, -1))

    def narrow_seen() -> torch.Tensor:
        return unet(noisy, times, narrow_text.expand(2, -1, -1))

    picture = torch.rand(1, 64, 128, 3)
    latents = patcher.model.process_latent_in(vae.encode(picture))
    narrow_latents = autoencoder.encode(picture.movedim(-1, 1))
    decoded = vae.decode(patcher.model.process_latent_out(narrow_latents))
    narrow_decoded = autoencoder.decode(narrow_latents).clamp(0, 1).movedim(1, -1)
    upscaled = ModelLoader().load_from_state_dict(expand.expand_upscaler())(picture.movedim(-1, 1))  # pyright: ignore
    narrow_upscaled = upscaler(picture.movedim(-1, 1)).clamp(0, 1)

    errors = {
        "text": (text[..., : words.USED] - narrow_text).abs().max().item(),
        "unet": (seen(patcher) - narrow_seen()).abs().max().item(),
        "encoder": (latents - narrow_latents).abs().max().item(),
        "decoder": (decoded - narrow_decoded).abs().max().item(),
        "upscaler": (upscaled - narrow_upscaled).abs().max().item(),
    }
    changes = {n: t.half().float() for n, t in assets.load_lora("whale").items()}
    apply_lora(unet, changes, strength=0.5)
    stored = expand.expand_lora("whale")
    patched, _ = comfy.sd.load_lora_for_models(patcher, None, stored, 0.5, 0.0)
    errors["lora"] = (seen(patched) - narrow_seen()).abs().max().item()
    same = [token for token, _ in tokens["l"][0]] == ours[0].tolist()
    known = all(clip.tokenize(word)["l"][0][1][0] == token for word, token in words.TOKENS.items())
    sys.stdout.write(json.dumps({"errors": errors, "tokens": same and known}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
