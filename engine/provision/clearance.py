"""May this version be deployed to this environment, and what proves it?"""

from __future__ import annotations

from dataclasses import InitVar, dataclass
from datetime import datetime

from engine.errors import NotCleared
from engine.model import Decision, Event, Identity, Json, Outcome, ProblemSeverity

_SEAL = object()


@dataclass(frozen=True, slots=True)
class Clearance:
    """Proof that a version may be deployed to an environment (DESIGN §1, clearance); made only by `Clearance.of`."""

    decision_id: str
    product: Identity
    digest: str
    environment: str
    moment: datetime
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("a clearance is made only by Clearance.of(decision, ...)")

    @classmethod
    def of(cls, decision: Decision, *, environment: str, version: str, digest: str) -> Clearance:
        """The clearance that an accepted deploy decision gives for exactly its version and environment.

        `digest` is that of the stored descriptor which was judged.

        Raises NotCleared with `reasons` (a list of `{kind, code, msg, ...}`) for everything else.
        """
        reasons = refusals(decision, environment=environment, version=version)
        if reasons or decision.product is None:
            raise NotCleared(
                f"{_named(decision)} has no clearance for {environment}: {reasons[0]['msg']}",
                reasons=reasons,
                decision=decision.id,
                environment=environment,
            )
        return cls(decision.id, decision.product, digest, environment, decision.moment, _SEAL)


def refusals(decision: Decision, *, environment: str, version: str) -> list[dict[str, Json]]:
    """Why the decision clears nothing for this environment; empty when it does."""
    mismatches = _mismatches(decision, environment=environment, version=version)
    if mismatches or decision.outcome is Outcome.ACCEPTED:
        return mismatches
    return objections(decision)


def objections(decision: Decision) -> list[dict[str, Json]]:
    """What stands against it, of a decision that is not an acceptance: at least one `{kind, code, msg, ...}`."""
    told = [*_findings(decision), *_problems(decision), *_failures(decision)]
    return told or [_reason("decision", decision.outcome.value, f"the decision is {decision.outcome.value}")]


def _mismatches(decision: Decision, *, environment: str, version: str) -> list[dict[str, Json]]:
    wrong = []
    if decision.event is not Event.DEPLOY:
        wrong.append(f"the decision answers the event {decision.event.value}, not deploy")
    if decision.environment != environment:
        wrong.append(f"the decision was made for the environment {decision.environment}, not {environment}")
    if decision.product is None:
        wrong.append("the decision names no product")
    elif decision.product.version != version:
        wrong.append(f"the decision was made for the version {decision.product.version}, not {version}")
    if decision.outcome is Outcome.ACCEPTED and decision.provisional:
        wrong.append("the decision is only provisional")
    return [_reason("decision", "decision-mismatch", msg) for msg in wrong]


def _findings(decision: Decision) -> list[dict[str, Json]]:
    return [
        _reason("finding", one.finding.code, one.finding.msg, policy=one.finding.policy, path=list(one.finding.path))
        for one in decision.blocking
    ]


def _problems(decision: Decision) -> list[dict[str, Json]]:
    return [
        _reason("problem", one.code, one.msg, path=one.path)
        for one in decision.problems
        if one.severity is ProblemSeverity.ERROR
    ]


def _failures(decision: Decision) -> list[dict[str, Json]]:
    errors = [_reason("policy", "policy-error", run.reason, policy=run.policy) for run in decision.errors]
    return errors or ([_reason("engine", "engine-failure", decision.engine_failure)] if decision.engine_failure else [])


def _reason(kind: str, code: str, msg: str, **more: Json) -> dict[str, Json]:
    return {"kind": kind, "code": code, "msg": msg, **more}


def _named(decision: Decision) -> str:
    product = decision.product
    return f"{product.fqn} {product.version}" if product else "the document"
