"""Does every JSON document that a command prints say by its schema what it is, and is it that?"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import released
from commands import MESH, ROOT, Ended, Terminal
from jsonschema import Draft202012Validator, FormatChecker

from api.cli import schema
from api.cli.schema import Kind

EXAMPLES = ROOT / "examples" / "governance"
RULES = ("--policies", ROOT / "policies", "--policies", EXAMPLES / "policies", "--governance", EXAMPLES)
POLICY = "mesh.ownership.owner_declared"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
GAPS = """package gaps

# METADATA
# title: x
violation contains 1
"""


@pytest.fixture(scope="module")
def mesh(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """A terminal whose catalog holds a product, a waiver, a subscription, a release and decisions."""
    terminal = Terminal(tmp_path_factory.mktemp("mesh"))
    terminal.write("1.tar.gz", released.bundle(terminal.folder, released.STRICT))
    assert terminal.run("submit", "-q", MESH / "sales" / "orders.yaml").code == 0
    return terminal


@cache
def validator(kind: Kind) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema.text(kind)), format_checker=FormatChecker())


def told(ended: Ended, kind: str) -> Any:
    """The document that a command printed, which has to be one of this kind."""
    assert ended.out, ended.err
    document = ended.json
    assert document["schema"] == f"meshgate/{kind}/1"
    faults = [f"{error.json_path}: {error.message}" for error in validator(Kind(kind)).iter_errors(document)]
    assert faults == []
    return document


STEPS: dict[str, tuple[str, tuple[str | Path, ...]]] = {
    "the policies": ("policies", ("policy", "list", "--json", *RULES)),
    "the trace": ("trace", ("policy", "trace", "--json", *RULES)),
    "the trace of one policy": ("trace", ("policy", "trace", POLICY, "--json", *RULES)),
    "the flaws": ("lint", ("policy", "lint", "gaps", "-f", "json")),
    "a waiver": (
        "waiver",
        (
            *("waiver", "request", "--policy", POLICY, "--product", ORDERS, "--reason", "r"),
            *("--until", "2099-12-31", "--json"),
        ),
    ),
    "all waivers": ("waiver-list", ("waiver", "list", "--json", *RULES)),
    "a subscription": ("subscription", ("subscription", "add", "http://127.0.0.1:9/", "--json")),
    "all subscriptions": ("subscriptions", ("subscription", "list", "--json")),
    "a rescan": ("rescan", ("rescan", "--json")),
    "the OPA servers": ("opas", ("policy", "opas", "--json")),
    "the head": ("head", ("db", "head")),
    "what the chain says": ("verification", ("db", "verify", "--json")),
    "the impact": ("impact", ("policy", "impact", "--base", "1.tar.gz", "--format", "json", "--decisions", "10")),
    "a release": ("release", ("policy", "release", "1.tar.gz", "--json")),
    "all releases": ("releases", ("policy", "releases", "--json")),
}


@pytest.mark.parametrize("step", STEPS)
def test_what_a_command_prints_is_what_its_schema_says(step: str, mesh: Terminal) -> None:
    mesh.write("gaps/gaps.rego", GAPS)
    kind, words = STEPS[step]
    told(mesh.run(*words), kind)


def test_a_decision_that_leaves_is_told_replayed_and_erased_by_its_schema(mesh: Terminal) -> None:
    first = mesh.run("decision", "export").out.splitlines()[0]
    decision = told(Ended(0, first, ""), "decision")["decision_id"]
    told(mesh.run("policy", "replay", decision, "--json"), "replay")
    told(mesh.run("decision", "erase", decision, "--reason", "asked for", "--json"), "erasure")


def test_what_is_told_of_tests_and_mutants_is_what_its_schema_says(mesh: Terminal) -> None:
    pack = ("--policies", ROOT / "policies", "--fixtures", ROOT / "tests" / "policy-fixtures")
    told(mesh.run("policy", "test", POLICY, "-f", "json", "--coverage", *pack), "policy-tests")
    told(mesh.run("policy", "mutate", POLICY, "--json", "--most", "3", *pack), "policy-mutants")


def test_a_baseline_is_what_its_schema_says(mesh: Terminal) -> None:
    mesh.run("check", MESH / "broken", "--write-baseline", "old.json")
    told(Ended(0, (mesh.folder / "old.json").read_text("utf-8"), ""), "baseline")


@pytest.mark.parametrize(("command", "sources"), [("list", RULES), ("list", ()), ("trace", RULES), ("trace", ())])
def test_no_document_names_a_place_on_this_machine(
    command: str, sources: tuple[str | Path, ...], tmp_path: Path
) -> None:
    shown = Terminal(tmp_path).run("policy", command, "--json", *sources).json
    files = [one["file"] for one in shown["policies"]]
    files += [each["file"] for one in shown["policies"] for each in one["assignments"]]
    assert "mesh/ownership/owner_declared/owner_declared.rego" in files
    assert not [one for one in files if Path(one).is_absolute()]


def test_nor_does_a_bundle_that_lies_somewhere(mesh: Terminal) -> None:
    there = mesh.folder / "1.tar.gz"
    for command in ("list", "trace"):
        assert str(mesh.folder) not in mesh.run("policy", command, "--json", "--policies", there).out


def test_every_published_document_is_printed_here(run: Callable[..., Ended]) -> None:
    printed = {kind for kind, _ in STEPS.values()}
    printed |= {"decision", "replay", "erasure", "policy-tests", "policy-mutants", "baseline"}
    titles = {kind: json.loads(schema.text(kind)).get("title", "") for kind in Kind}
    documents = {kind.value for kind, title in titles.items() if title == f"meshgate/{kind}/1"}
    assert documents == printed | {"report"}  # which test_schema looks at
