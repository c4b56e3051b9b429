"""Shared by tests that decide whatever may be decided: policies and their answers, assignments, waivers, moments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import make
from hypothesis import strategies as st

from engine.model import Bundle, Enforcement, PolicyFailure
from engine.policy import governance
from engine.policy.assignments import Assignment, Match
from engine.policy.in_memory import InMemoryEngine
from engine.policy.waivers import Waiver

IDS = ("mesh.a.one", "mesh.a.two", "sales.b.three")
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
PATHS = (("info", "owner"), ("interfaceComponents", "outputPorts", 0, "version"), ("_context", "mesh"), ())

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


def engine(told: Any, bundle: Bundle) -> InMemoryEngine:
    return make.answering(told, list(bundle.policies.values()))
