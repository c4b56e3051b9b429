"""Would any policy newly err on what is in the catalog? (An error of a blocking policy would stop every submission.)"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from api.flows.facts import known_on
from engine.decide import decide
from engine.descriptor import Parts, Submission, ingest
from engine.errors import GovernanceError, PolicyEngineUnavailable
from engine.model import Decision, Event, PolicyState, Principal
from engine.policy.port import PolicyEngine
from engine.policy.refusals import BundleNewlyErrs
from engine.policy.rules import Rules

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import Product

PAGE = 100
MOST_TOLD = 20
"""With so many errors found a trial ends: it has failed anyway."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A candidate on trial: its rules, and an engine that nobody else waits for."""

    house: House
    principal: Principal
    rules: Rules
    engine: PolicyEngine

    def run(self, sample: int | None = None) -> int:
        """How many current versions were decided, all of them or a sample; raises BundleNewlyErrs naming what errs.

        Raises PolicyEngineUnavailable where the engine gave no answer.
        """
        found: list[dict[str, str]] = []
        count = 0
        for product in self._products(sample):
            count += 1
            found += self._newly(product)
            if len(found) >= MOST_TOLD:
                break
        if found:
            told = "; ".join(f"{one['policy']} on {one['product']} {one['version']}: {one['reason']}" for one in found)
            raise BundleNewlyErrs(f"Policies newly err on what is in the catalog: {told}", errors=found)
        return count

    def _products(self, sample: int | None) -> Iterator[Product]:
        """The current versions; a sample is spread over all of them and the same for the same policies."""
        if sample is None:
            yield from self._every()
            return
        salt = self.rules.bundle.revision
        yield from nsmallest(
            sample, self._every(), key=lambda one: hashlib.sha256(f"{salt} {one.fqn}".encode()).digest()
        )

    def _every(self) -> Iterator[Product]:
        after = None
        while True:
            page = self.house.products.page(principal=self.principal, first=PAGE, after=after)
            yield from page.items
            if not page.has_next_page:
                return
            after = page.cursor(page.items[-1])

    def _newly(self, product: Product) -> list[dict[str, str]]:
        errs = self._errors(product, self.rules)
        before = self._errors(product, self._present()) if errs else {}
        named = {"product": product.fqn, "version": product.version}
        return [{"policy": name, "reason": why, **named} for name, why in errs.items() if name not in before]

    def _present(self) -> Rules | None:
        """The rules that hold until now; None where they cannot be used, so that no error is old."""
        try:
            return self.house.rules
        except GovernanceError:
            return None

    def _errors(self, product: Product, rules: Rules | None) -> dict[str, str]:
        """The policies that err on this version, with the reason."""
        found: dict[str, str] = {}
        for event in _events(rules) if rules else ():
            for run in self._decided(product, rules, event).policies if rules else ():
                if run.state is PolicyState.ERROR:
                    found.setdefault(run.policy, run.reason)
        return found

    def _decided(self, product: Product, rules: Rules, event: Event) -> Decision:
        parts = self.house.products.parts(product.fqn, product.version, principal=self.principal)
        files = Parts({part.path: part.content for part in parts})
        descriptor = ingest(Submission(parts[0].path, files), namespace=self.house.settings.namespace)
        environment = next(reversed(tuple(self.house.environments)), None) if event is Event.DEPLOY else None
        with self.house.database.reading() as connection:
            facts = known_on(connection, descriptor, event=event, environment=environment, now=self.house.clock())
        decision = decide(descriptor, facts=facts, bundle=rules.bundle, governance=rules.governance, engine=self.engine)
        if decision.engine_failure:
            raise PolicyEngineUnavailable(decision.engine_failure)
        return decision


def _events(rules: Rules) -> Iterator[Event]:
    """As few events as it takes that every policy is asked once."""
    open_ = list(rules.bundle.policies.values())
    for event in (Event.SUBMIT, Event.DEPLOY, Event.RESCAN, Event.ACCESS):
        if any(event in policy.events for policy in open_):
            yield event
        open_ = [policy for policy in open_ if event not in policy.events]
