"""Which input of which node an axis means, and what that input takes, as the node declares it."""

from __future__ import annotations

from collections.abc import Mapping

from comfy_execution.graph import get_input_info

from ...axes.axis import Axis
from ...axes.names import nearest
from ...errors import PeriplusError
from ...graphs.input_axis import NodeInput, input_axis
from ...graphs.prompt_graph import Node, find_node, title
from .. import compat


def make_axis(prompt: Mapping[str, Node], node: str, name: str, values: str) -> Axis:
    """Make an axis of values for an input of a node.

    Args:
        prompt: the workflow's nodes by id.
        node: the node's id, title or type.
        name: the input's name.
        values: the values text.

    Raises:
        PeriplusError: there is no such node or input, or a value does not fit the input.
    """
    return input_axis(declared_input(prompt, node, name), values)


def declared_input(prompt: Mapping[str, Node], node: str, name: str) -> NodeInput:
    """Tell what an input of a node takes; see :func:`make_axis`.

    Raises:
        PeriplusError: there is no such node or input.
    """
    node_id = find_node(prompt, node)
    return _declared(node_id, prompt[node_id], name.strip())


def _declared(node_id: str, node: Node, name: str) -> NodeInput:
    node_class = compat.find_node_class(node["class_type"])
    if node_class is None:
        raise PeriplusError(
            f"node {node_id} ({title(node)}) is of the type {node['class_type']}, which this "
            "ComfyUI does not have"
        )
    declared = compat.declared_inputs(node_class, node["inputs"])
    names = [*declared.get("required", {}), *declared.get("optional", {})]
    if name not in names:
        near = nearest(name, names)
        hint = f"nearest: {near}" if near else f"it has {', '.join(names) or 'none'}"
        raise PeriplusError(f"input '{name}' is none of node {node_id} ({title(node)}); {hint}")
    declared_type, _, options = get_input_info(None, name, declared)
    # Lists of choices are declared in two ways: as the type, or as an option of the type COMBO.
    is_list = isinstance(declared_type, (list, tuple))
    return NodeInput(
        node=node_id,
        title=title(node),
        name=name,
        type="COMBO" if is_list else str(declared_type),
        options=tuple(declared_type if is_list else options.get("options") or ()),
        minimum=options.get("min"),
        maximum=options.get("max"),
    )
