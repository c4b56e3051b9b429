"""Does what is recorded of a decision suffice to make it again, and is every difference told?"""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from situations import answers, engine, governances, moments, policies

from engine.decide import decide
from engine.descriptor import Parts, Submission, ingest
from engine.differences import replayed
from engine.model import Decision, Enforcement, Event, Facts, Layer
from engine.policy import governance
from engine.policy.assignments import Assignment
from engine.policy.rules import Rules
from engine.replay import Recorded, again
from engine.report import record

BEFORE = make.effective()
#: what a server knows; a line that it knows since a moment has a previous version
facts = st.builds(
    make.facts,
    event=st.sampled_from(Event),
    environment=st.sampled_from([None, "prod"]),
    mesh=st.just({"revision": 3}),
    catalog_revision=st.just(3),
    previous=st.sampled_from([None, BEFORE, {**BEFORE, "info": {**BEFORE["info"], "version": "1.1.0"}}]),
    accepted_at=st.none() | moments,
    authoritative=st.just(True),
)
problems = st.sampled_from([(), (make.problem(),)])


def kept(decision: Decision, known: Facts) -> Recorded:
    """What a catalog keeps of a decision: everything as JSON."""
    entry = json.loads(json.dumps(record.document(decision, file="orders.yaml", folder="")))
    document = json.loads(json.dumps(decision.effective_input))
    return Recorded(entry, document, decision.moment, known.accepted_at)


def compared(recorded: Recorded, rules: Rules, by: Any) -> dict[str, Any]:
    made = again(recorded, rules=rules, engine=by)
    return replayed(recorded.entry, record.document(made, file="orders.yaml", folder=""))


@settings(max_examples=150, deadline=None)
@given(policies, answers, governances, facts, problems)
def test_what_was_recorded_gives_the_same_decision_under_the_same_rules(
    chosen: Any, told: Any, governed: Any, known: Facts, found: Any
) -> None:
    rules, by = Rules(make.bundle(*chosen), governed), engine(told, make.bundle(*chosen))
    first = decide(
        make.descriptor(problems=found), facts=known, bundle=rules.bundle, governance=rules.governance, engine=by
    )
    answer = compared(kept(first, known), rules, by)
    assert (answer["same"], answer["under"]) == (True, {})
    assert [answer[name] for name in ("policies", "findings", "problems")] == [[], [], []]


def test_a_version_number_that_lies_is_found_again() -> None:
    text = json.dumps({**make.effective(), "dataProductDescriptor": "1.0.0"}).encode()
    read = ingest(Submission("orders.json", Parts({"orders.json": text})))
    assert read.effective is not None
    before = {**read.effective, "interfaceComponents": {"outputPorts": [{"name": "gone", "version": "1.0.0"}]}}
    before["info"] = {**read.effective["info"], "version": "1.1.0"}
    known = make.facts(mesh={"revision": 1}, catalog_revision=1, previous=before, authoritative=True)
    policy = make.policy()
    rules, by = Rules(make.bundle(policy), governance.of()), make.answering({}, [policy])
    first = decide(read, facts=known, bundle=rules.bundle, governance=rules.governance, engine=by)
    assert "DP409" in [one.code for one in first.problems]
    recorded = kept(first, known)
    assert compared(recorded, rules, by)["same"]
    innocent = {**recorded.document, "_context": {**recorded.document["_context"], "previous": None}}
    answer = compared(dataclasses.replace(recorded, document=innocent), rules, by)
    assert not answer["same"]
    assert "DP409" in [pair["recorded"]["code"] for pair in answer["problems"]]


def test_what_was_found_in_files_that_the_input_does_not_hold_is_taken_as_it_was() -> None:
    leading = {"specification": "datastoreapi", "definition": {"$ref": "schemas/orders.json"}}
    document = make.effective()
    document["interfaceComponents"]["outputPorts"][0]["promises"]["api"] = leading
    document["interfaceComponents"]["outputPorts"][0]["entityType"] = "outputport"
    lie = make.problem("DP409", layer=Layer.SEMANTICS, msg="a column is gone")
    known = make.facts(mesh={"revision": 1}, catalog_revision=1, previous=document, authoritative=True, compared=(lie,))
    policy = make.policy()
    rules, by = Rules(make.bundle(policy), governance.of()), make.answering({}, [policy])
    first = decide(make.descriptor(document), facts=known, bundle=rules.bundle, governance=rules.governance, engine=by)
    assert (first.outcome, [one.code for one in first.problems]) == ("rejected", ["DP409"])
    assert compared(kept(first, known), rules, by)["same"]


@pytest.fixture
def recorded() -> Recorded:
    """A rejection by one finding of one blocking policy."""
    policy = make.policy()
    known = make.facts(mesh={"revision": 1}, catalog_revision=1, authoritative=True)
    by = make.answering({policy.id: [make.finding()]}, [policy])
    first = decide(make.descriptor(), facts=known, bundle=make.bundle(policy), governance=governance.of(), engine=by)
    assert first.outcome == "rejected"
    return kept(first, known)


def test_another_answer_of_a_policy_is_told_as_findings_and_outcome(recorded: Recorded) -> None:
    policy = make.policy()
    by = make.answering({policy.id: [make.finding(code="other", msg="another")]}, [policy])
    answer = compared(recorded, Rules(make.bundle(policy), governance.of()), by)
    assert answer["outcome"] == {"recorded": "rejected", "replayed": "rejected"}
    told = [(bool(pair["recorded"]), (pair["recorded"] or pair["replayed"])["code"]) for pair in answer["findings"]]
    assert sorted(told) == [(False, "other"), (True, "owner_missing")]
    silent = compared(recorded, Rules(make.bundle(policy), governance.of()), make.answering({}, [policy]))
    assert silent["outcome"] == {"recorded": "rejected", "replayed": "accepted"}
    (pair,) = silent["policies"]
    assert (pair["recorded"]["state"], pair["replayed"]["state"]) == ("fail", "pass")


def test_another_assignment_is_told_with_its_digest_and_what_it_did(recorded: Recorded) -> None:
    policy = make.policy()
    by = make.answering({policy.id: [make.finding()]}, [policy])
    softer = governance.of([Assignment(policy.id, "mesh", Enforcement.ADVISORY)])
    answer = compared(recorded, Rules(make.bundle(policy), softer), by)
    assert set(answer["under"]) == {"assignments_digest"}
    assert answer["outcome"]["replayed"] == "accepted"
    (pair,) = answer["findings"]
    assert (pair["recorded"]["disposition"], pair["replayed"]["disposition"]) == ("blocking", "advisory")


def test_another_bundle_and_a_policy_that_is_no_more_are_told(recorded: Recorded) -> None:
    other = dataclasses.replace(make.bundle(make.policy("mesh.a.one")), revision="sha256:other")
    answer = compared(recorded, Rules(other, governance.of()), make.answering({}, [make.policy("mesh.a.one")]))
    assert {"bundle_revision", "input_digest"} <= set(answer["under"])
    assert [(pair["recorded"] is None, pair["replayed"] is None) for pair in answer["policies"]] == [
        (True, False),
        (False, True),
    ]


def test_dates_are_judged_as_of_the_recorded_moment() -> None:
    policy = make.policy()
    by = make.answering({policy.id: [make.finding()]}, [policy])
    later = Assignment(policy.id, "mesh", Enforcement.BLOCKING, effective_from=make.NOW + timedelta(days=1))
    graced = Assignment(policy.id, "mesh", Enforcement.BLOCKING, grace_for_existing=timedelta(days=30))
    for assignment, since, outcome in (
        (later, None, "accepted"),
        (graced, make.NOW - timedelta(days=900), "rejected"),
        (dataclasses.replace(graced, effective_from=make.NOW - timedelta(days=1)), make.NOW - timedelta(9), "accepted"),
        (dataclasses.replace(graced, effective_from=make.NOW - timedelta(days=1)), None, "rejected"),
    ):
        known = make.facts(mesh={"revision": 1}, catalog_revision=1, authoritative=True, accepted_at=since)
        rules = Rules(make.bundle(policy), governance.of([assignment]))
        first = decide(make.descriptor(), facts=known, bundle=rules.bundle, governance=rules.governance, engine=by)
        assert first.outcome == outcome
        assert compared(kept(first, known), rules, by)["same"]
