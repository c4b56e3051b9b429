"""Does `meshgate explain --file` say why a document has a finding?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import rego
from commands import MESH, ROOT, Ended, Terminal

Run = Callable[..., Ended]
RETURNS = MESH / "broken" / "returns-without-owner.yaml"


def test_a_finding_is_explained_at_its_place_in_three_lines(run: Run) -> None:
    ended = run("explain", "owner_missing", "--file", RETURNS)
    assert ended.code == 0
    where, why, rule = ended.out.splitlines()
    assert where.startswith(f"{RETURNS}:")
    assert where.endswith(
        "owner_missing [mesh.ownership.owner_declared] "
        "The data product names no owner: info.owner.id has to be a non-empty text."
    )
    assert why == (
        "  because `_owner_named` was undefined, as `is_string(input.info.owner.id)` is not true; "
        "input.info.owner.id is undefined"
    )
    assert rule.endswith("policies/mesh/ownership/owner_declared/owner_declared.rego:40")


def test_without_a_name_every_finding_is_explained(run: Run) -> None:
    codes = {line.split()[1] for line in run("explain", "--file", RETURNS).out.splitlines() if line[:1] == "/"}
    report = run("check", RETURNS, "--format", "json").json
    assert codes == {one["code"] for one in report["documents"][0]["decision"]["findings"]}


def test_a_fingerprint_names_one_finding(run: Run) -> None:
    report = run("check", RETURNS, "--format", "json").json
    one = report["documents"][0]["decision"]["findings"][0]
    told = run("explain", one["fingerprint"], "--file", RETURNS).out
    assert told.count("because") == 1
    assert one["msg"] in told


def test_a_code_that_is_not_found_there_is_told_and_an_unknown_one_refused(run: Run) -> None:
    ended = run("explain", "slo_empty", "--file", RETURNS)
    assert (ended.code, ended.out) == (0, f"{RETURNS} has no finding slo_empty.\n")
    ended = run("explain", "owner_missin", "--file", RETURNS)
    assert (ended.code, ended.out) == (2, "")
    assert "`owner_missin` is no finding code and no policy here" in ended.err
    assert "[usage]" in ended.err


def test_a_policy_that_gave_no_answer_is_told(run: Run) -> None:
    assert "mesh.lineage.sources_known gave no answer (skipped)" in run("explain", "--file", RETURNS).err


@pytest.mark.parametrize("file", ["couriers-unreadable.yaml", "nowhere.yaml"])
def test_an_unreadable_document_has_nothing_to_explain(run: Run, file: str) -> None:
    ended = run("explain", "--file", MESH / "broken" / file)
    assert (ended.code, ended.out) == (2, "")
    assert "[descriptor-unreadable]" in ended.err


def test_without_code_and_file_there_is_nothing_to_explain(run: Run) -> None:
    ended = run("explain")
    assert (ended.code, ended.err) == (2, "meshgate: Name a code to explain, or a document with --file. [usage]\n")


def test_what_cannot_be_told_is_said_so(run: Run, terminal: Terminal) -> None:
    rules = "default allow := false\n\nallow if input.info.good\n"
    rego.write(terminal.folder / "policies", {"mesh.a": rules})
    ended = run("explain", "not_allowed", "--file", RETURNS, "--policies", "policies")
    assert ended.code == 0
    assert "why cannot be told" in ended.out


def test_values_cannot_command_the_terminal(run: Run, terminal: Terminal) -> None:
    rego.write(terminal.folder / "policies", {"mesh.a": rego.violation('startswith(input.info.name, "a")')})
    text = (ROOT / "examples/mesh/sales/orders.yaml").read_text()
    (terminal.folder / "dp.yaml").write_text(text.replace("name: orders", 'name: "a\\e[2J"', 1))
    ended = run("explain", "--file", "dp.yaml", "--policies", "policies")
    assert "because" in ended.out
    assert "\x1b" not in ended.out
