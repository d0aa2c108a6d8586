"""Scripts: which texts steer a sampler run, call by call of the denoiser."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

CALLS_PER_STEP: Mapping[str, int] = {
    "heun": 2,
    "heunpp2": 3,
    "exp_heun_2_x0": 2,
    "exp_heun_2_x0_sde": 2,
    "dpm_2": 2,
    "dpm_2_ancestral": 2,
    "dpmpp_2s_ancestral": 2,
    "dpmpp_2s_ancestral_cfg_pp": 2,
    "dpmpp_sde": 2,
    "dpmpp_sde_gpu": 2,
    "seeds_2": 2,
    "seeds_3": 3,
    "sa_solver_pece": 2,
}
"""How often the samplers that call the denoiser more than once a step do so."""


def calls_per_step(sampler_name: str) -> int:
    """How often a sampler calls the denoiser in each step; 1 for one that is not known."""
    return CALLS_PER_STEP.get(sampler_name, 1)


@dataclass(frozen=True)
class Turn:
    """A text that steers some calls in a row."""

    first_call: int
    """The first of them, counted from 0."""
    end_call: int | None
    """The first call after them; None for all that follow."""
    chunks: tuple[str, ...]
    """The text, in ComfyUI's syntax; what is in several chunks is encoded apart and joined."""


@dataclass(frozen=True)
class Part:
    """One of the prompts that steer at the same time."""

    weight: float
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Script:
    """The parts of a prompt.

    Together they steer by the sum of ``weight * cfg * (prediction of part - negative prediction)``.
    ComfyUI takes the mean of several conditionings by their strengths, so with the weights as
    strengths and cfg times :attr:`cfg_factor` it computes that sum, to rounding.
    """

    parts: tuple[Part, ...]

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The distinct texts that are to be encoded."""
        chunks = (text for part in self.parts for turn in part.turns for text in turn.chunks)
        return tuple(dict.fromkeys(chunks))

    @property
    def only_text(self) -> str | None:
        """The text of a script that is nothing but one text; None for any other."""
        (part, *more_parts) = self.parts
        (turn, *more_turns) = part.turns
        (text, *more_chunks) = turn.chunks
        plain = not (more_parts or more_turns or more_chunks) and part.weight == 1
        return text if plain else None

    @property
    def balance(self) -> float:
        """Strength of the negative conditioning among the parts.

        It changes nothing in the sum above, and keeps weights that add up to 0 from making a mean
        of nothing.
        """
        return 1.0 if math.isclose(self._weight, 0.0, abs_tol=0.01) else 0.0

    @property
    def cfg_factor(self) -> float:
        """What the mean of the parts and the negative must be scaled up by to be their sum."""
        return self._weight + self.balance

    @property
    def _weight(self) -> float:
        return math.fsum(part.weight for part in self.parts)
