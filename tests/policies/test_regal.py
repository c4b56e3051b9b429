"""Does `regal lint policies` read every module, and find nothing in it as it is?"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from policy_cases import POLICIES, ROOT

FOLDERS = [POLICIES, ROOT / "examples" / "governance" / "policies"]
CONFIGURATION = ROOT / ".regal" / "config.yaml"


def lint(binary: str, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    command = [binary, "lint", "--format", "json", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def test_nothing_is_found_in_any_module(regal_binary: str) -> None:
    code, told = lint(regal_binary, *FOLDERS)
    assert (code, told["violations"]) == (0, [])
    assert told["summary"]["files_scanned"] == sum(len(list(folder.rglob("*.rego"))) for folder in FOLDERS)


def test_a_fault_is_found_in_each_module_that_has_one(regal_binary: str, tmp_path: Path) -> None:
    """What is switched off in our configuration must not have switched off everything."""
    copied = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    modules = sorted(copied.rglob("*.rego"))
    for path in modules:
        path.write_text(f"{path.read_text()}\nBadlyNamed := input.info\n")
    code, told = lint(regal_binary, "--config-file", CONFIGURATION, copied)
    found = {one["location"]["file"] for one in told["violations"] if one["title"] == "prefer-snake-case"}
    assert code == 3
    assert found == {str(path) for path in modules}


def test_each_rule_that_is_off_says_why() -> None:
    lines = CONFIGURATION.read_text().splitlines()
    levels = [number for number, line in enumerate(lines) if line.strip().startswith("level:")]
    assert len(levels) == 8
    assert all(lines[number - 1].strip().startswith("# ") for number in levels)
