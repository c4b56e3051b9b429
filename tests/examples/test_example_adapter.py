"""Does the adapter of the example keep every promise, as its own small package and without anything of ours?"""

from __future__ import annotations

import ast
import sys
from importlib import import_module
from pathlib import Path

import pytest

from api.flows.adapter_cases import case_of
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.trying import Kept, tried
from engine.provision.registry import BUILT_IN, Registry

EXAMPLE = Path(__file__).parents[2] / "examples" / "adapter"


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.syspath_prepend(EXAMPLE / "src")
    return Registry({**BUILT_IN, "sqlite": lambda: import_module("upp_sqlite").SqliteTables})


def test_it_keeps_every_promise(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    results = list(tried(case_of(str(EXAMPLE / "case.yaml"), None, registry=registry)))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.promise for one in results if one.kept is Kept.SKIPPED] == [
        "access is the full set that was asked for: it grows, shrinks and ends",
        *OF_ADOPTING,
        "what it builds is built once, and named by its content",
    ]


def test_it_imports_only_what_python_has() -> None:
    tree = ast.parse((EXAMPLE / "src" / "upp_sqlite" / "__init__.py").read_text())
    named = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    named |= {name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names}
    assert {str(one).partition(".")[0] for one in named} <= sys.stdlib_module_names
