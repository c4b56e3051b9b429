"""Does `meshgate policy lint` say what is wrong, in every format, with the exit codes of the house?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import rego
from commands import ROOT, Ended, Terminal

from api.cli import explanations
from engine.policy.lint_rules import RULES

Run = Callable[..., Ended]
FILE = "policies/trial/first/first.rego"
BAD = rego.policy("trial.first", rego.violation("input.info.ownr"))
TEST = "package trial.first_test\n\ntest_it if true\n"


@pytest.fixture
def bad(terminal: Terminal) -> Terminal:
    terminal.write(FILE, BAD)
    terminal.write("policies/trial/first/first_test.rego", TEST)
    return terminal


def test_a_flaw_is_shown_with_its_place_its_line_and_what_helps(run: Run, bad: Terminal) -> None:
    told = run("policy", "lint", "policies")
    line = BAD.splitlines()[15]
    assert (told.code, told.err) == (1, "")
    assert told.out == (
        f"{FILE}:16:83: error PL501 [field-unknown] no descriptor has info.ownr\n"
        "   |\n"
        f"16 | …{line[22:]}\n"
        f"   | {' ' * 61}^\n"
        "   = help: did you mean `owner`?\n\n"
        "1 policy: 1 error, 0 warnings\n"
    )


def test_nothing_wrong_is_0_warnings_are_0_unless_they_count_and_no_policy_is_3(run: Run, bad: Terminal) -> None:
    assert run("policy", "lint").code == 0
    bad.write(FILE, BAD.replace("ownr", "name"))
    bad.write("policies/trial/first/first_test.rego", "package x\n")
    assert run("policy", "lint", "policies").code == 0
    assert run("policy", "lint", "policies", "--fail-on", "warning").code == 1
    bad.write("lib/lib.rego", "package lib\n\nx := 1\n")
    told = run("policy", "lint", "lib")
    assert (told.code, told.out) == (3, "0 policies: 0 errors, 0 warnings\n")


@pytest.mark.parametrize(
    "arguments", [("nowhere",), ("--format", "junit", "policies"), ("--format", "xml"), ("--policies", "nowhere")]
)
def test_what_cannot_be_asked_is_2(run: Run, bad: Terminal, arguments: tuple[str, ...]) -> None:
    told = run("policy", "lint", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("meshgate: ")


def test_json_holds_every_flaw_with_its_rule(run: Run, bad: Terminal) -> None:
    told = run("policy", "lint", "policies", "--format", "json")
    assert told.json == {
        "schema": "meshgate/lint/1",
        "summary": {"policies": 1, "modules": 1, "errors": 1, "warnings": 0},
        "policies": ["trial.first"],
        "flaws": [
            {
                "code": "PL501",
                "name": "field-unknown",
                "severity": "error",
                "file": FILE,
                "line": 16,
                "column": 83,
                "msg": "no descriptor has info.ownr",
                "hint": "did you mean `owner`?",
            }
        ],
    }


def test_sarif_and_github_name_the_place_and_the_rule(run: Run, bad: Terminal) -> None:
    told = run("policy", "lint", "policies", "--format", "github", "--format", "sarif=lint.sarif")
    first, last = told.out.splitlines()
    assert first == (
        f"::error file={FILE},line=16,col=83,title=field-unknown [PL501]::"
        "no descriptor has info.ownr%0Ahelp: did you mean `owner`?"
    )
    assert last == "meshgate: 1 policy: 1 error, 0 warnings"
    (ran,) = json.loads((bad.folder / "lint.sarif").read_text())["runs"]
    (result,) = ran["results"]
    assert (result["ruleId"], result["level"]) == ("PL501", "error")
    place = result["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": FILE}, "region": {"startLine": 16, "startColumn": 83}}
    (rule,) = ran["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == RULES["PL501"].title


def test_hostile_names_and_texts_cannot_command_the_terminal(run: Run, terminal: Terminal) -> None:
    terminal.write("policies/trial/first/first.rego", BAD.replace("input.info.ownr", 'input.info["\\u001b[2J\\u202e"]'))
    told = run("policy", "lint", "policies")
    assert told.code == 1
    assert "\x1b" not in told.out
    assert "\u202e" not in told.out
    assert "info.\\x1b[2J\\u202e" in told.out


def test_a_part_of_the_configured_policies_is_judged_among_all_of_them(run: Run, bad: Terminal) -> None:
    uses = rego.policy("trial.second", rego.violation("data.lib.x"))
    bad.write("policies/trial/second/second.rego", uses)
    bad.write("policies/trial/second/second_test.rego", TEST)
    bad.write("policies/lib/lib.rego", "package lib\n\nx := 1\n")
    bad.write("meshgate.yaml", "policies: [policies]\nnamespace: org.example\n")
    told = run("policy", "lint", "policies/trial/second")
    assert (told.code, told.out) == (0, "1 policy: 0 errors, 0 warnings\n")
    assert run("policy", "lint", "policies/lib").code == 3
    assert run("policy", "lint", "policies/trial/second/second.rego").code == 0
    assert run("policy", "lint", "policies/trial/first").code == 1
    assert run("policy", "lint").code == 1


def test_assignments_that_can_never_match_are_told_at_their_lines(run: Run, terminal: Terminal) -> None:
    terminal.write(
        "governance/assignments/mesh.yaml",
        "- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: blocking, match: {tags: [a, b]}}\n"
        "- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: advisory, match: {tags: [b]}}\n"
        "- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: advisory, match: {tags: [c, b]}}\n"
        "- {policy: mesh.naming.names_follow_convention, scope: mesh, enforcement: advisory,"
        " match: {events: [deploy]}}\n"
        "- {policy: mesh.slo.output_ports_promise_slo, scope: mesh, enforcement: shadow,"
        " match: {environments: [moon]}}\n"
        "- {policy: mesh.slo.output_ports_promise_slo, scope: sales, enforcement: blocking, match: {domains: [hr]}}\n"
        "- {policy: mesh.slo.output_ports_promise_slo, scope: mesh, enforcement: shadow,"
        " match: {domains: [hr], exclude: {domains: [hr, sales]}}}\n"
        "- {policy: mesh.slo.output_ports_promise_slo, scope: hr, enforcement: blocking}\n"
        "- {policy: mesh.slo.output_ports_promise_slo, scope: hr, enforcement: mandatory, match: {domains: [hr]}}\n",
    )
    told = run("policy", "lint", "--governance", "governance", "--format", "json").json
    assert [(one["code"], one["line"]) for one in told["flaws"]] == [("PL651", line) for line in (2, 4, 5, 6, 7, 9)]
    reasons = [one["msg"].partition(" can never match: ")[2] for one in told["flaws"]]
    assert reasons == [
        "assignments/mesh.yaml:1 matches first wherever this does",
        "mesh.naming.names_follow_convention is asked at rescan, submit only",
        "there is no environment moon; there are dev",
        "an assignment of sales speaks of no other domain",
        "it excludes whatever it matches",
        "assignments/mesh.yaml:8 matches first wherever this does",
    ]
    assert {one["file"] for one in told["flaws"]} == {"governance/assignments/mesh.yaml"}


def test_a_governance_folder_that_cannot_be_applied_is_told_breach_by_breach(run: Run, terminal: Terminal) -> None:
    terminal.write("governance/assignments/mesh.yaml", "- {policy: no.such, scope: mesh, enforcement: hard}\n")
    terminal.write("governance/waivers/w.yaml", "- {id: W-1}\n")
    told = run("policy", "lint", "--governance", "governance", "--format", "json")
    assert told.code == 1
    found = {(one["code"], one["file"], one["line"]) for one in told.json["flaws"]}
    assert found == {("PL601", f"governance/{name}", 1) for name in ("assignments/mesh.yaml", "waivers/w.yaml")}


def test_the_examples_of_this_repository_have_no_flaw(run: Run) -> None:
    examples = ROOT / "examples" / "governance"
    told = run("policy", "lint", "--policies", ROOT / "policies", "--governance", examples, "--fail-on", "warning")
    assert (told.code, told.out) == (0, "35 policies: 0 errors, 0 warnings\n")


def test_every_rule_is_explained_by_its_code_and_by_its_name() -> None:
    pages = list(explanations.fixed())
    for code, rule in RULES.items():
        (found,) = explanations.named(code, pages)
        assert (found.title, found.text) == (rule.title, rule.explanation)
        assert explanations.named(rule.name, pages) == [found]


def test_files_are_named_from_where_one_stands(run: Run, bad: Terminal) -> None:
    told = run("policy", "lint", Path("policies").resolve(), "--format", "json")
    assert [one["file"] for one in told.json["flaws"]] == [FILE]
