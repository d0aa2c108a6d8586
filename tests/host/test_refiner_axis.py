"""The refiner axis: one base run for all refiners, each what two native samplers make."""

from __future__ import annotations

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    assert_cells_equal,
    assert_refused,
    assert_stops,
    counted,
    manifest,
    spent,
    succeed,
)

STEPS, SWITCH = 4, 2


def test_the_base_is_sampled_once_for_all_refiners(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("Refiner", values="harbour, none, lagoon"),
        y_axis=graph.axis("Checkpoint", values="coast"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=COAST, switch_at=0.5),
        steps=STEPS,
    )

    found = manifest(succeed(fresh, graph))

    assert [cell["labels"]["x"] for cell in found["cells"]] == ["harbour", "none", "lagoon"]
    assert spent(found) == {
        "model_loads": 3,
        "text_encodes": 6,
        # The first steps once for all, the last ones for each.
        "denoiser_evaluations": SWITCH + 3 * (STEPS - SWITCH),
        "vae_decodes": 3,
    }
    assert counted(fresh) == spent(found)

    native = Graph()
    base = native.loader(COAST)
    native.native_refined(base, native.loader(HARBOUR), SWITCH, "refiner_0", steps=STEPS)
    native.native(base, "refiner_1", steps=STEPS)
    native.native_refined(base, native.loader(LAGOON), SWITCH, "refiner_2", steps=STEPS)
    succeed(fresh, native)
    assert_cells_equal(fresh, found, ["refiner_0", "refiner_1", "refiner_2"])


def test_a_switch_axis_goes_with_it_and_leaves_none_as_it_is(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("Refiner", values="none, harbour"),
        y_axis=graph.axis("Number", parameter="switch_at", values="0.25, 0.5, 0.75"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=LAGOON),
        steps=STEPS,
    )

    found = manifest(succeed(fresh, graph))

    keys = [cell["key"] for cell in found["cells"]]
    assert len(set(keys[::2])) == 1
    assert len(set(keys)) == 4
    assert found["account"]["model_loads"] == 1


def test_a_refiner_axis_without_a_refiner_stops_before_any_load(fresh: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Refiner", values="none, harbour")
    sweep = graph.sweep(**graph.loader(), x_axis=axis)

    parts = ["x_axis (refiner), value 1 'none'", "needs a refiner", "link a Sweep Refiner node"]
    assert_stops(fresh, graph, sweep, parts)


def test_a_linked_refiner_model_is_not_replaced(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    linked = {name: models[name] for name in ("model", "clip")}
    graph.sweep(
        **models,
        x_axis=graph.axis("Refiner", values="harbour"),
        refiner=graph.add("PeriplusRefiner", **linked),
    )

    run = server.run(graph.prompt)

    assert run.status == "error"
    assert "x_axis (refiner), value 1 'harbour': the Sweep Refiner node has a linked" in run.error


def test_a_misspelt_refiner_is_refused_at_once(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("Refiner", values="none, habour")
    graph.sweep(
        **graph.loader(), x_axis=axis, refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR)
    )

    parts = ["refiner axis: item 2 'habour'", "is not a refiner", "nearest: small/harbour"]
    assert_refused(server, graph, axis, parts)
