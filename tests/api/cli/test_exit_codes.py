"""Does a command end with the number that DESIGN §5 fixes for ever, whatever is mixed?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import MESH, Ended, Terminal

Run = Callable[..., Ended]

ACCEPTED = MESH / "sales" / "orders.yaml"
REJECTED = MESH / "broken" / "returns-without-owner.yaml"
UNREADABLE = MESH / "broken" / "couriers-unreadable.yaml"

POLICY = """# METADATA
# title: A rule of one team
# description: Written for a test.
# scope: package
# organizations: [Governance]
# custom:
#   severity: high
#   category: naming
#   enforcement: blocking
#   events: [EVENT]
#   needs: [NEEDS]
#   findings: {bad_name: {title: Bad name, remediation: Choose another name.}}
package mesh.team.NAME

import rego.v1

violation contains {"code": "bad_name", "msg": "bad", "path": ["info", "name"]} if {
	RULE
}
"""


def add_policy(
    terminal: Terminal, name: str, *, event: str = "submit", needs: str = "", rule: str = "not input.info.name"
) -> None:
    text = POLICY.replace("EVENT", event).replace("NEEDS", needs).replace("NAME", name).replace("RULE", rule)
    terminal.write(f"policies/mesh/team/{name}/{name}.rego", text)


def add_policy_of_the_mesh(terminal: Terminal) -> None:
    add_policy(terminal, "unique", needs="mesh", rule="count(input._context.mesh.name_clashes) > 0")


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([ACCEPTED], 0),
        ([REJECTED], 1),
        ([UNREADABLE], 2),
        ([ACCEPTED, REJECTED], 1),
        ([ACCEPTED, UNREADABLE], 2),
        ([REJECTED, UNREADABLE, ACCEPTED], 2),
        ([MESH], 2),
        ([MESH / "sales", MESH / "finance"], 0),
    ],
    ids=lambda value: "+".join(one.stem for one in value) if isinstance(value, list) else None,
)
def test_two_beats_one_beats_zero(run: Run, documents: list[Path], code: int) -> None:
    assert run("check", *documents).code == code


def test_a_folder_without_documents_evaluates_nothing(run: Run, terminal: Terminal) -> None:
    ended = run("check", ".")
    assert (ended.code, ended.out.splitlines()[-1].split(" | ")[0]) == (3, "0 documents: nothing to decide")


def test_policies_that_do_not_hear_the_event_leave_the_document_unjudged(run: Run, terminal: Terminal) -> None:
    add_policy(terminal, "named", event="deploy")
    unjudged = run("check", "--policies", "policies", ACCEPTED)
    assert unjudged.code == 3
    assert "orders 1.0.0 undecided: no policy was evaluated" in unjudged.out
    assert run("check", "--policies", "policies", ACCEPTED, REJECTED).code == 1
    assert run("check", "--policies", "policies", ACCEPTED, UNREADABLE).code == 2
    assert run("check", "--policies", "policies", "--event", "deploy", "--environment", "dev", ACCEPTED).code == 0


def test_a_policy_that_errs_leaves_the_document_undecided(run: Run, terminal: Terminal) -> None:
    add_policy(terminal, "torn", rule="two == 3\n}\n\ntwo := 1 if {\n\ttrue\n}\n\ntwo := 2 if {\n\ttrue")
    ended = run("check", "--policies", "policies", ACCEPTED)
    assert ended.code == 2
    assert "error policy-error [mesh.team.torn]" in ended.out


def test_an_acceptance_without_the_mesh_is_provisional_and_can_be_refused(run: Run, terminal: Terminal) -> None:
    add_policy_of_the_mesh(terminal)
    add_policy(terminal, "named")
    told = run("check", "--policies", "policies", ACCEPTED)
    assert told.code == 0
    assert "1 document: 1 accepted, 1 of them provisional" in told.out
    assert "skipped [mesh.team.unique]" in told.out
    assert run("check", "--policies", "policies", "--no-provisional", ACCEPTED).code == 2
    assert run("check", "--policies", "policies", "--no-provisional", ACCEPTED, REJECTED).code == 2
    assert run("check", "--no-provisional", ACCEPTED).code == 0


def test_where_the_catalog_is_at_hand_nothing_is_provisional(run: Run, terminal: Terminal) -> None:
    add_policy_of_the_mesh(terminal)
    ended = run("submit", "--policies", "policies", ACCEPTED)
    assert (ended.code, "provisional" in ended.out) == (0, False)
    assert "1 document: 1 accepted | policies: 1 pass" in ended.out


WRONG = {
    "an unknown flag": (["check", "--bogus", "x.yaml"], "No such option"),
    "an unknown command": (["chekc", "x.yaml"], "Did you mean 'check'?"),
    "no documents named": (["check"], "Name files, folders or globs to check"),
    "no jobs": (["check", "-j", "0", ACCEPTED], "not in the range"),
    "a missing file": (["check", "nosuch.yaml"], "`nosuch.yaml` is neither a file nor a folder"),
    "a glob without files": (["check", "nosuch/*.yaml"], "no file matches it"),
    "an unknown format": (["check", "--format", "xml", ACCEPTED], "`xml` is no report format; choose text, json"),
    "a format without its path": (["check", "--format", "json=", ACCEPTED], "names no file"),
    "two formats on one stream": (["check", "-f", "json", "-f", "text", ACCEPTED], "share standard output"),
    "two formats in one file": (["check", "-f", "json=a", "-f", "text=a", ACCEPTED], "share one file"),
    "an unknown event": (["check", "--event", "party", ACCEPTED], "'party' is not one of"),
    "an unknown environment": (["check", "--environment", "mars", ACCEPTED], "There is no environment `mars`"),
    "a missing configuration": (["check", "--config", "no.yaml", ACCEPTED], "no.yaml does not exist. [settings-inv"),
    "an unknown key": (["check", "--config", "bad.yaml", ACCEPTED], "bad.yaml:2:1: there is no configuration key `nam"),
    "a missing policy folder": (["check", "--policies", "no", ACCEPTED], "no does not exist. [settings-invalid]"),
    "an empty policy folder": (["check", "--policies", "empty", ACCEPTED], "no Rego module lies below"),
    "a broken policy": (["check", "--policies", "policies", ACCEPTED], "policies/broken.rego:3:1: expecting"),
    "a missing governance folder": (["check", "--governance", "no", ACCEPTED], "/no does not exist [governance-inv"),
    "a bad governance folder": (["check", "--governance", "gov", ACCEPTED], "assignments/a.yaml:1"),
    "a bad governance folder and no documents": (["check", "--governance", "gov", "empty"], "assignments/a.yaml:1"),
    "an unreachable server": (["search", "--server", "http://127.0.0.1:9", "x"], "did not answer"),
    "a server address that is none": (["search", "--server", "there", "x"], "must be an address"),
    "an unknown product": (["show", "nobody"], "There is no product `nobody`. [not-found]"),
    "an unknown product to deploy": (["deploy", "nobody"], "There is no product `nobody`. [not-found]"),
    "a worker on SQLite": (["worker"], "On SQLite the worker runs inside `meshgate serve`"),
    "a key for two documents": (["submit", "--idempotency-key", "k", ACCEPTED, REJECTED], "belongs to one document"),
    "an export of what cannot be read": (["export", UNREADABLE], "couriers-unreadable.yaml:9:3: DP108"),
    "a report that cannot be written": (
        ["check", "-f", "json=bad.yaml/x", ACCEPTED],
        "bad.yaml: File exists [system-error]",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_command_that_cannot_decide_says_why_on_standard_error_and_ends_with_two(
    run: Run, terminal: Terminal, wrong: str
) -> None:
    terminal.write("bad.yaml", "namespace: a.b\nnames: 1\n")
    terminal.write("policies/broken.rego", "package broken\nviolation contains\n")
    terminal.write("gov/assignments/a.yaml", "nonsense: 1\n")
    (terminal.folder / "empty").mkdir()
    arguments, says = WRONG[wrong]
    ended = run(*arguments)
    told = " ".join(ended.err.replace("│", " ").split())
    assert (ended.code, ended.out) == (2, "")
    assert says in told
    assert "Traceback" not in told
