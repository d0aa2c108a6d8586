"""What the pack shows in nodes: it grows no saved node, and is that of its own node."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.host.graphs import Graph

from .axis_nodes import line, show_axes
from .frontend import Frontend, Json

SAVED_HEIGHTS = "app.graph.nodes.map(node => node.serialize().size[1])"

INTO_SUBGRAPH = """async type => {
    const inner = app.graph.nodes.find(node => node.type === type);
    app.graph.convertToSubgraph(new Set([inner]));
    return JSON.parse(JSON.stringify(app.graph.serialize()));
}"""

OPEN_SUBGRAPH = """() => {
    const node = app.graph.nodes.find(({subgraph}) => subgraph);
    app.canvas.openSubgraph(node.subgraph, node);
}"""


def two_axes() -> Json:
    graph = Graph()
    graph.sweep(
        **graph.loader(),
        x_axis=graph.axis("Number", parameter="cfg", values="2, 3, 4"),
        y_axis=graph.axis("Sampler", values="euler, heun"),
    )
    return graph.prompt


def is_classic(frontend: Frontend) -> bool:
    return not frontend.page.evaluate("Boolean(LiteGraph.vueNodesMode)")


def test_a_node_that_grows_for_a_line_is_saved_as_before(frontend: Frontend) -> None:
    if not is_classic(frontend):
        pytest.skip("Vue gives nodes the heights that it finds")
    frontend.load_prompt(two_axes())
    page = frontend.page
    page.evaluate("for (const node of app.graph.nodes) node.setSize([200, node.computeSize()[1]])")
    before = page.evaluate(SAVED_HEIGHTS)
    shown = page.evaluate("app.graph.nodes.map(node => node.size[1])")
    assert before == shown

    page.evaluate("app.graph.nodes.at(-1).widgets.find(({name}) => name === 'cfg').value = 4.5")
    page.mouse.click(1500, 900)

    expect(line(frontend, "3 × 2 = 6 cells")).to_be_visible()
    page.wait_for_function(
        "shown => app.graph.nodes.some((node, i) => node.size[1] > shown[i])", arg=shown
    )
    assert page.evaluate(SAVED_HEIGHTS) == before


HEIGHTS = """async () => {
    const {changeHeight, keepHeight} = await import("/extensions/periplus/js/node_heights.js");
    let least = 100;
    const node = {
        size: [200, 150],
        computeSize: () => [200, least],
        setSize(size) { this.size = size; },
    };
    keepHeight(node);
    const heights = [];
    const note = () => {
        const data = {size: [...node.size]};
        node.onSerialize(data);
        heights.push([node.size[1], data.size[1]]);
    };
    const need = height => changeHeight(node, () => { least = height; });
    for (const height of [300, 420, 100]) { need(height); note(); }
    need(300);
    node.setSize([200, 500]);  // by the user
    note();
    need(100);
    note();
    return heights;
}"""


def test_a_height_that_the_user_chose_is_saved(frontend: Frontend) -> None:
    shown_and_saved = frontend.page.evaluate(HEIGHTS)

    assert shown_and_saved[:3] == [[300, 150], [420, 150], [150, 150]]
    assert shown_and_saved[3:] == [[500, 500], [300, 300]], "without what went, as it was chosen"


def test_nodes_of_one_id_in_and_out_of_a_subgraph_have_lines_of_their_own(
    frontend: Frontend,
) -> None:
    page = frontend.page
    show_axes(frontend, two_axes())
    workflow = page.evaluate(INTO_SUBGRAPH, "PeriplusAxisNumber")
    (outer,) = [node["id"] for node in workflow["nodes"] if "Sampler" in node["type"][:19]]
    (subgraph,) = workflow["definitions"]["subgraphs"]
    (inner,) = subgraph["nodes"]
    for link in subgraph["links"]:
        for end in ("origin_id", "target_id"):
            link[end] = outer if link[end] == inner["id"] else link[end]
    inner["id"] = outer

    page.evaluate("workflow => app.loadGraphData(workflow)", workflow)

    expect(line(frontend, "2 values: euler, heun")).to_be_visible()
    page.evaluate(OPEN_SUBGRAPH)
    expect(line(frontend, "3 values: 2, 3, 4")).to_be_visible()
    page.evaluate("app.canvas.setGraph(app.graph)")
    expect(line(frontend, "2 values: euler, heun")).to_be_visible()
    page.evaluate(OPEN_SUBGRAPH)
    frontend.load_prompt(two_axes())
    expect(line(frontend, "3 × 2 = 6 cells")).to_be_visible()


def test_a_removed_node_keeps_nothing(frontend: Frontend) -> None:
    show_axes(frontend, two_axes())
    element = frontend.page.evaluate_handle(
        """() => {
            const axis = app.graph.nodes.find(({type}) => type === "PeriplusAxisSampler");
            const {element} = axis.widgets.find(({name}) => name === "periplus_line");
            app.graph.remove(axis);
            return element;
        }"""
    )

    assert element.evaluate("element => element.childElementCount") == 0
