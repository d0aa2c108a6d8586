"""The rows of the benchmark: their cells, and the sweep that makes the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from .cells import TEXTS, Cell, Pass
from .prompts import Link, Prompt

Inputs = dict[str, Any]

NOTHING_KEPT = ("--cache-none",)
"""A server that keeps no model from one prompt to the next, for want of memory."""

SWITCH_AT = 0.8
"""Where the refiner takes over, as a share of the steps."""


@dataclass(frozen=True)
class Scale:
    """How large the work is.

    Args:
        group: the models' group, "bench" or "full".
        side: width and height of the pictures, in pixels.
    """

    group: str
    side: int

    def model(self, number: int) -> str:
        """Return the file of a checkpoint, 1 to 5."""
        return f"{self.group}/model{number}.safetensors"

    def vae(self, number: int) -> str:
        """Return the file of a VAE, 1 to 5."""
        return f"{self.group}/vae{number}.safetensors"

    @property
    def first(self) -> Pass:
        """The pass that rows vary."""
        return Pass(self.model(1), self.side)


SMALL = Scale("bench", 64)
"""Narrow models and small pictures: the work around the sampling weighs most."""

FULL = Scale("full", 512)
"""Stable Diffusion 1.5 as it is; for a GPU."""


@dataclass(frozen=True)
class Row:
    """One row.

    Args:
        name: what names it on the command line.
        title: what it compares.
        cells: x fastest, then y.
        inputs: adds what the sweep needs to a prompt and returns the sweep node's inputs.
        server: command-line arguments for ComfyUI.
        goal: the highest ratio to the native queue that is wanted.
    """

    name: str
    title: str
    cells: tuple[Cell, ...]
    inputs: Callable[[Prompt], Inputs]
    server: tuple[str, ...] = ()
    goal: float = 1.0


def sweep_prompt(row: Row, **more: Any) -> dict[str, Any]:
    """Return the prompt of the row's sweep.

    Args:
        more: inputs for the sweep node beside the row's.
    """
    prompt = Prompt()
    first = row.cells[0].passes[0]
    inputs = {
        **TEXTS,
        "seed": first.seed,
        "steps": first.steps,
        "cfg": first.cfg,
        "sampler_name": first.sampler_name,
        "scheduler": first.scheduler,
        "denoise": first.denoise,
        "width": first.side,
        "height": first.side,
        **row.inputs(prompt),
        **more,
    }
    prompt.add("PeriplusSweepKSampler", **inputs)
    return prompt.nodes


def rows(scale: Scale, quick: bool = False) -> tuple[Row, ...]:
    """Return all rows.

    Args:
        quick: few cells and steps: shows that all works, not how fast.
    """
    refined = (base_and_refiner(scale, quick), refiners(scale, quick), hires(scale, quick))
    return (
        plain(scale, quick),
        checkpoints(scale, quick, "x"),
        checkpoints(scale, quick, "y"),
        *refined,
        vaes(scale, quick),
        *(keeping_nothing(row) for row in refined),
    )


def keeping_nothing(row: Row) -> Row:
    """Return the row on a server that keeps no model from one prompt to the next."""
    goals = {"refiner": 0.55, "refiners": 0.35, "hires": 0.6}
    return replace(
        row,
        name=f"{row.name}-none",
        title=f"{row.title}, {NOTHING_KEPT[0]}",
        server=NOTHING_KEPT,
        goal=goals[row.name],
    )


def plain(scale: Scale, quick: bool) -> Row:
    """1 checkpoint, CFG x steps."""
    cfgs, steps = counting(2 if quick else 8), counting(2 if quick else 8)
    return Row(
        "plain",
        f"1 checkpoint, {len(cfgs)} CFG x {len(steps)} steps",
        tuple(
            Cell((replace(scale.first, cfg=float(cfg), steps=step),))
            for step in steps
            for cfg in cfgs
        ),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "x_axis": numbers(prompt, "cfg", cfgs),
            "y_axis": numbers(prompt, "steps", steps),
        },
    )


def checkpoints(scale: Scale, quick: bool, letter: str) -> Row:
    """4 checkpoints x 6 samplers, with the checkpoints on the axis of this letter, x or y."""
    files = [scale.model(number) for number in range(1, 3 if quick else 5)]
    samplers = ["euler", "euler_ancestral", "heun", "dpmpp_2m", "lms", "ddim"][: 2 if quick else 6]
    first = replace(scale.first, steps=2 if quick else 6)
    pairs = (
        [(file, sampler) for sampler in samplers for file in files]
        if letter == "x"
        else [(file, sampler) for file in files for sampler in samplers]
    )

    def inputs(prompt: Prompt) -> Inputs:
        axes = [
            prompt.axis("Checkpoint", values=", ".join(files)),
            prompt.axis("Sampler", values=", ".join(samplers)),
        ]
        return dict(zip(("x_axis", "y_axis"), axes if letter == "x" else axes[::-1], strict=True))

    return Row(
        f"checkpoints-{letter}",
        f"{len(files)} checkpoints on {letter}, {len(samplers)} samplers",
        tuple(Cell((replace(first, model=file, sampler_name=name),)) for file, name in pairs),
        inputs,
    )


def base_and_refiner(scale: Scale, quick: bool) -> Row:
    """Base and refiner, 12 cells: 4 CFG x 3 steps."""
    cfgs, steps = counting(2 if quick else 4), [5, 10] if quick else [10, 15, 20]
    return Row(
        "refiner",
        f"base and refiner, {len(cfgs)} CFG x {len(steps)} steps",
        tuple(
            refined(replace(scale.first, cfg=float(cfg), steps=step), scale.model(2))
            for step in steps
            for cfg in cfgs
        ),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "refiner": prompt.add("PeriplusRefiner", ckpt_name=scale.model(2), switch_at=SWITCH_AT),
            "x_axis": numbers(prompt, "cfg", cfgs),
            "y_axis": numbers(prompt, "steps", steps),
        },
    )


def refiners(scale: Scale, quick: bool) -> Row:
    """4 refiners on one base of 20 steps."""
    files = [scale.model(number) for number in range(2, 4 if quick else 6)]
    first = replace(scale.first, steps=5 if quick else 20)
    return Row(
        "refiners",
        f"{len(files)} refiners on one base, {first.steps} steps, switch at {SWITCH_AT}",
        tuple(refined(first, file) for file in files),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "refiner": prompt.add("PeriplusRefiner", ckpt_name=files[0], switch_at=SWITCH_AT),
            "x_axis": prompt.axis("Refiner", values=", ".join(files)),
        },
    )


def hires(scale: Scale, quick: bool) -> Row:
    """6 hires denoise values on one first pass."""
    denoises = [0.3, 0.6] if quick else [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
    first = replace(scale.first, steps=4 if quick else 20)
    steps, side = first.steps // 2, scale.side * 3 // 2
    return Row(
        "hires",
        f"{len(denoises)} hires denoise values, {first.steps} steps and {steps} at 1.5",
        tuple(
            Cell((first, replace(first, side=side, steps=steps, denoise=denoise)))
            for denoise in denoises
        ),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "hires": prompt.add(
                "PeriplusHiresFix", upscaler="latent: bilinear", scale=1.5, steps=steps
            ),
            "x_axis": numbers(prompt, "hires_denoise", denoises),
        },
    )


def vaes(scale: Scale, quick: bool) -> Row:
    """5 VAEs on one latent."""
    files = [scale.vae(number) for number in range(1, 3 if quick else 6)]
    first = replace(scale.first, steps=4 if quick else 20)
    return Row(
        "vaes",
        f"{len(files)} VAEs, {first.steps} steps",
        tuple(Cell((first,), file) for file in files),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "x_axis": prompt.axis("VAE", values=", ".join(files)),
        },
    )


def seeds_and_cfgs(scale: Scale, seeds: int, cfgs: int, steps: int) -> Row:
    """Seeds on x, CFG scales on y."""
    scales = counting(cfgs)
    return Row(
        "seeds",
        f"{seeds} seeds x {cfgs} CFG, {steps} steps",
        tuple(
            Cell((replace(scale.first, seed=seed, cfg=float(cfg), steps=steps),))
            for cfg in scales
            for seed in range(seeds)
        ),
        lambda prompt: {
            **prompt.loader(scale.model(1)),
            "x_axis": prompt.axis("Seed", count=seeds, start=0),
            "y_axis": numbers(prompt, "cfg", scales),
        },
    )


def refined(first: Pass, refiner: str) -> Cell:
    """Return a cell whose last steps another checkpoint makes."""
    switch = ceil(round(first.steps * SWITCH_AT, 6))
    return Cell((replace(first, end=switch), replace(first, model=refiner, start=switch)))


def counting(count: int) -> list[int]:
    """Return the numbers from 2 on: CFG 1 would leave the negative prompt out."""
    return list(range(2, 2 + count))


def numbers(prompt: Prompt, parameter: str, values: Sequence[float]) -> Link:
    """Add an axis of numbers."""
    return prompt.axis("Number", parameter=parameter, values=", ".join(map(str, values)))
