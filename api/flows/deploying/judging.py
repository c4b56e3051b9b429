"""Does the clearance of a deployment still hold, given what it is really about to do?

It was given for what the catalog let expect. Before anything is done, or people are asked, the version is judged again
by the rules of this moment with the plan that was made by looking; nothing is locked while policies are asked. What
only confirms the decision that there is is not logged again (docs/decisions/0043).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.flows import stored
from api.flows.deploying.bench import Bench
from api.flows.grounds import Grounds, grounds
from catalog.database import Database
from catalog.deployable import by_id, status_on
from catalog.deployments import DeploymentBook
from catalog.standings import rejected_since
from engine.errors import PolicyEngineUnavailable
from engine.model import Decision, Event, Json
from engine.provision.clearance import refusals
from engine.provision.judged import shown
from engine.provision.plan import Plan
from engine.report import record

Reasons = list[dict[str, Json]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided about a deployment with its real plan, and on which grounds."""

    grounds: Grounds
    decision: Decision
    bench: Bench
    digest: str
    root: str

    def holds(self, book: DeploymentBook) -> bool:
        """Whether deciding again would start from the same, asked in the transaction that acts on it."""
        return self.grounds.hold(book.work, self.bench.rules_on)

    def kept(self, book: DeploymentBook, deployment: Mapping[str, Any]) -> Reasons:
        """Why the deployment has no clearance any more; empty where it has.

        Where the decision says another thing than before, or judged another plan, it is logged, and the deployment
        rests on it from now on.
        """
        reasons = refusals(self.decision, environment=deployment["environment"], version=deployment["version"])
        if reasons or deployment["judged"] != self.digest:
            book.work.decisions.add(self.decision, record.document(self.decision, file=self.root))
            book.change_deployment(deployment["id"], decision_id=self.decision.id, judged=self.digest)
        return reasons or superseded(book, deployment)


def judged(deployment: Mapping[str, Any], made: Plan, *, bench: Bench, database: Database) -> Judgement:
    """What the rules of now say of this deployment with this plan.

    Raises PolicyEngineUnavailable where no decision could be made, and CatalogUnavailable.
    """
    subject = by_id(database, deployment["version_id"])
    found = grounds(
        stored.descriptor(subject),
        event=Event.DEPLOY,
        environment=deployment["environment"],
        now=bench.clock(),
        database=database,
        rules_on=bench.rules_on,
        plan=shown(made, deployment["environment"]),
    )
    decision = found.decided(bench.engine)
    if decision.engine_failure:
        raise PolicyEngineUnavailable(decision.engine_failure)
    return Judgement(found, decision, bench, made.digest, subject.root)


def superseded(book: DeploymentBook, deployment: Mapping[str, Any]) -> Reasons:
    """What was said of the version since the deployment was requested that takes its clearance away."""
    connection, version_id = book.work.connection, deployment["version_id"]
    if gone := withdrawn(status_on(connection, version_id)):
        return gone
    decision = rejected_since(connection, version_id, deployment["requested_at"])
    if decision is not None:
        msg = f"a rescan rejected the version since (decision {decision})"
        return [{"kind": "decision", "code": "rejected-since", "msg": msg, "decision": decision}]
    return []


def withdrawn(status: str) -> Reasons:
    """Why a version of this status has no clearance, whatever its decision says."""
    told: Reasons = [{"kind": "version", "code": "withdrawn", "msg": "the version is withdrawn"}]
    return told if status == "withdrawn" else []
