"""Does `meshgate policy replay` say by its exit code and in words whether deciding again gives the same?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from commands import Terminal
from doors import product

HARDER = "- {policy: mesh.documentation.descriptions_present, scope: mesh, enforcement: blocking}\n"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A catalog that accepted one product with advice: it has no description."""
    terminal = Terminal(tmp_path)
    terminal.write("parcels.yaml", product(description=""))
    assert terminal.run("submit", "--quiet", "parcels.yaml").code == 0
    return terminal


def decision(terminal: Terminal) -> str:
    return str(json.loads(terminal.run("decision", "export").out)["decision_id"])


def test_the_same_rules_give_the_same(terminal: Terminal) -> None:
    told = terminal.run("policy", "replay", decision(terminal))
    assert (told.code, told.out) == (0, "the same: accepted\n"), told.err
    assert terminal.run("policy", "replay", decision(terminal), "--json").json["same"] is True


def test_other_rules_are_told_with_what_they_changed(terminal: Terminal) -> None:
    terminal.write("governance/assignments/mesh.yaml", HARDER)
    told = terminal.run("policy", "replay", decision(terminal), "--governance", "governance")
    lines = told.out.splitlines()
    assert (told.code, lines[0]) == (1, "differs: accepted when it was decided, rejected now")
    assert lines[1].startswith("  assignments digest: sha256:")
    assert "  policy mesh.documentation.descriptions_present: fail (advisory) -> fail (blocking)" in lines
    assert lines[-1].startswith("  ~ ")
    assert "[mesh.documentation.descriptions_present]" in lines[-1]
    assert lines[-1].endswith(": advisory -> blocking")


def test_a_bundle_file_brings_its_own_rules(terminal: Terminal, tmp_path: Path) -> None:
    one = decision(terminal)
    terminal.write("governance/assignments/mesh.yaml", HARDER)
    released = _released(terminal)
    terminal.write("harder.tar.gz", released)
    assert terminal.run("policy", "replay", one, "--bundle", "harder.tar.gz").code == 1
    assert terminal.run("policy", "replay", one).code == 0
    missing = terminal.run("policy", "replay", one, "--bundle", "missing.tar.gz")
    assert (missing.code, "missing.tar.gz" in missing.err) == (2, True)


def _released(terminal: Terminal) -> bytes:
    arguments = ("serve", "--listen", "127.0.0.1:0", "--governance", "governance")
    with terminal.running(*arguments, until="serving ") as address:
        return httpx2.get(f"{address}/opa/bundles/mesh").content


@pytest.fixture
def server(terminal: Terminal) -> Iterator[str]:
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        yield address


def test_a_server_decides_under_its_own_rules(terminal: Terminal, server: str) -> None:
    terminal.environment["MESHGATE_SERVER"] = server
    one = decision(terminal)
    told = terminal.run("policy", "replay", one)
    assert (told.code, told.out) == (0, "the same: accepted\n")
    refused = terminal.run("policy", "replay", one, "--bundle", "harder.tar.gz")
    assert (refused.code, "[usage]" in refused.err) == (2, True)


def test_what_was_erased_or_never_was_cannot_be_decided_again(terminal: Terminal) -> None:
    one = decision(terminal)
    assert terminal.run("decision", "erase", one, "--reason", "asked for").code == 0
    told = terminal.run("policy", "replay", one)
    assert (told.code, "[input-erased]" in told.err) == (2, True)
    assert terminal.run("policy", "replay", "nothing").code == 2
