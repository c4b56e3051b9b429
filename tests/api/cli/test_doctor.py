"""Does `meshgate doctor` look at every part, and say which one does not work?"""

from __future__ import annotations

import re
from collections.abc import Callable

import rego
from commands import MESH, ROOT, Ended, Terminal
from doors import product

Run = Callable[..., Ended]
OWNER = "mesh.ownership.owner_declared"


def parts(ended: Ended) -> dict[str, str]:
    """The verdict on each part."""
    lines = [line.split() for line in ended.out.splitlines() if line.startswith(("ok ", "FAIL "))]
    return {words[1]: words[0] for words in lines}


PARTS = ("meshgate", "policies", "governance", "mask", "sampling", "engine", "catalog", "release", "server", "assets")
WELL = dict.fromkeys(PARTS, "ok")


def test_an_unconfigured_installation_is_well(run: Run) -> None:
    ended = run("doctor")
    assert (ended.code, parts(ended), ended.err) == (0, WELL, "")
    assert "configuration: no meshgate.yaml found" in ended.out
    assert "34 policies, revision sha256:" in ended.out


def test_a_real_opa_server_is_well_and_an_unreachable_one_fails(run: Run, opa_url: str) -> None:
    well = run("doctor", "--opa-url", opa_url)
    assert (well.code, parts(well)) == (0, WELL)
    assert f"  opa_url = {opa_url}  (from --opa-url)" in well.out
    ill = run("doctor", "--opa-url", "http://127.0.0.1:9")
    assert (ill.code, parts(ill)) == (2, {**WELL, "engine": "FAIL"})
    assert "[policy-engine-unavailable]" in ill.out


def test_the_configured_server_is_asked(run: Run, opa_url: str) -> None:
    for address, code in (("http://127.0.0.1:9", "server-unreachable"), (opa_url, "no-meshgate-server")):
        ill = run("doctor", "--server", address)
        assert (ill.code, parts(ill)) == (2, {**WELL, "server": "FAIL"})
        assert f"[{code}]" in ill.out


def test_a_part_that_fails_hides_no_other(run: Run, terminal: Terminal) -> None:
    ended = run("doctor", "--policies", "nosuch", "--database-url", "postgresql://nobody@127.0.0.1:9/nothing")
    told = dict.fromkeys(("policies", "governance", "engine", "catalog", "release"), "FAIL")
    assert (ended.code, parts(ended)) == (2, {**WELL, **told})
    assert "Traceback" not in ended.err


def test_where_values_come_from_is_told_and_secrets_are_not(run: Run, terminal: Terminal) -> None:
    terminal.write("meshgate.yaml", "namespace: org.file\nserver_token: hush\n")
    ended = run("doctor")
    assert "  namespace = org.file  (from " in ended.out
    assert "  server_token = (set)  (from " in ended.out
    assert "hush" not in ended.out


def test_each_breach_of_the_governance_folder_has_a_line_of_its_own(run: Run, terminal: Terminal) -> None:
    terminal.write("rules/assignments.yaml", b"- {policy: mesh.no.one}\n- {policy: mesh.no.two}\n")
    ill = run("doctor", "--governance", "rules")
    lines = [line for line in ill.out.splitlines() if "assignments.yaml:" in line]
    assert [line.count("assignments.yaml:") for line in lines] == [1] * len(lines)
    assert (ill.code, len(lines) > 1, lines[1][:19]) == (2, True, " " * 19)


def test_parity_compares_the_opa_server_with_the_embedded_engine(run: Run, opa_url: str, terminal: Terminal) -> None:
    terminal.write("orders.yaml", product())
    well = run("doctor", "--parity", "--opa-url", opa_url, "orders.yaml")
    assert (well.code, parts(well)) == (0, {**WELL, "parity": "ok"})
    agreed = r"embedded \S+ and opa \S+ agree on 1019 descriptors, most of them mutated, under \d+ policies"
    assert re.search(agreed, well.out)


def test_parity_without_an_opa_server_compares_nothing_and_says_so(run: Run) -> None:
    ill = run("doctor", "--parity")
    assert (ill.code, parts(ill)) == (2, {**WELL, "parity": "FAIL"})
    assert "name one with `opa_url` or --opa-url. [usage]" in ill.out


def test_descriptors_without_parity_are_a_misunderstanding(run: Run) -> None:
    ended = run("doctor", "orders.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "`meshgate check` judges them" in ended.err


def test_assignments_that_can_never_match_are_named_and_do_no_harm(run: Run, terminal: Terminal) -> None:
    owner = "mesh.ownership.owner_declared"
    lines = [f"- {{policy: {owner}, scope: mesh, enforcement: {level}}}\n" for level in ("mandatory", "blocking")]
    folder = terminal.folder / "governance"
    folder.mkdir()
    (folder / "assignments.yaml").write_text("".join(lines))
    ended = run("doctor", "--governance", folder)
    assert (ended.code, parts(ended)) == (0, WELL)
    assert "no domain" not in ended.out
    told = f"assignments.yaml:2: this assignment of {owner} in mesh can never match: assignments.yaml:1 matches first"
    assert told in ended.out


def test_policies_that_hold_in_one_domain_alone_are_told(run: Run, terminal: Terminal) -> None:
    rego.write(terminal.folder / "policies", {"finance.closing.notice": rego.violation("true")})
    told = run("doctor", "--policies", "policies", "--policies", ROOT / "policies").out
    assert "; some hold in one domain alone: finance" in told


def test_a_domain_that_has_no_product_is_named_once_the_catalog_has_any(run: Run, terminal: Terminal) -> None:
    terminal.write("governance/assignments.yaml", f"- {{policy: {OWNER}, scope: sale, enforcement: blocking}}\n")
    named = f"this assignment of {OWNER} in sale can never match: the mesh has no domain sale"
    assert named not in run("doctor", "--governance", "governance").out
    assert run("submit", MESH / "sales", "--quiet").code == 0
    assert named in run("doctor", "--governance", "governance").out
