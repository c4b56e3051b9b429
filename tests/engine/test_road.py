"""Does a real document, judged by the shipped policies in the real engine, end rightly and at the right line?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import make
import pytest

from engine.decide import decide
from engine.descriptor import Parts, Submission, ingest
from engine.model import Bundle, Decision, Event, Facts
from engine.policy import bundle as policy_bundle
from engine.policy import governance
from engine.policy.embedded import EmbeddedEngine
from engine.report import exit_code, record, text
from policies import DIRECTORY

OWNERLESS = """\
dataProductDescriptor: 1.0.0
info:
  name: orders
  version: 1.2.0
  domain: sales
  description: Every order that a customer placed in the web shop, one row for each line.
  owner:
    name: Jo Doe
interfaceComponents:
  outputPorts:
    - $ref: ports/placed.yaml
"""
PORT = """\
name: placed
version: one
description: Orders as they were placed, appended once an hour, never changed afterwards.
"""
PORTS = {"ports/placed.yaml": PORT}
FILES = {"orders.yaml": OWNERLESS, **PORTS}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return policy_bundle.load([DIRECTORY])


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    made = EmbeddedEngine()
    yield made
    made.close()


def decided(files: Mapping[str, str], bundle: Bundle, engine: EmbeddedEngine, facts: Facts | None = None) -> Decision:
    parts = Parts({name: content.encode() for name, content in files.items()})
    return decide(
        ingest(Submission("orders.yaml", parts), namespace="org.example"),
        facts=facts or make.facts(),
        bundle=bundle,
        governance=governance.load(None, bundle),
        engine=engine,
    )


def test_a_descriptor_without_an_owner_is_refused_at_the_line_of_the_owner(
    bundle: Bundle, engine: EmbeddedEngine
) -> None:
    decision = decided(FILES, bundle, engine)
    (owner,) = [one for one in decision.findings if one.finding.code == "owner_missing"]
    assert (decision.outcome.value, owner.place.file, owner.place.line) == ("rejected", "orders.yaml", 7)
    report = record.report([record.document(decision, file="shop/orders.yaml")])
    told = "".join(text.render(report, source=lambda file: FILES[file.removeprefix("shop/")].splitlines()))
    assert "shop/orders.yaml:7:" in told
    assert "7 |   owner:" in told
    assert exit_code(report) == 1


def test_a_finding_behind_a_reference_is_placed_in_the_file_that_was_referred_to(
    bundle: Bundle, engine: EmbeddedEngine
) -> None:
    decision = decided(FILES, bundle, engine)
    ported = {(one.place.file, one.place.line) for one in decision.findings if "/version" in one.place.source_path}
    component = {one.component for one in decision.findings if one.place.file == "ports/placed.yaml"}
    assert ("ports/placed.yaml", 2) in ported
    assert component == {"urn:dpds:org.example:dataproducts:orders:1:outputports:placed"}


def test_the_same_bytes_give_the_same_digests_and_the_same_findings(bundle: Bundle, engine: EmbeddedEngine) -> None:
    one, other = decided(FILES, bundle, engine), decided(FILES, bundle, engine)
    assert (one.input_digest, one.findings, one.policies) == (other.input_digest, other.findings, other.policies)


def test_an_unreadable_descriptor_is_undecided_at_the_line_that_cannot_be_read(
    bundle: Bundle, engine: EmbeddedEngine
) -> None:
    decision = decided({"orders.yaml": "info:\n  name: [orders\n"}, bundle, engine)
    report = record.report([record.document(decision, file="orders.yaml")])
    assert (decision.outcome.value, decision.policies, exit_code(report)) == ("undecided", (), 2)
    assert decision.problems[0].place.line in (2, 3)


def test_a_document_cannot_forge_what_policies_see(bundle: Bundle, engine: EmbeddedEngine) -> None:
    decision = decided({"orders.yaml": OWNERLESS + "_context: {now: forged, mesh: {}}\n", **PORTS}, bundle, engine)
    assert decision.effective_input is not None
    assert decision.outcome.value == "rejected"
    assert any(problem.path == "/_context" for problem in decision.problems)
    assert decision.effective_input["_context"]["now"] == "2026-11-23T00:00:00Z"


def test_every_shipped_policy_is_evaluated_and_named(bundle: Bundle, engine: EmbeddedEngine) -> None:
    decision = decided(FILES, bundle, engine, make.facts(mesh={"revision": 1}, previous=None))
    heard = [id for id, policy in sorted(bundle.policies.items()) if Event.SUBMIT in policy.events]
    assert [run.policy for run in decision.policies] == heard
    assert len(heard) > 30
    assert decision.errors == ()
