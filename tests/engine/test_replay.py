"""Does deciding what a decision recorded give the same findings and the same outcome, whatever was decided?"""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import jsonschema_rs
import make
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decide import decide
from engine.model import Bundle, Decision, Descriptor, Disposition, Enforcement, Event, Facts, Outcome, PolicyFailure
from engine.policy import governance
from engine.policy.assignments import Assignment, Match
from engine.policy.governance import Governance
from engine.policy.in_memory import InMemoryEngine
from engine.policy.waivers import Waiver
from engine.report import exit_code, record, text

IDS = ("mesh.a.one", "mesh.a.two", "sales.b.three")
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
PATHS = (("info", "owner"), ("interfaceComponents", "outputPorts", 0, "version"), ("_context", "mesh"), ())

SCHEMA: dict[str, Any] = json.loads(record.PUBLISHED.read_text("utf-8"))

moments = st.integers(-40, 40).map(lambda days: make.NOW + timedelta(days=days))
enforcements = st.sampled_from(Enforcement)
needs = st.frozensets(st.sampled_from(["mesh", "previous"]))
policies = st.tuples(
    *(
        st.builds(make.policy, st.just(id), enforcement=enforcements, needs=needs, effective_on=st.none() | moments)
        for id in IDS
    )
)
findings = st.builds(make.finding, code=st.sampled_from(["x", "y"]), path=st.sampled_from(PATHS))
answers = st.fixed_dictionaries(
    {id: st.lists(findings, max_size=3) | st.builds(PolicyFailure, st.just(id), st.just("1/0")) for id in IDS}
)
assignments = st.builds(
    Assignment,
    st.sampled_from(IDS),
    st.sampled_from(["mesh", "sales", "hr"]),
    enforcements,
    match=st.builds(Match, events=st.sampled_from([(), ("submit",), ("deploy",)])),
    effective_from=st.none() | moments,
    grace_for_existing=st.none() | st.just(timedelta(days=30)),
)
waivers = st.builds(
    Waiver,
    id=st.sampled_from(["W-1", "W-2"]),
    policy=st.sampled_from(IDS),
    product=st.just(ORDERS),
    reason=st.just("moving"),
    requested_by=st.just("ann"),
    approved_by=st.just("bob"),
    begins=st.just(make.NOW - timedelta(days=9)),
    ends=moments,
    code=st.sampled_from(["", "x"]),
)
governances = st.builds(governance.of, st.lists(assignments, max_size=4), st.lists(waivers, max_size=2))
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


def engine(told: Any, bundle: Bundle) -> InMemoryEngine:
    return make.answering(told, list(bundle.policies.values()))


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
