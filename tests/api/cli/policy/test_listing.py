"""Does `meshgate policy list` say which policies hold, how hard, whose they are, and where they are assigned?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from commands import ROOT, Ended, Terminal

from engine.policy.bundle import load

Run = Callable[..., Ended]
EXAMPLES = ROOT / "examples" / "governance"
SOURCES = ("--policies", ROOT / "policies", "--policies", EXAMPLES / "policies", "--governance", EXAMPLES)


@pytest.fixture
def pack() -> list[str]:
    return sorted(load([ROOT / "policies"]).policies)


def test_every_policy_of_the_bundle_has_a_line_and_the_last_line_counts_them(run: Run, pack: list[str]) -> None:
    told = run("policy", "list")
    head, *lines, last = told.out.splitlines()
    assert told.code == 0
    assert head.split() == ["id", "severity", "enforcement", "events", "needs", "owner", "title"]
    assert [line.split()[0] for line in lines] == pack
    assert last == f"{len(pack)} policies"
    known = next(line for line in lines if line.startswith("mesh.lineage.sources_known "))
    assert known.split()[1:5] == ["medium", "advisory", "submit,rescan", "mesh"]
    assert known.endswith("Federated Governance Team  Input ports read what the mesh knows")


def test_below_a_policy_stands_where_it_is_assigned_in_the_order_that_decides(run: Run) -> None:
    lines = run("policy", "list", *SOURCES).out.splitlines()
    at = next(at for at, line in enumerate(lines) if line.startswith("mesh.platforms.platform_allowed "))
    assert lines[at + 1] == "  assigned in mesh: blocking, environments prod (assignments/mesh.yaml:13)"
    assert lines[at + 2] == "  assigned in mesh: advisory (assignments/mesh.yaml:21)"
    assert "  assigned in mesh: blocking, from 2027-03-01 (assignments/mesh.yaml:7)" in lines


def test_a_program_reads_the_same_as_json(run: Run, pack: list[str]) -> None:
    told = run("policy", "list", *SOURCES, "--json").json
    found = {one["id"]: one for one in told["policies"]}
    assert told["schema"] == "meshgate/policies/1"
    assert told["bundle_revision"] == load([ROOT / "policies", EXAMPLES / "policies"]).revision
    assert sorted(found) == sorted([*pack, "finance.closing.notice_promised"])
    first, second = found["mesh.platforms.platform_allowed"]["assignments"]
    assert (first["match"], second["match"], first["enforcement"]) == ({"environments": ["prod"]}, {}, "blocking")
    assert first["parameters"] == {"allowed": ["aws", "kubernetes", "snowflake", "confluent"]}
    assert found["mesh.naming.names_follow_convention"]["assignments"] == []


def test_an_exception_of_an_assignment_is_shown(run: Run, terminal: Terminal) -> None:
    terminal.write(
        "governance/assignments/mesh.yaml",
        "- policy: mesh.ownership.owner_declared\n  scope: mesh\n  enforcement: mandatory\n"
        "  match: {domains: [sales, finance], exclude: {tags: [trial]}}\n",
    )
    told = run("policy", "list", "--governance", "governance")
    shown = "assigned in mesh: mandatory, domains sales|finance, except tags trial (assignments/mesh.yaml:1)"
    assert shown in told.out


def test_policies_that_cannot_be_loaded_are_no_list(run: Run, terminal: Terminal) -> None:
    terminal.write("policies/x.rego", "package x\n\nviolations contains 1\n")
    told = run("policy", "list", "--policies", "policies")
    assert (told.code, told.out) == (2, "")
    assert "[bundle-invalid]" in told.err
