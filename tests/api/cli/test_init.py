"""Does `meshgate init` write what works from the first minute, and nothing over what is there?"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended, Terminal

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.model import Json

Run = Callable[..., Ended]
FLAGS = ("--name", "orders", "--domain", "sales", "--owner", "sales@example.org")


def read(path: Path) -> Json:
    return yaml_source.read(path.read_text("utf-8"), Limits())[0]


def verdict(told: Ended) -> tuple[int, str, list[Json], list[Json]]:
    (document,) = told.json["documents"]
    return (told.code, document["decision"]["outcome"], document["decision"]["findings"], document["problems"])


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("orders", "sales@example.org"),
        ("storeSales2", 'Jörg "the" owner\'s: #1'),
        ("null", "0x10"),
        ("NO", "- on"),
    ],
)
def test_a_new_product_passes_with_no_problem_and_no_finding_and_keeps_its_answers(
    run: Run, terminal: Terminal, name: str, owner: str
) -> None:
    told = run(
        "init", "product", "new", "--name", name, "--domain", "true", "--owner", owner, "--namespace", "com.acme"
    )
    assert told.code == 0, told.err
    assert told.err == "next: meshgate check new/data-product-descriptor.yaml\n"
    checked = run("check", "new", "-f", "json")
    assert verdict(checked) == (0, "accepted", [], [])
    assert checked.json["documents"][0]["product"]["fqn"] == f"urn:dpds:com.acme:dataproducts:{name}:1"
    info = read(terminal.folder / "new" / "data-product-descriptor.yaml")["info"]
    assert (info["name"], info["domain"], info["owner"]["id"]) == (name, "true", owner)


def test_an_editor_finds_the_schema_beside_the_descriptor(run: Run, terminal: Terminal) -> None:
    run("init", "product", *FLAGS)
    first = (terminal.folder / "data-product-descriptor.yaml").read_text("utf-8").splitlines()[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.*)", first)
    assert named
    assert (terminal.folder / named[1]).read_text("utf-8") == run("schema", "export").out


def test_nothing_is_ever_overwritten_and_then_nothing_is_written_at_all(run: Run, terminal: Terminal) -> None:
    terminal.write(".gitlab-ci.yml", "mine")
    told = run("init", "product", *FLAGS, "--ci", "gitlab", "--pre-commit")
    assert (told.code, told.out) == (2, "")
    assert "already there: " in told.err
    assert ".gitlab-ci.yml" in told.err
    assert [one.name for one in terminal.folder.iterdir()] == [".gitlab-ci.yml"]
    assert run("init", "governance", "rules").code == 0
    before = (terminal.folder / "rules" / "meshgate.yaml").read_bytes()
    assert run("init", "governance", "rules", "--owner", "other").code == 2
    assert (terminal.folder / "rules" / "meshgate.yaml").read_bytes() == before


def test_ci_and_pre_commit_are_written_at_the_top_of_the_repository_only_when_asked_for(
    run: Run, terminal: Terminal
) -> None:
    (terminal.folder / ".git").mkdir()
    run("init", "product", "plain", *FLAGS)
    assert sorted(one.name for one in terminal.folder.iterdir()) == [".git", "plain"]
    told = run("init", "product", "data products/orders", *FLAGS, "--ci", "github", "--pre-commit")
    assert told.out.splitlines() == [
        "data products/orders/data-product-descriptor.yaml",
        "data products/orders/.meshgate/descriptor.schema.json",
        ".github/workflows/meshgate.yaml",
        ".pre-commit-config.yaml",
    ]
    assert run("init", "product", "second", *FLAGS, "--ci", "gitlab").code == 0


def test_the_commands_of_the_ci_files_and_of_the_hook_check_the_product(run: Run, terminal: Terminal) -> None:
    for ci, folder in (("github", "a b/orders"), ("gitlab", "c/orders")):
        (terminal.folder / ".git").mkdir(exist_ok=True)
        hook = ("--pre-commit",) if ci == "github" else ()
        assert run("init", "product", folder, *FLAGS, "--ci", ci, *hook).code == 0
    steps = read(terminal.folder / ".github" / "workflows" / "meshgate.yaml")["jobs"]["check"]["steps"]
    github = next(step["run"] for step in steps if "meshgate check" in step.get("run", ""))
    gitlab = read(terminal.folder / ".gitlab-ci.yml")["meshgate"]["script"][-1]
    hook = read(terminal.folder / ".pre-commit-config.yaml")["repos"][0]["hooks"][0]
    for line in (github, gitlab):
        done = in_a_shell(terminal, line)
        assert done.returncode == 0, done
    assert in_a_shell(terminal, f"{hook['entry']} {' '.join(map(repr, hook['args']))}").returncode == 0
    assert all((terminal.folder / made).is_file() for made in ("meshgate.md", "meshgate-quality.json"))
    descriptor = terminal.folder / "a b" / "orders" / "data-product-descriptor.yaml"
    descriptor.write_text(descriptor.read_text("utf-8").replace("  owner:\n    id: sales@example.org\n", ""), "utf-8")
    assert in_a_shell(terminal, github).returncode == 1
    assert in_a_shell(terminal, f"{hook['entry']} {' '.join(map(repr, hook['args']))}").returncode == 1
    assert re.search(hook["files"], "a b/orders/data-product-descriptor.yaml")


def in_a_shell(terminal: Terminal, line: str) -> subprocess.CompletedProcess[str]:
    program = Path(terminal.command()[0]).parent
    environment = {**terminal.environment, "PATH": f"{program}:{terminal.environment.get('PATH', '')}"}
    return subprocess.run(
        ["sh", "-ec", line], cwd=terminal.folder, env=environment, capture_output=True, text=True, check=False
    )


def test_the_governance_folder_judges_with_its_own_policy_and_assignment(run: Run, terminal: Terminal) -> None:
    told = run("init", "governance", "rules", "--namespace", "com.acme", "--owner", 'the "guild": #1')
    assert told.code == 0
    assert told.err == "next: meshgate check --config rules/meshgate.yaml DESCRIPTOR…\n"
    run("init", "product", "new", *FLAGS)
    configured = ("--config", "rules/meshgate.yaml", "-f", "json")
    assert verdict(run("check", "new", *configured)) == (0, "accepted", [], [])
    descriptor = terminal.folder / "new" / "data-product-descriptor.yaml"
    text = descriptor.read_text("utf-8")
    descriptor.write_text(re.sub(r"  contactPoints:\n(    .*\n)+", "", text), "utf-8")
    code, outcome, (finding,), _ = verdict(run("check", "new", *configured))
    assert (code, outcome, finding["policy"], finding["code"], finding["enforcement"]) == (
        1,
        "rejected",
        "mesh.support.contact_declared",
        "contact_missing",
        "blocking",
    )
    front = (terminal.folder / "rules" / "global" / "GP-01-support.md").read_text("utf-8").split("---\n")[1]
    assert yaml_source.read(front, Limits())[0]["owner"] == 'the "guild": #1'
    page = (terminal.folder / "rules" / "waivers" / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    terminal.write("rules/waivers/orders.yaml", example)
    assert run("check", "new", *configured).code in (0, 1)


def test_the_rego_of_the_governance_folder_is_tested_and_formatted(
    run: Run, terminal: Terminal, opa_binary: str
) -> None:
    run("init", "governance")
    for arguments in (("test",), ("check", "--strict"), ("fmt", "--diff", "--fail")):
        done = subprocess.run(
            [opa_binary, *arguments, "policies"], cwd=terminal.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert (
        "4/4"
        in subprocess.run(
            [opa_binary, "test", "policies"], cwd=terminal.folder, capture_output=True, text=True, check=False
        ).stdout
    )


def test_regal_finds_nothing_in_a_new_governance_folder(run: Run, terminal: Terminal, regal_binary: str) -> None:
    run("init", "governance")
    done = subprocess.run(
        [regal_binary, "lint", "policies"], cwd=terminal.folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "2 files linted. No violations found." in done.stdout) == (0, True), done.stdout


def test_the_first_policy_passes_its_tests_here_and_they_notice_every_mistake(run: Run) -> None:
    run("init", "governance", ".", "--yes")
    told = run("policy", "test", "--format", "json")
    assert (told.code, told.json["summary"]["error"], told.json["summary"]["failed"]) == (0, 0, 0)
    assert run("policy", "mutate", "--threshold", "100").code == 0


def test_without_a_terminal_every_answer_that_lacks_is_named(run: Run, terminal: Terminal) -> None:
    told = run("init", "product", "--yes", "--name", "orders")
    assert (told.code, "--domain, --owner" in told.err) == (2, True)
    assert list(terminal.folder.iterdir()) == []


WRONG = (
    ("--name", "my-orders"),
    ("--name", "x"),
    ("--domain", "a b"),
    ("--owner", " "),
    ("--owner", "a\nb"),
    ("--namespace", "9:1"),
)


@pytest.mark.parametrize("wrong", WRONG)
def test_an_answer_that_cannot_stand_in_a_descriptor_is_refused(
    run: Run, terminal: Terminal, wrong: tuple[str, str]
) -> None:
    told = run("init", "product", *FLAGS, *wrong)
    assert (told.code, "cannot be the" in told.err) == (2, True)
    assert list(terminal.folder.iterdir()) == []


def test_on_a_terminal_it_asks_for_what_no_flag_says(terminal: Terminal) -> None:
    terminal.write("meshgate.yaml", "namespace: com.acme\n")
    master, slave = pty.openpty()
    command = terminal.command("init", "product", "new", "--domain", "sales")
    process = subprocess.Popen(
        command, cwd=terminal.folder, env=terminal.environment, stdin=slave, stdout=slave, stderr=slave
    )
    os.close(slave)
    os.write(master, b"orders\njo@example.org\n\n")
    process.wait(60)
    assert process.returncode == 0, os.read(master, 65536)
    info = read(terminal.folder / "new" / "data-product-descriptor.yaml")["info"]
    assert info["fullyQualifiedName"] == "urn:dpds:com.acme:dataproducts:orders:1"
    assert (info["domain"], info["owner"]) == ("sales", {"id": "jo@example.org"})
    os.close(master)
