"""Does the example around OpenTofu keep its promises with the real `tofu`, and import only what Python has?"""

from __future__ import annotations

import ast
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from go_tools import TOOLS
from outside_parts import missing

from api.flows.adapter_cases import case_of
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, one, tried
from engine.provision.registry import Registry

EXAMPLE = Path(__file__).parents[2] / "examples" / "opentofu"
QUICK = (
    "apply twice changes nothing the second time",
    "a removal that came later outlives the thing: an older apply makes nothing",
    "what was changed by hand is seen as drift, and apply mends it",
)


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """The case of the example, with the binary and the Python of this machine, in a folder of its own."""
    tofu = shutil.which("tofu") or shutil.which("tofu", path=str(TOOLS))
    if tofu is None:
        missing("opentofu", "there is no tofu on PATH or in .tools")
    monkeypatch.chdir(tmp_path)
    told = case_of(str(EXAMPLE / "case.yaml"), None, registry=Registry.installed())
    command = [sys.executable, str(EXAMPLE / "adapter.py"), tofu, str(tmp_path / ".kit")]
    return replace(told, made=lambda: Registry.installed().made("command", {"command": command}))


@pytest.mark.parametrize("says", QUICK)
def test_it_keeps_this_promise(case: Case, says: str) -> None:
    assert one(says, case)[1:] == (Kept.KEPT, "")


@pytest.mark.long
def test_it_keeps_every_promise(case: Case) -> None:
    results = list(tried(case))
    assert [told for told in results if told.kept is Kept.BROKEN] == []
    assert [told.promise for told in results if told.kept is Kept.SKIPPED] == [
        "access is the full set that was asked for: it grows, shrinks and ends",
        *OF_ADOPTING,
        "what it builds is built once, and named by its content",
    ]


def test_a_plan_says_what_would_be_deleted_and_a_module_that_is_no_module_is_an_issue(
    case: Case, tmp_path: Path
) -> None:
    trial, adapter = case.trial(), case.adapter()
    seen = trial.apply(1)
    assert seen["outputs"] == {"size": 1}
    told = adapter.plan(trial.request(2, second=True), seen)
    assert (told["action"], told["destructive"]) == ("update", False)
    assert "terraform_data.component: update" in told["reason"]
    trial.destroy(2)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "main.tf").write_text('resource "terraform_data" {')
    broken = [*json.loads(json.dumps(adapter.provisioner._command)), str(tmp_path / "broken")]  # type: ignore[attr-defined]
    wrong = Registry.installed().made("command", {"command": broken})
    assert "Error:" in str(wrong.validate(trial.request())["issues"][0]["message"])


def test_it_imports_only_what_python_has() -> None:
    tree = ast.parse((EXAMPLE / "adapter.py").read_text())
    named = {one.module for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)}
    named |= {name.name for one in ast.walk(tree) if isinstance(one, ast.Import) for name in one.names}
    assert {str(one).partition(".")[0] for one in named} <= sys.stdlib_module_names
