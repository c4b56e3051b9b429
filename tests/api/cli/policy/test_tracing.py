"""Does `meshgate policy trace` lead from a sentence to the mesh and back, with a catalog and without one?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import MESH, Ended, Terminal
from doors import a_server, product

Run = Callable[..., Ended]
OWNER = "mesh.ownership.owner_declared"
PAGE = """\
---
id: GP-01
title: Every product has an owner
owner: governance@example.org
scope: mesh
status: active
rationale: Somebody has to answer.
review_by: "9999-12-31"
policies: [mesh.ownership.owner_declared]
---
Words.
"""
WORD = 'attestation: {by: ann, on: "2026-01-01", until: "2026-01-31", evidence: minutes}'


@pytest.fixture
def folder(terminal: Terminal) -> Path:
    pages = terminal.folder / "governance" / "global"
    pages.mkdir(parents=True)
    (pages / "GP-01.md").write_text(PAGE)
    old = PAGE.replace("GP-01", "GP-02").replace("policies: [mesh.ownership.owner_declared]", WORD)
    (pages / "GP-02.md").write_text(old.replace("9999-12-31", "2026-06-30"))
    level = f"- {{policy: {OWNER}, scope: mesh, enforcement: mandatory}}\n"
    (terminal.folder / "governance" / "assignments.yaml").write_text(level)
    return terminal.folder / "governance"


def test_without_a_catalog_it_tells_what_the_folder_says(run: Run, folder: Path) -> None:
    told = run("policy", "trace", "--governance", folder)
    lines = told.out.splitlines()
    assert told.code == 0
    assert "no catalog is at hand" in told.err
    assert lines[:4] == [
        "GP-01  Every product has an owner",
        "  active, owner governance@example.org, scope mesh, review by 9999-12-31",
        f"  {OWNER}  blocking, owner Federated Governance Team",
        "    assigned in mesh: mandatory (assignments.yaml:1)",
    ]
    assert "  attested by ann from 2026-01-01 to 2026-01-31 (does not hold today): minutes" in lines
    missing = [line for line in lines if line.startswith("missing: ")]
    assert missing[:2] == [
        "missing: GP-02: no policy computes it, and its attestation does not hold today [not-computed]",
        "missing: GP-02: its review was due before 2026-07-01 [review-overdue]",
    ]
    assert all(line.endswith(": no global policy names it [no-mandate]") for line in missing[2:])
    without_mandate = len(missing) - 2
    assert lines[-1] == f"2 global policies, {without_mandate + 1} policies, {len(missing)} missing"
    assert not (folder.parent.parent / "home" / ".local").exists()


def test_strict_ends_with_one_only_where_something_is_missing(run: Run, folder: Path) -> None:
    assert run("policy", "trace", "--strict", "--governance", folder).code == 1
    assert run("policy", "trace", "GP-02", "--strict", "--governance", folder).code == 1
    assert run("policy", "trace", "GP-01", "--strict", "--governance", folder).code == 0
    assert run("policy", "trace", OWNER, "--strict", "--governance", folder).code == 0


def test_one_id_leads_both_ways_as_data(run: Run, folder: Path) -> None:
    for about in ("GP-01", OWNER):
        told = run("policy", "trace", about, "--json", "--governance", folder).json
        assert told["schema"] == "meshgate/trace/1"
        assert [one["id"] for one in told["global_policies"]] == ["GP-01"]
        assert [one["id"] for one in told["policies"]] == [OWNER]
        assert (told["policies"][0]["coverage"], told["gaps"]) == (None, [])


def test_an_id_that_nothing_has_is_an_error(run: Run, folder: Path) -> None:
    told = run("policy", "trace", "GP-77", "--governance", folder)
    assert (told.code, told.out) == (2, "")
    assert "There is neither a global policy nor a policy `GP-77`. [not-found]" in told.err


def test_with_a_catalog_here_the_mesh_is_counted(run: Run, folder: Path) -> None:
    assert run("submit", MESH / "sales", "--quiet").code == 0
    told = run("policy", "trace", OWNER, "--governance", folder)
    lines = told.out.splitlines()
    assert "no catalog" not in told.err
    assert "    applies to 3 products: 3 pass" in lines
    assert "      sales: applies to 3 products: 3 pass" in lines


def test_a_server_tells_the_same_with_its_findings_and_waivers(
    run: Run, terminal: Terminal, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    waiver = f"""- {{id: W-1, policy: {OWNER}, product: "urn:dpds:org.example:dataproducts:parcels:1", reason: x,
   requested_by: a, approved_by: b, from: "2020-01-01", until: "9999-12-30"}}
"""
    (folder / "waivers.yaml").write_text(waiver)
    strict = f'- {{policy: {OWNER}, scope: mesh, enforcement: blocking, parameters: {{id_pattern: "@x[.]y$"}}}}\n'
    (folder / "assignments.yaml").write_text(strict)
    terminal.write("parcels.yaml", product())
    with a_server(tmp_path_factory.mktemp("server"), governance=str(folder)) as (address, _):
        assert run("submit", "parcels.yaml", "--quiet", "--server", address).code == 0
        told = run("policy", "trace", "GP-01", "--server", address)
    lines = told.out.splitlines()
    assert "    applies to 1 product: 1 waived" in lines
    assert "    waiver W-1  in_force  urn:dpds:org.example:dataproducts:parcels:1" in lines
    (finding,) = [line for line in lines if line.startswith("    waived by W-1  ")]
    assert "dataproducts:parcels:1 1.0.0  " in finding
