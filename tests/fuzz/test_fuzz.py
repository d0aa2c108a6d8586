"""A few hundred cases of every target; ``python -m tests.fuzz`` tries as many as one likes."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from periplus.errors import PeriplusError

from . import target as fuzzing
from .target import Target, fuzz, sandbox
from .targets import TARGETS

CASES = 200
ROOT = Path(__file__).parents[2]
BANNED = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "torch.load", "yaml.load"),
    *("numpy.load", "np.load", "marshal.loads", "shelve.open", "joblib.load"),
}
BANNED_MODULES = {"pickle", "cPickle", "dill", "marshal", "shelve", "subprocess", "pty", "yaml"}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_no_text_does_harm(target: Target) -> None:
    assert fuzz(target, CASES).findings == {}


def _refuse(_: object) -> None:
    raise PeriplusError("in our words")


def _fail(_: object) -> None:
    raise KeyError("not in our words")


def _write_outside(_: object) -> None:
    (sandbox().parent / "periplus_outside.txt").write_text("")


def _read_outside(_: object) -> None:
    Path("/etc/hostname").read_text()


def _hang(_: object) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


@pytest.mark.parametrize(
    ("run", "found"),
    [
        (_refuse, []),
        (_fail, ["KeyError"]),
        (_write_outside, ["OutsideError"]),
        (_read_outside, ["OutsideError"]),
        (_hang, ["HangError"]),
    ],
)
def test_what_does_harm_is_found(
    monkeypatch: pytest.MonkeyPatch, run: Callable[[object], None], found: list[str]
) -> None:
    monkeypatch.setattr(fuzzing, "SECONDS", 0.2)
    findings = fuzz(Target("harm", st.just(""), run), cases=1).findings
    assert [where.split()[0] for where in findings] == found


def test_as_many_cases_are_tried_as_are_asked_for() -> None:
    seen: list[str] = []
    outcome = fuzz(Target("seen", st.text(), seen.append, ["worst"]), cases=50)
    assert seen[0] == "worst" and len(seen) == outcome.cases >= 50


def test_the_product_runs_no_text_as_code_and_no_other_program() -> None:
    sources = [*ROOT.glob("*.py"), *ROOT.glob("nodes/**/*.py"), *ROOT.glob("periplus/**/*.py")]
    assert len(sources) > 50
    found = [
        f"{path.name}:{getattr(node, 'lineno', 0)} {name}"
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _dangerous(node)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        *("eval('1')", "import os; os.system('x')", "import pickle", "from pickle import loads"),
        *(
            "import subprocess as s",
            "import torch; torch.load(x)",
            "import yaml.loader",
            "f = exec",
        ),
    ],
)
def test_dangerous_code_would_be_found(code: str) -> None:
    assert [name for node in ast.walk(ast.parse(code)) for name in _dangerous(node)]


def _dangerous(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        return [name] if (name := ast.unparse(node)) in BANNED else []
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        names = [node.module or ""]
    return [name for name in names if name.split(".")[0] in BANNED_MODULES]
