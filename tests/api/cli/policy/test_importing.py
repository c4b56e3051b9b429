"""Does a policy of an Open Data Mesh platform become one of ours that says the same?"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]
OLD = """package dataproduct-name-checker

# Names begin with a prefix.
default allow := false

allow := true {
    startswith(input.afterState.dataProductVersion.info.name, "dp-")
}
"""
POLICY = {
    "name": "dataproduct-name-checker",
    "displayName": 'Data Product "Name" Checker',
    "description": "Names begin\nwith dp-.",
    "blockingFlag": True,
    "rawContent": OLD,
    "evaluationEvents": [{"event": "DATA_PRODUCT_VERSION_CREATION"}],
}
HERE = ("policy", "import", "old.json", "--id", "mesh.legacy.prefix")
FILE = "policies/mesh/legacy/prefix/prefix.rego"


def write(terminal: Terminal, **changes: object) -> None:
    terminal.write("old.json", json.dumps({**POLICY, **changes}).encode())


def test_an_imported_policy_judges_as_it_did_on_its_platform(run: Run, terminal: Terminal) -> None:
    write(terminal)
    done = run(*HERE, "--rego-v0", "--owner", "Naming Guild")
    assert (done.code, done.out) == (0, FILE + "\n")
    text = (terminal.folder / FILE).read_text()
    assert '# title: "Data Product \\"Name\\" Checker"\n' in text
    assert "#   enforcement: blocking\n#   events: [submit, rescan]\n" in text
    assert "#   input: odm\n" in text
    assert "# Names begin with a prefix.\n" in text
    for name, code in (("dp-parcels", 0), ("parcels", 1)):
        terminal.write("product.yaml", product(name))
        judged = run("check", "--policies", "policies", "--format", "json", "product.yaml")
        assert judged.code == code, judged.out


def test_what_was_filtered_begins_in_the_shadow_and_what_is_lost_is_told(run: Run, terminal: Terminal) -> None:
    events = [{"event": "DATA_PRODUCT_UPDATE"}, {"event": "TASK_EXECUTION_RESULT"}]
    write(terminal, filteringExpression="afterState.x == 'y'", evaluationEvents=events)
    done = run(*HERE, "--rego-v0")
    assert "#   enforcement: shadow\n" in (terminal.folder / FILE).read_text()
    assert "its filter `afterState.x == 'y'` is not translated" in done.err
    assert "evaluated at TASK_EXECUTION_RESULT, which show no descriptor: these are left out" in done.err


def test_one_that_compares_with_the_version_before_says_that_it_needs_it(run: Run, terminal: Terminal) -> None:
    text = "package p\n\nimport rego.v1\n\nallow if input.currentState == input.afterState\n"
    terminal.write("old.rego", text)
    assert run("policy", "import", "old.rego", "--id", "mesh.legacy.same").code == 0
    assert "#   needs: [previous]\n" in (terminal.folder / "policies/mesh/legacy/same/same.rego").read_text()
    terminal.write("product.yaml", product())
    assert run("policy", "list", "--policies", "policies").code == 0


@pytest.mark.parametrize(
    ("changes", "flags", "told"),
    [
        ({}, (), "mesh/legacy/prefix/prefix.rego:18:15: `if` keyword is required before rule body"),
        ({}, (), "It is Rego from before OPA 1.0: add --rego-v0. [bundle-invalid]"),
        ({"rawContent": ""}, ("--rego-v0",), "old.json: `rawContent` must hold the Rego text"),
        ({"rawContent": "allow { true }"}, ("--rego-v0",), "old.json: names no package"),
        ({"evaluationEvents": [{"event": "TASK_EXECUTION_RESULT"}]}, ("--rego-v0",), "only at TASK_EXECUTION_RESULT"),
        ({"rawContent": "package p\n\nallow { true } { false }"}, ("--rego-v0",), "old.json:3: give this second body"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_nothing_is_written(
    changes: dict[str, object], flags: tuple[str, ...], told: str, run: Run, terminal: Terminal
) -> None:
    write(terminal, **changes)
    done = run(*HERE, *flags)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert not (terminal.folder / "policies").exists()


def test_only_rego_of_before_is_told_the_flag_for_it(run: Run, terminal: Terminal) -> None:
    write(terminal, rawContent="package p\n\nallow if {")
    assert "--rego-v0" not in run(*HERE).err


def test_it_is_written_to_the_policies_of_the_governance_folder(run: Run, terminal: Terminal) -> None:
    terminal.write("meshgate.yaml", "governance: rules\n")
    (terminal.folder / "rules").mkdir()
    write(terminal)
    assert run(*HERE, "--rego-v0").out == "rules/policies/mesh/legacy/prefix/prefix.rego\n"


def test_nothing_is_overwritten_and_an_id_is_an_id(run: Run, terminal: Terminal) -> None:
    write(terminal)
    assert run(*HERE, "--rego-v0").code == 0
    again = run(*HERE, "--rego-v0")
    assert (again.code, "already there" in again.err) == (2, True)
    strange = run("policy", "import", "old.json", "--id", "../evil", "--rego-v0")
    assert (strange.code, "`../evil` is no id of a policy" in strange.err) == (2, True)
