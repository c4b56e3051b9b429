"""Which error says that a decision did not accept a descriptor?"""

from __future__ import annotations

from engine.errors import (
    DescriptorRejected,
    DescriptorUnreadable,
    GovernanceError,
    PolicyEngineUnavailable,
    PolicyEvaluationFailed,
)
from engine.model import Bundle, Decision, Json, Outcome, PolicyRun, PolicyState
from engine.report import record


def refusal(decision: Decision, entry: Json, bundle: Bundle) -> GovernanceError:
    """The error for a rejected or undecided decision; its context holds the decision's id and its report."""
    told = {"decision": decision.id, "report": record.report([entry])}
    if decision.outcome is Outcome.REJECTED:
        return DescriptorRejected(_rejected(decision), **told)
    if any(problem.stops_the_road for problem in decision.problems):
        first = next(problem for problem in decision.problems if problem.stops_the_road)
        place = f"{first.place.file}:{first.place.line}:{first.place.column}"
        return DescriptorUnreadable(f"{place}: {first.code} {first.msg}", **told)
    if decision.engine_failure:
        return PolicyEngineUnavailable(f"The policy engine did not decide: {decision.engine_failure}", **told)
    return _unevaluated(decision, bundle, told)


def _rejected(decision: Decision) -> str:
    blocking = len(decision.blocking)
    errors = sum(problem.severity == "error" for problem in decision.problems)
    return f"{blocking} blocking finding{'s' * (blocking != 1)}, {errors} error{'s' * (errors != 1)} in the document."


def _unevaluated(decision: Decision, bundle: Bundle, told: dict[str, Json]) -> PolicyEvaluationFailed:
    """The policies that rejected nothing because they could not be asked, each with its owner."""
    failed = [
        {"policy": run.policy, "owner": _owner(run, bundle), "reason": run.reason}
        for run in decision.policies
        if run.enforcement.rejects and run.state in (PolicyState.ERROR, PolicyState.SKIPPED)
    ]
    named = "; ".join(f"{one['policy']} (owner: {one['owner'] or 'unknown'}): {one['reason']}" for one in failed)
    return PolicyEvaluationFailed(named or "No policy was evaluated, so nothing was decided.", policies=failed, **told)


def _owner(run: PolicyRun, bundle: Bundle) -> str:
    policy = bundle.policies.get(run.policy)
    return policy.owner if policy else ""
