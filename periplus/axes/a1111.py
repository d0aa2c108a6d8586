"""AUTOMATIC1111's sampler labels, and what they are in ComfyUI.

A label such as ``DPM++ 2M SDE Karras`` names a sampler and a schedule at once; ComfyUI has an input
for each. The table holds every label of version 1.6.0, in the order of its menu. From 1.9 on the
schedule is a setting of its own; here it is written behind the label: ``Euler a SGM Uniform``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .names import nearest, resolve_name
from .values import Item


@dataclass(frozen=True)
class SamplerPair:
    """A sampler and the scheduler that goes with it.

    Args:
        label: how the pair is printed: an A1111 label, or ``sampler/scheduler``.
        sampler_name: ComfyUI's name of the sampler.
        scheduler: ComfyUI's name of the scheduler.
        note: how the pair differs from what the label means in A1111; empty if the algorithm and
            the schedule are the same (the random numbers never are: A1111 draws them differently).
    """

    label: str
    sampler_name: str
    scheduler: str
    note: str = ""


_KEEPS_PENULTIMATE = "A1111 drops the next-to-last sigma here, ComfyUI keeps it"
_ETA_ZERO = "A1111 samples with eta 1, ComfyUI with eta 0"

# By default A1111 draws the SDE samplers' noise on the GPU; so do ComfyUI's names with _gpu.
_PAIRS = (
    SamplerPair("DPM++ 2M Karras", "dpmpp_2m", "karras"),
    SamplerPair("DPM++ SDE Karras", "dpmpp_sde_gpu", "karras"),
    SamplerPair("DPM++ 2M SDE Exponential", "dpmpp_2m_sde_gpu", "exponential"),
    SamplerPair("DPM++ 2M SDE Karras", "dpmpp_2m_sde_gpu", "karras"),
    SamplerPair("Euler a", "euler_ancestral", "normal"),
    SamplerPair("Euler", "euler", "normal"),
    SamplerPair("LMS", "lms", "normal"),
    SamplerPair("Heun", "heun", "normal"),
    SamplerPair("DPM2", "dpm_2", "normal"),
    SamplerPair("DPM2 a", "dpm_2_ancestral", "normal"),
    SamplerPair("DPM++ 2S a", "dpmpp_2s_ancestral", "normal"),
    SamplerPair("DPM++ 2M", "dpmpp_2m", "normal"),
    SamplerPair("DPM++ SDE", "dpmpp_sde_gpu", "normal"),
    SamplerPair("DPM++ 2M SDE", "dpmpp_2m_sde_gpu", "normal"),
    SamplerPair("DPM++ 2M SDE Heun", "dpmpp_2m_sde_heun_gpu", "normal"),
    SamplerPair("DPM++ 2M SDE Heun Karras", "dpmpp_2m_sde_heun_gpu", "karras"),
    SamplerPair("DPM++ 2M SDE Heun Exponential", "dpmpp_2m_sde_heun_gpu", "exponential"),
    SamplerPair("DPM++ 3M SDE", "dpmpp_3m_sde_gpu", "normal", _KEEPS_PENULTIMATE),
    SamplerPair("DPM++ 3M SDE Karras", "dpmpp_3m_sde_gpu", "karras", _KEEPS_PENULTIMATE),
    SamplerPair("DPM++ 3M SDE Exponential", "dpmpp_3m_sde_gpu", "exponential", _KEEPS_PENULTIMATE),
    SamplerPair("DPM fast", "dpm_fast", "normal", _ETA_ZERO),
    SamplerPair("DPM adaptive", "dpm_adaptive", "normal", _ETA_ZERO),
    SamplerPair("LMS Karras", "lms", "karras"),
    SamplerPair("DPM2 Karras", "dpm_2", "karras"),
    SamplerPair("DPM2 a Karras", "dpm_2_ancestral", "karras"),
    SamplerPair("DPM++ 2S a Karras", "dpmpp_2s_ancestral", "karras"),
    SamplerPair("Restart", "heun", "karras", "plain Heun, ComfyUI has no Restart sampler"),
    SamplerPair("DDIM", "ddim", "ddim_uniform", "ComfyUI ends with one more, very small step"),
    SamplerPair(
        "PLMS",
        "ipndm",
        "ddim_uniform",
        "ComfyUI begins with a plain Euler step and ends with one more, very small step",
    ),
    SamplerPair(
        "UniPC",
        "uni_pc",
        "normal",
        "ComfyUI ends at sigma 0.001, A1111 at the model's lowest sigma",
    ),
)

A1111_SAMPLERS: Mapping[str, SamplerPair] = {pair.label: pair for pair in _PAIRS}
"""Every sampler label of A1111 1.6.0, in the order of its menu."""

# The schedule types of 1.9 and 1.10 as (word, scheduler, note), but for Align Your Steps, which
# ComfyUI does not have as a scheduler.
_SCHEDULES = (
    ("Uniform", "normal", ""),
    ("Karras", "karras", ""),
    ("Exponential", "exponential", ""),
    ("Polyexponential", "exponential", ""),  # with its default, rho 1, they are equal
    ("SGM Uniform", "sgm_uniform", ""),
    ("KL Optimal", "kl_optimal", "A1111 spaces the KL Optimal sigmas differently"),
    ("Simple", "simple", ""),
    ("Normal", "normal", ""),
    ("DDIM", "ddim_uniform", ""),
    ("Beta", "beta", "A1111 spreads Beta over sigmas, ComfyUI over timesteps"),
)


def _with_schedules() -> dict[str, SamplerPair]:
    """Every label that is understood, in lower case: the table, and its samplers x schedules."""
    words = tuple(f" {word}" for word, _, _ in _SCHEDULES)
    pairs = [
        SamplerPair(f"{base.label} {word}", base.sampler_name, scheduler, base.note or note)
        for base in _PAIRS
        if not base.label.endswith(words)
        for word, scheduler, note in _SCHEDULES
    ]
    return {pair.label.lower(): pair for pair in (*pairs, *_PAIRS)}


_UNDERSTOOD = _with_schedules()

AUTOMATIC = "Automatic"
"""The schedule type that leaves the choice to the sampler."""

_OWN_SCHEDULES = {
    **dict.fromkeys(("DPM++ 2M", "DPM++ SDE", "DPM++ 2S a", "DPM2", "DPM2 a", "Restart"), "Karras"),
    **dict.fromkeys(("DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE"), "Exponential"),
}
"""What they choose, from 1.9 on; the others choose the uniform one."""


def find_pair(label: str, schedule: str = "") -> SamplerPair | None:
    """The sampler and scheduler that a picture's ``Sampler`` and ``Schedule type`` name.

    Case and the number of spaces do not count. None where ComfyUI has no such pair.

    Args:
        label: the sampler's label, up to 1.8 with its schedule.
        schedule: the schedule type; empty where the picture names none.
    """
    if schedule == AUTOMATIC:
        schedule = _OWN_SCHEDULES.get(label, "")
    return _UNDERSTOOD.get(" ".join(f"{label} {schedule}".split()).lower())


def label_of(sampler_name: str, scheduler: str) -> str:
    """The label that means the same as ComfyUI's names; empty where there is none."""
    for pair in _PAIRS:
        if (pair.sampler_name, pair.scheduler, pair.note) == (sampler_name, scheduler, ""):
            return pair.label
    return ""


def resolve_pair(item: Item, samplers: Sequence[str], schedulers: Sequence[str]) -> SamplerPair:
    """The sampler and scheduler that the item names: ``euler/karras`` or an A1111 label.

    In labels, case and the number of spaces do not count.

    Args:
        samplers: the sampler names that ComfyUI knows.
        schedulers: the scheduler names that ComfyUI knows.

    Raises:
        ValuesError: the item names no sampler, no scheduler, or one that this ComfyUI lacks.
    """
    sampler, slash, scheduler = item.text.rpartition("/")
    if slash:
        return _resolve_names(item, sampler, scheduler, samplers, schedulers)
    label = " ".join(item.text.split())
    # "euler" is ComfyUI's name and says nothing of a schedule; "Euler" is A1111's and does.
    if label in samplers:
        raise item.refusal("names no scheduler", hint=f"write {label}/normal")
    pair = _UNDERSTOOD.get(label.lower())
    if pair is None:
        raise item.refusal(
            "is neither a sampler/scheduler pair nor an A1111 sampler label",
            hint=_suggest(label, samplers, schedulers),
        )
    for name, known, what in (
        (pair.sampler_name, samplers, "sampler"),
        (pair.scheduler, schedulers, "scheduler"),
    ):
        if name not in known:
            raise item.refusal(
                f"needs the {what} {name}, which this ComfyUI does not have",
                hint="update ComfyUI or choose another label",
            )
    return pair


def _resolve_names(
    item: Item,
    sampler: str,
    scheduler: str,
    samplers: Sequence[str],
    schedulers: Sequence[str],
) -> SamplerPair:
    sampler_name = resolve_name(Item(sampler.strip(), item.position), samplers, what="sampler")
    scheduler_name = resolve_name(
        Item(scheduler.strip(), item.position), schedulers, what="scheduler"
    )
    return SamplerPair(f"{sampler_name}/{scheduler_name}", sampler_name, scheduler_name)


def _suggest(label: str, samplers: Sequence[str], schedulers: Sequence[str]) -> str:
    sampler, _, scheduler = label.lower().rpartition(" ")
    if sampler in samplers and scheduler in schedulers:
        return f"write {sampler}/{scheduler}"
    near = nearest(label, [*A1111_SAMPLERS, *samplers])
    if near is None:
        return "write it like dpmpp_2m/karras or DPM++ 2M Karras"
    return f"nearest: {near}" if near in A1111_SAMPLERS else f"nearest: {near}/normal"
