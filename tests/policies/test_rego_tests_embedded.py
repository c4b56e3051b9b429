"""Do the policies' own Rego tests pass on the embedded engine, so that a machine without OPA tests them too?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from policy_cases import POLICIES, ROOT

FOLDERS = (POLICIES, ROOT / "examples" / "governance" / "policies")
TESTS = [
    (path, name)
    for folder in FOLDERS
    for path in sorted(folder.rglob("*_test.rego"))
    for name in re.findall(r"^(test_\w+) if", path.read_text(), re.MULTILINE)
]


@pytest.fixture(scope="module")
def loaded() -> Any:
    regorus = pytest.importorskip("regorus")
    engine = regorus.Engine()
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.rego")):
            engine.add_policy(str(path), path.read_text())
    return engine


@pytest.mark.parametrize(("path", "name"), TESTS, ids=[f"{path.stem}-{name}" for path, name in TESTS])
def test_the_rego_test_is_true(path: Path, name: str, loaded: Any) -> None:
    package = re.search(r"^package (\S+)$", path.read_text(), re.MULTILINE)
    assert package is not None
    assert loaded.clone().eval_rule(f"data.{package[1]}.{name}") is True
