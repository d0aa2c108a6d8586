"""Stacking: what several samplers ask of one denoiser, answered with as few calls as can be."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import comfy.samplers
import torch

from ...work.memo import Prediction

_OWN_CALL = frozenset(
    {
        "area",
        "mask",
        "control",
        "gligen",
        "hooks",
        "default",
        "timestep_start",
        "timestep_end",
    }
)
"""What, in an entry of a conditioning, depends on the whole call it is part of."""


@dataclass(frozen=True)
class Question:
    """One call of the denoiser, as a sampler's guider makes it."""

    model: Any
    """ComfyUI's BaseModel."""
    conds: Sequence[list[dict[str, Any]] | None]
    """Positive and negative; None for one that is not needed."""
    x: torch.Tensor
    """The noisy latent: batch x channels x height x width."""
    sigma: torch.Tensor
    """Noise level of each picture of the batch."""
    options: dict[str, Any]
    """The model options of this sampler run."""
    name: bytes | None = None
    """Equal for questions with an equal answer; None where that is not known."""

    def answer(self) -> Prediction:
        """Ask for this one alone, exactly as ComfyUI would."""
        return comfy.samplers.calc_cond_batch(
            self.model, self.conds, self.x, self.sigma, self.options
        )

    @property
    def stacks(self) -> bool:
        """Whether it may share a call with others: plain pictures, plain conditionings."""
        return self.x.ndim == 4 and all(map(_is_plain, self.conds))


@dataclass(frozen=True)
class _Row:
    """One conditioning of one question."""

    question: int
    cond: int
    x: torch.Tensor
    sigma: torch.Tensor
    conditions: Mapping[str, Any]
    """ComfyUI's objects for what the model is conditioned on, one entry for each of the batch."""

    def fits(self, other: _Row) -> bool:
        """Whether both can be in one call."""
        return (
            (self.x.shape[1:], self.x.dtype) == (other.x.shape[1:], other.x.dtype)
            and self.conditions.keys() == other.conditions.keys()
            and all(
                self.conditions[name].can_concat(other.conditions[name])
                for name in other.conditions
            )
        )


def answer_together(questions: Sequence[Question]) -> list[Prediction]:
    """Answer questions on one model, with one call for all that can be stacked.

    The answers equal those of single calls up to rounding, since kernels differ with the size of
    the batch. What cannot be stacked is asked alone, and so is a single one: ComfyUI asks for its
    positive and negative one after the other where memory is short.

    Args:
        questions: of samplers that run on the same model with the same patches.
    """
    if len(questions) == 1:
        return [questions[0].answer()]
    answers: list[Prediction] = [
        [torch.zeros_like(question.x) for _ in question.conds] if question.stacks else []
        for question in questions
    ]
    groups: list[list[_Row]] = []
    for number, question in enumerate(questions):
        if not question.stacks:
            answers[number] = question.answer()
            continue
        for row in _rows(number, question):
            group = next((g for g in groups if all(row.fits(other) for other in g)), None)
            if group is None:
                groups.append([row])
            else:
                group.append(row)
    for group in groups:
        asked = questions[group[0].question]
        predicted = _predict(asked, group).split([row.x.shape[0] for row in group])
        for row, part in zip(group, predicted, strict=True):
            answers[row.question][row.cond] = part
    return answers


def _is_plain(cond: list[dict[str, Any]] | None) -> bool:
    if not cond:
        return True
    return len(cond) == 1 and not _OWN_CALL & cond[0].keys() and cond[0].get("strength", 1.0) == 1.0


def _rows(number: int, question: Question) -> list[_Row]:
    batch = question.x.shape[0]
    return [
        _Row(
            number,
            place,
            question.x,
            question.sigma,
            {
                name: condition.process_cond(batch_size=batch, area=None)
                for name, condition in cond[0]["model_conds"].items()
            },
        )
        for place, cond in enumerate(question.conds)
        if cond
    ]


def _predict(asked: Question, rows: Sequence[_Row]) -> torch.Tensor:
    first, *others = (row.conditions for row in rows)
    together = {
        name: type(condition)(condition.concat([other[name] for other in others]))
        for name, condition in first.items()
    }
    cond = {"model_conds": together, "uuid": uuid.uuid4()}
    x = torch.cat([row.x for row in rows])
    sigma = torch.cat([row.sigma for row in rows])
    return comfy.samplers.calc_cond_batch(asked.model, [[cond]], x, sigma, asked.options)[0]
