"""Is the road from a descriptor to its decision straight, and is nothing accepted that was not judged?"""

from __future__ import annotations

import dataclasses
from typing import Any

import make
import pytest

from engine.decide import decide, effective_input
from engine.descriptor.digest import digest_of
from engine.errors import DescriptorUnreadable
from engine.model import (
    Decision,
    Disposition,
    Enforcement,
    Event,
    Finding,
    JudgedFinding,
    Layer,
    Outcome,
    Place,
    PolicyFailure,
    PolicyRun,
    PolicyState,
    Problem,
    ProblemSeverity,
    Severity,
)
from engine.policy import governance
from engine.policy.components import Spot, fingerprint
from engine.policy.in_memory import InMemoryEngine
from engine.policy.waivers import Waiver

OWNER = "mesh.ownership.owner_declared"
NAMES = "mesh.naming.names_follow_convention"


def decided(
    answers: dict[str, Any] | None = None,
    *,
    policies: tuple[Any, ...] = (make.policy(),),
    descriptor: Any = None,
    governed: Any = None,
    engine: Any = None,
    **facts: Any,
) -> Decision:
    return decide(
        descriptor or make.descriptor(),
        facts=make.facts(**facts),
        bundle=make.bundle(*policies),
        governance=governed or governance.of(),
        engine=engine or make.answering(answers or {}, policies),
    )


def closed() -> InMemoryEngine:
    engine = InMemoryEngine({})
    engine.close()
    return engine


def ended(decision: Decision) -> dict[str, tuple[str, str]]:
    return {run.policy: (run.state.value, run.reason) for run in decision.policies}


def test_a_product_that_every_policy_passes_is_accepted_with_everything_that_replays_it() -> None:
    policies = (make.policy(), make.policy(NAMES, enforcement=Enforcement.ADVISORY, severity=Severity.LOW))
    governed = governance.of()
    descriptor = make.descriptor()

    decision = decided(policies=policies, governed=governed, descriptor=descriptor, catalog_revision=7)

    document = effective_input(descriptor, facts=make.facts(), bundle=make.bundle(*policies), governance=governed)
    assert decision == Decision(
        id=decision.id,
        outcome=Outcome.ACCEPTED,
        provisional=False,
        event=Event.SUBMIT,
        environment=None,
        product=make.identity(),
        moment=make.NOW,
        now="2026-11-23T00:00:00Z",
        engine="in_memory 1",
        bundle_revision="sha256:bundle",
        assignments_digest=governed.assignments_digest,
        waivers_digest=governed.waivers_digest,
        input_digest=digest_of(document),
        effective_input=document,
        catalog_revision=7,
        policies=(
            PolicyRun(NAMES, PolicyState.PASS, Enforcement.ADVISORY, Severity.LOW),
            PolicyRun(OWNER, PolicyState.PASS, Enforcement.BLOCKING, Severity.HIGH),
        ),
    )
    assert len(decision.id) == 32
    assert decided().id != decision.id


def test_the_policies_see_the_effective_document_and_its_context() -> None:
    previous, mesh = {"info": {"version": "1.1.0"}}, {"revision": 7, "upstream": []}
    policies = (make.policy(), make.policy(NAMES), make.policy("mesh.a", events=frozenset({Event.DEPLOY})))
    facts = make.facts(environment="prod", previous=previous, mesh=mesh)

    seen = effective_input(make.descriptor(), facts=facts, bundle=make.bundle(*policies), governance=governance.of())

    context = {
        "event": "submit",
        "environment": "prod",
        "domain": "sales",
        "policies": [NAMES, OWNER],
        "parameters": {},
        "previous": previous,
        "mesh": mesh,
        "now": "2026-11-23T00:00:00Z",
    }
    assert seen == {**make.effective(), "_context": context}


def test_a_blocking_finding_rejects_and_knows_its_place_component_and_remediation() -> None:
    path = ("interfaceComponents", "outputPorts", 0, "promises", "api", "columns", 1)
    finding = make.finding(path=path)

    decision = decided({OWNER: [finding]})

    component = "urn:dpds:org.example:dataproducts:orders:1:outputports:placed"
    judged = JudgedFinding(
        finding=finding,
        severity=Severity.HIGH,
        enforcement=Enforcement.BLOCKING,
        disposition=Disposition.BLOCKING,
        place=make.locate(path),
        fingerprint=fingerprint(finding, Spot(component, "/promises/api/columns/email")),
        component=component,
        remediation="Set info.owner.id",
    )
    assert (decision.outcome, decision.findings) == (Outcome.REJECTED, (judged,))
    assert ended(decision) == {OWNER: ("fail", "")}


@pytest.mark.parametrize(
    ("enforcement", "outcome", "disposition"),
    [
        (Enforcement.SHADOW, Outcome.ACCEPTED, Disposition.SHADOW),
        (Enforcement.ADVISORY, Outcome.ACCEPTED, Disposition.ADVISORY),
        (Enforcement.BLOCKING, Outcome.REJECTED, Disposition.BLOCKING),
        (Enforcement.MANDATORY, Outcome.REJECTED, Disposition.BLOCKING),
    ],
)
def test_enforcement_decides_what_a_finding_does(
    enforcement: Enforcement, outcome: Outcome, disposition: Disposition
) -> None:
    decision = decided({OWNER: [make.finding()]}, policies=(make.policy(enforcement=enforcement),))
    assert (decision.outcome, [one.disposition for one in decision.findings]) == (outcome, [disposition])


def test_findings_come_in_one_order_whatever_the_engine_does() -> None:
    several = [make.finding(path=("b",)), make.finding(path=("a",), code="z"), make.finding(path=("a",), code="b")]
    there, back = decided({OWNER: several}), decided({OWNER: several[::-1]})
    assert there.findings == back.findings
    assert [one.finding for one in there.findings] == [several[2], several[1], several[0]]


def test_nothing_passes_because_nothing_ran() -> None:
    assert decided(policies=()).outcome is Outcome.UNDECIDED
    deaf = make.policy(events=frozenset({Event.DEPLOY}))
    assert decided(policies=(deaf,)).outcome is Outcome.UNDECIDED


def test_an_engine_without_an_answer_makes_it_undecided_with_the_reason_everywhere() -> None:
    policies = (make.policy(), make.policy(NAMES, enforcement=Enforcement.SHADOW))
    decision = decided(policies=policies, engine=closed())
    reason = "the in-memory engine is closed"
    assert (decision.outcome, decision.engine_failure) == (Outcome.UNDECIDED, reason)
    assert ended(decision) == {OWNER: ("error", reason), NAMES: ("error", reason)}


def test_an_engine_failure_decides_nothing_even_about_a_document_with_errors() -> None:
    decision = decided(engine=closed(), descriptor=make.descriptor(problems=(make.problem(),)))
    assert (decision.outcome, decision.engine_failure) == (Outcome.UNDECIDED, "the in-memory engine is closed")


def test_an_engine_that_leaves_out_a_policy_has_not_answered() -> None:
    class Forgetful(InMemoryEngine):
        def evaluate(self, *_: Any) -> dict[str, Any]:
            return {NAMES: ()}

    decision = decided(policies=(make.policy(), make.policy(NAMES)), engine=Forgetful({}))
    assert decision.outcome is Outcome.UNDECIDED
    assert decision.engine_failure == "in_memory answered for other policies than the 2 asked"


@pytest.mark.parametrize(
    ("enforcement", "outcome"),
    [
        (Enforcement.MANDATORY, Outcome.UNDECIDED),
        (Enforcement.BLOCKING, Outcome.UNDECIDED),
        (Enforcement.ADVISORY, Outcome.ACCEPTED),
        (Enforcement.SHADOW, Outcome.ACCEPTED),
    ],
)
def test_an_erring_policy_leaves_it_undecided_only_where_it_could_reject(
    enforcement: Enforcement, outcome: Outcome
) -> None:
    policies = (make.policy(enforcement=enforcement), make.policy(NAMES))
    decision = decided({OWNER: PolicyFailure(OWNER, "line 7: 1/0")}, policies=policies)
    assert decision.outcome is outcome
    assert ended(decision) == {OWNER: ("error", "RuntimeError: line 7: 1/0"), NAMES: ("pass", "")}


def test_an_open_question_comes_before_a_blocking_finding() -> None:
    answers = {OWNER: PolicyFailure(OWNER, "broken"), NAMES: [make.finding(NAMES)]}
    decision = decided(answers, policies=(make.policy(), make.policy(NAMES)))
    assert decision.outcome is Outcome.UNDECIDED
    assert [one.finding.policy for one in decision.blocking] == [NAMES]


def test_an_erring_advisory_policy_alone_means_that_nothing_was_evaluated() -> None:
    policies = (make.policy(enforcement=Enforcement.ADVISORY),)
    assert decided({OWNER: PolicyFailure(OWNER, "broken")}, policies=policies).outcome is Outcome.UNDECIDED


def test_policies_still_run_on_a_document_with_schema_errors_and_are_skipped_where_they_err() -> None:
    answers = {OWNER: PolicyFailure(OWNER, "no object"), NAMES: [make.finding(NAMES)]}
    descriptor = make.descriptor(problems=(make.problem(),))
    decision = decided(answers, policies=(make.policy(), make.policy(NAMES)), descriptor=descriptor)
    assert decision.outcome is Outcome.REJECTED
    assert ended(decision) == {OWNER: ("skipped", "document has schema errors"), NAMES: ("fail", "")}
    assert decision.problems == descriptor.problems


def test_a_semantic_error_rejects_and_a_warning_does_not() -> None:
    error = make.problem("DP401", layer=Layer.SEMANTICS)
    warning = make.problem("DP402", layer=Layer.SEMANTICS, severity=ProblemSeverity.WARNING)
    assert decided(descriptor=make.descriptor(problems=(error,))).outcome is Outcome.REJECTED
    assert decided(descriptor=make.descriptor(problems=(warning,))).outcome is Outcome.ACCEPTED


def test_a_version_that_hides_a_breaking_change_is_a_problem_of_the_decision() -> None:
    previous = make.effective(info={**make.effective()["info"], "version": "1.1.0"})
    previous["interfaceComponents"]["outputPorts"].append(
        {"name": "returned", "version": "1.0.0", "entityType": "outputport"}
    )
    decision = decided(previous=previous)
    assert (decision.outcome, [one.code for one in decision.problems]) == (Outcome.REJECTED, ["DP409"])
    assert decided(previous=make.effective()).outcome is Outcome.ACCEPTED


def test_an_unreadable_document_has_a_decision_without_policies_and_digests() -> None:
    problem = make.problem("DP101", layer=Layer.SOURCE)
    descriptor = make.descriptor(effective=None, identity=None, digest=None, problems=(problem,))
    decision = decided(descriptor=descriptor, environment="prod")
    assert decision == Decision(
        id=decision.id,
        outcome=Outcome.UNDECIDED,
        provisional=False,
        event=Event.SUBMIT,
        environment="prod",
        product=None,
        moment=make.NOW,
        now="2026-11-23T00:00:00Z",
        problems=(problem,),
    )


def test_an_unreadable_document_has_no_effective_input() -> None:
    problem = make.problem("DP101", layer=Layer.SOURCE, msg="this is no YAML")
    descriptor = make.descriptor(effective=None, identity=None, problems=(problem,))
    with pytest.raises(DescriptorUnreadable, match="DP101 this is no YAML"):
        effective_input(descriptor, facts=make.facts(), bundle=make.bundle(), governance=governance.of())


def test_a_policy_that_needs_the_mesh_makes_a_local_acceptance_provisional_and_a_servers_undecided() -> None:
    policies = (make.policy(needs=frozenset({"mesh"})), make.policy(NAMES))
    here = decided(policies=policies)
    assert (here.outcome, here.provisional) == (Outcome.ACCEPTED, True)
    assert ended(here) == {OWNER: ("skipped", "needs the mesh, and no catalog is at hand"), NAMES: ("pass", "")}
    assert here.effective_input is not None
    assert here.effective_input["_context"]["policies"] == [NAMES]
    server = decided(policies=policies, authoritative=True)
    assert (server.outcome, server.provisional) == (Outcome.UNDECIDED, False)
    at_hand = decided(policies=policies, authoritative=True, mesh={"revision": 1})
    assert (at_hand.outcome, at_hand.provisional) == (Outcome.ACCEPTED, False)


def test_an_advisory_policy_that_could_not_be_asked_does_not_make_it_provisional() -> None:
    policies = (make.policy(needs=frozenset({"mesh"}), enforcement=Enforcement.ADVISORY), make.policy(NAMES))
    assert decided(policies=policies).provisional is False


def test_a_rejection_is_never_provisional() -> None:
    policies = (make.policy(needs=frozenset({"mesh"})), make.policy(NAMES))
    decision = decided({NAMES: [make.finding(NAMES)]}, policies=policies)
    assert (decision.outcome, decision.provisional) == (Outcome.REJECTED, False)


def test_deciding_the_recorded_input_again_gives_the_same_findings_and_outcome() -> None:
    waiver = Waiver(
        id="W-1",
        policy=OWNER,
        product="urn:dpds:org.example:dataproducts:orders:1",
        reason="moving",
        requested_by="ann",
        approved_by="bob",
        begins=make.NOW,
        ends=make.NOW.replace(year=2027),
        within="/info/owner",
    )
    governed = governance.of(waivers=[waiver])
    answers = {OWNER: [make.finding()], NAMES: [make.finding(NAMES)]}
    policies = (make.policy(), make.policy(NAMES, enforcement=Enforcement.ADVISORY))
    first = decided(answers, policies=policies, governed=governed, environment="dev")
    assert first.effective_input is not None

    recorded = dict(first.effective_input)
    context = recorded.pop("_context")
    again = decided(
        answers,
        policies=policies,
        governed=governed,
        descriptor=make.descriptor(recorded),
        now=first.moment,
        event=Event(context["event"]),
        environment=context["environment"],
        previous=context["previous"],
        mesh=context["mesh"],
    )
    assert dataclasses.replace(again, id=first.id) == first


def test_a_made_up_problem_or_finding_never_leads_to_acceptance() -> None:
    """Every mixture of one policy's answer and one problem: accepted only if nothing that rejects is left."""
    answers: list[Any] = [(), [make.finding()], PolicyFailure(OWNER, "x")]
    problems: list[tuple[Problem, ...]] = [(), (make.problem(),), (make.problem(severity=ProblemSeverity.WARNING),)]
    accepted = {
        (index, len(found) and found[0].severity.value)
        for index, answer in enumerate(answers)
        for found in problems
        if decided({OWNER: answer}, descriptor=make.descriptor(problems=found)).outcome is Outcome.ACCEPTED
    }
    assert accepted == {(0, 0), (0, "warning")}


def test_a_finding_below_the_context_points_into_the_document() -> None:
    finding = Finding(OWNER, "owner_missing", "a neighbour is gone", ("_context", "mesh", "upstream", 0))
    descriptor = make.descriptor(locate=lambda _: Place("orders.yaml", 1, 1))
    decision = decided({OWNER: [finding]}, descriptor=descriptor, mesh={"upstream": [{"input_port": "x"}]})
    assert [(one.component, one.place.line) for one in decision.findings] == [("", 1)]
