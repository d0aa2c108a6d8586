from __future__ import annotations

import multiprocessing
import os
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import pins
from scripts.lock import locked
from scripts.provision import (
    Environment,
    default_home,
    package_name,
    python_in,
    python_of,
    requirements_without_torch,
    unpack_from_wheel,
)
from scripts.steps import CommandError, Step, fingerprint, run_logged


def test_home_is_where_the_variable_says() -> None:
    assert default_home({"PERIPLUS_HOME": "/data/p", "XDG_CACHE_HOME": "/c"}) == Path("/data/p")


@pytest.mark.parametrize(
    ("system", "environment", "home"),
    [
        ("linux", {"XDG_CACHE_HOME": "/c"}, Path("/c/periplus")),
        ("linux", {}, Path.home() / ".cache" / "periplus"),
        ("darwin", {}, Path.home() / "Library" / "Caches" / "periplus"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/periplus")),
    ],
)
def test_home_is_in_the_platforms_cache_folder(
    system: str, environment: dict[str, str], home: Path
) -> None:
    assert default_home(environment, system) == home


def test_every_requirement_is_pinned() -> None:
    wheels = (pins.COMFYUI_WHEEL, pins.NEWEST_FRONTEND_WHEEL)
    for requirement in (*pins.TORCH, *pins.COMFYUI_NEEDS, *pins.DEVELOPMENT, *wheels):
        assert "==" in requirement, requirement


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("torch", "torch"),
        ("SQLAlchemy>=2.0", "sqlalchemy"),
        ("pydantic~=2.0", "pydantic"),
        ("pyright[nodejs]==1", "pyright"),
        ("comfyui-frontend-package==1.32.9", "comfyui-frontend-package"),
        ("av ; python_version > '3'", "av"),
    ],
)
def test_a_requirement_begins_with_its_name(requirement: str, name: str) -> None:
    assert package_name(requirement) == name


def test_torch_stays_ours_in_the_requirements_of_another_comfyui() -> None:
    text = "torch\ntorchsde\ntorchvision>=0.1\ntorchaudio\n\n# optional\nnumpy>=1.25  # arrays\n"
    kept = requirements_without_torch(text)
    assert [package_name(line) for line in kept] == ["torchvision", "requests", "torchsde", "numpy"]
    assert kept[0] in pins.COMFYUI_NEEDS
    assert kept[-1] == "numpy>=1.25"


def test_environments_with_different_requirements_lie_apart(tmp_path: Path) -> None:
    folders = {Environment(tmp_path, needs).folder for needs in [("a==1",), ("a==2",), ("a==1",)]}
    assert len(folders) == 2


def comfyui(tmp_path: Path) -> Path:
    tree = tmp_path / "ComfyUI"
    (tree / "comfy").mkdir(parents=True)
    (tree / "main.py").touch()
    (tree / "requirements.txt").write_text("torch\naiohttp\n")
    return tree


def test_a_comfyui_runs_on_its_own_environment(tmp_path: Path) -> None:
    tree = comfyui(tmp_path)
    own = python_in(tree / "venv")
    own.parent.mkdir(parents=True)
    own.touch()
    assert python_of(tmp_path / "home", tree) == (own, [])


def test_a_comfyui_without_an_environment_gets_one_in_the_home(tmp_path: Path) -> None:
    python, steps = python_of(tmp_path / "home", comfyui(tmp_path))
    assert tmp_path / "home" in python.parents
    assert [step.is_done() for step in steps] == [False]


def test_a_folder_without_comfyui_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"There is no ComfyUI in .*main\.py"):
        python_of(tmp_path, tmp_path)


def wheel(folder: Path, content: dict[str, str]) -> str:
    """Make a wheel that pip takes from the disk; gives what to ask pip for."""
    path = folder / "carrier-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)
        archive.writestr("carrier-1.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        metadata = "Metadata-Version: 2.1\nName: carrier\nVersion: 1\n"
        archive.writestr("carrier-1.dist-info/METADATA", metadata)
    return str(path)


def test_one_folder_of_a_wheel_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    carrier = wheel(tmp_path, {"c/static/index.html": "new", "c/static/a/b.js": "b", "c/x.py": ""})
    folder = tmp_path / "home" / "static"
    folder.mkdir(parents=True)
    (folder / "old.js").touch()

    python, log = Path(sys.executable), tmp_path / "log"
    unpack_from_wheel(carrier, "c/static/", folder, python, log)

    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {"index.html", str(Path("a", "b.js"))}
    assert (folder / "index.html").read_text() == "new"
    assert list(folder.parent.iterdir()) == [folder], "nothing is left behind"


def test_what_was_there_stays_where_the_wheel_cannot_be_had(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "static"
    folder.mkdir(parents=True)

    with pytest.raises(CommandError):
        missing = str(tmp_path / "carrier-1-py3-none-any.whl")
        unpack_from_wheel(missing, "c/", folder, Path(sys.executable), tmp_path / "log")

    assert list(folder.parent.iterdir()) == [folder]


def step(folder: Path, key: str, built: list[str]) -> Step:
    made = folder / "made"

    def build() -> None:
        built.append(key)
        made.touch()

    return Step("Something", folder / "stamp", key, (made,), build)


def test_a_step_is_done_once(tmp_path: Path) -> None:
    built: list[str] = []
    step(tmp_path, "a", built).run()
    step(tmp_path, "a", built).run()
    assert built == ["a"]


def test_a_step_is_redone_when_something_else_is_asked_for(tmp_path: Path) -> None:
    built: list[str] = []
    step(tmp_path, "a", built).run()
    step(tmp_path, "b", built).run()
    assert built == ["a", "b"]


def test_a_step_is_redone_when_what_it_made_is_gone(tmp_path: Path) -> None:
    built: list[str] = []
    step(tmp_path, "a", built).run()
    (tmp_path / "made").unlink()
    step(tmp_path, "a", built).run()
    assert built == ["a", "a"]


def test_a_step_that_fails_while_it_is_redone_counts_as_not_done(tmp_path: Path) -> None:
    step(tmp_path, "a", []).run()

    def fail() -> None:
        raise CommandError("no network")

    with pytest.raises(CommandError):
        Step("Something", tmp_path / "stamp", "b", (tmp_path / "made",), fail).run()
    assert not step(tmp_path, "a", []).is_done()


def test_fingerprints_tell_parts_apart() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_a_failed_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    code = "print('some reason'); raise SystemExit(3)"
    with pytest.raises(CommandError, match=r"(?s)status 3.*some reason"):
        run_logged([sys.executable, "-c", code], tmp_path / "logs" / "command.log")


def hold_lock(path: Path, taken: multiprocessing.Barrier, crash: bool) -> None:  # pyright: ignore
    with locked(path):
        taken.wait(timeout=30)
        if crash:
            os._exit(1)
        taken.wait(timeout=30)


def test_a_lock_names_its_owner_while_it_is_held(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    taken = context.Barrier(2)
    owner = context.Process(target=hold_lock, args=(tmp_path / "lock", taken, False))
    owner.start()
    taken.wait(timeout=30)
    assert (tmp_path / "lock").read_text() == str(owner.pid)
    taken.wait(timeout=30)
    owner.join()
    assert (tmp_path / "lock").read_text() == ""


def test_a_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    taken = context.Barrier(2)
    owner = context.Process(target=hold_lock, args=(tmp_path / "lock", taken, True))
    owner.start()
    taken.wait(timeout=30)
    owner.join()
    with locked(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == str(os.getpid())
