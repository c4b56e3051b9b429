"""Does `meshgate policy new` write a policy that works at once, never over anything, and link it to its mandate?"""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Callable

import pytest
from commands import ROOT, Ended, Terminal

from api.cli.policy import new
from engine.policy.drafting.said import Template
from engine.policy.drafting.sentences import needed

Run = Callable[..., Ended]
ID = "mesh.ownership.owner_form"
MATCH = ("--template", "match", "--field", "info.owner.id", "--pattern", "@example[.]org$")


@pytest.fixture
def governed(run: Run, terminal: Terminal) -> Terminal:
    assert run("init", "governance", ".", "--yes").code == 0
    return terminal


def test_a_sentence_becomes_a_policy_that_lint_and_check_take_at_once(run: Run, governed: Terminal) -> None:
    told = run("policy", "new", ID, *MATCH, "--owner", "Data Office", "--description", "Mail reaches somebody.")
    assert (told.code, told.err) == (0, "next: meshgate policy lint policies/mesh/ownership/owner_form\n")
    assert told.out.splitlines() == [
        "policies/mesh/ownership/owner_form/owner_form.rego",
        "policies/mesh/ownership/owner_form/owner_form_test.rego",
        f"policy-fixtures/{ID}/good/descriptor.yaml",
        f"policy-fixtures/{ID}/good/expect.yaml",
        f"policy-fixtures/{ID}/wrong-form/descriptor.yaml",
        f"policy-fixtures/{ID}/wrong-form/expect.yaml",
    ]
    assert run("policy", "lint", "--fail-on", "warning").code == 0
    (listed,) = [one for one in run("policy", "list", "--json").json["policies"] if one["id"] == ID]
    assert (listed["owner"], listed["enforcement"]) == ("Data Office", "shadow")
    bad = f"policy-fixtures/{ID}/wrong-form/descriptor.yaml"
    judged = run("check", bad, "--format", "json").json["documents"][0]["decision"]
    (found,) = [one for one in judged["findings"] if one["policy"] == ID]
    assert (found["code"], found["disposition"], found["path"]) == ("wrong_form", "shadow", "/info/owner/id")


def test_without_a_template_it_is_an_example_to_change(run: Run, governed: Terminal) -> None:
    assert run("policy", "new", "mesh.docs.named").code == 0
    written = (governed.folder / "policies/mesh/docs/named/named.rego").read_text()
    assert "# title: info.displayName is required\n" in written
    assert run("policy", "lint", "--fail-on", "warning").code == 0


def test_nothing_is_ever_overwritten(run: Run, governed: Terminal) -> None:
    assert run("policy", "new", ID, *MATCH).code == 0
    before = {path: path.read_bytes() for path in governed.folder.rglob("*") if path.is_file()}
    told = run("policy", "new", ID, "--template", "required", "--field", "info.name", "--global", "GP-01")
    assert (told.code, told.out) == (2, "")
    assert "Nothing is ever overwritten" in told.err
    assert {path: path.read_bytes() for path in governed.folder.rglob("*") if path.is_file()} == before


def test_the_global_policy_that_it_computes_names_it(run: Run, governed: Terminal) -> None:
    page = governed.folder / "global/GP-01-support.md"
    before = page.read_text()
    told = run("policy", "new", ID, *MATCH, "--global", "GP-01")
    assert told.out.splitlines()[-1] == "global/GP-01-support.md"
    line = "  - mesh.support.contact_declared\n"
    assert page.read_text() == before.replace(line, f"{line}  - {ID}\n")


WORDS = "id: GP-02\ntitle: T\nowner: o@example.org\nscope: mesh\nstatus: draft\nrationale: R\n"
LAST = "review_by: '2027-01-31'\n"


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        (LAST, f"{LAST}policies:\n  - {ID}\n"),
        (f"policies: []\n{LAST}", f"policies:\n  - {ID}\n{LAST}"),
        (f"policies:\n- a.b\n{LAST}", f"policies:\n- a.b\n- {ID}\n{LAST}"),
        (f"{LAST}policies:\n  - {ID} # soon\n", f"{LAST}policies:\n  - {ID} # soon\n"),
    ],
)
def test_a_list_is_added_to_as_it_is_written(run: Run, governed: Terminal, front: str, expected: str) -> None:
    governed.write("global/GP-02.md", f"---\n{WORDS}{front}---\n\nWords, and policies: [here]\n")
    assert run("policy", "new", ID, *MATCH, "--global", "GP-02").code == 0
    text = (governed.folder / "global/GP-02.md").read_text()
    assert text == f"---\n{WORDS}{expected}---\n\nWords, and policies: [here]\n"


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (f"{WORDS}{LAST}policies: [a.b]\n", "cannot be added to"),
        (f"{WORDS}{LAST}policies: [a.b]\n".replace("\n", "\r\n"), "cannot be added to"),
        (f"{WORDS}{LAST}".replace("02", "03"), "holds no global policy GP-02; did you mean GP-03?"),
        (f"{WORDS}{LAST}x: 1\n", "What cannot be read there: global/GP-02.md:9: "),
    ],
)
def test_where_the_link_cannot_be_made_nothing_is_written(run: Run, governed: Terminal, page: str, told: str) -> None:
    governed.write("global/GP-02.md", f"---\n{page}---\n".encode())
    ended = run("policy", "new", ID, *MATCH, "--global", "GP-02")
    assert (ended.code, ended.out, told in ended.err) == (2, "", True)
    assert not (governed.folder / "policies/mesh/ownership").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("mesh.A.b",),
        (ID, "--template", "nonsense"),
        (ID, "--template", "one-of"),
        (ID, "--template", "match", "--field", "info.ownr", "--pattern", "a"),
        (ID, "--template", "at-least", "--field", "info.contactPoints", "--minimum", "many"),
    ],
)
def test_what_cannot_become_a_policy_is_2_and_writes_nothing(
    run: Run, governed: Terminal, arguments: tuple[str, ...]
) -> None:
    before = sorted(governed.folder.rglob("*"))
    ended = run("policy", "new", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert sorted(governed.folder.rglob("*")) == before


def test_an_id_that_another_loaded_policy_has_is_refused(run: Run, governed: Terminal) -> None:
    governed.write(
        "meshgate.yaml", f"policies: [policies, {ROOT / 'policies'}]\ngovernance: .\nnamespace: org.example\n"
    )
    told = run("policy", "new", "mesh.ownership.owner_declared")
    assert (told.code, "mesh.ownership.owner_declared is there already" in told.err) == (2, True)
    assert not (governed.folder / "policies/mesh/ownership").exists()


def test_without_a_governance_folder_it_says_how_to_begin_one(run: Run, terminal: Terminal) -> None:
    told = run("policy", "new", ID)
    assert (told.code, "meshgate init governance" in told.err) == (2, True)
    assert run("policy", "new", ID, "--dir", "here").code == 0
    assert (terminal.folder / "here/policies/mesh/ownership/owner_form/owner_form.rego").is_file()


def test_on_a_terminal_it_asks_for_what_the_sentence_needs(run: Run, governed: Terminal) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        governed.command("policy", "new", "mesh.naming.known_domain"),
        cwd=governed.folder,
        env=governed.environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    os.write(master, b"one-of\ninfo.domain\nsales, finance\nKnown domain\n\n\n")
    process.wait(60)
    assert process.returncode == 0, os.read(master, 65536)
    os.close(master)
    written = (governed.folder / "policies/mesh/naming/known_domain/known_domain.rego").read_text()
    assert 'defaults := {"allowed": ["sales", "finance"]}' in written
    assert "# title: Known domain\n" in written
    assert "#   - Federated Governance Team\n" in written


def test_the_sentences_that_the_help_names_are_those_that_exist() -> None:
    assert tuple(one.value for one in Template) == new.TEMPLATES
    asked = {name for one in Template for platform in (True, False) for name in needed(one, platform=platform)}
    assert asked <= set(new.QUESTIONS)


def test_a_sentence_may_speak_of_platforms_instead_of_domains(run: Run) -> None:
    words = ("--template", "not-flow-to", "--field", "interfaceComponents.outputPorts[*].tags", "--value", "pii")
    made = run("policy", "new", "mesh.privacy.pii_stays", *words, "--platform", "aws", "--yes", "--dir", "here")
    assert made.code == 0, made.err
    tried = run("policy", "test", "--policies", "here/policies", "--fixtures", "here/policy-fixtures")
    assert (tried.code, "0 failed" in tried.out) == (0, False), tried.out
    both = run(
        "policy", "new", "mesh.privacy.both", *words, "--platform", "aws", "--to", "sales", "--yes", "--dir", "here"
    )
    assert (both.code, "says nothing with --to" in both.err) == (2, True)
