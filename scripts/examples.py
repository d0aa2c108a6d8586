"""Write the example workflows: ``python -m scripts.examples``.

They are described here in short; a running ComfyUI says what else belongs to their nodes, so that
the files keep up when a node gains an input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .comfy_server import ROOT, ComfyServer
from .provision import provision
from .workflow_writer import Link, Node, note, write_workflow

EXAMPLES = ROOT / "example_workflows"

SD15 = "v1-5-pruned-emaonly-fp16.safetensors"
SD15_PAGE = "https://huggingface.co/Comfy-Org/stable-diffusion-v1-5-archive"
LIGHTHOUSE = "a white lighthouse on a rocky coast at sunset, oil painting"
NEGATIVE = "blurry, text, watermark"


def loader(name: str = SD15, title: str = "") -> Node:
    """Return a checkpoint loader."""
    return Node("CheckpointLoaderSimple", {"ckpt_name": name}, 1, (340, 100), title)


MODELS = {
    "model": Link("loader", "MODEL"),
    "clip": Link("loader", "CLIP"),
    "vae": Link("loader", "VAE"),
}


def axis(kind: str, values: str, title: str = "", height: int = 180, **inputs: str | int) -> Node:
    """Return an axis node."""
    return Node(f"PeriplusAxis{kind}", {"values": values, **inputs}, 1, (340, height), title)


def sweep(axes: str, settings: Mapping[str, object]) -> Node:
    """Return the sweep over some axes ("xy")."""
    inputs = {"positive": LIGHTHOUSE, "negative": NEGATIVE, "seed": 1, "steps": 20, "cfg": 7.0}
    inputs |= {"sampler_name": "euler", "scheduler": "normal", **settings}
    inputs |= {f"{letter}_axis": Link(letter, "axis") for letter in axes}
    return Node("PeriplusSweepKSampler", inputs, 2, (360, 760))


def ending(
    title: str, axes: str, settings: Mapping[str, object] | None = None, max_cell: int = 0
) -> dict[str, Node]:
    """Return the sweep over some axes, the sheet, and the node that saves it."""
    headline = title[0].upper() + title[1:]
    grid = {"sweep": Link("sweep", "sweep"), "title": headline, "max_cell": max_cell}
    save = {"images": Link("grid", "grid"), "filename_prefix": title}
    return {
        "sweep": sweep(axes, settings or {}),
        "grid": Node("PeriplusGridCompose", grid, 3, (360, 720)),
        "save": Node("SaveImage", save, 4, (340, 400)),
    }


CHECKPOINTS_X_SAMPLERS = f"""## Checkpoints x samplers

Every installed checkpoint, drawn with five samplers: one column a checkpoint, one row a sampler.

- **Checkpoints:** any that take 512 x 512, such as [Stable Diffusion 1.5]({SD15_PAGE}), in \
*models/checkpoints*. *!refiner* means all but those with *refiner* in their names; write names to \
choose.
- **Samplers:** AUTOMATIC1111's labels, or pairs such as *dpmpp_2m/karras*.
- No loader is needed: the axis loads each checkpoint, once.

Finished cells are kept. Add a sampler and queue again: only its row is made.
"""

CFG_X_STEPS = f"""## CFG x steps

How CFG and the number of steps change one and the same picture. The seed is fixed, so nothing \
else varies.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other: choose it in *Load \
Checkpoint*.
- **Values:** *3-9 (+2)* is a range: 3, 5, 7, 9. A list such as *4, 8, 12* works as well.

The model is loaded once and the prompts are encoded once, whatever the size of the grid.
"""

XL = "https://huggingface.co/stabilityai/stable-diffusion-xl"
SDXL_BASE_TO_REFINER = f"""## SDXL base to refiner

When should the refiner take over? From column to column it comes later; each row is another seed.

- **Checkpoints:** [sd_xl_base_1.0]({XL}-base-1.0) and [sd_xl_refiner_1.0]({XL}-refiner-1.0).
- **switch_at** is the part of the steps that the base does. At 1 the refiner never runs, which \
makes the last column the base alone.
- The refiner has prompts of its own here. Left empty, it takes the base's.

All base steps come first, then all refiner steps: the whole grid costs one swap of models.
"""

SAMPLERS_IN_FULL = f"""## All checkpoints x twelve samplers

The large chart that a new machine wants first: every checkpoint by twelve samplers, by the labels \
that AUTOMATIC1111 gives them. Footnotes say where ComfyUI has only a near relative.

- **Checkpoints:** any that take 512 x 512, such as [Stable Diffusion 1.5]({SD15_PAGE}).
- With fourteen checkpoints these are 168 pictures, and each checkpoint is loaded once.

Cancel whenever you like and queue again later: what is finished is kept.
"""

WEDGE = f"""## The wedge of adequacy

CFG by steps in full: 99 pictures of one prompt and one seed. Look for the wedge of good pictures; \
high CFG needs many steps, and beyond some CFG no number of steps helps.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
"""

SEARCH_AND_REPLACE = f"""## Search and replace on three axes

8 x 7 x 7 = 392 pictures of one prompt in which three words change: the first word of each list \
stands in the prompt and is replaced by the others. Pages are the times of day.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
- Shorten a list to begin with; what is made then is found again in the large sweep.
"""

UPSCALERS = f"""## Upscalers

Which upscaler for the second pass? One first pass, enlarged by each of them and sampled again, \
once with much freedom (0.45) and once with little (0.15).

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
- **Values:** empty would mean all: the methods of ComfyUI and every model in \
*models/upscale_models*.
"""

SKETCH = f"""## Sketch to picture

How much of the sketch shall stay? CFG by denoise around the edge where the picture takes over.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
- **Load Image:** your sketch. Width and height come from it.
- **denoise_steps** is *a1111*: the same values as there, the same number of steps.
"""

EIGHT_SEEDS = f"""## Eight seeds

One prompt, eight seeds: the first thing to do with a new prompt.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
- **draw** 1 gives other seeds than 0; the same number always gives the same ones.
"""

PICK_THE_BEST = f"""## Pick the best

Four prompts, six seeds each. *Save Sweep* puts them into one folder with a page to look through \
them, without a server or the network: to choose from, to keep, or to send to somebody.

- **Checkpoint:** [v1-5-pruned-emaonly-fp16]({SD15_PAGE}), or any other.
- **Prompts:** one a line, in *Axis: Prompt*.
- **The page:** *index.html* in ComfyUI's output folder, where *Save Sweep* says. Click a picture, \
walk with the arrow keys, press S for a star, X to reject, C to compare two. *Copy ★* copies the \
list of the best.
"""

BEST_PROMPTS = """a white lighthouse at sunset, painting
a red ship in a storm, painting
a green island by day, painting
a yellow sun in fog, painting"""

WORKFLOWS: Mapping[str, Mapping[str, Node]] = {
    "checkpoints x samplers": {
        "note": note(CHECKPOINTS_X_SAMPLERS, 360),
        "x": axis("Checkpoint", "!refiner"),
        "y": axis(
            "SamplerScheduler",
            "Euler a\nEuler\nDPM++ 2M Karras\nDPM++ SDE Karras\nDDIM",
            height=220,
        ),
        **ending("checkpoints x samplers", "xy"),
    },
    "CFG x steps": {
        "note": note(CFG_X_STEPS, 320),
        "loader": loader(),
        "x": axis("Number", "3-9 (+2)", "Axis: CFG", parameter="cfg"),
        "y": axis("Number", "4, 8, 12", "Axis: Steps", parameter="steps"),
        **ending("CFG x steps", "xy", MODELS),
    },
    "eight seeds": {
        "note": note(EIGHT_SEEDS, 280),
        "loader": loader(),
        "x": axis("Seed", "", height=260, count=8, start=-1, mode="random"),
        **ending("eight seeds", "x", MODELS),
    },
    "all checkpoints x twelve samplers": {
        "note": note(SAMPLERS_IN_FULL, 360),
        "x": axis("Checkpoint", "!refiner"),
        "y": axis(
            "SamplerScheduler",
            "DPM++ 2M Karras\nDPM++ SDE Karras\nDPM++ 2M SDE Karras\nDPM++ 2S a Karras\n"
            "Euler a\nEuler\nLMS Karras\nHeun\nDPM2 Karras\nDPM2 a Karras\nDDIM\nUniPC",
            height=320,
        ),
        **ending("all checkpoints x twelve samplers", "xy", max_cell=256),
    },
    "the wedge of adequacy": {
        "note": note(WEDGE, 280),
        "loader": loader(),
        "x": axis(
            "Number", "2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7", "Axis: CFG", parameter="cfg"
        ),
        "y": axis("Number", "10, 15, 20, 25, 30, 35, 40, 45, 50", "Axis: Steps", parameter="steps"),
        **ending("the wedge of adequacy", "xy", MODELS, max_cell=256),
    },
    "search and replace": {
        "note": note(SEARCH_AND_REPLACE, 320),
        "loader": loader(),
        "x": axis(
            "PromptSR",
            "lighthouse, ship, island, sun, whale, harbour, cliff, village",
            "Axis: Prompt S/R (subject)",
            height=260,
        ),
        "y": axis(
            "PromptSR",
            "white, red, blue, yellow, green, black, golden",
            "Axis: Prompt S/R (colour)",
            height=260,
        ),
        "z": axis(
            "PromptSR",
            "day, night, sunset, storm, fog, dawn, winter",
            "Axis: Prompt S/R (time)",
            height=260,
        ),
        **ending(
            "search and replace", "xyz", {**MODELS, "positive": "a white lighthouse, day"}, 256
        ),
    },
    "upscalers": {
        "note": note(UPSCALERS, 320),
        "loader": loader(),
        "x": axis(
            "Upscaler",
            "latent: bilinear, latent: nearest-exact, latent: bislerp, pixels: lanczos, "
            "pixels: nearest-exact",
        ),
        "y": axis("Number", "0.45, 0.15", "Axis: Hires denoise", parameter="hires_denoise"),
        "hires": Node("PeriplusHiresFix", {"scale": 2.0}, 1, (340, 420)),
        **ending("upscalers", "xy", {**MODELS, "hires": Link("hires", "hires")}, max_cell=512),
    },
    "sketch to picture": {
        "note": note(SKETCH, 320),
        "loader": loader(),
        "sketch": Node("LoadImage", {"image": "example.png"}, 1, (340, 320)),
        "x": axis("Number", "1.5-7 (+0.5)", "Axis: CFG", parameter="cfg"),
        "y": axis("Number", "0.71-0.8 (+0.01)", "Axis: Denoise", parameter="denoise"),
        **ending(
            "sketch to picture",
            "xy",
            {**MODELS, "image": Link("sketch", "IMAGE"), "denoise_steps": "a1111"},
            max_cell=256,
        ),
    },
    "pick the best": {
        "note": note(PICK_THE_BEST, 320),
        "loader": loader(),
        "x": axis("Seed", "", height=260, count=6, start=1),
        "y": axis("Prompt", BEST_PROMPTS, height=200),
        "sweep": sweep("xy", {**MODELS, "positive": ""}),
        "save": Node(
            "PeriplusSaveSweep",
            {"sweep": Link("sweep", "sweep"), "filename_prefix": "sweeps/pick the best"},
            3,
            (360, 420),
        ),
    },
    "SDXL base to refiner": {
        "note": note(SDXL_BASE_TO_REFINER, 360),
        "loader": loader("sd_xl_base_1.0.safetensors", "Load Checkpoint (base)"),
        "x": axis("Number", "0.5-1 (+0.1)", "Axis: Switch at", parameter="switch_at"),
        "y": axis("Seed", "", height=220, count=3, start=1),
        "refiner": Node(
            "PeriplusRefiner",
            {
                "ckpt_name": "sd_xl_refiner_1.0.safetensors",
                "positive": "a white lighthouse at sunset, sharp brush strokes, wet rock",
                "negative": "blurry, noise, watermark",
            },
            1,
            (340, 420),
        ),
        **ending(
            "SDXL base to refiner",
            "xy",
            {
                **MODELS,
                **{"refiner": Link("refiner", "refiner"), "width": 1024, "height": 1024},
                **{"steps": 25, "cfg": 6.0, "sampler_name": "dpmpp_2m", "scheduler": "karras"},
            },
            max_cell=512,
        ),
    },
}
"""The nodes of each example, by the example's name."""


def main() -> None:
    """Write all examples."""
    installation = provision()
    server = ComfyServer(
        installation.comfyui, installation.python, models=installation.models("demo")
    )
    with server:
        object_info = server.object_info()
    for name, nodes in WORKFLOWS.items():
        text = json.dumps(write_workflow(nodes, object_info), indent=2, ensure_ascii=False)
        (EXAMPLES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
