"""Every axis with two values, and the native graph of stock nodes that each value stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scripts.comfy_server import ComfyServer

from .axes_graphs import (
    LIGHT,
    PLAIN,
    SHIP,
    STEPS,
    VAE,
    Native,
    Sweep,
    from_a_picture,
    native,
    native_and,
    native_and_not,
    native_break,
    native_clip_skip,
    native_edit,
    native_from_a_picture,
    native_hires,
    native_late,
    native_loras,
    native_of,
    native_refined,
    native_vae,
    of_a_graph,
    of_a_lora,
    of_checkpoints,
    of_refined,
    of_second_passes,
    settings,
)
from .graphs import COAST, HARBOUR, LAGOON, SETTINGS, Graph, Link, save_vae_of
from .natives import BLUE, RED, UPSCALE_MODEL, save_loras, save_upscale_model


@dataclass(frozen=True)
class AxisNode:
    """An axis node: the end of its name, and its inputs; an axis in them stands for a link."""

    kind: str
    inputs: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What it sets."""
        return self.inputs.get("parameter") or self.inputs.get("input") or self.kind.lower()

    def add(self, graph: Graph) -> Link:
        """Add the node, and those that it links to."""
        inputs = {
            name: value.add(graph) if isinstance(value, AxisNode) else value
            for name, value in self.inputs.items()
        }
        return graph.axis(self.kind, **inputs)

    def nodes(self) -> list[AxisNode]:
        """The node, and those that it links to."""
        linked = [value for value in self.inputs.values() if isinstance(value, AxisNode)]
        return [self, *(node for axis in linked for node in axis.nodes())]

    def __str__(self) -> str:
        if self.kind == "Combine":
            return "; ".join(f"{axis.name} {axis}" for axis in self.nodes()[1:])
        return " / ".join(filter(None, self.inputs["values"].splitlines()))


def node(kind: str, values: str, **inputs: Any) -> AxisNode:
    return AxisNode(kind, {"values": values, **inputs})


def number(parameter: str, values: str) -> AxisNode:
    return node("Number", values, parameter=parameter)


def combined(mode: str, a: AxisNode, b: AxisNode) -> AxisNode:
    return AxisNode("Combine", {"a": a, "b": b, "mode": mode})


@dataclass(frozen=True)
class Case:
    """A row of the table."""

    name: str
    """The axis node, and what it sets."""
    axis: AxisNode
    natives: tuple[Native, ...]
    """Of the cells, in their order."""
    sweep: Sweep = PLAIN
    tolerance: int = 0
    """The largest difference that is right, in levels of 0 to 255."""
    reason: str = ""
    """Why there is one."""
    unsaid: int = 0
    """How many cells cannot be opened as workflows of native nodes."""


CASES = (
    Case("Number: steps", number("steps", "2, 4"), (native(steps=2), native(steps=4))),
    Case("Number: cfg", number("cfg", "3, 8"), (native(cfg=3.0), native(cfg=8.0))),
    Case(
        "Number: denoise",
        number("denoise", "0.5, 0.9"),
        (native_from_a_picture(0.5), native_from_a_picture(0.9)),
        from_a_picture(),
    ),
    Case("Number: clip_skip", number("clip_skip", "0, 2"), (native(), native_clip_skip(2))),
    Case(
        "Number: switch_at",
        number("switch_at", "0.25, 0.5"),
        (native_refined(1), native_refined(2)),
        of_refined,
    ),
    Case(
        "Number: hires_denoise",
        number("hires_denoise", "0.3, 0.8"),
        (native_hires(denoise=0.3), native_hires(denoise=0.8)),
        of_second_passes,
    ),
    Case(
        "Number: hires_steps",
        number("hires_steps", "0, 2"),
        (native_hires(steps=SETTINGS["steps"]), native_hires(steps=2)),
        of_second_passes,
    ),
    Case(
        "Number: hires_scale",
        number("hires_scale", "1.25, 2"),
        (native_hires(scale=1.25), native_hires(scale=2.0)),
        of_second_passes,
    ),
    Case(
        "Number: lora_strength",
        number("lora_strength", "0.5, -1"),
        (native_loras((RED, 0.5, 0.5)), native_loras((RED, -1.0, -1.0))),
        of_a_lora,
    ),
    Case("Number: width", number("width", "64, 72"), (native(), native(width=72))),
    Case("Number: height", number("height", "64, 72"), (native(), native(height=72))),
    Case("Seed", node("Seed", "5, 9"), (native(seed=5), native(seed=9))),
    Case(
        "Sampler",
        node("Sampler", "euler_ancestral, dpmpp_2m"),
        (native(sampler_name="euler_ancestral"), native(sampler_name="dpmpp_2m")),
    ),
    Case(
        "Scheduler",
        node("Scheduler", "normal, karras"),
        (native(scheduler="normal"), native(scheduler="karras")),
    ),
    Case(
        "Sampler + Scheduler",
        node("SamplerScheduler", "heun/beta, DPM++ 2M Karras"),
        (
            native(sampler_name="heun", scheduler="beta"),
            native(sampler_name="dpmpp_2m", scheduler="karras"),
        ),
    ),
    Case("Checkpoint", node("Checkpoint", "coast, harbour"), (native(), native_of(HARBOUR))),
    Case("VAE", node("VAE", "baked, axes_table"), (native(), native_vae)),
    Case(
        "Upscaler",
        node("Upscaler", f"latent: bislerp, {UPSCALE_MODEL}"),
        (native_hires(upscaler="latent: bislerp"), native_hires(upscaler=UPSCALE_MODEL)),
        of_second_passes,
    ),
    Case(
        "Refiner",
        node("Refiner", "none, harbour"),
        (native(steps=STEPS), native_refined(2)),
        of_refined,
    ),
    Case(
        "LoRA",
        node("Lora", f"none, {RED}:0.8:0.5 + blue:0.4"),
        (native(), native_loras((RED, 0.8, 0.5), (BLUE, 0.4, 0.4))),
    ),
    Case(
        "Prompt S/R",
        node("PromptSR", "ship, whale"),
        (native(), native(positive="a red whale at sea")),
    ),
    Case(
        "Prompt S/R: placeholder",
        node("PromptSR", "fog, storm", placeholder="{weather}"),
        (native(negative="no fog"), native(negative="no storm")),
        settings(negative="no {weather}"),
    ),
    Case(
        "Prompt: positive",
        node("Prompt", 'an island, palms (tall:1.2)\n""', target="positive"),
        (native(positive="an island, palms (tall:1.2)"), native(positive="")),
    ),
    Case(
        "Prompt: negative",
        node("Prompt", "# weather\n\nsun, glare\nrain", target="negative"),
        (native(negative="sun, glare"), native(negative="rain")),
    ),
    Case(
        "Size",
        node("Size", "64x72, 72 X 64"),
        (native(width=64, height=72), native(width=72, height=64)),
    ),
    Case(
        "Node Input: cfg",
        node("Input", "3, 8", node="KSampler", input="cfg"),
        (native(cfg=3.0), native(cfg=8.0)),
        of_a_graph,
    ),
    Case(
        "Node Input: ckpt_name",
        node("Input", "coast, lagoon", node="CheckpointLoaderSimple", input="ckpt_name"),
        (native_of(COAST), native_of(LAGOON)),
        of_a_graph,
    ),
    Case(
        "Combine: join",
        combined("join", number("steps", "2"), number("cfg", "8")),
        (native(steps=2), native(cfg=8.0)),
    ),
    Case(
        "Combine: zip",
        combined("zip", node("Sampler", "euler, heun"), number("steps", "2, 3")),
        (native(steps=2), native(sampler_name="heun", steps=3)),
    ),
    Case(
        "Combine: cross",
        combined("cross", number("cfg", "3, 8"), node("Checkpoint", "coast, harbour")),
        tuple(native_of(name, cfg=cfg) for cfg in (3.0, 8.0) for name in (COAST, HARBOUR)),
        of_checkpoints,
    ),
    Case(
        "Combine: zip of Node Inputs",
        combined(
            "zip",
            node("Input", "3, 8", node="KSampler", input="cfg"),
            node("Input", "11, 12", node="KSampler", input="seed"),
        ),
        (native(cfg=3.0, seed=11), native(cfg=8.0, seed=12)),
        of_a_graph,
    ),
    Case(
        "prompt_syntax a1111: edit",
        node("Prompt", f"{SHIP}\n[{SHIP}:{LIGHT}:0.5]"),
        (native(steps=STEPS), native_edit),
        settings(prompt_syntax="a1111", steps=STEPS),
        unsaid=1,
    ),
    Case(
        "prompt_syntax a1111: BREAK, AND",
        node("Prompt", f"{SHIP} BREAK {LIGHT}\n{SHIP} :1.5 AND {LIGHT} :0.5"),
        (native_break, native_and),
        settings(prompt_syntax="a1111"),
    ),
    Case(
        "prompt_syntax a1111: AND away",
        node("Prompt", f"{SHIP} :1 AND {LIGHT} :-1\n{SHIP} :1.2 AND {LIGHT} :-0.5"),
        (native_and_not(5.0, -5.0), native_and_not(6.0, -2.5)),
        settings(prompt_syntax="a1111"),
        tolerance=1,
        reason="DualCFGGuider adds the same parts up in another order and so rounds otherwise",
        unsaid=2,
    ),
    Case(
        "denoise_steps a1111",
        number("denoise", "0, 0.5"),
        (native_late(8, 7), native_late(8, 3)),
        from_a_picture(denoise_steps="a1111", steps=8),
    ),
    Case(
        "vary_seed per column",
        number("cfg", "3, 8"),
        (native(cfg=3.0, seed=40), native(cfg=8.0, seed=41)),
        settings(vary_seed="per column", seed=40),
    ),
    Case(
        "batching 2",
        node("Sampler", "heun, dpmpp_2m"),
        (native(sampler_name="heun"), native(sampler_name="dpmpp_2m")),
        settings(batching="2"),
        tolerance=1,
        reason="cells that share each call of the model are equal but for rounding",
    ),
)
"""The rows of the table."""


def save_files(server: ComfyServer) -> None:
    """Save what the cases load besides checkpoints."""
    save_loras(server)
    save_upscale_model(server)
    save_vae_of(server, LAGOON, VAE)
