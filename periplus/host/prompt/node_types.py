"""What nodes of a type take and give, as they declare it."""

from __future__ import annotations

from typing import Any

from .. import compat


def taken_types(class_type: str) -> dict[str, str]:
    """The types of the inputs of a type of node, by name."""
    declared = compat.node_class(class_type).INPUT_TYPES()
    inputs = {**declared.get("required", {}), **declared.get("optional", {})}
    return {name: _named(kind) for name, (kind, *_) in inputs.items()}


def given_types(class_type: str) -> set[str]:
    """The types of the outputs of a type of node."""
    return {_named(kind) for kind in compat.node_class(class_type).RETURN_TYPES}


def _named(declared: Any) -> str:
    """The name of a declared type; COMBO for a list of choices, which may stand in its place."""
    # Of a text of a class of its own: packs have some that equal all others and fit in no set.
    return str(declared) if isinstance(declared, str) else "COMBO"
