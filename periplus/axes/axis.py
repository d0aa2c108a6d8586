"""An axis: a name and its points; a point is a label and what it changes in a recipe."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol

from ..errors import PeriplusError, shown
from ..recipe import HiresRecipe, LoraRecipe, Recipe, RefinerRecipe

Value = str | int | float

SEPARATOR = " / "
"""Between the names, and between the labels, of axes that were combined to one."""

_LETTER = (
    r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""A letter, digit or underscore, but for scripts without spaces between words: Thai and Lao,
Burmese, Khmer, Japanese and Chinese."""

MAX_PROMPT = 1_000_000
"""Characters that search and replace may make of a prompt."""

Part = Recipe | RefinerRecipe | HiresRecipe
"""What has prompts."""

REFINER_FIELDS = frozenset({"switch_at"})
"""Fields that belong to the refiner's part of a recipe."""

HIRES = "hires_"
"""Fields that belong to the second pass's part of a recipe begin so."""

NEEDS_REFINER = "needs a refiner: link a Sweep Refiner node to the refiner input of the sweep"

NEEDS_SECOND_PASS = (
    "needs a second pass: link a Sweep Hires Fix node to the hires input of the sweep"
)

LORA_STRENGTH = "lora_strength"
"""The strengths of all LoRAs of a recipe, as an axis names them."""

SET, EDIT, REMOVE = range(3)
"""When an override is applied, whichever axis it is on: those that set fields come first, then
those that edit what is set, then those that may take a part away."""


class Override(Protocol):
    """One change that a point makes to a recipe."""

    @property
    def sets(self) -> str:
        """The field that it sets outright; empty for one that only edits what is there."""
        ...

    @property
    def phase(self) -> int:
        """SET, EDIT or REMOVE."""
        ...

    @property
    def value(self) -> Value:
        """What it puts in."""
        ...

    def apply(self, recipe: Recipe) -> Recipe:
        """Give the changed recipe, or raise PeriplusError where the change cannot be made."""
        ...


@dataclass(frozen=True)
class SetField:
    """Set one field of the recipe, or of its refiner."""

    field: str
    value: Value

    @property
    def sets(self) -> str:
        """The field's name."""
        return self.field

    @property
    def phase(self) -> int:
        """SET."""
        return SET

    def apply(self, recipe: Recipe) -> Recipe:
        """Set the field.

        Raises:
            PeriplusError: a refiner's or second pass's field where the sweep has none.
        """
        if self.field.startswith(HIRES):
            return self._apply_to_second_pass(recipe)
        if self.field not in REFINER_FIELDS:
            return replace(recipe, **{self.field: self.value})
        if recipe.refiner is None:
            raise PeriplusError(f"{self.field} = {self.value} {NEEDS_REFINER}")
        return recipe.refined(**{self.field: self.value})

    def _apply_to_second_pass(self, recipe: Recipe) -> Recipe:
        if recipe.hires is None:
            raise PeriplusError(f"{self.field} = {self.value} {NEEDS_SECOND_PASS}")
        changed = {self.field.removeprefix(HIRES): self.value}
        return replace(recipe, hires=replace(recipe.hires, **changed))


@dataclass(frozen=True)
class SetLoras:
    """Set the LoRAs of the recipe."""

    loras: tuple[LoraRecipe, ...]
    text: str
    """How they are written in a values text."""

    @property
    def sets(self) -> str:
        """The field's name."""
        return "loras"

    @property
    def phase(self) -> int:
        """SET."""
        return SET

    @property
    def value(self) -> str:
        """Their text."""
        return self.text

    def apply(self, recipe: Recipe) -> Recipe:
        """Set them."""
        return replace(recipe, loras=self.loras)


@dataclass(frozen=True)
class SetLoraStrength:
    """Set both strengths of every LoRA of the recipe."""

    value: float

    @property
    def sets(self) -> str:
        """``lora_strength``."""
        return LORA_STRENGTH

    @property
    def phase(self) -> int:
        """EDIT: another axis may set the LoRAs."""
        return EDIT

    def apply(self, recipe: Recipe) -> Recipe:
        """Set the strengths; a recipe without LoRAs stays as it is."""
        strengths = {"strength_model": self.value, "strength_clip": self.value}
        return replace(recipe, loras=tuple(replace(lora, **strengths) for lora in recipe.loras))


@dataclass(frozen=True)
class SetRefiner:
    """Set the checkpoint that refines, or do without."""

    ckpt_name: str
    """Empty for no refiner."""

    @property
    def sets(self) -> str:
        """The field's name."""
        return "refiner"

    @property
    def phase(self) -> int:
        """REMOVE: other axes may set fields of the refiner that it takes away."""
        return REMOVE

    @property
    def value(self) -> str:
        """The checkpoint's name."""
        return self.ckpt_name

    def apply(self, recipe: Recipe) -> Recipe:
        """Set the checkpoint, or take the refiner away.

        Raises:
            PeriplusError: the sweep has no refiner, or one whose model is linked.
        """
        if recipe.refiner is None:
            raise PeriplusError(f"a refiner axis {NEEDS_REFINER}")
        if not recipe.refiner.ckpt_name:
            raise PeriplusError(
                "the Sweep Refiner node has a linked model, which this axis would replace: choose "
                "a ckpt_name there in place of the links, or take this axis away"
            )
        if not self.ckpt_name:
            return replace(recipe, refiner=None)
        return recipe.refined(ckpt_name=self.ckpt_name)


@dataclass(frozen=True)
class SetUpscaler:
    """Set the upscaler of the second pass, or do without one."""

    upscaler: str
    """Empty for no second pass."""

    @property
    def sets(self) -> str:
        """The field's name."""
        return f"{HIRES}upscaler"

    @property
    def phase(self) -> int:
        """REMOVE: other axes may set fields of the second pass that it takes away."""
        return REMOVE

    @property
    def value(self) -> str:
        """The upscaler's name."""
        return self.upscaler

    def apply(self, recipe: Recipe) -> Recipe:
        """Set the upscaler, or take the second pass away.

        Raises:
            PeriplusError: the sweep has no second pass.
        """
        if recipe.hires is None:
            raise PeriplusError(f"an upscaler axis {NEEDS_SECOND_PASS}")
        changed = replace(recipe.hires, upscaler=self.upscaler) if self.upscaler else None
        return replace(recipe, hires=changed)


@dataclass(frozen=True)
class ReplaceText:
    """Replace every occurrence of a text in the prompts (case matters), as A1111's Prompt S/R.

    What was put in is not searched again.
    """

    search: str
    replacement: str
    target: str = "both"
    """``both``, ``positive`` or ``negative``."""
    match: str = "any"
    """``any``, or ``word`` where letters next to the text make it another word."""
    is_placeholder: bool = False
    """Whether the text only marks the place, and is no value itself."""

    @property
    def sets(self) -> str:
        """Empty: several replacements may follow one another."""
        return ""

    @property
    def phase(self) -> int:
        """EDIT: it searches in the prompts that another axis may set."""
        return EDIT

    @property
    def value(self) -> str:
        """The replacement."""
        return self.replacement

    def apply(self, recipe: Recipe) -> Recipe:
        """Replace the text in the prompts, and in those of the refiner and of a second pass.

        Raises:
            PeriplusError: the text is in none of them, or a prompt would become longer than
                ``MAX_PROMPT``.
        """
        pattern = self._pattern()
        fields = ("positive", "negative") if self.target == "both" else (self.target,)

        def texts(part: Part) -> dict[str, str]:
            return {field: getattr(part, field) for field in fields}

        def replaced(part: Part) -> dict[str, str]:
            pairs = texts(part).items()
            return {field: self._replaced(pattern, text) for field, text in pairs}

        def own(part: Part) -> dict[str, str]:
            # An own prompt of which nothing is left must not become the base's.
            was, now = texts(part), replaced(part)
            return {f: now[f] or (" " if was[f] and base[f] else "") for f in fields}

        parts = {"refiner": recipe.refiner, "hires": recipe.hires}
        others = {name: part for name, part in parts.items() if part is not None}
        searched = chain(*(texts(part).values() for part in (recipe, *others.values())))
        if not any(map(pattern.search, searched)):
            raise PeriplusError(self._miss(texts(recipe)))
        base = replaced(recipe)
        changed = {name: replace(part, **own(part)) for name, part in others.items()}
        return replace(recipe, **base, **changed)

    def _replaced(self, pattern: re.Pattern[str], text: str) -> str:
        growth = len(self.replacement) - len(self.search)
        if growth > 0 and len(text) + growth * text.count(self.search) > MAX_PROMPT:
            raise PeriplusError(f"makes a prompt of more than {MAX_PROMPT:,} characters")
        return pattern.sub(lambda _: self.replacement, text)

    def _pattern(self) -> re.Pattern[str]:
        pattern = re.escape(self.search)
        if self.match == "word":
            before = f"(?<!{_LETTER})" if re.match(_LETTER, self.search[0]) else ""
            after = f"(?!{_LETTER})" if re.match(_LETTER, self.search[-1]) else ""
            pattern = f"{before}{pattern}{after}"
        return re.compile(pattern)

    def _miss(self, texts: Mapping[str, str]) -> str:
        what = (
            f"the placeholder {shown(self.search)!r}"
            if self.is_placeholder
            else f"the search text {shown(self.search)!r} (item 1)"
        )
        verb = "is neither in" if len(texts) > 1 else "is not in"
        prompts = " nor ".join(f"the {name} prompt {shown(text)!r}" for name, text in texts.items())
        way = "as a whole word, " if self.match == "word" else ""
        return f"{what} {verb} {prompts}; it must be there, {way}spelled with the same capitals"


@dataclass(frozen=True)
class Point:
    """One value of an axis."""

    label: str
    """What the sheet prints."""
    overrides: tuple[Override, ...] = ()
    note: str = ""
    """What the user should know of this value, such as what a label without an equal means here."""


@dataclass(frozen=True)
class Group:
    """Neighbouring points of a crossed axis that share one point of its outer axis.

    The label of each of them is the group's label, SEPARATOR and the label of the inner point.
    """

    label: str
    count: int
    """How many points, 1 or more."""


@dataclass(frozen=True)
class Axis:
    """A name and the points to try, in order; never empty."""

    name: str
    points: tuple[Point, ...]
    groups: tuple[Group, ...] = ()
    """How a crossed axis falls into groups, which together hold all points; empty for others."""
    joined: tuple[str, ...] = ()
    """The names of the axes of several names that were joined to this one; the labels tell them."""
    inherited_notes: tuple[str, ...] = ()
    """Notes of the axes that were combined to this one."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The points' labels, in order."""
        return tuple(point.label for point in self.points)

    @property
    def values(self) -> tuple[Value, ...]:
        """What each point puts into the recipe; the first of several."""
        return tuple(point.overrides[0].value for point in self.points)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know: inherited notes, and those of the points with their labels."""
        own = (f"{point.label}: {point.note}" for point in self.points if point.note)
        return (*self.inherited_notes, *own)

    @property
    def fields(self) -> frozenset[str]:
        """All recipe fields that its points set outright."""
        return frozenset(o.sets for point in self.points for o in point.overrides if o.sets)


NO_AXIS = Axis("", (Point(""),))
"""Stands for an axis that is not linked: one point that changes nothing."""


def check_axis(name: str, value: object) -> None:
    """Refuse what is no axis: ComfyUI lets a prompt have anything in place of a link.

    Args:
        name: the input that it came to.
        value: what came.

    Raises:
        PeriplusError: it is none.
    """
    if not isinstance(value, Axis):
        raise PeriplusError(f"{name} is {value!r:.80}, which is no axis: link an axis node to it")
