"""On which grounds is a decision made that changes the catalog, and do they still hold when it is about to?

Deciding happens before the transaction that acts on it, so that no lock waits for policies. That transaction holds the
catalog's head and asks here whether rules, neighbours, previous version and age of the line are what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from api.flows.facts import known_on
from engine.decide import decide
from engine.model import Decision, Descriptor, Event, Facts, Json
from engine.policy.port import PolicyEngine
from engine.policy.rules import Rules

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from catalog.database import Database
    from catalog.work import UnitOfWork


class RulesOn(Protocol):
    """Answers the rules that hold on a connection (`api.wiring.governing`)."""

    def __call__(self, connection: Connection, *, revision: int | None) -> Rules: ...


@dataclass(frozen=True, slots=True)
class Grounds:
    """The facts and the rules that a decision about this descriptor rests on."""

    descriptor: Descriptor
    facts: Facts
    rules: Rules

    def decided(self, engine: PolicyEngine) -> Decision:
        """What the rules say of the descriptor on these facts."""
        bundle, governance = self.rules.bundle, self.rules.governance
        return decide(self.descriptor, facts=self.facts, bundle=bundle, governance=governance, engine=engine)

    def hold(self, work: UnitOfWork, rules_on: RulesOn) -> bool:
        """Whether deciding again would start from the same, asked in the transaction that acts; it locks the head."""
        head = work.head()
        if rules_on(work.connection, revision=head).digests != self.rules.digests:
            return False
        if head == self.facts.catalog_revision:
            return True
        event, environment, now = self.facts.event, self.facts.environment, self.facts.now
        again = known_on(work.connection, self.descriptor, event=event, environment=environment, now=now)
        return _relied_on(again) == _relied_on(self.facts)


def grounds(
    descriptor: Descriptor,
    *,
    event: Event,
    environment: str | None = None,
    now: datetime,
    database: Database,
    rules_on: RulesOn,
    plan: Mapping[str, Json] | None = None,
) -> Grounds:
    """What is known of the descriptor now, and the rules that hold now; `plan` is what would be done.

    Raises ReleaseUnusable, CatalogUnavailable.
    """
    with database.reading() as connection:
        facts = known_on(connection, descriptor, event=event, environment=environment, now=now)
        facts = replace(facts, plan=plan)
        return Grounds(descriptor, facts, rules_on(connection, revision=facts.catalog_revision))


def _relied_on(facts: Facts) -> tuple[Json, ...]:
    """What of the catalog a decision was based on, but for the revision."""
    neighbours: Mapping[str, Json] = {name: value for name, value in (facts.mesh or {}).items() if name != "revision"}
    return facts.previous, facts.accepted_at, neighbours
