"""The VAE axis: each picture is sampled once and decoded with each VAE, as VAELoader gives it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from safetensors.numpy import load_file, save_file

from scripts.comfy_server import ComfyServer

from .graphs import (
    COAST,
    HARBOUR,
    LAGOON,
    Graph,
    assert_equal_to_native,
    assert_refused,
    counted,
    forget,
    manifest,
    manifests,
    save_vae_of,
    spent,
    succeed,
)

FIRST, SECOND, OWN = "axis_first.safetensors", "sub/axis_second.safetensors", "own_vae.safetensors"


@pytest.fixture(scope="module", autouse=True)
def vaes(server: ComfyServer) -> None:
    (server.base / "models" / "vae" / "sub").mkdir(parents=True, exist_ok=True)
    save_vae_of(server, LAGOON, FIRST)
    save_vae_of(server, HARBOUR, SECOND)
    save_vae_of(server, COAST, OWN)


def test_two_checkpoints_and_three_vaes_cost_two_loads_and_three(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("VAE", values="axis_first, baked, axis_second, own_vae"),
        y_axis=graph.axis("Checkpoint", values="coast, lagoon"),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 8
    assert spent(found) == {
        "model_loads": 2 + 3,
        "text_encodes": 4,
        "denoiser_evaluations": 4,
        "vae_decodes": 8,
    }
    assert counted(fresh) == spent(found)
    labels = [cell["labels"]["x"] for cell in found["cells"][:4]]
    assert labels == ["axis_first", "baked", "axis_second", "own_vae"]


def test_a_vae_that_nobody_asks_is_not_loaded(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        x_axis=graph.axis("VAE", values="axis_first, own_vae"),
        y_axis=graph.axis("Checkpoint", values="coast, lagoon"),
        steps=1,
    )

    found = manifest(succeed(fresh, graph))

    assert found["account"]["cells_computed"] == 4
    counts = fresh.get("/counters")
    assert (counts["model_loads"], counts["vaes_loaded"], counts["clips_loaded"]) == (2 + 2, 2, 2)


@pytest.mark.parametrize("own", [False, True])
def test_each_cell_is_decoded_as_natively(server: ComfyServer, own: bool) -> None:
    graph = Graph()
    models = graph.loader()
    if own:
        # Not the checkpoint's own: baked is then what is linked.
        models["vae"] = graph.add("VAELoader", vae_name=OWN)
    values = "baked, axis_first, sub/axis_second.safetensors"
    sweep = graph.sweep(
        **models,
        x_axis=graph.axis("VAE", values=values),
        y_axis=graph.axis("Seed", values="1, 2"),
    )
    prefixes = []
    for seed in (1, 2):
        files = [graph.add("VAELoader", vae_name=name) for name in (FIRST, SECOND)]
        for vae in (models["vae"], *files):
            prefixes.append(f"vae_{own}_{len(prefixes)}")
            graph.native({**models, "vae": vae}, prefixes[-1], seed=seed)

    assert_equal_to_native(server, graph, sweep, prefixes)


def test_with_a_refiner_each_picture_is_refined_once_for_all_vaes(fresh: ComfyServer) -> None:
    graph = Graph()
    graph.sweep(
        **graph.loader(COAST),
        x_axis=graph.axis("VAE", values="baked, axis_first, axis_second"),
        refiner=graph.add("PeriplusRefiner", ckpt_name=HARBOUR, switch_at=0.5),
        steps=2,
    )

    found = manifest(succeed(fresh, graph))

    assert spent(found) == {
        "model_loads": 1 + 2,
        "text_encodes": 4,
        "denoiser_evaluations": 2,
        "vae_decodes": 3,
    }


def test_a_linked_vae_that_no_cell_needs_is_not_loaded(fresh: ComfyServer) -> None:
    graph = Graph()
    models = {**graph.loader(), "vae": graph.add("VAELoader", vae_name=OWN)}
    sweep = graph.sweep(**models, x_axis=graph.axis("VAE", values=FIRST), steps=1)

    run = succeed(fresh, graph)

    assert manifests(run)[sweep[0]]["account"]["model_loads"] == 1
    assert models["vae"][0] not in run.executed


def test_no_vae_need_be_linked_where_files_are_named(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    needed = {name: models[name] for name in ("model", "clip")}
    sweep = graph.sweep(**needed, x_axis=graph.axis("VAE", values=FIRST))
    vae = graph.add("VAELoader", vae_name=FIRST)
    graph.native({**models, "vae": vae}, "vae_unlinked")

    assert_equal_to_native(server, graph, sweep, ["vae_unlinked"])


@pytest.fixture
def taesd(server: ComfyServer) -> Iterator[None]:
    """A VAE of the kind that is two files in another folder."""
    vae = load_file(server.base / "models" / "vae" / FIRST)
    folder = server.base / "models" / "vae_approx"
    folder.mkdir(exist_ok=True)
    for part in ("taesd_encoder", "taesd_decoder"):
        tensors = {k.removeprefix(f"{part}."): t for k, t in vae.items() if k.startswith(part)}
        save_file(tensors, folder / f"{part}.safetensors")
    yield
    for file in folder.glob("taesd_*"):
        file.unlink()


@pytest.mark.usefixtures("taesd")
def test_a_taesd_of_two_files_is_a_vae_too(server: ComfyServer) -> None:
    graph = Graph()
    models = graph.loader()
    sweep = graph.sweep(**models, x_axis=graph.axis("VAE", values="baked, taesd"))
    graph.native(models, "not_taesd")
    graph.native({**models, "vae": graph.add("VAELoader", vae_name="taesd")}, "taesd")

    assert_equal_to_native(server, graph, sweep, ["not_taesd", "taesd"])


def test_what_is_no_vae_for_pictures_is_not_in_the_list(server: ComfyServer) -> None:
    graph = Graph()
    shown = graph.add("PreviewAny", source=[graph.axis("VAE", values="*")[0], 1])

    names = succeed(server, graph).outputs[shown[0]]["text"]

    assert {FIRST, SECOND, OWN} <= set(names)
    assert "pixel_space" not in names


def test_a_changed_vae_file_is_noticed(server: ComfyServer) -> None:
    def statuses() -> list[str]:
        graph = Graph()
        axis = graph.axis("VAE", values="baked, changing")
        graph.sweep(**graph.loader(), x_axis=axis, name="test/vae_file", steps=1)
        return [cell["status"] for cell in manifest(succeed(server, graph))["cells"]]

    save_vae_of(server, LAGOON, "changing.safetensors")
    assert statuses() == ["done", "done"]
    save_vae_of(server, HARBOUR, "changing.safetensors")
    forget(server)
    assert statuses() == ["reused", "done"]


def test_a_vae_that_cannot_be_read_fails_its_own_cells_only(server: ComfyServer) -> None:
    (server.base / "models" / "vae" / "broken_vae.safetensors").write_bytes(b"no tensors")
    graph = Graph()
    axis = graph.axis("VAE", values="broken_vae, baked, axis_first")
    graph.sweep(**graph.loader(), x_axis=axis, steps=1)

    cells = manifest(succeed(server, graph))["cells"]

    assert [cell["status"] for cell in cells] == ["failed", "done", "done"]
    assert cells[0]["reason"].startswith("cannot load broken_vae.safetensors: ")


def test_a_misspelt_vae_is_refused_at_once(server: ComfyServer) -> None:
    graph = Graph()
    axis = graph.axis("VAE", values="baked, axis_frist")
    graph.sweep(**graph.loader(), x_axis=axis)

    parts = ["VAE axis: item 2 'axis_frist'", "is not a VAE", f"nearest: {FIRST}"]
    assert_refused(server, graph, axis, parts)
