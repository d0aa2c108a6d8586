"""What a sweep node tells before any model is loaded: its cells, how large the sheet will be."""

from __future__ import annotations

from scripts.comfy_run import Run
from scripts.comfy_server import ComfyServer

from .graph_sweeps import one_colour
from .graphs import Graph, Link, manifest, succeed

LINE_END = "  \n"
"""Shown as a line break where a node's text is taken as Markdown, too."""


def told(run: Run, node: Link) -> list[str]:
    """The texts that a node showed while it ran, in order."""
    return [
        message.data["text"]
        for message in run.messages
        if message.kind == "progress_text" and message.data["node"] == node[0]
    ]


def without_time(lines: list[str]) -> list[str]:
    """The lines but for the time, which is told where earlier sweeps have been measured."""
    return [line for line in lines if not line.startswith("time: ")]


def told_before(run: Run, node: Link, other: Link) -> list[str]:
    """Those that it showed before another node ran."""
    started = [
        i
        for i, message in enumerate(run.messages)
        if message.kind == "executing" and message.data.get("node") == other[0]
    ]
    return told(Run(run.prompt_id, run.messages[: started[0]], run.history), node)


def test_cells_and_sheets_are_told_before_the_first_model_is_loaded(fresh: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(
        **models,
        x_axis=graph.axis("Size", values="64x64, 64x128"),
        y_axis=graph.axis("Seed", values="1-3"),
        hires=graph.add("PeriplusHiresFix", upscaler="latent: area", scale=1.5, steps=1),
        steps=1,
    )
    bare = {"sweep": sweep, "legend": False, "margin": 0}
    whole = graph.add("PeriplusGridCompose", **bare)
    far = {"margin": 500, "max_megapixels": 1, "too_large": "pages"}
    pages = graph.add("PeriplusGridCompose", **bare | far)
    titled = graph.add("PeriplusGridCompose", sweep=sweep, title="ships", format="webp")
    graph.prompt[titled[0]]["_meta"] = {"title": "<img src=x>"}
    linked = graph.add("PrimitiveInt", value=7)
    graph.add("PeriplusGridCompose", **bare | {"margin": linked})

    run = succeed(fresh, graph)

    (text,) = set(told(run, sweep))
    assert told_before(run, sweep, models["model"]) == [text]
    first, *lines = without_time(text.split(LINE_END))
    assert first == "2 x 3 = 6 cells, 0 stored"
    said = {node[0]: [*run.outputs[node[0]]["text"]] for node in (whole, pages, titled)}
    names = {node[0]: "PeriplusGridCompose" for node in (whole, pages)}
    names[titled[0]] = "‹img src=x>"  # the page would take it for a picture, or worse
    assert lines == [
        f"{names[node]} (node {node}): {line}" for node in said for line in said[node]
    ], "it comes true"
    assert said[whole[0]] == ["sheet: 192 x 576 px"]
    assert said[pages[0]] == [
        "sheet: 692 x 1,576 px is too large; drawn as 2 pages of up to 692 x 884 px"
    ]
    assert manifest(run)["forecast"] == text.replace("‹", "<").split(LINE_END)


def test_what_is_stored_is_counted_and_what_is_measured_tells_the_time(server: ComfyServer) -> None:
    def lines(values: str) -> list[str]:
        graph = Graph()
        axis = graph.axis("Seed", values=values)
        sweep = graph.sweep(**graph.loader(), x_axis=axis, steps=1, name="test/told")
        (report,) = next(iter(succeed(server, graph).outputs.values()))["periplus"]
        assert sweep
        return report["forecast"]

    first, again = lines("1, 2"), lines("1, 2, 3")

    assert first[0] == "2 cells, 0 stored"
    assert again[0] == "3 cells, 2 stored"
    assert first[1].startswith("sheet: ") and len(without_time(again)) == 2
    assert again[-1].startswith("time: about "), "the first sweep was measured"


def test_a_graph_sweep_tells_the_size_once_it_has_a_picture(server: ComfyServer) -> None:
    graph = Graph()
    image = one_colour(graph)
    sweep = graph.sweep_graph(
        image, x_axis=graph.axis("Input", node=image[0], input="color", values="1, 2, 3")
    )
    graph.add("PeriplusGridCompose", sweep=sweep, legend=False, margin=0)

    run = succeed(server, graph)

    before, after = told(run, sweep)
    assert before.split(LINE_END) == [
        "3 cells, 0 stored",
        "sheet: its size is known with the first picture",
    ]
    count, size, condition = after.split(LINE_END)
    assert (count, size) == ("3 cells, 0 stored", "sheet: 24 x 8 px")
    assert "if the other pictures are as large" in condition
