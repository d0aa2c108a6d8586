"""Recipes and AUTOMATIC1111's infotexts: what one says of the other."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

from ..axes.a1111 import find_pair, label_of
from ..axes.values import format_number, split_lines
from ..errors import PeriplusError
from ..files.json_text import parse_json
from ..recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe, switch_step
from .found import Finds, Found
from .infotext import FIRST_SETTING, NEGATIVE, Infotext, format_infotext, parse_infotext

SOURCE = "the infotext"

WRITER = "Periplus"
"""The version that cells name."""

_SIZE = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")

_NUMBERS = {"steps": FIRST_SETTING, "cfg": "CFG scale", "seed": "Seed"}
_SAMPLER, _SCHEDULE, _SIDES = "Sampler", "Schedule type", "Size"
_MODEL, _DENOISE, _HIRES = "Model", "Denoising strength", "Hires "
_READ = frozenset({*_NUMBERS.values(), _SAMPLER, _SCHEDULE, _SIDES, _MODEL, _DENOISE})


def read_infotext(text: str) -> Found:
    """Give what an infotext says.

    Raises:
        PeriplusError: it is too long to be one, empty, or another program's JSON.
    """
    infotext = parse_infotext(text)
    settings, finds = infotext.settings, Finds(SOURCE)
    if not settings:
        _refuse_no_prompt(text)
    finds.set("positive", infotext.positive)
    finds.set("negative", infotext.negative)
    if not settings:
        finds.notes.append("the infotext is a prompt without settings")
        return finds.result()
    for name, setting in _NUMBERS.items():
        if setting in settings:
            finds.set(name, settings[setting])
    if size := _SIZE.fullmatch(settings.get(_SIDES, "")):
        finds.set("width", size[1])
        finds.set("height", size[2])
    if _MODEL in settings:
        finds.set("ckpt_name", settings[_MODEL])
    _read_sampler(infotext, finds)
    _read_denoise(infotext, finds)
    if "<lora:" in infotext.positive:
        finds.notes.append("the prompt names LoRAs in AUTOMATIC1111's way, which need nodes here")
    others = [f"{name}: {value}" for name, value in settings.items() if name not in _READ]
    if others:
        finds.notes.append(f"the infotext also says {', '.join(others)}")
    return finds.result()


def recipe_infotext(recipe: Recipe, linked: Collection[str]) -> str:
    """Say a recipe as an infotext; empty where the format has no words for it.

    A model that is linked has no name here, so it is not named.

    Args:
        recipe: the recipe.
        linked: the inputs that are linked and replace what the recipe says.
    """
    if not _can_say(recipe, linked):
        return ""
    tags = "".join(map(_lora_tag, recipe.loras))
    return format_infotext(Infotext(f"{recipe.positive}{tags}", recipe.negative, _settings(recipe)))


def _refuse_no_prompt(text: str) -> None:
    if not text.strip():  # cameras write blanks there
        raise PeriplusError("the infotext is empty")
    try:
        content = parse_json(text)
    except ValueError:
        return
    if isinstance(content, Mapping):
        raise PeriplusError(
            "it is no infotext but JSON, as Fooocus and SwarmUI write it, which is not read here"
        )


def _read_sampler(infotext: Infotext, finds: Finds) -> None:
    label, schedule = (infotext.settings.get(name, "") for name in (_SAMPLER, _SCHEDULE))
    pair = find_pair(label, schedule)
    if pair is not None:
        finds.set("sampler_name", pair.sampler_name, label)
        finds.set("scheduler", pair.scheduler, schedule or label)
        if pair.note:
            finds.notes.append(f"{pair.label}: {pair.note}")
        return
    sampler = find_pair(label)
    if label:
        finds.set("sampler_name", sampler.sampler_name if sampler else label)
    if schedule:
        finds.set("scheduler", schedule)


def _read_denoise(infotext: Infotext, finds: Finds) -> None:
    strength = infotext.settings.get(_DENOISE)
    # With a hires fix the strength is that of its pass; without any the picture began as noise.
    if strength is None or any(name.startswith(_HIRES) for name in infotext.settings):
        finds.set("denoise", 1.0, f"no {_DENOISE} of the first pass")
        return
    finds.set("denoise", strength)
    if infotext.settings.get("Version") != WRITER:
        finds.notes.append(
            "AUTOMATIC1111 runs only the last steps with a denoise below 1: choose a1111 in "
            "denoise_steps of Sweep KSampler"
        )


def _can_say(recipe: Recipe, linked: Collection[str]) -> bool:
    if any(name.endswith("conditioning") for name in linked):
        return False
    if recipe.hires is not None and recipe.denoise < 1:
        return False
    if any(line.lstrip().startswith(NEGATIVE) for line in split_lines(recipe.positive)):
        return False
    refiner = recipe.refiner
    own = refiner and RefinerRecipe(refiner.ckpt_name, refiner.switch_at, handoff=refiner.handoff)
    return refiner is None or (bool(refiner.ckpt_name) and refiner == own)


def _settings(recipe: Recipe) -> dict[str, str]:
    settings = {
        FIRST_SETTING: str(recipe.steps),
        **_sampler_settings(recipe.sampler_name, recipe.scheduler),
        "CFG scale": format_number(recipe.cfg),
        "Seed": str(recipe.seed),
        _SIDES: f"{recipe.width}x{recipe.height}",
    }
    if recipe.ckpt_name:
        settings[_MODEL] = _stem(recipe.ckpt_name)
    if recipe.vae_name:
        settings["VAE"] = PurePosixPath(recipe.vae_name.replace("\\", "/")).name
    if recipe.denoise < 1:
        settings[_DENOISE] = format_number(recipe.denoise)
    if recipe.clip_skip:
        settings["Clip skip"] = str(recipe.clip_skip)
    if recipe.hires is not None:
        settings |= _hires_settings(recipe.hires)
    refiner = recipe.refiner
    if refiner is not None and switch_step(recipe.steps, refiner.switch_at) < recipe.steps:
        settings["Refiner"] = _stem(refiner.ckpt_name)
        settings["Refiner switch at"] = format_number(refiner.switch_at)
    return {**settings, "Version": WRITER}


def _sampler_settings(sampler_name: str, scheduler: str) -> dict[str, str]:
    label = label_of(sampler_name, scheduler)
    return {_SAMPLER: label} if label else {_SAMPLER: sampler_name, _SCHEDULE: scheduler}


def _hires_settings(hires: HiresRecipe) -> dict[str, str]:
    said = {
        _DENOISE: format_number(hires.denoise),
        "Hires sampler": hires.sampler_name,
        "Hires schedule type": hires.scheduler,
        "Hires CFG Scale": format_number(hires.cfg) if hires.cfg else "",
        "Hires prompt": hires.positive,
        "Hires negative prompt": hires.negative,
        "Hires upscale": format_number(hires.scale),
        "Hires steps": str(hires.steps) if hires.steps else "",
        "Hires upscaler": hires.upscaler,
    }
    return {name: value for name, value in said.items() if value}


def _lora_tag(lora: LoraRecipe) -> str:
    model, clip = format_number(lora.strength_model), format_number(lora.strength_clip)
    return f" <lora:{_stem(lora.name)}:{model if model == clip else f'{clip}:{model}'}>"


def _stem(file: str) -> str:
    return PurePosixPath(file.replace("\\", "/")).stem
