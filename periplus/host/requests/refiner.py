"""What a refiner node hands to a sweep node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...axes.axis_kinds import check_setting
from ...errors import PeriplusError
from ...recipe import CONTINUOUS, NATIVE, RefinerRecipe
from ...work.keys import digest
from ..models.loading import NO_MODELS, Models
from ..prompt.graph import NodeInputs


@dataclass(frozen=True)
class RefinerLink:
    """How the refiner works, and the model it works with where that is linked."""

    recipe: RefinerRecipe
    models: Models = NO_MODELS
    """The linked model and CLIP, where the recipe names no checkpoint."""
    identity: str = ""
    """A digest of what makes them."""


def check_source(ckpt_name: str, hidden: Any) -> None:
    """Refuse a refiner node that has no model, or two.

    Args:
        ckpt_name: the named checkpoint, empty for none.
        hidden: ComfyUI's hidden inputs of the node (unique_id, dynprompt).

    Raises:
        PeriplusError: neither or both of ckpt_name and a linked model are given, or a model
            without its CLIP.
    """
    inputs = NodeInputs(hidden.dynprompt, hidden.unique_id)
    linked = [name for name in ("model", "clip") if inputs.link(name)]
    if ckpt_name and linked:
        raise PeriplusError(
            f"the refiner has both ckpt_name '{ckpt_name}' and a linked {' and '.join(linked)}: "
            "set ckpt_name to none, or unlink them"
        )
    if not ckpt_name and len(linked) < 2:
        has = f"only a linked {linked[0]}" if linked else "no model"
        raise PeriplusError(f"the refiner has {has}: choose ckpt_name, or link both model and clip")


def check_handoff(recipe: RefinerRecipe) -> None:
    """Refuse sampling of the refiner's own where the base's sampler goes on.

    Raises:
        PeriplusError: the recipe has both.
    """
    names = ("sampler_name", "scheduler")
    own = [f"{name} '{getattr(recipe, name)}'" for name in names if getattr(recipe, name)]
    if recipe.handoff == CONTINUOUS and own:
        raise PeriplusError(
            f"the refiner has handoff '{CONTINUOUS}', with which the base's sampler goes on, and "
            f"{' and '.join(own)}: leave that empty, or choose handoff '{NATIVE}'"
        )


def make_link(
    ckpt_name: str, model: Any, clip: Any, settings: Mapping[str, Any], hidden: Any
) -> RefinerLink:
    """Make the link.

    Args:
        ckpt_name: the named checkpoint, empty for the linked model.
        model: a MODEL or None.
        clip: a CLIP or None.
        settings: the other fields of a RefinerRecipe.
        hidden: ComfyUI's hidden inputs of the node.

    Raises:
        PeriplusError: see :func:`check_source`.
    """
    check_source(ckpt_name, hidden)
    recipe = RefinerRecipe(ckpt_name=ckpt_name, **settings)
    check_setting("switch_at", recipe.switch_at)
    check_setting("cfg", recipe.cfg)
    check_handoff(recipe)
    if ckpt_name:
        return RefinerLink(recipe)
    inputs = NodeInputs(hidden.dynprompt, hidden.unique_id)
    identity = digest([inputs.identity("model"), inputs.identity("clip")])
    return RefinerLink(recipe, Models(model, clip), identity)
