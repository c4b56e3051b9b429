"""Does the house still follow its own rules (DESIGN §2): names, sizes, who may import what?"""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("engine", "policies", "catalog", "api")
FORBIDDEN_NAMES = {"utils", "util", "common", "core", "helpers", "helper", "manager", "base", "misc"}
MOST_LINES = 300


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def modules() -> list[Path]:
    return tracked(*(f"{room}/*.py" for room in ROOMS))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def importers_of(package: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in modules()
        if any(name == package or name.startswith(package + ".") for name in imports(path))
    }


def test_the_top_level_is_the_one_that_the_design_fixes() -> None:
    allowed = {"engine", "policies", "catalog", "api", "tests", "docs", ".ci", "examples", "benchmarks", "deploy"}
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    assert folders <= allowed | {".regal"}


def test_no_other_installed_distribution_claims_the_names_of_our_rooms() -> None:
    owners = importlib.metadata.packages_distributions()
    assert {room: set(owners.get(room, [])) - {"meshgate"} for room in ROOMS} == {room: set() for room in ROOMS}


def test_no_file_outgrows_its_room() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_room_has_a_name_that_says_nothing() -> None:
    parts = {part.removesuffix(".py") for path in modules() for part in path.relative_to(ROOT).parts}
    assert parts & FORBIDDEN_NAMES == set()


def test_every_module_says_which_question_it_answers() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in modules() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_only_one_file_knows_dbos() -> None:
    assert importers_of("dbos") == {"api/worker/dbos.py"}


def test_only_the_strict_loader_touches_yaml() -> None:
    assert importers_of("yaml") == {"engine/descriptor/yaml_source.py"}


def test_only_the_worker_process_touches_the_embedded_engine() -> None:
    assert all("worker" in name for name in importers_of("regorus"))


@pytest.mark.parametrize("door", ["http", "graphql", "cli", "web", "worker"])
def test_no_door_reaches_past_the_flows_into_tables(door: str) -> None:
    reached = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked(f"api/{door}/*.py")
        for name in imports(path)
        if name.startswith(("catalog.tables", "catalog.work", "sqlmodel", "sqlalchemy.orm"))
    }
    assert reached == set()


def test_flows_know_no_framework() -> None:
    frameworks = ("fastapi", "starlette", "graphene", "typer", "rich")
    reached = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked("api/flows/*.py")
        for name in imports(path)
        if name.split(".")[0] in frameworks
    }
    assert reached == set()


def test_nothing_committed_names_a_registry_or_a_path_of_a_machine() -> None:
    # Written in pieces, so that this file does not find itself.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "proxy." + "golang.org", "deb." + "debian.org"]
    home = re.compile(r"(?<![\w.])/(?:home|root|Users)/\w+/|(?<![\w.])/wor" + "k/")
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {host}" for host in hosts if host in text]
        if path != Path(__file__).resolve() and home.search(text):
            found.append(f"{path.relative_to(ROOT)}: a path of a machine")
    assert found == []
