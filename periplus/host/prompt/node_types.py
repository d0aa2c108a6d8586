"""What nodes of a type take and give, as they declare it."""

from __future__ import annotations

from .. import compat


def taken_types(class_type: str) -> dict[str, str]:
    """The types of the inputs of a type of node, by name; COMBO for a list of choices."""
    declared = compat.node_class(class_type).INPUT_TYPES()
    inputs = {**declared.get("required", {}), **declared.get("optional", {})}
    # Lists of choices are declared in two ways: as the type, or as an option of the type COMBO.
    return {n: "COMBO" if isinstance(kind, list) else kind for n, (kind, *_) in inputs.items()}


def given_types(class_type: str) -> set[str]:
    """The types of the outputs of a type of node, but for lists of choices."""
    given = compat.node_class(class_type).RETURN_TYPES
    return {kind for kind in given if isinstance(kind, str)}
