"""Does deciding what a decision recorded give the same findings and the same outcome, whatever was decided?"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import jsonschema_rs
import make
from hypothesis import given, settings
from hypothesis import strategies as st
from situations import answers, engine, governances, moments, policies

from engine.decide import decide
from engine.model import Decision, Descriptor, Disposition, Enforcement, Event, Facts, Outcome
from engine.policy.governance import Governance
from engine.report import exit_code, record, text

SCHEMA: dict[str, Any] = json.loads(record.PUBLISHED.read_text("utf-8"))

facts = st.builds(
    make.facts,
    event=st.sampled_from(Event),
    environment=st.sampled_from([None, "prod"]),
    mesh=st.sampled_from([None, {"revision": 3}]),
    previous=st.sampled_from([None, make.effective()]),
    accepted_at=st.none() | moments,
    authoritative=st.booleans(),
)
problems = st.sampled_from([(), (make.problem(),)])


def recorded(decision: Decision, original: Facts) -> tuple[Descriptor, Facts]:
    """The descriptor and facts that the effective input of a decision holds, read back from JSON."""
    assert decision.effective_input is not None
    document = json.loads(json.dumps(decision.effective_input))
    context = document.pop("_context")
    seen = {name: context[name] for name in ("environment", "previous", "mesh")}
    return make.descriptor(document), dataclasses.replace(original, event=Event(context["event"]), **seen)


@settings(max_examples=150, deadline=None)
@given(policies, answers, governances, facts, problems)
def test_a_recorded_decision_replays(chosen: Any, told: Any, governed: Governance, known: Facts, found: Any) -> None:
    bundle = make.bundle(*chosen)
    given_engine = engine(told, bundle)
    first = decide(
        make.descriptor(problems=found), facts=known, bundle=bundle, governance=governed, engine=given_engine
    )
    descriptor, seen = recorded(first, known)
    again = decide(
        dataclasses.replace(descriptor, problems=found),
        facts=seen,
        bundle=bundle,
        governance=governed,
        engine=given_engine,
    )
    assert dataclasses.replace(again, id=first.id) == first


@settings(max_examples=150, deadline=None)
@given(policies, answers, governances, facts, problems)
def test_only_what_was_fully_judged_is_accepted_and_every_decision_can_be_told(
    chosen: Any, told: Any, governed: Governance, known: Facts, found: Any
) -> None:
    bundle = make.bundle(*chosen)
    decision = decide(
        make.descriptor(problems=found), facts=known, bundle=bundle, governance=governed, engine=engine(told, bundle)
    )
    if decision.outcome is Outcome.ACCEPTED:
        assert not found
        assert not decision.blocking
        assert not [run for run in decision.errors if run.enforcement.rejects]
        assert [run for run in decision.policies if run.state.value in ("pass", "fail")]
        assert not (decision.provisional and known.authoritative)
    hard = [one for one in decision.findings if one.enforcement is Enforcement.MANDATORY]
    assert all(one.disposition is Disposition.BLOCKING for one in hard)
    report = record.report([record.document(decision, file="orders.yaml")])
    assert jsonschema_rs.is_valid(SCHEMA, report)
    assert exit_code(report) in {"accepted": {0}, "rejected": {1}, "undecided": {2, 3}}[decision.outcome.value]
    assert "".join(text.render(report, verbose=True)).count("\n") > len(decision.policies)
