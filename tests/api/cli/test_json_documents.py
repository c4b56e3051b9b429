"""Does every JSON document that a command prints say by its schema what it is, and is it that?"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import released
from commands import MESH, ROOT, Ended, Terminal
from published import OF_PRODUCTS, told

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
    "requests for access": ("access-list", ("access", "list", "--json")),
    "orphans": ("orphans", ("orphans", "--json")),
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


def test_every_published_document_is_printed_here() -> None:
    printed = {kind for kind, _ in STEPS.values()} | OF_PRODUCTS
    printed |= {"decision", "replay", "erasure", "policy-tests", "policy-mutants", "baseline"}
    titles = {kind: json.loads(schema.text(kind)).get("title", "") for kind in Kind}
    documents = {kind.value for kind, title in titles.items() if title == f"meshgate/{kind}/1"}
    assert documents == printed | {"report"} | OF_DEPLOYMENTS  # test_schema looks at the report


OF_DEPLOYMENTS = {"plan", "access", "container", "containers", "deployment", "deployments", "deployment-event"}
"""What takes an environment with adapters to be printed: see test_deployment_documents."""
UNPUBLISHED = {"catalog"}
"""The stream, of which docs/reference/exports.md tells the lines."""
SOURCES = [file for room in ("api", "catalog", "engine") for file in sorted((ROOT / room).rglob("*.py"))]


def test_every_document_that_the_sources_name_is_published() -> None:
    named = {noun for file in SOURCES for noun in nouns(file)}
    named |= {one for file in SOURCES for one in declared(file)}
    assert named - UNPUBLISHED <= {kind.value for kind in Kind}
    assert not UNPUBLISHED & {kind.value for kind in Kind}
    assert named >= UNPUBLISHED | OF_PRODUCTS


def test_no_two_documents_have_one_name() -> None:
    counts = Counter(one for file in SOURCES for one in declared(file))
    assert [one for one, count in counts.items() if count > 1] == []


def nouns(file: Path) -> Iterator[str]:
    """What the calls that print a document in this file call it: words in their first argument."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("show_json", "answer"):
            if not file.is_relative_to(ROOT / "api" / "cli"):
                continue  # the `answer` of the HTTP doors
            found = [one.value for one in results(node.args[0]) if isinstance(one, ast.Constant)]
            assert found or file.name == "reaching.py", f"{file}:{node.lineno} prints a document without a name"
            yield from found


def results(noun: ast.expr) -> Iterator[ast.expr]:
    """What an expression can come to."""
    if isinstance(noun, ast.IfExp):
        yield from (*results(noun.body), *results(noun.orelse))
    else:
        yield noun


def declared(file: Path) -> list[str]:
    """The names of documents that constants of this file hold."""
    return re.findall(r'^SCHEMA = "meshgate/([a-z-]+)/1"$', file.read_text("utf-8"), re.M)


@pytest.mark.parametrize("kind", sorted(OF_PRODUCTS))
def test_a_schema_of_products_leaves_nothing_open(kind: str) -> None:
    for part in objects(json.loads(schema.text(Kind(kind)))):
        as_another_says_it = "upp/1" in part.get("description", "") or {"plan", "observe"} <= set(part["properties"])
        assert part.get("additionalProperties") is False or (kind == "adapters" and as_another_says_it), part
        assert set(part.get("required", ())) <= set(part["properties"])


def objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every object that a schema describes by its properties."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "properties" in part:
            yield part
        for one in part.values():
            yield from objects(one)
    elif isinstance(part, list):
        for one in part:
            yield from objects(one)
